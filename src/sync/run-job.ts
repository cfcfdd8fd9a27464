import pLimit, { type LimitFunction } from 'p-limit'
import type { Context } from '../context.ts'
import { formatRepo } from '../model/repo.ts'
import type { ItemResult, JobResult } from '../model/report.ts'
import { sharedBandwidths } from '../net/bandwidth.ts'
import { releaseAfterLastUse } from '../repos/last-use.ts'
import type { RepoWork } from '../repos/work.ts'
import type { RunStamp } from './commit-for.ts'
import type { Wire } from './relay-objects.ts'
import { type SyncParts, syncRepo } from './sync-repo.ts'

export interface JobOrder {
  readonly job: string
  /** From 1. */
  readonly attempt: number
  readonly works: readonly RepoWork[]
  /** What is left to do for a repo after its hub has imported it; undefined: nothing. */
  readonly deriveRest: SyncParts['deriveRest']
  /** Items that were refused before any work, e.g. since the configuration does not reproduce them. */
  readonly refused: readonly ItemResult[]
  /** Jobs that run side by side with this one, itself included: each takes its share of a rule's bandwidth. Undefined: it is alone. */
  readonly atOnce?: number
  /** Told of each result as it is there; the next repo waits for it. */
  readonly onFinished?: (item: ItemResult) => Promise<void>
}

/** Repos synced at a time: while one is compared or read back, another uses the wire. */
const reposAtATime = 3

/** Syncs the repos of one job, a few at a time; each leaves a result, also when the job is stopped early. */
export async function runJob(context: Context, order: JobOrder, stamp: RunStamp): Promise<JobResult> {
  const wireFor = sharedWires(context, order.atOnce ?? 1)
  const startedAt = isoTime(context)
  const limit = pLimit(reposAtATime)
  const { deriveRest } = order
  const release = releaseAfterLastUse(order.works.flatMap(({ source, target }) => [source, target]))
  const synced = order.works.map((work) =>
    limit(async () => {
      if (context.signal.aborted) return undefined
      const result = await syncOne(context, work, { stamp, wire: wireFor(work), deriveRest })
      await release([work.source, work.target])
      await order.onFinished?.(result)
      return result
    }),
  )
  const items = [...order.refused, ...(await Promise.all(synced)).filter((item) => item !== undefined)]
  const unfinished =
    items.length < order.refused.length + order.works.length ||
    items.some((item) => item.error?.code === 'stopped')
  const times = { startedAt, finishedAt: isoTime(context) }
  return {
    version: 1,
    job: order.job,
    attempt: order.attempt,
    items,
    ...times,
    ...(unfinished && { stopped: true }),
  }
}

function isoTime({ clock }: Context): string {
  return new Date(clock.now()).toISOString()
}

/** Rules with the same bandwidth share it, and repos of the same target hub its ceiling for objects. */
function sharedWires({ clock }: Context, atOnce: number): (work: RepoWork) => Wire {
  const bandwidthOf = sharedBandwidths(clock, atOnce)
  const limits = new Map<string, LimitFunction>()
  return ({ rule, target }) => {
    const limit = limits.get(target.ref.hub) ?? pLimit(target.profile.concurrency)
    limits.set(target.ref.hub, limit)
    return { bandwidth: bandwidthOf(rule.bandwidth), limit }
  }
}

async function syncOne(context: Context, work: RepoWork, parts: SyncParts): Promise<ItemResult> {
  const label = `${formatRepo(work.source.ref)} → ${formatRepo(work.target.ref)}`
  context.progress({ kind: 'item-started', item: work.id, label, bytes: bytesToMove(work) })
  const startedAt = isoTime(context)
  const result = { ...(await syncRepo(context, work, parts)), startedAt }
  context.progress({
    kind: 'item-finished',
    item: work.id,
    outcome: result.outcome,
    text: result.error?.message ?? '',
    ...(result.error && { code: result.error.code }),
  })
  return result
}

function bytesToMove(work: RepoWork): number {
  const relayed = work.files.filter((file) => file.move === 'relay')
  return [...relayed, ...work.orphans].reduce((sum, file) => sum + (file.object?.size ?? 0), 0)
}
