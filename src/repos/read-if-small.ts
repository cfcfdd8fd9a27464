import { asSyncError } from '../model/errors.ts'
import type { FileEntry } from '../model/file.ts'
import type { Snapshot } from '../model/repo.ts'
import type { Repo } from './repo.ts'

/**
 * A whole file; undefined if it is over `cap` bytes. A listing by git tells no size of a large plain file, so it may show only while
 * it is read.
 */
export async function readIfSmall(
  repo: Pick<Repo, 'readFile'>,
  at: Snapshot,
  file: FileEntry,
  cap: number,
): Promise<Buffer | undefined> {
  if ((file.size ?? 0) > cap) return undefined
  try {
    return await repo.readFile(at, file, cap)
  } catch (thrown) {
    if (asSyncError(thrown).code === 'too-large') return undefined
    throw thrown
  }
}
