import { lstat, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommitChange } from '../model/commit.ts'
import { SyncError } from '../model/errors.ts'
import { printable } from '../model/printable.ts'
import { isGone } from './file-state.ts'
import { insideFolder } from './list-folder.ts'
import { temporaryFolder } from './local-profile.ts'

/**
 * Whether every changed path can be written below `root`, whose files are `existing`. Throws `bad-path` for a way that leads out of
 * the folder or into what is never written, for a folder in the place of a file, and for two paths that this disk takes for one.
 */
export async function assertWritable(
  root: string,
  existing: readonly string[],
  changes: readonly CommitChange[],
): Promise<void> {
  const sound = new Set<string>()
  for (const { path } of changes) await assertPlace(root, path, sound)
  const written = changes.filter(({ kind }) => kind !== 'delete').map(({ path }) => path)
  const deleted = new Set<string>(changes.filter(({ kind }) => kind === 'delete').map(({ path }) => path))
  const pair = samePaths(
    written,
    existing.filter((path) => !deleted.has(path)),
  )
  if (pair !== undefined && (await isOneOnDisk(root)))
    throw refused(pair[0], `this disk takes it for the same file as ${printable(pair[1])}`)
}

async function assertPlace(root: string, path: string, sound: Set<string>): Promise<void> {
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
    const folder = path.slice(0, end)
    if (sound.has(folder)) continue
    const found = await find(join(root, folder))
    if (found === undefined) return
    if (found.isSymbolicLink()) await assertInside(root, folder, path)
    else if (!found.isDirectory()) throw refused(path, `${printable(folder)} is no folder`)
    sound.add(folder)
  }
  const found = await find(join(root, path))
  if (found?.isSymbolicLink()) await assertInside(root, path, path)
  else if (found?.isDirectory()) throw refused(path, 'it is a folder here')
}

/** A link that ends inside is a folder to write into, or a file to replace; one that leaves is somebody else's. */
async function assertInside(root: string, link: string, path: string): Promise<void> {
  const real = await realpath(join(root, link)).catch((thrown: unknown) => {
    if (isGone(thrown)) return undefined
    throw thrown
  })
  if (real === undefined || insideFolder(root, real) === undefined)
    throw refused(path, `${printable(link)} is a link that leaves the folder`)
  if (link !== path && !(await stat(real)).isDirectory())
    throw refused(path, `${printable(link)} is no folder`)
}

async function find(file: string) {
  try {
    return await lstat(file)
  } catch (thrown) {
    if (isGone(thrown)) return undefined
    throw thrown
  }
}

/** A written path and another that differ only in case or in how Unicode spells them. */
function samePaths(written: readonly string[], existing: readonly string[]): [string, string] | undefined {
  const folded = new Map<string, string>()
  for (const path of [...existing, ...written]) {
    const key = path.normalize('NFC').toLowerCase()
    const other = folded.get(key)
    if (other !== undefined && other !== path) return [path, other]
    folded.set(key, path)
  }
  return undefined
}

/** Asked of our own folder, which is there while something is published. */
async function isOneOnDisk(root: string): Promise<boolean> {
  return (await find(join(root, temporaryFolder.toUpperCase()))) !== undefined
}

function refused(path: string, why: string): SyncError {
  return new SyncError('bad-path', `${printable(path)} cannot be written into the local folder: ${why}.`, {
    next: 'Nothing was published. Remove what is in the way, or leave the file out by files.exclude.',
  })
}
