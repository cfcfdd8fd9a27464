import { createHash, randomBytes } from 'node:crypto'
import type { Context } from '../context.ts'
import { type Plan, publishJob } from '../model/plan.ts'
import { signPairs } from '../planning/ledger.ts'
import { itemOf, makePlan, type Planned } from '../planning/make-plan.ts'
import { needsPublishRound, type ShardLimits, shard } from '../planning/shard.ts'
import type { CommandResult } from '../report/command-result.ts'
import { exitStatus } from '../report/exit-status.ts'
import { counted } from '../report/phrases.ts'
import { publicNames } from '../report/private-names.ts'
import { summaryText } from '../report/summary-text.ts'
import { assertNotInUse } from './directory-lock.ts'
import { ledgerKey, publicPairs, readLedger, recordInStep } from './ledger-file.ts'
import type { Environment, RunOptions } from './options.ts'
import { openRunDirectory, type RunDirectory } from './run-directory.ts'
import { newSalt, sealPlan } from './sealed-plan.ts'
import { openSession, type Session } from './session.ts'
import { shownReport } from './shown-report.ts'
import { tellRuleNotes } from './tell-rule-notes.ts'
import { tool } from './version.ts'

export interface PlanResult extends CommandResult {
  readonly plan: Plan
  /** Where the plan lies. */
  readonly file: string
}

/** `plan`: compares, prints what would happen, writes `DIR/plan.json`. Changes nothing on any hub. */
export async function planCommand(
  context: Context,
  options: RunOptions,
  env: Environment,
): Promise<PlanResult> {
  const session = await openSession(context, options, env)
  const directory = await openRunDirectory(options.dir)
  await assertNotInUse(directory.path)
  tellRuleNotes(context, session.rules)
  const { plan, file } = await writePlan(context, session, directory, options)
  const report = shownReport(context, { ...options, dryRun: true }, plan, [])
  const next = jobsLine(plan)
  return {
    report,
    exitStatus: exitStatus(report, options.failOn, false),
    text: summaryText(report, { directory: directory.path, ...(next && { next }) }),
    ...(next && { words: { next } }),
    json: plan,
    plan,
    file,
  }
}

/** The jobs of a plan with more than one, and how they are done one by one. */
function jobsLine({ jobs, dryRun }: Plan): string | undefined {
  if (jobs.length < 2 || dryRun === true) return undefined
  const ids = jobs.slice(0, 10).map(({ id }) => id)
  const list = [...ids, ...(jobs.length > ids.length ? ['… (all in plan.json)'] : [])].join(', ')
  const publish = needsPublishRound(jobs) ? `, then sync --job ${publishJob}` : ''
  return `${counted(jobs.length, 'job')}: ${list}; sync does them all, or sync --job ID each${publish}`
}

/** Plans afresh into the run directory, and notes in the ledger what is in step. */
export async function writePlan(
  context: Context,
  session: Session,
  directory: RunDirectory,
  options: ShardLimits & Pick<RunOptions, 'dryRun' | 'rules' | 'repos'>,
): Promise<{ readonly plan: Plan; readonly planned: Planned; readonly file: string }> {
  context.progress({ kind: 'stage', text: 'Comparing source and target' })
  const startedAt = new Date(context.clock.now()).toISOString()
  const key = ledgerKey(session.tokens)
  const ledger = await readLedger(directory, key, context.log)
  const planned = await makePlan(context, session.rules, session.hubs, ledger)
  const skipped = [...session.skipped, ...planned.skipped]
  const { plan, file } = await savePlan(context, session, directory, {
    ...options,
    startedAt,
    planned: { ...planned, skipped },
  })
  const known = session.hideNames ? publicPairs(plan, planned.inStep, ledger) : planned.inStep
  await recordInStep(directory, signPairs(known, key), context.log)
  return { plan, planned, file }
}

export interface SavePlanOptions extends ShardLimits, Pick<RunOptions, 'dryRun' | 'rules' | 'repos'> {
  readonly planned: Planned
  /** ISO 8601; when comparing began. */
  readonly startedAt: string
}

/** Writes what was planned into the run directory; results of an earlier plan are removed. Where names are hidden, the file is sealed. */
export async function savePlan(
  context: Context,
  session: Session,
  directory: RunDirectory,
  options: SavePlanOptions,
): Promise<{ readonly plan: Plan; readonly file: string }> {
  const { planned, startedAt } = options
  const { unchanged, skipped, blocked, conflicts, failed } = planned
  const items = planned.works.map(itemOf)
  const held = { unchanged, skipped, blocked, ...(conflicts.length > 0 && { conflicts }), failed }
  const { aliases } = publicNames({ items, ...held })
  const plan: Plan = {
    version: 1,
    tool,
    startedAt,
    createdAt: new Date(context.clock.now()).toISOString(),
    runId: runId(context),
    configDigest: session.configDigest,
    ...(options.dryRun && { dryRun: true }),
    ...narrowing(options),
    ...(session.hideNames && { salt: newSalt() }),
    items,
    jobs: shard(items, options, session.hideNames ? ({ id }) => aliases.get(id) : undefined),
    ...held,
  }
  await directory.clearResults()
  const file = await directory.writePlan(sealPlan(plan, session.tokens))
  context.progress({ kind: 'planned', plan })
  return { plan, file }
}

/** The mark of a plan that is not of all rules. */
export function narrowing({ rules, repos }: Pick<RunOptions, 'rules' | 'repos'>): Pick<Plan, 'narrowed'> {
  if (rules.length + repos.length === 0) return {}
  const named = JSON.stringify([[...rules].sort(), [...repos].sort()])
  return { narrowed: createHash('sha256').update(named).digest('hex').slice(0, 16) }
}

/** Sorts by time, and is unique: it marks our commits. */
function runId(context: Context): string {
  const time = new Date(context.clock.now()).toISOString().replace(/\D/g, '').slice(0, 14)
  return `${time}-${randomBytes(5).toString('hex')}`
}
