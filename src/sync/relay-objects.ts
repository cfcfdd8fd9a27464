import pLimit from 'p-limit'
import type { Context } from '../context.ts'
import type { LfsObject } from '../model/file.ts'
import type { Bandwidth } from '../net/bandwidth.ts'
import type { OpenObject, Sample } from '../repos/repo.ts'
import type { RepoWork } from '../repos/work.ts'

/** By oid: what the source's ends looked like while they passed. */
export type Samples = ReadonlyMap<string, Sample>

/** Bytes that were streamed, and bytes that the target had already; counted object by object as they are done. */
export interface Tally {
  moved: number
  reused: number
}

/** Every LFS object the target must hold, once, with a way to open it at the source. */
export function objectsOf(work: RepoWork): { readonly object: LfsObject; readonly open: OpenObject }[] {
  const files = [...work.files, ...work.orphans]
  const byOid = new Map(
    files.flatMap(({ object, source }) =>
      object === undefined ? [] : [[object.oid, { object, source }] as const],
    ),
  )
  return [...byOid.values()].map(({ object, source }) => ({
    object,
    open: (range) => work.source.openFile(work.sourceAt, source, range),
  }))
}

/** Streams what the target lacks, a few objects at a time, largest first. The first failure stops the rest. */
export async function relayObjects(
  context: Context,
  work: RepoWork,
  bandwidth: Bandwidth,
  tally: Tally,
): Promise<Samples> {
  const objects = objectsOf(work)
  const lacking = new Set(
    (await work.target.lacking(objects.map(({ object }) => object))).map(({ oid }) => oid),
  )
  const moving = objects
    .filter(({ object }) => lacking.has(object.oid))
    .sort((a, b) => b.object.size - a.object.size)
  tally.reused += objects.reduce((sum, { object }) => sum + (lacking.has(object.oid) ? 0 : object.size), 0)
  const samples = new Map<string, Sample>()
  const limit = pLimit(work.target.profile.concurrency)
  const stallTimeout = work.rule.stallTimeout
  const onBytes = (bytes: number) => context.progress({ kind: 'bytes', item: work.id, bytes })
  const tasks = moving.map(({ object, open }) =>
    limit(async () => {
      const sample = await work.target.put(object, open, { onBytes, bandwidth, stallTimeout })
      if (sample === undefined) {
        tally.reused += object.size
        return
      }
      samples.set(object.oid, sample)
      tally.moved += object.size
    }),
  )
  try {
    await Promise.all(tasks)
  } finally {
    limit.clearQueue()
  }
  return samples
}
