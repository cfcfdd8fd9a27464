import { lstat, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { CommitChange } from '../model/commit.ts'
import { SyncError } from '../model/errors.ts'
import { pathsThatMayBeOne } from '../model/paths-that-may-be-one.ts'
import { printable } from '../model/printable.ts'
import { isGone } from './file-state.ts'
import { insideFolder } from './list-folder.ts'
import { temporaryFolder } from './local-profile.ts'

/**
 * Whether every changed path can be written below `root`, whose files are `existing`. Throws `bad-path`, which names every way that
 * leads out of the folder or into what is never written, every folder in the place of a file, and paths that this disk takes for one.
 */
export async function assertWritable(
  root: string,
  existing: readonly string[],
  changes: readonly CommitChange[],
): Promise<void> {
  const written = changes.filter(({ kind }) => kind !== 'delete').map(({ path }) => path)
  const deleted = changes.filter(({ kind }) => kind === 'delete').map(({ path }) => path)
  const gone = new Set<string>(deleted)
  const lines = [
    ...(await unwritablePaths(root, [...written, ...deleted])),
    ...(await samePaths(
      written,
      existing.filter((path) => !gone.has(path)),
      () => isOneOnDisk(root),
    )),
  ]
  const [first] = lines
  if (first === undefined) return
  const more = lines.length > 1 ? ` And ${lines.length - 1} more.` : ''
  throw new SyncError('bad-path', `The local folder cannot hold ${first}.${more}`, {
    next: 'Nothing was published. Remove what is in the way, or leave the file out by files.exclude.',
    lines,
  })
}

/** The same before anything is written, for a folder that need not be there yet: one line for each path that cannot be. */
export async function folderPathProblems(
  folder: string,
  existing: readonly string[],
  paths: readonly string[],
): Promise<string[]> {
  const lines = [
    ...(await unwritablePaths(folder, paths)),
    ...(await samePaths(paths, existing, () => ignoresCase(folder, existing))),
  ]
  return lines.map((line) => `the local folder cannot hold ${line}`)
}

async function unwritablePaths(root: string, paths: readonly string[]): Promise<string[]> {
  const sound = new Set<string>()
  const lines: string[] = []
  for (const path of paths) {
    const why = await placeProblem(root, path, sound)
    if (why !== undefined) lines.push(`${printable(path)}: ${why}`)
  }
  return lines
}

async function placeProblem(root: string, path: string, sound: Set<string>): Promise<string | undefined> {
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
    const folder = path.slice(0, end)
    if (sound.has(folder)) continue
    const found = await find(join(root, folder))
    if (found === undefined) return undefined
    const problem = found.isSymbolicLink()
      ? await linkProblem(root, folder, path)
      : found.isDirectory()
        ? undefined
        : `${printable(folder)} is no folder`
    if (problem !== undefined) return problem
    sound.add(folder)
  }
  const found = await find(join(root, path))
  if (found?.isSymbolicLink()) return linkProblem(root, path, path)
  return found?.isDirectory() ? 'it is a folder here' : undefined
}

/** A link that ends inside is a folder to write into, or a file to replace; one that leaves is somebody else's. */
async function linkProblem(root: string, link: string, path: string): Promise<string | undefined> {
  const real = await realpath(join(root, link)).catch((thrown: unknown) => {
    if (isGone(thrown)) return undefined
    throw thrown
  })
  if (real === undefined || insideFolder(root, real) === undefined)
    return `${printable(link)} is a link that leaves the folder`
  const isFolder = link === path || (await stat(real)).isDirectory()
  return isFolder ? undefined : `${printable(link)} is no folder`
}

async function find(file: string) {
  try {
    return await lstat(file)
  } catch (thrown) {
    if (isGone(thrown)) return undefined
    throw thrown
  }
}

/** A line for each written path that differs from another only in case or in how Unicode spells it, where the disk takes both for one. */
async function samePaths(
  written: readonly string[],
  existing: readonly string[],
  isOne: () => Promise<boolean>,
): Promise<string[]> {
  const pairs = pathsThatMayBeOne(written, existing)
  if (pairs.length === 0 || !(await isOne())) return []
  return pairs.map(
    ([path, other]) => `${printable(path)}: this disk takes it for the same file as ${printable(other)}`,
  )
}

/** Asked of our own folder, which is there while something is published. */
async function isOneOnDisk(root: string): Promise<boolean> {
  return (await find(join(root, temporaryFolder.toUpperCase()))) !== undefined
}

/** Told by what is there: a file of the folder, or the folders on the way to it, looked for in the other case. */
async function ignoresCase(folder: string, existing: readonly string[]): Promise<boolean> {
  const known = existing.map((path) => join(folder, path.split('/')[0] ?? ''))
  for (const place of [...known.slice(0, 1), ...foldersTo(folder)]) {
    const other = join(dirname(place), otherCase(basename(place)))
    if (other === place) continue
    const [here, there] = await Promise.all([find(place), find(other)])
    if (here !== undefined) return there !== undefined && there.ino === here.ino && there.dev === here.dev
  }
  return false
}

function foldersTo(folder: string): string[] {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...foldersTo(above)]
}

function otherCase(name: string): string {
  const upper = name.toUpperCase()
  return upper === name ? name.toLowerCase() : upper
}
