import type { ReportJob } from '../model/report.ts'

/** A stretch of time in which a job could not yet begin. Times are ISO 8601. */
export interface Wait {
  /**
   * `jobs`: what it needs, others had yet to do. `place`: as many jobs as the run allows were running. `machine`: nothing of ours was
   * in its way. `again`: it was run once more, and when somebody asked for that was noted nowhere.
   */
  readonly for: 'jobs' | 'place' | 'machine' | 'again'
  readonly from: string
  readonly to: string
  /** The job whose end ended it. */
  readonly until?: ReportJob
}

/**
 * What each job waited for between the end of the plan (`planned`, ISO 8601) and its own start, in order; none for jobs without times.
 * How many jobs may run at a time is noted nowhere: it is the most that did, and the jobs that wait take the places in the order in
 * which they became free.
 */
export function waitsOf(
  jobs: readonly ReportJob[],
  planned: string | undefined,
): ReadonlyMap<ReportJob, readonly Wait[]> {
  if (planned === undefined) return new Map()
  const places = freedPlaces(jobs.filter((job) => job.kind === 'sync' && (job.attempt ?? 1) === 1))
  return new Map(
    jobs.map((job) => [
      job,
      job.kind === 'publish' ? publishWaits(job, jobs, planned) : syncWaits(job, places.get(job), planned),
    ]),
  )
}

/** The last of the sync jobs to end. */
export function lastToFinish(jobs: readonly ReportJob[]): ReportJob | undefined {
  return jobs
    .filter((job) => job.kind === 'sync' && job.finishedAt !== undefined)
    .reduce<ReportJob | undefined>(
      (last, job) => ((job.finishedAt ?? '') > (last?.finishedAt ?? '') ? job : last),
      undefined,
    )
}

/** Waits from one end to the next, without those that took no time, and none after `start`. */
export function chained(from: string, start: string, steps: readonly Step[]): readonly Wait[] {
  const waits: Wait[] = []
  let at = from
  for (const { to, ...why } of steps) {
    const end = to < start ? to : start
    if (end <= at) continue
    waits.push({ ...why, from: at, to: end })
    at = end
  }
  return waits
}

export type Step = Pick<Wait, 'for' | 'to' | 'until'>

function syncWaits(job: ReportJob, place: ReportJob | undefined, planned: string): readonly Wait[] {
  const { startedAt, attempt = 1 } = job
  if (startedAt === undefined) return []
  if (attempt > 1) return chained(planned, startedAt, [{ for: 'again', to: startedAt }])
  return chained(planned, startedAt, [...ended('place', place), { for: 'machine', to: startedAt }])
}

/** What its repos need comes first; a workflow then waits for all the other jobs, too. */
function publishWaits(job: ReportJob, jobs: readonly ReportJob[], planned: string): readonly Wait[] {
  const { startedAt, rows } = job
  if (startedAt === undefined) return []
  const holders = jobs.filter((one) => one.kind === 'sync' && one.rows.some((row) => rows.includes(row)))
  return chained(planned, startedAt, [
    ...ended('jobs', lastToFinish(holders)),
    ...ended('jobs', lastToFinish(jobs)),
    { for: 'machine', to: startedAt },
  ])
}

function ended(why: Wait['for'], job: ReportJob | undefined): readonly Step[] {
  return job?.finishedAt === undefined ? [] : [{ for: why, to: job.finishedAt, until: job }]
}

/** For each job that took the place of another, that other. */
function freedPlaces(jobs: readonly ReportJob[]): ReadonlyMap<ReportJob, ReportJob> {
  const events = jobs
    .flatMap((job) => {
      const { startedAt, finishedAt } = job
      if (startedAt === undefined || finishedAt === undefined) return []
      return [
        { at: startedAt, change: 1, job },
        { at: finishedAt, change: -1, job },
      ]
    })
    // Of one moment, ends come first: one job after the other is one place.
    .sort((a, b) => (a.at === b.at ? a.change - b.change : a.at < b.at ? -1 : 1))
  let running = 0
  const most = events.reduce((max, { change }) => {
    running += change
    return Math.max(max, running)
  }, 0)
  const free: ReportJob[] = []
  const takenFrom = new Map<ReportJob, ReportJob>()
  for (const { change, job } of events) {
    // A place that is free already is kept for a job whose machine is on its way.
    if (change < 0 && running + free.length === most) free.push(job)
    const before = change > 0 ? free.shift() : undefined
    if (before !== undefined) takenFrom.set(job, before)
    running += change
  }
  return takenFrom
}
