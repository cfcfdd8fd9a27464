import { SyncError } from '../model/errors.ts'
import type { FileEntry, LfsObject, Manifest } from '../model/file.ts'
import { parseRepoPath, type RepoPath } from '../model/path.ts'
import { maxPointerBytes, parsePointer } from '../model/pointer.ts'
import { printable } from '../model/printable.ts'
import { createRefusedPaths, type RefusedPaths } from '../model/refused-paths.ts'
import { readBlobs } from './read-blobs.ts'
import { streamLocalGit } from './run-git.ts'
import type { GitSnapshot } from './snapshot.ts'

/** One entry of a commit's tree; `gitBlob` is the blob's id (of the pointer for LFS, of the commit for a submodule). */
export interface TreeFile {
  readonly path: RepoPath
  readonly mode: '100644' | '100755' | '120000' | '160000'
  readonly gitBlob: string
}

export interface Tree {
  readonly files: readonly TreeFile[]
  /** The paths that must not be used. */
  readonly refused: RefusedPaths
}

/** More than any hub takes in one repo. A few trees that name each other can list more files than there is memory. */
export const maxFiles = 1_000_000

/** The error for a listing that passes `maxFiles`. */
export function tooManyFiles(): SyncError {
  return new SyncError('too-large', `The repo lists more than ${maxFiles} files.`, { next: 'Leave it out.' })
}

/** All files of the snapshot, in git's order. Reads trees only: never `ls-tree -l`, which fetches every filtered blob. */
export async function listTree(snapshot: Pick<GitSnapshot, 'context' | 'folder' | 'commit'>): Promise<Tree> {
  const { context, folder, commit } = snapshot
  const args = ['ls-tree', '-r', '-z', '--full-tree', commit]
  const files: TreeFile[] = []
  const refused = createRefusedPaths()
  let count = 0
  for await (const record of records(streamLocalGit(context, { folder, args, doing: 'list the files' }))) {
    try {
      files.push(parseEntry(record))
    } catch (thrown) {
      refused.keep(thrown)
    }
    count += 1
    if (count > maxFiles) throw tooManyFiles()
  }
  return { files, refused }
}

/**
 * The manifest of a snapshot opened with `blob:limit=1k`. Throws `bad-path` if any path is refused. Plain files over the
 * filter's limit have no size: they did not come along.
 */
export async function gitManifest(snapshot: GitSnapshot): Promise<Manifest> {
  if (snapshot.filter === 'blob:none')
    throw new SyncError('internal', 'Without small files no pointer can be told.')
  const { files, refused } = await listTree(snapshot)
  refused.assertNone()
  const told = await readSmall(snapshot, files)
  return new Map(files.map((file) => [file.path, toEntry(snapshot, file, told)]))
}

/** What small files say, by the ids of their blobs. */
interface Told {
  readonly pointers: ReadonlyMap<string, LfsObject>
  readonly links: ReadonlyMap<string, string>
}

/** Pointers, and where links lead, all by one process: a repo may have a hundred thousand of either. */
async function readSmall(snapshot: GitSnapshot, files: readonly TreeFile[]): Promise<Told> {
  const small = files.filter(({ gitBlob }) => {
    const size = snapshot.blobs.get(gitBlob)
    return size !== undefined && size > 0 && size < maxPointerBytes
  })
  const linked = new Set(files.filter(({ mode }) => mode === '120000').map(({ gitBlob }) => gitBlob))
  const pointers = new Map<string, LfsObject>()
  const links = new Map<string, string>()
  const ids = new Set(small.map(({ gitBlob }) => gitBlob))
  for await (const { id, content } of readBlobs(snapshot, [...ids], maxPointerBytes)) {
    const pointer = parsePointer(content)
    if (pointer !== undefined) pointers.set(id, pointer)
    if (linked.has(id)) links.set(id, content.toString('utf8'))
  }
  return { pointers, links }
}

function toEntry(snapshot: GitSnapshot, file: TreeFile, { pointers, links }: Told): FileEntry {
  const { path, gitBlob, mode } = file
  if (mode === '160000') return { path, storage: 'git', digests: {}, mode: 'submodule' }
  const pointer = pointers.get(gitBlob)
  const leadsTo = mode === '120000' ? links.get(gitBlob) : undefined
  if (mode !== '120000' && pointer !== undefined) {
    return { path, size: pointer.size, storage: 'lfs', digests: { sha256: pointer.oid }, ...entryMode(mode) }
  }
  const size = snapshot.blobs.get(gitBlob)
  return {
    path,
    storage: 'git',
    digests: { gitBlob },
    ...(size === undefined ? {} : { size }),
    ...entryMode(mode),
    ...(leadsTo === undefined ? {} : { leadsTo }),
  }
}

function entryMode(mode: TreeFile['mode']): Pick<FileEntry, 'mode'> {
  if (mode === '100755') return { mode: 'executable' }
  return mode === '120000' ? { mode: 'symlink' } : {}
}

/** `<mode> SP <type> SP <id> TAB <path>`; throws `bad-path` if it must not be used. Source: git-ls-tree(1). */
function parseEntry(record: Buffer): TreeFile {
  const tab = record.indexOf(9)
  const [mode = '', , gitBlob = ''] = record.toString('latin1', 0, tab).split(' ')
  const known = treeMode(mode)
  if (known === undefined)
    throw new SyncError('bad-path', `A file of the mode ${JSON.stringify(mode)} is not known.`)
  return { path: parseRepoPath(textOf(record.subarray(tab + 1))), mode: known, gitBlob }
}

function textOf(path: Buffer): string {
  try {
    return utf8.decode(path)
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown
    const shown = printable(path.toString('latin1').slice(0, 200))
    throw new SyncError('bad-path', `The path ${JSON.stringify(shown)} is refused: it is not UTF-8.`)
  }
}

/** 100664 is in old trees and means 100644. */
function treeMode(mode: string): TreeFile['mode'] | undefined {
  if (mode === '100664') return '100644'
  return mode === '100644' || mode === '100755' || mode === '120000' || mode === '160000' ? mode : undefined
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Pieces that end with a NUL, without it. */
async function* records(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let start = 0
    for (let end = all.indexOf(0); end >= 0; end = all.indexOf(0, start)) {
      yield all.subarray(start, end)
      start = end + 1
    }
    rest = all.subarray(start)
  }
}
