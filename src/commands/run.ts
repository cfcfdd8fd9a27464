import type { Context } from '../context.ts'
import type { JobResult, Report } from '../model/report.ts'
import { stoppedEarly } from '../report/build-report.ts'
import type { CommandResult } from '../report/command-result.ts'
import { exitStatus } from '../report/exit-status.ts'
import { lockDirectory } from './directory-lock.ts'
import { recordResults } from './ledger-file.ts'
import { oneJob } from './one-job.ts'
import type { Environment, RunOptions } from './options.ts'
import { writePlan } from './plan.ts'
import { dropUnfinished } from './replace-file.ts'
import { ownResults, writeReport } from './report.ts'
import { openRunDirectory, type RunDirectory } from './run-directory.ts'
import { keepState } from './run-state.ts'
import { type Cycle, serve } from './serve.ts'
import type { CycleResult } from './serve-cycle.ts'
import { warnOfTriggers } from './serve-triggers.ts'
import { type OpenSession, openSession, type Session } from './session.ts'
import { shownReport } from './shown-report.ts'
import { syncCommand, syncJob } from './sync.ts'
import { tellRuleNotes } from './tell-rule-notes.ts'

/**
 * `run`: plan, sync and report in one process; with `every` again and again, as a service. What was planned a moment ago is not derived
 * again; every lease still is tested. Nobody else works in the run directory meanwhile; a run that was paused for so long that another
 * process has taken it over ends with `stopped`.
 */
export async function runCommand(
  plain: Context,
  options: RunOptions,
  env: Environment,
): Promise<CommandResult> {
  const { every } = options
  const lost = new AbortController()
  const context = { ...plain, signal: AbortSignal.any([plain.signal, lost.signal]) }
  const session = await openSession(context, options, env)
  tellRuleNotes(context, session.rules)
  const directory = await openRunDirectory(options.dir, context)
  const lock = await lockDirectory(context, directory.path, lost)
  try {
    await dropUnfinished(directory.path)
    if (every !== undefined) warnOfTriggers(context, session.rules, every)
    const result =
      every === undefined
        ? await runIn(context, options, session, directory)
        : await serve(context, options, env, cycleWith(openSession))
    lost.signal.throwIfAborted()
    return result
  } finally {
    await lock.release()
  }
}

/** What a service does in a cycle, which reads the configuration anew. */
export function cycleWith(open: OpenSession): Cycle {
  return {
    run: async (context, options, env) =>
      runIn(
        context,
        options,
        await open(context, options, env),
        await openRunDirectory(options.dir, context),
      ),
    resume: (context, options, env) => resumeRun(context, options, env, open),
  }
}

/** Plan, sync and report with rules and hubs that are open. */
export async function runIn(
  plain: Context,
  options: RunOptions,
  session: Session,
  directory: RunDirectory,
): Promise<CycleResult> {
  return withState(plain, options, directory, async (context) => {
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
    return ending(report, options, stopped, text, plan.runId)
  })
}

/** Does the plan in the run directory again: what is done is found done. */
async function resumeRun(
  plain: Context,
  options: RunOptions,
  env: Environment,
  open: OpenSession,
): Promise<CycleResult> {
  const directory = await openRunDirectory(options.dir, plain)
  return withState(plain, options, directory, async (context) => {
    await syncCommand(context, { ...options, event: { kind: 'manual' } }, env, open)
    const plan = await directory.readPlan()
    const results = await ownResults(plan, directory, context)
    const report = shownReport(context, options, plan, results)
    const text = await writeReport(directory, report, results)
    return ending(report, options, context.signal.aborted || stoppedEarly(results), text, plan.runId)
  })
}

function ending(
  report: Report,
  { failOn }: RunOptions,
  stopped: boolean,
  text: string,
  runId: string,
): CycleResult {
  return { report, exitStatus: exitStatus(report, failOn, stopped), text, json: report, runId }
}

/** Where names are hidden, nothing tells what goes on: everybody can read the run directory. */
async function withState<T>(
  context: Context,
  options: RunOptions,
  directory: RunDirectory,
  work: (context: Context) => Promise<T>,
): Promise<T> {
  if (options.hideNames) return work(context)
  const state = keepState(context, directory)
  try {
    return await work(state.context)
  } finally {
    await state.end()
  }
}
