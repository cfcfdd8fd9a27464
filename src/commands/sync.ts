import { isAdHoc, type Rule } from '../config/rule.ts'
import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import { type Job, type Plan, publishJob, type StoredPlan, type WorkItem } from '../model/plan.ts'
import { formatRepo } from '../model/repo.ts'
import type { ItemResult, JobResult, Report } from '../model/report.ts'
import { deriveRest } from '../planning/derive-rest.ts'
import { itemId } from '../planning/derive-work.ts'
import { covers, targetOf } from '../planning/discover.ts'
import { ledgerDigest, signPairs } from '../planning/ledger.ts'
import type { CommandResult } from '../report/command-result.ts'
import { exitStatus } from '../report/exit-status.ts'
import { keepSynced } from '../report/latest-attempts.ts'
import { counted } from '../report/phrases.ts'
import { publicResult } from '../report/private-names.ts'
import { type SummaryWords, summaryText } from '../report/summary-text.ts'
import type { RepoWork } from '../repos/work.ts'
import { runJob } from '../sync/run-job.ts'
import { assertApart } from './assert-apart.ts'
import { deriveJob } from './derive-job.ts'
import { assertNotInUse } from './directory-lock.ts'
import { ledgerKey, recordResults, syncedPairs } from './ledger-file.ts'
import type { Environment, RunOptions } from './options.ts'
import { openRunDirectory, type RunDirectory } from './run-directory.ts'
import { openPlan } from './sealed-plan.ts'
import { type OpenSession, openSession, type Session } from './session.ts'
import { shownReport } from './shown-report.ts'
import { sidesOf, writtenBy } from './sides-of.ts'
import { version } from './version.ts'

/** `sync`: does one job of a saved plan, or all of them; writes `DIR/results/*.json`. The plan has no authority: everything is derived again. */
export async function syncCommand(
  context: Context,
  options: RunOptions,
  env: Environment,
  open: OpenSession = openSession,
): Promise<SyncResult> {
  const directory = await openRunDirectory(options.dir, context)
  await assertNotInUse(directory.path)
  const stored = await directory.readPlan(options.plan)
  if (options.dryRun)
    throw new SyncError('usage', '`sync` writes: there is no dry run of it.', {
      next: 'Use `plan`, or `run --dry-run`.',
      isPublic: true,
    })
  const { plan, results, jobs } = await syncJobs(context, directory, stored, options, env, open)
  if (!isOneJob(options)) await recordResults(directory, results, context.log)
  const report = shownReport(context, options, plan, results, partOf(plan, results, options))
  const stopped = results.some((result) => result.stopped === true)
  const words = jobs.length === 0 && options.job === publishJob ? nothingToPublish : undefined
  return {
    report,
    exitStatus: exitStatus(report, options.failOn, stopped),
    text: summaryText(report, { directory: directory.path, ...words }),
    ...(words && { words }),
    json: results,
    jobs,
    files: results.map(({ job }) => directory.resultFile(job)),
  }
}

const nothingToPublish: SummaryWords = {
  headline: 'Nothing to publish: no repo of this plan was cut over several jobs',
}

export interface SyncResult extends CommandResult {
  readonly report: Report
  /** The jobs that were done. */
  readonly jobs: readonly Job[]
  /** Where their results lie. */
  readonly files: readonly string[]
}

interface Synced {
  readonly plan: Plan
  readonly jobs: readonly Job[]
  readonly results: readonly JobResult[]
}

/** A plan without work needs no rules: `sync` after a plan that found nothing to do is no error. */
async function syncJobs(
  context: Context,
  directory: RunDirectory,
  stored: StoredPlan,
  options: RunOptions,
  env: Environment,
  open: OpenSession,
): Promise<Synced> {
  if (stored.items.length === 0 && !isOneJob(options))
    return { plan: openPlan(stored, []), jobs: [], results: [] }
  const session = await open(context, withRulesOf(stored, options), env)
  const plan = openPlan(stored, session.tokens)
  assertNamesHidden(plan, session)
  assertReproduced(plan, session)
  await assertApart(plan, session)
  context.progress({ kind: 'planned', plan })
  const jobs = chosenJobs(plan, options)
  const atOnce = jobsAtOnce(plan, options)
  const results: JobResult[] = []
  for (const job of jobs) {
    const derived = await deriveJob(
      context,
      session,
      plan,
      job,
      job.id === publishJob ? await directory.readResults(context.log.warn) : [],
    )
    results.push(await syncJob(context, directory, session, { plan, job, ...derived, atOnce }))
  }
  return { plan, jobs, results }
}

/** What this call answers for: one job of several does not fail for what the plan itself held back. */
function partOf(plan: Plan, results: readonly JobResult[], options: RunOptions): Plan {
  const ids = new Set(results.flatMap((result) => result.items.map((item) => item.id)))
  const part = { ...plan, items: plan.items.filter((item) => ids.has(item.id)) }
  return isOneJob(options)
    ? { ...part, unchanged: [], skipped: [], blocked: [], conflicts: [], failed: [] }
    : part
}

/**
 * Jobs of the plan that run side by side, each in a process of its own: with one that is chosen go the others, as many as may at a time.
 * The publish round comes after them all. A plan that was cut down makes the share of a job larger, never than what its rule allows.
 */
export function jobsAtOnce(
  plan: Pick<Plan, 'jobs'>,
  options: Pick<RunOptions, 'job' | 'jobIndex' | 'maxParallel'>,
): number {
  if (!isOneJob(options) || options.job === publishJob) return 1
  return Math.max(1, Math.min(plan.jobs.length, options.maxParallel ?? plan.jobs.length))
}

function isOneJob({ job, jobIndex }: Pick<RunOptions, 'job' | 'jobIndex'>): boolean {
  return job !== undefined || jobIndex !== undefined
}

/** Which rules take part is the plan's choice; what they say is not. */
function withRulesOf(plan: StoredPlan, options: RunOptions): RunOptions {
  if (options.to !== undefined || options.rules.length > 0 || options.repos.length > 0) return options
  const rules = [...new Set(plan.items.map((item) => item.rule))]
  if (rules.some(isAdHoc)) {
    throw new SyncError(
      'usage',
      'This plan was made with --from and --to, and a plan is never trusted with where things go.',
      {
        next: 'Give `sync` the same --from, --to and repo names (as --model) again.',
        isPublic: true,
      },
    )
  }
  return { ...options, rules }
}

/** One job with all that is known of its items. */
export interface JobWork {
  readonly plan: Plan
  readonly job: Job
  readonly works: readonly RepoWork[]
  readonly refused: readonly ItemResult[]
  /** Jobs that run side by side with this one, itself included; undefined: it is alone. */
  readonly atOnce?: number
}

/**
 * Runs a job and writes its result, with what is in step now for the ledger. Where the plan's names are sealed, the file names nothing
 * that the plan does not; the result that is returned is complete. What an earlier attempt has synced stays so in the file.
 */
export async function syncJob(
  context: Context,
  directory: RunDirectory,
  session: Session,
  work: JobWork,
): Promise<JobResult> {
  const { plan, job, works, refused, atOnce = 1 } = work
  const shown = (result: JobResult): JobResult =>
    plan.salt === undefined ? result : publicResult(result, plan)
  const head = { version: 1, job: job.id, plan: plan.runId, attempt: session.attempt } as const
  const onFinished = (item: ItemResult) => noteItem(context, directory, shown({ ...head, items: [item] }))
  const earlier = await directory.readResult(job.id)
  const order = { job: job.id, attempt: session.attempt, works, refused, deriveRest, atOnce, onFinished }
  const done = await runJob(context, order, { runId: plan.runId, version })
  const ledger = inStepNow(work, done, session)
  const result: JobResult = { ...done, plan: plan.runId, ...ledger }
  const isAgain = earlier?.plan === plan.runId
  await directory.writeResult(isAgain ? keepSynced(earlier, shown(result)) : shown(result))
  return result
}

function inStepNow(
  { plan, works }: JobWork,
  { items }: JobResult,
  session: Session,
): Pick<JobResult, 'ledger'> {
  const digests = new Map(session.rules.map((rule) => [rule.name, digestOf(session, rule)]))
  // The other half may have been taken out of the plan.
  const halves = new Set(works.filter(({ commits }) => commits === 2).map(({ id }) => id))
  const whole = plan.items.filter(({ id }) => !halves.has(id))
  const open = plan.salt === undefined ? whole : whole.filter((item) => item.public)
  const pairs = signPairs(syncedPairs(open, items, digests), ledgerKey(session.tokens))
  return pairs.size > 0 ? { ledger: Object.fromEntries(pairs) } : {}
}

/** What is noted of an item before its job is done serves those who look on, and what a dead job leaves; the job goes on without. */
async function noteItem({ log }: Context, directory: RunDirectory, result: JobResult): Promise<void> {
  const { items, ...job } = result
  try {
    for (const item of items) await directory.appendItem(job, item)
  } catch (thrown) {
    const text = 'A finished repo could not be noted; the result of its job will tell of it'
    log.warn(`${text}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, `${text}.`)
  }
}

function digestOf({ hubs }: Session, rule: Rule): string {
  const licensesOf = (id: string) => hubs.hub(id).profile.licenses
  return ledgerDigest(rule, licensesOf(rule.from.hub), licensesOf(rule.to.hub))
}

/** Everybody could read the names in such a plan's file, and would in the results. */
function assertNamesHidden(plan: Plan, { hideNames }: Session): void {
  if (!hideNames || plan.salt !== undefined || plan.items.every((item) => item.public)) return
  throw new SyncError(
    'plan',
    'This plan names repos that are not public, and everybody can read the results.',
    {
      next: 'Nothing was done. Give `plan`, `sync` and `report` the same private-names, and plan again.',
      isPublic: true,
    },
  )
}

/** A rule decides where things go and who sees them; what a plan says otherwise is refused before anything is asked of a hub. */
function assertReproduced(plan: Plan, session: Session): void {
  for (const item of plan.items) {
    const rule = session.rules.find((one) => one.name === item.rule)
    const why = rule === undefined ? `there is no rule ${item.rule}` : notFrom(rule, item)
    if (why === undefined) continue
    throw new SyncError('plan', `The plan's item ${item.id} does not come from this configuration: ${why}.`, {
      next: 'Nothing was done. Plan again with the configuration (or the same --from and --to) that is to be synced.',
    })
  }
}

function notFrom(rule: Rule, item: WorkItem): string | undefined {
  if (item.back && rule.direction === 'one-way') return `rule ${rule.name} is one-way`
  const [source, target] = sidesOf(item)
  if (!covers(rule, source)) return `rule ${rule.name} does not take ${formatRepo(source)}`
  const wanted = targetOf(rule, source)
  if (formatRepo(wanted) !== formatRepo(target))
    return `rule ${rule.name} puts it to ${formatRepo(wanted)}, not ${formatRepo(target)}`
  if (itemId(rule, writtenBy(item), item.back) !== item.id) return 'its id is another'
  return undefined
}

function chosenJobs(plan: Plan, options: RunOptions): readonly Job[] {
  if (options.jobIndex !== undefined) {
    const job = plan.jobs[options.jobIndex]
    if (job !== undefined) return [job]
    throw new SyncError(
      'usage',
      `The plan has ${counted(plan.jobs.length, 'job')}; --job-index ${options.jobIndex} is none of them.`,
      { next: indexHint(plan.jobs.length) },
    )
  }
  const publish = publishRound(plan)
  if (options.job === undefined) return [...plan.jobs, ...publish]
  const job = plan.jobs.find((one) => one.id === options.job)
  if (job !== undefined) return [job]
  if (options.job === publishJob) return publish
  throw new SyncError('usage', `The plan has no job ${options.job}.`, {
    next: `Its jobs: ${plan.jobs.map((one) => one.id).join(', ')}.`,
  })
}

function indexHint(jobs: number): string {
  if (jobs === 0) return 'There is nothing to sync.'
  return jobs === 1 ? 'The only one is 0.' : `Give a number from 0 to ${jobs - 1}.`
}

/** One more job, over the repos that were cut: it finds every object there, and publishes. None if no repo was cut. */
function publishRound(plan: Plan): readonly Job[] {
  const items = [...new Set(plan.jobs.flatMap((job) => (job.objects === undefined ? [] : job.items)))]
  return items.length === 0
    ? []
    : [{ id: publishJob, label: `publish ${items.length} repo(s)`, items, bytes: 0 }]
}
