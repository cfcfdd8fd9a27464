import { randomBytes } from 'node:crypto'
import type { Context } from '../context.ts'
import type { Plan } from '../model/plan.ts'
import { itemOf, makePlan, type Planned } from '../planning/make-plan.ts'
import { type ShardLimits, shard } from '../planning/shard.ts'
import type { CommandResult } from '../report/command-result.ts'
import { exitStatus } from '../report/exit-status.ts'
import { summaryText } from '../report/summary-text.ts'
import { publicPairs, readLedger, recordInStep } from './ledger-file.ts'
import type { Environment, RunOptions } from './options.ts'
import { openRunDirectory, type RunDirectory } from './run-directory.ts'
import { openSession, type Session } from './session.ts'
import { shownReport } from './shown-report.ts'
import { tool } from './version.ts'

/** `plan`: compares, prints what would happen, writes `DIR/plan.json`. Changes nothing on any hub. */
export async function planCommand(
  context: Context,
  options: RunOptions,
  env: Environment,
): Promise<CommandResult> {
  const session = await openSession(context, options, env)
  const directory = await openRunDirectory(options.dir)
  const { plan } = await writePlan(context, session, directory, options)
  const report = shownReport(context, { ...options, dryRun: true }, plan, [])
  return {
    report,
    exitStatus: exitStatus(report, options.failOn, false),
    text: summaryText(report, { directory: directory.path }),
    json: plan,
  }
}

/** Plans afresh into the run directory; results of an earlier plan are removed. */
export async function writePlan(
  context: Context,
  session: Session,
  directory: RunDirectory,
  limits: ShardLimits,
): Promise<{ readonly plan: Plan; readonly planned: Planned }> {
  context.progress({ kind: 'stage', text: 'Comparing source and target' })
  const startedAt = new Date(context.clock.now()).toISOString()
  const ledger = await readLedger(directory)
  const planned = await makePlan(context, session.rules, session.hubs, ledger)
  const items = planned.works.map(itemOf)
  const plan: Plan = {
    version: 1,
    tool,
    startedAt,
    createdAt: new Date(context.clock.now()).toISOString(),
    runId: runId(context),
    configDigest: session.configDigest,
    items,
    jobs: shard(items, limits),
    unchanged: planned.unchanged,
    skipped: [...session.skipped, ...planned.skipped],
    blocked: planned.blocked,
    failed: planned.failed,
  }
  await directory.clearResults()
  await directory.writePlan(plan)
  context.progress({ kind: 'planned', plan })
  const known = session.hideNames ? publicPairs(plan, planned.inStep, ledger) : planned.inStep
  await recordInStep(directory, ledger, known)
  return { plan, planned }
}

/** Sorts by time, and is unique: it marks our commits. */
function runId(context: Context): string {
  const time = new Date(context.clock.now()).toISOString().replace(/\D/g, '').slice(0, 14)
  return `${time}-${randomBytes(5).toString('hex')}`
}
