import { SyncError } from '../model/errors.ts'
import type { ItemResult, JobResult } from '../model/report.ts'
import { parseResult } from './plan-file.ts'

/** The line that one finished item of a job leaves in `results/<job>.jsonl`, long before the job itself is done. */
export function itemLine(job: Omit<JobResult, 'items'>, item: ItemResult): string {
  return `${JSON.stringify({ ...job, items: [item], unfinished: true } satisfies JobResult)}\n`
}

/**
 * What a job has done so far, of the lines of its items; undefined before the first. A last line that was cut short by the death of the
 * process is no line. Throws `plan` for any other damage.
 */
export function joinItemLines(text: string, file: string): JobResult | undefined {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  const results = lines.filter((line) => line !== '').map((line) => parseResult(line, file))
  const last = results.at(-1)
  if (last === undefined) return undefined
  const own = results.filter((result) => result.plan === last.plan && result.job === last.job)
  if (own.length < results.length)
    throw new SyncError('plan', `${file} holds results of several plans.`, { next: 'Plan again.' })
  const items = new Map<string, ItemResult>()
  for (const item of own.flatMap((result) => result.items)) {
    // An item that an earlier attempt has synced is unchanged for the next, and stays synced.
    const isNews = item.outcome !== 'unchanged' || items.get(item.id)?.outcome !== 'synced'
    if (isNews) items.set(item.id, item)
  }
  return { ...last, items: [...items.values()] }
}
