import type { LimitFunction } from 'p-limit'
import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
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

/** What the repos of a job share. */
export interface Wire {
  readonly bandwidth: Bandwidth
  /** The target hub's ceiling for objects moved at a time. */
  readonly limit: LimitFunction
}

/** Every LFS object the target must hold, once, with a way to open it at the source; of a part, those that are this job's. */
export function objectsOf(work: RepoWork): { readonly object: LfsObject; readonly open: OpenObject }[] {
  const files = [...work.files, ...work.orphans]
  const byOid = new Map(
    files.flatMap(({ object, source }) =>
      object === undefined ? [] : [[object.oid, { object, source }] as const],
    ),
  )
  const own = [...byOid.values()].filter(({ object }) => work.part?.has(object.oid) ?? true)
  return own.map(({ object, source }) => ({
    object,
    open: (range) => work.source.openFile(work.sourceAt, source, range),
  }))
}

/**
 * Those objects that the target is not proven to have. What other jobs of the run sent, or found there and read, is not read once
 * more, since a publish job must not read terabytes; `sent`: what this one sent is.
 */
export async function unproven(
  { target, wasMoved }: RepoWork,
  objects: readonly LfsObject[],
  sent: Samples,
): Promise<LfsObject[]> {
  const { told = [], read = [] } = Object.groupBy(objects, ({ oid }) =>
    wasMoved?.has(oid) && !sent.has(oid) ? 'told' : 'read',
  )
  return [...(await target.lacking(read, 'read')), ...(await target.lacking(told, 'told'))]
}

/**
 * Streams what the target lacks, a few objects at a time, largest first. The first failure stops the rest, and nothing is under
 * way any more when it is thrown.
 */
export async function relayObjects(
  context: Context,
  work: RepoWork,
  { bandwidth, limit }: Wire,
  tally: Tally,
): Promise<Samples> {
  const objects = objectsOf(work)
  const all = objects.map(({ object }) => object)
  const unknown = await unproven(work, all, new Map())
  const lacking = new Set([...unknown.map(({ oid }) => oid), ...(work.repairs?.resend ?? [])])
  const moving = objects
    .filter(({ object }) => lacking.has(object.oid))
    .sort((a, b) => b.object.size - a.object.size)
  tally.reused += objects.reduce((sum, { object }) => sum + (lacking.has(object.oid) ? 0 : object.size), 0)
  const samples = new Map<string, Sample>()
  const failures: unknown[] = []
  const onBytes = (bytes: number) => {
    // Thrown into the stream: an upload that nobody waits for would hold the process for hours.
    if (failures.length > 0) throw new SyncError('stopped', 'Another object of the repo failed.')
    context.progress({ kind: 'bytes', item: work.id, bytes })
  }
  const options = { onBytes, bandwidth, stallTimeout: work.rule.stallTimeout }
  const move = async ({ object, open }: (typeof moving)[number]) => {
    const sample = await work.target.put(object, open, options)
    tally[sample === undefined ? 'reused' : 'moved'] += object.size
    if (sample !== undefined) samples.set(object.oid, sample)
  }
  const moved = moving.map((one) =>
    limit(async () => {
      if (failures.length === 0) await move(one).catch((thrown: unknown) => failures.push(thrown))
    }),
  )
  await Promise.all(moved)
  if (failures.length > 0) throw failures[0]
  return samples
}
