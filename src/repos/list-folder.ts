import type { BigIntStats, Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import pLimit from 'p-limit'
import { maxFiles, tooManyFiles } from '../git/read-tree.ts'
import { SyncError } from '../model/errors.ts'
import type { FileEntry } from '../model/file.ts'
import { parseRepoPath, type RepoPath } from '../model/path.ts'
import { printable } from '../model/printable.ts'
import { createRefusedPaths } from '../model/refused-paths.ts'
import { platformFileKind } from '../transform/platform-files.ts'
import { changedFile, type FileState, fileState, isGone } from './file-state.ts'
import { localProfile } from './local-profile.ts'

/** A file as the folder's tree shows it; no `state`: a link that is not followed. */
export interface ListedFile {
  readonly path: RepoPath
  readonly state?: FileState
  readonly mode?: FileEntry['mode']
}

/** Files looked at at a time. */
const lookers = 16

/**
 * Every file below `root` (a real path), sorted by path. Links are followed as long as they stay inside and lead nowhere that is left
 * out; others are listed as links. `.git` at any depth and what tools keep in the folder is left out. Throws `bad-path`
 * with every name that no repo can hold, and all that is neither file nor folder.
 */
export async function listFolder(root: string): Promise<ListedFile[]> {
  const limit = pLimit(lookers)
  const files: ListedFile[] = []
  const refused = createRefusedPaths()
  const folders: Folder[] = [{ path: '', real: root, within: [root] }]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const here = folder
    const entries = (await entriesOf(here)).filter((entry) => {
      const path = joined(here.path, entry.name)
      return !isLeftOut(entry.isDirectory() ? `${path}/` : path)
    })
    const looks = entries.map((entry) => limit(() => look(root, here, entry).catch(refused.keep)))
    for (const found of await Promise.all(looks)) {
      if (found === undefined) continue
      if ('within' in found) folders.push(found)
      else files.push(found)
    }
    if (files.length + folders.length > maxFiles) throw tooManyFiles()
  }
  refused.assertNone()
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Path inside `root` of a real path; undefined: it lies outside, or where nothing is ever read or written. */
export function insideFolder(root: string, real: string): string | undefined {
  const path = relative(root, real).split(sep).join('/')
  if (path === '..' || path.startsWith('../') || path.startsWith('/') || /^[A-Za-z]:/.test(path))
    return undefined
  return isLeftOut(path) || isLeftOut(`${path}/`) ? undefined : path
}

interface Folder {
  /** As the repo shows it; empty for the root. */
  readonly path: string
  readonly real: string
  /** The real folders that this one lies in, itself included: a link to one of them has no end. */
  readonly within: readonly string[]
}

/** A folder's path ends with a slash. */
function isLeftOut(path: string): boolean {
  if (path.split('/').some((part) => part.toLowerCase() === '.git')) return true
  return platformFileKind(localProfile.platformFiles, path) === 'platform'
}

function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

async function entriesOf({ path, real }: Folder): Promise<Dirent[]> {
  try {
    return await readdir(real, { withFileTypes: true })
  } catch (thrown) {
    throw isGone(thrown) ? changedFile(path === '' ? 'It' : path) : thrown
  }
}

async function look(root: string, folder: Folder, entry: Dirent): Promise<ListedFile | Folder> {
  const path = joined(folder.path, entry.name)
  if (entry.name.includes('\uFFFD')) throw unusable(path, 'its name is not UTF-8')
  const file = join(folder.real, entry.name)
  const link = entry.isSymbolicLink()
  const real = link ? await insideReal(root, file) : file
  const found = real === undefined ? undefined : await statOf(real, path)
  if (real === undefined || found === undefined || (link && folder.within.includes(real)))
    return { path: parseRepoPath(path), mode: 'symlink' }
  if (found.isDirectory()) return { path, real, within: [...folder.within, real] }
  if (!found.isFile()) throw unusable(path, 'it is neither a file nor a folder')
  const executable = (found.mode & 0o100n) !== 0n
  return {
    path: parseRepoPath(path),
    state: fileState(found),
    ...(executable && { mode: 'executable' as const }),
  }
}

/** Where a link ends; undefined if that is nowhere or outside. */
async function insideReal(root: string, link: string): Promise<string | undefined> {
  try {
    const real = await realpath(link)
    return insideFolder(root, real) === undefined ? undefined : real
  } catch (thrown) {
    if (isGone(thrown)) return undefined
    throw thrown
  }
}

async function statOf(real: string, path: string): Promise<BigIntStats> {
  try {
    return await stat(real, { bigint: true })
  } catch (thrown) {
    throw isGone(thrown) ? changedFile(path) : thrown
  }
}

function unusable(path: string, why: string): SyncError {
  return new SyncError('bad-path', `${printable(path)} in the local folder cannot be taken: ${why}.`, {
    next: 'Rename or remove it.',
  })
}
