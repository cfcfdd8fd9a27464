import { publishJob } from '../model/plan.ts'
import type { FileResult, JobResult } from '../model/report.ts'

/** Of every job only its highest attempt, of equal ones the last; with what earlier ones have synced. */
export function latestAttempts(results: readonly JobResult[]): JobResult[] {
  return [...Map.groupBy(results, ({ job }) => job).values()].map((attempts) =>
    attempts.toSorted((a, b) => a.attempt - b.attempt).reduce(keepSynced),
  )
}

/**
 * The later of two attempts of a job. What it found `unchanged` because the earlier one had synced it stays `synced`, with commit and
 * bytes; so does what it did not come to.
 */
export function keepSynced(earlier: JobResult, later: JobResult): JobResult {
  const synced = new Map(
    earlier.items.filter((item) => item.outcome === 'synced').map((item) => [item.id, item]),
  )
  const items = later.items.map((item) =>
    item.outcome === 'unchanged' ? (synced.get(item.id) ?? item) : item,
  )
  const seen = new Set(items.map((item) => item.id))
  const isWhole = later.stopped !== true && later.unfinished !== true
  const unseen = isWhole ? [] : [...synced.values()].filter((item) => !seen.has(item.id))
  return { ...later, items: [...items, ...unseen] }
}

/** What became of each file, by the id of its item. Of a file that several jobs report, the publish job's word counts. */
export function filesByItem(results: readonly JobResult[]): ReadonlyMap<string, readonly FileResult[]> {
  const jobs = latestAttempts(results)
  const publishLast = [
    ...jobs.filter((job) => job.job !== publishJob),
    ...jobs.filter((job) => job.job === publishJob),
  ]
  const items = new Map<string, Map<string, FileResult>>()
  for (const { id, files } of publishLast.flatMap((job) => job.items)) {
    const known = items.get(id) ?? new Map<string, FileResult>()
    for (const file of files) known.set(file.path, file)
    items.set(id, known)
  }
  return new Map([...items].map(([id, files]) => [id, [...files.values()]]))
}
