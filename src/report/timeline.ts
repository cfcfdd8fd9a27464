import { publishJob, type StoredPlan } from '../model/plan.ts'
import type { JobResult, ReportItem, ReportJob, Stage } from '../model/report.ts'

/**
 * The jobs of a plan with their times, in the plan's order, then the publish job. `rows` are those of the report that come first: one
 * for each item of the plan. `results` are the latest attempts. Of one job of several (`isOneJob`) the others are not told of.
 */
export function jobsOf(
  plan: StoredPlan,
  results: readonly JobResult[],
  isOneJob: boolean,
): readonly ReportJob[] {
  const rowOf = new Map(plan.items.map((item, index) => [item.id, index]))
  const byJob = new Map(results.map((result) => [result.job, result]))
  const parts = Map.groupBy(
    plan.jobs.filter((job) => job.objects !== undefined),
    (job) => job.items[0] ?? '',
  )
  const planned = plan.jobs.flatMap((job): ReportJob[] => {
    const siblings = job.objects === undefined ? [] : (parts.get(job.items[0] ?? '') ?? [])
    const part = { number: siblings.indexOf(job) + 1, of: siblings.length }
    const result = byJob.get(job.id)
    if (result === undefined && isOneJob) return []
    return [jobOf('sync', rowsOf(job.items, rowOf), result, part.of > 1 ? part : undefined)]
  })
  const publish = byJob.get(publishJob)
  const cut = [...parts.keys()]
  if (publish === undefined && (isOneJob || cut.length === 0)) return planned
  const published = publish === undefined ? cut : publish.items.map((item) => item.id)
  return [...planned, jobOf('publish', rowsOf(published, rowOf), publish, undefined)]
}

/** From the first start to the last end of each stage whose clock was noted. */
export function stagesOf(plan: StoredPlan, jobs: readonly ReportJob[]): readonly Stage[] {
  const stage = (name: Stage['name'], kind: ReportJob['kind']): Stage[] => {
    const some = jobs.filter((job) => job.kind === kind)
    const starts = some.flatMap((job) => job.startedAt ?? []).sort()
    const ends = some.flatMap((job) => job.finishedAt ?? []).sort()
    const [startedAt, finishedAt] = [starts[0], ends.at(-1)]
    return startedAt === undefined || finishedAt === undefined ? [] : [{ name, startedAt, finishedAt }]
  }
  const planning: readonly Stage[] =
    plan.startedAt === undefined
      ? []
      : [{ name: 'plan', startedAt: plan.startedAt, finishedAt: plan.createdAt }]
  return [...planning, ...stage('sync', 'sync'), ...stage('publish', 'publish')]
}

/** Seconds between two times, ISO 8601; never below 0, since clocks of different machines differ. */
export function secondsBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000)
}

/** How long the run took by the clock, in seconds; undefined where no clock was noted. */
export function wallSeconds(stages: readonly Stage[]): number | undefined {
  const starts = stages.map((stage) => stage.startedAt).sort()
  const ends = stages.map((stage) => stage.finishedAt).sort()
  const [first, last] = [starts[0], ends.at(-1)]
  return first === undefined || last === undefined ? undefined : secondsBetween(first, last)
}

/** The earliest start that any job noted for an item. */
export function firstStart(parts: readonly Pick<ReportItem, 'startedAt'>[]): Pick<ReportItem, 'startedAt'> {
  const startedAt = parts.flatMap((part) => part.startedAt ?? []).sort()[0]
  return startedAt === undefined ? {} : { startedAt }
}

function rowsOf(items: readonly string[], rowOf: ReadonlyMap<string, number>): number[] {
  return items.flatMap((item) => rowOf.get(item) ?? [])
}

function jobOf(
  kind: ReportJob['kind'],
  rows: readonly number[],
  result: JobResult | undefined,
  part: ReportJob['part'],
): ReportJob {
  const share = { kind, rows, ...(part && { part }) }
  if (result === undefined) return { ...share, state: 'missing', bytes: { moved: 0, reused: 0 } }
  const failed = result.items.some((item) => item.outcome === 'failed' || item.outcome === 'conflict')
  const { startedAt, finishedAt, attempt } = result
  return {
    ...share,
    state: result.stopped || result.unfinished ? 'stopped' : failed ? 'failed' : 'done',
    bytes: {
      moved: result.items.reduce((sum, item) => sum + item.bytes.moved, 0),
      reused: result.items.reduce((sum, item) => sum + item.bytes.reused, 0),
    },
    ...(startedAt && { startedAt }),
    ...(finishedAt && { finishedAt }),
    attempt,
  }
}
