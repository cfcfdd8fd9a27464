import type { PlanResult } from '../commands/plan.ts'
import type { SyncResult } from '../commands/sync.ts'
import { markdownText } from '../report/escape.ts'
import { markdown } from '../report/markdown.ts'
import {
  byUrgency,
  explanation,
  formatBytes,
  formatSeconds,
  headline,
  needsAttention,
  rowLabel,
} from '../report/phrases.ts'

/** GitHub discards a larger summary of a step whole ("Workflow commands": job summaries, step isolation and limits). */
const summaryLimit = 1_048_576

/** One line, and the forecast below it for who wants to look before anything happens; the page of the run comes from `report`. */
export function planSummary({ plan, report }: PlanResult): string {
  const jobs = plan.dryRun ? [] : plan.jobs
  const bytes = plan.items.reduce((sum, item) => sum + item.bytes.move, 0)
  const line = `**Plan:** ${plan.items.length} repo(s) to sync, ${formatBytes(bytes)} to move, ${jobs.length} job(s)`
  if (report === undefined) return `${line}\n`
  const page = `${line}\n\n<details><summary>What is going to happen</summary>\n\n${markdown(report)}\n</details>\n`
  return Buffer.byteLength(page) < summaryLimit ? page : `${line}\n`
}

/** Three lines: how it ended, what was moved, and what needs a look first. */
export function syncSummary({ jobs, report }: SyncResult): string {
  const [job] = jobs
  const name = jobs.length === 1 && job !== undefined ? job.label : `${jobs.length} jobs`
  const { bytes, seconds } = report.totals
  const [first] = byUrgency(report.items).filter((item) => needsAttention(item) || item.outcome === 'blocked')
  const look =
    first === undefined
      ? 'The page about the whole run is written by `report`.'
      : markdownText(`${rowLabel(first)}: ${first.outcome}: ${explanation(first).cause}`)
  return [
    `**${markdownText(name)}:** ${markdownText(headline(report))}`,
    `${formatBytes(bytes.moved)} moved, ${formatBytes(bytes.reused)} reused, ${formatSeconds(seconds)}`,
    `${look}\n`,
  ].join('  \n')
}
