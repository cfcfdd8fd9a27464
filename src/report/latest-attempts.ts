import { publishJob } from '../model/plan.ts'
import type { FileResult, JobResult } from '../model/report.ts'

/** Of every job only its highest attempt; of equal ones the last. */
export function latestAttempts(results: readonly JobResult[]): JobResult[] {
  const latest = new Map<string, JobResult>()
  for (const result of results) {
    const known = latest.get(result.job)
    if (known === undefined || result.attempt >= known.attempt) latest.set(result.job, result)
  }
  return [...latest.values()]
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
