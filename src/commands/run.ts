import type { Context } from '../context.ts'
import type { JobResult } from '../model/report.ts'
import type { CommandResult } from '../report/command-result.ts'
import { exitStatus } from '../report/exit-status.ts'
import { recordResults } from './ledger-file.ts'
import type { Environment, RunOptions } from './options.ts'
import { writePlan } from './plan.ts'
import { writeReport } from './report.ts'
import { openRunDirectory } from './run-directory.ts'
import { openSession } from './session.ts'
import { shownReport } from './shown-report.ts'
import { syncJob } from './sync.ts'

/** One process needs no more than one job: its repos share the wire. */
const oneJob = { maxJobs: 1, jobSize: Number.MAX_SAFE_INTEGER }

/** `run`: plan, sync and report in one process. What was planned a moment ago is not derived again; every lease still is tested. */
export async function runCommand(
  context: Context,
  options: RunOptions,
  env: Environment,
): Promise<CommandResult> {
  const session = await openSession(context, options, env)
  const directory = await openRunDirectory(options.dir)
  const { plan, planned } = await writePlan(context, session, directory, { ...options, ...oneJob })
  const results: JobResult[] = []
  if (!options.dryRun) {
    if (plan.items.length > 0)
      context.progress({ kind: 'stage', text: `Syncing ${plan.items.length} repo(s)` })
    for (const job of plan.jobs)
      results.push(
        await syncJob(context, directory, session, { plan, job, works: planned.works, refused: [] }),
      )
  }
  await recordResults(directory, results, context.log)
  const report = shownReport(context, options, plan, results)
  const text = await writeReport(directory, report, results)
  const stopped = context.signal.aborted || results.some((result) => result.stopped === true)
  return { report, exitStatus: exitStatus(report, options.failOn, stopped), text, json: report }
}
