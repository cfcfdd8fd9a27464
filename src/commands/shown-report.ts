import type { Context } from '../context.ts'
import type { StoredPlan } from '../model/plan.ts'
import type { JobResult, Report } from '../model/report.ts'
import { buildReport } from '../report/build-report.ts'
import { withoutPrivateNames } from '../report/private-names.ts'
import type { RunOptions } from './options.ts'
import { tool } from './version.ts'

/**
 * The report of a command, with no name in it that those who can read it may not know. `part` is what of the plan it is about;
 * `runningItems`, while the run goes on, what is worked on now.
 */
export function shownReport(
  context: Context,
  options: Pick<RunOptions, 'dryRun' | 'hideNames' | 'run' | 'job' | 'jobIndex'>,
  plan: StoredPlan,
  results: readonly JobResult[],
  part: StoredPlan = plan,
  runningItems?: readonly string[],
): Report {
  const { dryRun, run } = options
  const isOneJob = options.job !== undefined || options.jobIndex !== undefined
  const now = context.clock.now()
  const more = { ...(run && { run }), ...(runningItems && { runningItems }) }
  const report = buildReport(part, results, { dryRun, tool, now, isOneJob, ...more })
  return options.hideNames ? withoutPrivateNames(report, plan) : report
}
