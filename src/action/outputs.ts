import * as core from '@actions/core'
import type { PlanResult } from '../commands/plan.ts'
import type { SyncResult } from '../commands/sync.ts'
import { explain, type SyncError } from '../model/errors.ts'
import type { Report } from '../model/report.ts'
import { isWrong, type VerificationReport } from '../model/verification.ts'
import { needsPublishRound } from '../planning/shard.ts'
import { annotations } from '../report/annotations.ts'
import { logLine, markdownText } from '../report/escape.ts'
import { byNeed } from '../report/findings-text.ts'
import { markdown, runLink } from '../report/markdown.ts'
import { counted } from '../report/phrases.ts'

/** GitHub shows ten annotations of a kind for a step; the last is kept for the failure of the step itself. */
const maxAnnotations = 9

/** Sets every output, also when there is no report: then `outcome` is what the error makes it and the counts are 0. `file` is report.json. */
export function setReportOutputs(
  report: Report | undefined,
  error: SyncError | undefined,
  file: string,
): void {
  const outcomes = report?.totals.outcomes
  core.setOutput('outcome', outcomeOf(report, error))
  for (const name of ['synced', 'unchanged', 'skipped', 'blocked'] as const)
    core.setOutput(name, outcomes?.[name] ?? 0)
  core.setOutput('failed', (outcomes?.failed ?? 0) + (outcomes?.conflict ?? 0) + (outcomes?.missing ?? 0))
  core.setOutput('bytes', report?.totals.bytes.moved ?? 0)
  core.setOutput('report', report === undefined ? '' : file)
}

/** Sets the outputs of `plan`, also when there is no plan, or nothing to do: then the matrix is empty. A dry run has no jobs. */
export function setPlanOutputs(result: PlanResult | undefined): void {
  const plan = result?.plan
  const jobs = plan === undefined || plan.dryRun ? [] : plan.jobs
  const include = jobs.map(({ id, label, bytes }) => ({ job: id, label, bytes }))
  core.setOutput('matrix', JSON.stringify({ include }))
  core.setOutput('count', jobs.length)
  core.setOutput('publish', needsPublishRound(jobs))
  core.setOutput('changed', plan !== undefined && plan.items.length > 0)
  core.setOutput('plan', result?.file ?? '')
}

/** Sets the outputs of `sync`. Of several jobs `result` names the first file. */
export function setSyncOutputs(result: SyncResult | undefined, error: SyncError | undefined): void {
  core.setOutput('outcome', outcomeOf(result?.report, error))
  core.setOutput('result', result?.files[0] ?? '')
}

/** Sets the outputs of `verify` and `repair`, also when there is nothing to tell. `file` is verify.json. */
export function setVerifyOutputs(
  verification: VerificationReport | undefined,
  error: SyncError | undefined,
  file: string,
): void {
  const wrong = (verification?.pairs ?? []).flatMap(({ findings }) => findings.filter(isWrong))
  core.setOutput('outcome', outcomeOf(verification, error))
  core.setOutput('findings', wrong.length)
  core.setOutput('repairable', wrong.filter(({ repairable }) => repairable).length)
  core.setOutput('report', verification === undefined ? '' : file)
}

function outcomeOf(
  report: Pick<Report, 'outcome'> | undefined,
  error: SyncError | undefined,
): Report['outcome'] {
  return report?.outcome ?? (error?.code === 'stopped' ? 'incomplete' : 'failure')
}

/** Adds the report, or the error that came instead, to the job summary; `run` is the address of the workflow run. */
export function writeSummary(
  report: Report | undefined,
  error: SyncError | undefined,
  run: string | undefined,
): Promise<void> {
  return addToSummary(report === undefined ? '' : markdown(report), error, run)
}

/** Adds a text (Markdown), and the error if there was one, to the job summary. A summary that cannot be written is a warning. */
export async function addToSummary(
  text: string,
  error: SyncError | undefined,
  run: string | undefined,
): Promise<void> {
  try {
    await core.summary.addRaw(`${text}${error === undefined ? '' : errorMarkdown(error, run)}`).write()
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

/** An annotation for each cause of what went wrong, then of what is blocked; never more than GitHub shows. */
export function annotate(report: Report): void {
  for (const { level, text } of annotations(report, maxAnnotations)) {
    if (level === 'error') core.error(text, { title: 'model-hub-sync' })
    else core.warning(text, { title: 'model-hub-sync' })
  }
}

/** An annotation for each pair that is not in order; never more than GitHub shows. */
export function annotateFindings({ pairs }: VerificationReport): void {
  const needy = byNeed(pairs).filter(({ outcome }) => outcome === 'findings')
  for (const { source, target, findings } of needy.slice(0, maxAnnotations)) {
    const wrong = findings.filter(isWrong)
    const [first] = wrong
    if (first === undefined) continue
    const more = wrong.length > 1 ? ` (and ${counted(wrong.length - 1, 'other finding')})` : ''
    const place = first.path === undefined ? '' : `${first.path}: `
    const text = `${source} → ${target}: ${place}${first.text}${more}. Next: ${first.next}`
    core.error(logLine(text), { title: 'model-hub-sync' })
  }
}

/** Makes the step fail with the exit status of the run, and one line about why. */
export function failStep(
  headline: string | undefined,
  error: SyncError | undefined,
  exitStatus: number,
): void {
  const why = error === undefined ? headline : `${explain(error)} [${error.code}]`
  core.setFailed(why || `model-hub-sync ended with ${exitStatus}`)
  process.exitCode = exitStatus
}
