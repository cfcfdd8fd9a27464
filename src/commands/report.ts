import type { Context } from '../context.ts'
import type { StoredPlan } from '../model/plan.ts'
import type { JobResult, Report } from '../model/report.ts'
import { stoppedEarly } from '../report/build-report.ts'
import type { CommandResult } from '../report/command-result.ts'
import { exitStatus } from '../report/exit-status.ts'
import { html } from '../report/html.ts'
import { filesByItem } from '../report/latest-attempts.ts'
import { markdown } from '../report/markdown.ts'
import { summaryText } from '../report/summary-text.ts'
import { recordResults } from './ledger-file.ts'
import type { Environment, RunOptions } from './options.ts'
import { openRunDirectory, type RunDirectory } from './run-directory.ts'
import { liveRun } from './run-state.ts'
import { shownReport } from './shown-report.ts'

export interface ReportResult extends CommandResult {
  readonly report: Report
  readonly plan: StoredPlan
}

/**
 * `report`: compares the results in DIR with the plan, writes `report.json`, `report.md`, `report.html`, and notes in the ledger what
 * is in step now. While a run goes on in DIR, it tells how far that is. A DIR that may only be read is reported with nothing written.
 * Needs no token.
 */
export async function reportCommand(
  context: Context,
  options: RunOptions,
  _env: Environment,
): Promise<ReportResult> {
  const directory = await openRunDirectory(options.dir, { toRead: true })
  const plan = await directory.readPlan(options.plan)
  const live = await liveRun(context, directory, plan.runId)
  const results = await ownResults(plan, directory, context)
  if (live === undefined && directory.isWritable) await recordResults(directory, results, context.log)
  const shown = {
    ...options,
    dryRun: options.dryRun || (plan.dryRun === true && results.length === 0),
    hideNames: options.hideNames === true || plan.salt !== undefined,
  }
  const report = shownReport(context, shown, plan, results, plan, live?.items)
  if (!directory.isWritable)
    context.log.warn(
      `${directory.path} may only be read: the files of the report were not written.`,
      readOnly,
    )
  const text = directory.isWritable
    ? await writeReport(directory, report, results)
    : summaryText(report, { directory: directory.path })
  // What a run has yet to do is neither a failure nor a reason to run it again.
  const status = exitStatus(report, options.failOn, live !== undefined || stoppedEarly(results))
  return { report, exitStatus: live !== undefined && status === 3 ? 0 : status, text, json: report, plan }
}

const readOnly = 'The run directory may only be read: the files of the report were not written.'

/** Results of this plan. Those of another, such as of an earlier attempt of the workflow that planned anew, do not count. */
export async function ownResults(
  plan: StoredPlan,
  directory: RunDirectory,
  { log }: Pick<Context, 'log'>,
): Promise<JobResult[]> {
  const results = await directory.readResults(log.warn)
  const own = results.filter((result) => result.plan === undefined || result.plan === plan.runId)
  if (own.length < results.length) {
    const text = `${results.length - own.length} result(s) of another plan were left out.`
    log.info(text, text)
  }
  return own
}

/** Writes the three forms of a report; returns what a terminal shows. */
export async function writeReport(
  directory: RunDirectory,
  report: Report,
  results: readonly JobResult[],
): Promise<string> {
  await directory.writeFile('report.json', `${JSON.stringify(report, null, 1)}\n`)
  await directory.writeFile('report.md', markdown(report))
  await directory.writeFile('report.html', html(report, { files: filesByItem(results) }))
  return summaryText(report, { directory: directory.path })
}
