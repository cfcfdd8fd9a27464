import * as core from '@actions/core'
import { explain, type SyncError } from '../model/errors.ts'
import type { Report } from '../model/report.ts'
import { logLine, markdownText } from '../report/escape.ts'
import { markdown, runLink } from '../report/markdown.ts'
import { byUrgency, explanation, headline, needsAttention, rowLabel } from '../report/phrases.ts'

/** GitHub shows ten annotations of a kind for a step; the last is kept for the failure of the step itself. */
const maxAnnotations = 9

/** Sets every output, also when there is no report: then `outcome` is what the error makes it and the counts are 0. `file` is report.json. */
export function setOutputs(report: Report | undefined, error: SyncError | undefined, file: string): void {
  const outcomes = report?.totals.outcomes
  core.setOutput('outcome', report?.outcome ?? (error?.code === 'stopped' ? 'incomplete' : 'failure'))
  for (const name of ['synced', 'unchanged', 'skipped', 'blocked'] as const)
    core.setOutput(name, outcomes?.[name] ?? 0)
  core.setOutput('failed', (outcomes?.failed ?? 0) + (outcomes?.conflict ?? 0) + (outcomes?.missing ?? 0))
  core.setOutput('bytes', report?.totals.bytes.moved ?? 0)
  core.setOutput('report', report === undefined ? '' : file)
}

/** Adds the report, or the error that came instead, to the job summary; `run` is the address of the workflow run. A summary that cannot be written is a warning. */
export async function writeSummary(
  report: Report | undefined,
  error: SyncError | undefined,
  run: string | undefined,
): Promise<void> {
  const parts = [
    report === undefined ? '' : markdown(report),
    error === undefined ? '' : errorMarkdown(error, run),
  ]
  try {
    await core.summary.addRaw(parts.join('')).write()
  } catch (error) {
    core.info(
      logLine(
        `warning: the job summary could not be written: ${error instanceof Error ? error.message : error}`,
      ),
    )
  }
}

/** One paragraph a line: a configuration error may list many. */
function errorMarkdown(error: SyncError, run: string | undefined): string {
  const lines = explain(error).slice(0, 50_000).split('\n').map(markdownText)
  const link = run === undefined ? '' : runLink(run)
  const parts = [`## ❌ model-hub-sync did not finish: ${error.code}`, ...lines, ...(link ? [link] : [])]
  return `${parts.join('\n\n')}\n`
}

/** An annotation for each repo that went wrong, then for each that is blocked; never more than GitHub shows. */
export function annotate(report: Report): void {
  const rows = byUrgency(report.items).filter((item) => needsAttention(item) || item.outcome === 'blocked')
  const shown = rows.length > maxAnnotations ? rows.slice(0, maxAnnotations - 1) : rows
  for (const item of shown) {
    const { cause, next } = explanation(item)
    const text = logLine([`${rowLabel(item)}: ${item.outcome}: ${cause}`, next].filter(Boolean).join(' '))
    if (needsAttention(item)) core.error(text, { title: 'model-hub-sync' })
    else core.warning(text, { title: 'model-hub-sync' })
  }
  if (rows.length > shown.length)
    core.warning(`${rows.length - shown.length} more repos need a look: see the job summary.`)
}

/** Makes the step fail with the exit status of the run. */
export function failStep(report: Report | undefined, error: SyncError | undefined, exitStatus: number): void {
  const why =
    error === undefined ? (report === undefined ? '' : headline(report)) : `${explain(error)} [${error.code}]`
  core.setFailed(why === '' ? `model-hub-sync ended with ${exitStatus}` : why)
  process.exitCode = exitStatus
}
