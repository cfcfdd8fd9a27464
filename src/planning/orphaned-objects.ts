import pLimit from 'p-limit'
import { asSyncError } from '../model/errors.ts'
import type { FileEntry, LfsObject, Manifest } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import type { Snapshot } from '../model/repo.ts'
import type { Repo } from '../repos/repo.ts'
import type { RepoWork } from '../repos/work.ts'

/** Objects looked at per repo: the largest, since weights are what gets lost. */
const probes = 100
const probers = 4

/**
 * Equal files whose pointer on the target has no object behind it: weights that were never uploaded, or lost. The hub is asked
 * which it lacks; since some hubs say "there" of what they lost, the first byte of the largest is read too.
 */
export async function orphanedObjects(
  target: Repo,
  at: Snapshot,
  targetFiles: Manifest,
  same: readonly FileEntry[],
): Promise<RepoWork['orphans']> {
  const pointed = same.flatMap((source) => {
    const object = pointedObject(targetFiles, source.path)
    return object === undefined ? [] : [{ path: source.path, source, object }]
  })
  const lacking = new Set(
    (await target.lacking(pointed.map(({ object }) => object))).map((object) => object.oid),
  )
  const largest = pointed
    .filter(({ object }) => !lacking.has(object.oid))
    .sort((a, b) => b.object.size - a.object.size)
  const limit = pLimit(probers)
  const probe = async ({ path, object }: (typeof pointed)[number]) => {
    if (!(await isServed(target, at, targetFiles.get(path)))) lacking.add(object.oid)
  }
  await Promise.all(largest.slice(0, probes).map((one) => limit(() => probe(one))))
  return pointed.filter(({ object }) => lacking.has(object.oid))
}

async function isServed(target: Repo, at: Snapshot, file: FileEntry | undefined): Promise<boolean> {
  if (file === undefined) return false
  try {
    await target.hashFile(at, file, { start: 0, end: 0 })
    return true
  } catch (thrown) {
    if (asSyncError(thrown).code === 'object-missing') return false
    throw thrown
  }
}

function pointedObject(files: Manifest, path: RepoPath): LfsObject | undefined {
  const file = files.get(path)
  if (file?.storage !== 'lfs' || file.digests.sha256 === undefined || !file.size) return undefined
  return { oid: file.digests.sha256, size: file.size }
}
