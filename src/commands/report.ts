import type { Context } from '../context.ts'
import type { Report } from '../model/report.ts'
import { stoppedEarly } from '../report/build-report.ts'
import type { CommandResult } from '../report/command-result.ts'
import { exitStatus } from '../report/exit-status.ts'
import { html } from '../report/html.ts'
import { markdown } from '../report/markdown.ts'
import { summaryText } from '../report/summary-text.ts'
import type { Environment, RunOptions } from './options.ts'
import { openRunDirectory, type RunDirectory } from './run-directory.ts'
import { shownReport } from './shown-report.ts'

/** `report`: compares the results in DIR with the plan, writes `report.json`, `report.md`, `report.html`. */
export async function reportCommand(
  context: Context,
  options: RunOptions,
  _env: Environment,
): Promise<CommandResult> {
  const directory = await openRunDirectory(options.dir)
  const plan = await directory.readPlan(options.plan)
  const results = await directory.readResults(context.log.warn)
  const report = shownReport(context, options, plan, results)
  const text = await writeReport(directory, report)
  return { report, exitStatus: exitStatus(report, options.failOn, stoppedEarly(results)), text, json: report }
}

/** Writes the three forms of a report; returns what a terminal shows. */
export async function writeReport(directory: RunDirectory, report: Report): Promise<string> {
  await directory.writeFile('report.json', `${JSON.stringify(report, null, 1)}\n`)
  await directory.writeFile('report.md', markdown(report))
  await directory.writeFile('report.html', html(report))
  return summaryText(report, { directory: directory.path })
}
