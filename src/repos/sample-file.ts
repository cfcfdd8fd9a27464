import type { Context } from '../context.ts'
import { sampleBytes } from '../lfs/verified-stream.ts'
import { asSyncError, explain } from '../model/errors.ts'
import type { FileEntry, LfsObject } from '../model/file.ts'
import { formatRepo, type Snapshot } from '../model/repo.ts'
import type { Bandwidth } from '../net/bandwidth.ts'
import type { Repo, Sample } from './repo.ts'

export { sampleBytes }

/** Reads the first and the last MiB of a file of `size` bytes, which are more than one MiB, at the pace of a bandwidth. */
export async function sampleOf(
  repo: Repo,
  at: Snapshot,
  file: FileEntry,
  size: number,
  bandwidth?: Bandwidth,
): Promise<Sample> {
  const [head, tail] = await Promise.all([
    repo.hashFile(at, file, { start: 0, end: sampleBytes - 1 }, bandwidth),
    repo.hashFile(at, file, { start: size - sampleBytes, end: size - 1 }, bandwidth),
  ])
  return { head: head.digests.sha256, tail: tail.digests.sha256 }
}

/** Both ends of what a source has of an object; undefined where it does not give them, which says nothing of the target. */
export async function sourceSample(
  context: Context,
  repo: Repo,
  at: Snapshot,
  file: FileEntry,
  { oid, size }: LfsObject,
  bandwidth?: Bandwidth,
): Promise<Sample | undefined> {
  try {
    return await sampleOf(repo, at, { ...file, size }, size, bandwidth)
  } catch (thrown) {
    context.signal.throwIfAborted()
    const error = asSyncError(thrown)
    context.log.warn(
      `${file.path}: the source ${formatRepo(repo.ref)} does not give its LFS object ${oid.slice(0, 12)}: ${explain(error)} The target's is read back whole instead.`,
      `An LFS object of a source cannot be read: ${error.code}.`,
    )
    return undefined
  }
}

/** Reads all bytes of a file and says whether they are the object's, whose oid is their SHA-256. */
export async function isWholeObject(
  repo: Repo,
  at: Snapshot,
  file: FileEntry,
  object: LfsObject,
  bandwidth?: Bandwidth,
): Promise<boolean> {
  const { digests, size } = await repo.hashFile(at, file, undefined, bandwidth)
  return digests.sha256 === object.oid && size === object.size
}
