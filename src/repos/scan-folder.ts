import { createHash } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import type { Digests, FileEntry, Manifest } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import { changedFile, type FileState, isGone } from './file-state.ts'
import { inParallel } from './in-parallel.ts'
import { type ListedFile, listFolder } from './list-folder.ts'
import { openLocalFile } from './open-local-file.ts'

/** A folder as it was at one moment. */
export interface FolderState {
  /** The folder itself, free of links. */
  readonly root: string
  /** 40 hex digits over all paths, modes and contents; undefined: there is no file. */
  readonly commit: string | undefined
  readonly manifest: Manifest
  /** Of every file that can be read. */
  readonly states: ReadonlyMap<RepoPath, FileState>
}

export interface FolderScanner {
  /** The folder as it is now; undefined if there is none. Files whose state is the one last seen are not read again. */
  scan(): Promise<FolderState | undefined>
  /** Notes the digests of a file that was just written, so that it need not be read for them. */
  remember(path: RepoPath, state: FileState, digests: Required<Digests>): void
}

/** Files hashed at a time: the reading of one goes on while another is hashed. */
const readers = 4
/** A file written less than this before it was read may be written again under the same time (FAT keeps 2 s), in nanoseconds. */
const settling = 2_500_000_000n

interface Known {
  readonly state: FileState
  readonly digests: Required<Digests>
  /** False if the file was so new that it may have changed since without a trace. */
  readonly settled: boolean
}

/** Reads a folder again and again. Scans never overlap: the second of two takes the digests of the first. */
export function createScanner(context: Context, folder: string): FolderScanner {
  const known = new Map<RepoPath, Known>()
  let last: Promise<unknown> = Promise.resolve()
  return {
    scan() {
      const scanned = last.then(() => scan(context, folder, known))
      // Who asked for it gets the error; the next scan only waits.
      last = scanned.catch(() => undefined)
      return scanned
    },
    remember: (path, state, digests) => known.set(path, { state, digests, settled: true }),
  }
}

async function scan(
  context: Context,
  folder: string,
  known: Map<RepoPath, Known>,
): Promise<FolderState | undefined> {
  const root = await rootOf(folder)
  if (root === undefined) return undefined
  const listed = await listFolder(root)
  const entries = await inParallel(listed, readers, (file) => entryOf(context, root, file, known))
  const manifest = new Map(entries.map((entry) => [entry.path, entry]))
  for (const path of known.keys()) if (!manifest.has(path)) known.delete(path)
  const states = new Map(listed.flatMap(({ path, state }) => (state === undefined ? [] : [[path, state]])))
  return { root, manifest, states, commit: entries.length === 0 ? undefined : commitOf(entries) }
}

async function rootOf(folder: string): Promise<string | undefined> {
  let root: string
  try {
    root = await realpath(folder)
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined
    throw isGone(thrown) ? noFolder(folder) : thrown
  }
  if ((await stat(root)).isDirectory()) return root
  throw noFolder(folder)
}

function noFolder(folder: string): SyncError {
  return new SyncError('unsupported', `${folder} is not a folder.`, {
    next: 'Name the folder that holds the files.',
  })
}

async function entryOf(
  context: Context,
  root: string,
  { path, state, mode }: ListedFile,
  known: Map<RepoPath, Known>,
): Promise<FileEntry> {
  context.signal.throwIfAborted()
  if (state === undefined) return { path, storage: 'git', digests: {}, mode: 'symlink' }
  const before = known.get(path)
  const isKnown =
    before?.settled === true &&
    before.state.identity === state.identity &&
    before.state.changed === state.changed
  const digests = isKnown ? before.digests : await digestsOf(context, join(root, path), path, state)
  if (!isKnown) {
    const now = BigInt(Math.trunc(context.clock.now())) * 1_000_000n
    known.set(path, { state, digests, settled: now - state.changed > settling })
  }
  return { path, size: state.size, storage: 'git', digests, ...(mode !== undefined && { mode }) }
}

async function digestsOf(
  context: Context,
  file: string,
  path: RepoPath,
  state: FileState,
): Promise<Required<Digests>> {
  const opened = await openLocalFile(file, path, state)
  const sha256 = createHash('sha256')
  const gitBlob = createHash('sha1').update(`blob ${state.size}\0`)
  let size = 0
  try {
    for await (const chunk of opened.body) {
      context.signal.throwIfAborted()
      size += chunk.length
      sha256.update(chunk)
      gitBlob.update(chunk)
    }
  } finally {
    opened.close()
  }
  if (size !== state.size) throw changedFile(path)
  return { sha256: sha256.digest('hex'), gitBlob: gitBlob.digest('hex') }
}

/** The entries come sorted, so that equal folders have equal commits, wherever and whenever they were written. */
function commitOf(entries: readonly FileEntry[]): string {
  const hash = createHash('sha256')
  for (const { path, size, digests, mode } of entries)
    hash.update(`${mode ?? 'file'} ${size ?? 0} ${digests.sha256 ?? ''} ${path}\0`)
  return hash.digest('hex').slice(0, 40)
}
