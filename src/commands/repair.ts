import type { Context } from '../context.ts'
import { formatRepo, type RepoRef } from '../model/repo.ts'
import type { ItemResult, JobResult, Report } from '../model/report.ts'
import { type Finding, isWrong, type VerificationReport } from '../model/verification.ts'
import { pairKey } from '../planning/ledger.ts'
import { verificationStatus } from '../report/build-verification.ts'
import type { CommandResult } from '../report/command-result.ts'
import { exitStatus } from '../report/exit-status.ts'
import { findingsText } from '../report/findings-text.ts'
import { counted } from '../report/phrases.ts'
import type { RepoWork } from '../repos/work.ts'
import { planRepairs, type Repairable, repairablePairs } from '../verifying/plan-repairs.ts'
import { type VerifiedPair, verifyCandidates } from '../verifying/verify-pairs.ts'
import { lockDirectory } from './directory-lock.ts'
import { oneJob } from './one-job.ts'
import type { Environment, RunOptions } from './options.ts'
import { savePlan } from './plan.ts'
import { writeReport } from './report.ts'
import { openRunDirectory, type RunDirectory } from './run-directory.ts'
import { openSession, type Session } from './session.ts'
import { shownReport } from './shown-report.ts'
import { syncJob } from './sync.ts'
import { verificationOf, verifySession, writeVerification } from './verify.ts'

export interface RepairResult extends CommandResult {
  /** What was found before anything was done. */
  readonly before: VerificationReport
  /** What is left: pairs that were repaired are looked at again. */
  readonly verification: VerificationReport
  /** What was done, as of any run; undefined: there was nothing to do. */
  readonly repaired: Report | undefined
}

/**
 * `repair`: verifies, brings over the files and objects that were found damaged and nothing else, and verifies those pairs again.
 * Neither reads nor writes the ledger, which knows only what was once in step. Nobody else works in the run directory meanwhile.
 */
export async function repairCommand(
  plain: Context,
  options: RunOptions,
  env: Environment,
): Promise<RepairResult> {
  const lost = new AbortController()
  const context = { ...plain, signal: AbortSignal.any([plain.signal, lost.signal]) }
  const session = await openSession(context, options, env)
  const directory = await openRunDirectory(options.dir, context)
  const lock = await lockDirectory(context, directory.path, lost)
  try {
    const result = await repairIn(context, options, session, directory)
    lost.signal.throwIfAborted()
    return result
  } finally {
    await lock.release()
  }
}

async function repairIn(
  context: Context,
  options: RunOptions,
  session: Session,
  directory: RunDirectory,
): Promise<RepairResult> {
  const found = await verifySession(context, session)
  const before = verificationOf(context, options, found)
  const repairable = repairablePairs(found)
  if (repairable.length === 0 || context.signal.aborted) {
    await writeVerification(directory, before)
    const why = context.signal.aborted
      ? 'Stopped before anything was repaired'
      : 'Nothing to repair from here'
    const text = findingsText(before, { directory: directory.path, after: [why] })
    const status = verificationStatus(before, options.failOn)
    return resultOf({ before, verification: before, repaired: undefined, text, status })
  }
  const done = await repair(context, session, directory, options, repairable)
  const after = options.dryRun ? found : await verifiedAgain(context, session, found, repairable, done.sent)
  const verification = verificationOf(context, options, after)
  await writeVerification(directory, verification)
  const text = `${done.text}\n${findingsText(verification, { after: [lastWords(options, repairable, after)] })}`
  const status = statusOf(context, options, done, verification)
  return resultOf({ before, verification, repaired: done.report, text, status })
}

interface Repaired {
  readonly report: Report
  readonly text: string
  readonly stopped: boolean
  /** Pairs (`pairKey`) of which everything that was to be sent was sent. */
  readonly sent: ReadonlySet<string>
}

/** The same way as any run: plan, sync, report. No rules go along for the ledger, since a pair that is repaired may lag behind. */
async function repair(
  context: Context,
  session: Session,
  directory: RunDirectory,
  options: RunOptions,
  repairable: readonly Repairable[],
): Promise<Repaired> {
  const startedAt = new Date(context.clock.now()).toISOString()
  const planned = await planRepairs(context, repairable, session.hubs)
  // A plan of these repos and no others: a service must not take it for its own that was not finished.
  const repos = repairable.map(({ candidate }) => formatRepo(candidate.source))
  const saved = { ...options, ...oneJob, repos, planned, startedAt }
  const { plan } = await savePlan(context, session, directory, saved)
  const results: JobResult[] = []
  if (!options.dryRun) {
    if (plan.items.length > 0)
      context.progress({ kind: 'stage', text: `Syncing ${plan.items.length} repo(s)` })
    for (const job of plan.jobs) {
      const work = { plan, job, works: planned.works, refused: [] }
      results.push(await syncJob(context, directory, { ...session, rules: [] }, work))
    }
  }
  const report = shownReport(context, options, plan, results)
  const text = await writeReport(directory, report, results)
  const stopped = results.some((result) => result.stopped === true)
  return { report, text, stopped, sent: sentPairs(planned.works, results) }
}

/** Published and read back, rightly or not; of an item that ended before, nobody knows what its hub would have taken. */
function sentPairs(works: readonly RepoWork[], results: readonly JobResult[]): ReadonlySet<string> {
  const items = results.flatMap((result) => result.items)
  const wasSent = ({ outcome, error }: ItemResult) => outcome === 'synced' || error?.code === 'mismatch'
  const ids = new Set(items.filter(wasSent).map(({ id }) => id))
  return new Set(
    works.filter(({ id }) => ids.has(id)).map(({ source, target }) => keyOf(source.ref, target.ref)),
  )
}

function keyOf(source: RepoRef, target: RepoRef): string {
  return pairKey(formatRepo(source), formatRepo(target))
}

/** Pairs that were to be repaired as they are now, the others as they were found. */
async function verifiedAgain(
  context: Context,
  session: Session,
  found: readonly VerifiedPair[],
  repairable: readonly Repairable[],
  sent: ReadonlySet<string>,
): Promise<VerifiedPair[]> {
  const candidates = repairable.map(({ candidate }) => candidate)
  const again = await verifyCandidates(context, session.rules, candidates, session.hubs)
  const fresh = new Map(again.map((pair) => [pair.candidate, pair]))
  return found.map((pair) => {
    const now = pair.candidate && fresh.get(pair.candidate)
    if (now?.candidate === undefined) return now ?? pair
    const wasSent = sent.has(keyOf(now.candidate.source, now.candidate.target))
    return wasSent ? { ...now, row: { ...now.row, findings: now.row.findings.map(leftOver) } } : now
  })
}

/** What was sent again and still is not right needs another hand. */
function leftOver(finding: Finding): Finding {
  if (finding.kind !== 'wrong-bytes' && finding.kind !== 'not-served') return finding
  if (!finding.repairable) return finding
  const next =
    'The hub says that it has this object and does not take it again: ask its operator, or delete the file there and run a sync.'
  return { ...finding, next, repairable: false }
}

/** What a dry run would leave counts; what is wrong by itself outranks a stop. */
function statusOf(
  context: Context,
  { failOn, dryRun }: RunOptions,
  done: Repaired,
  verification: VerificationReport,
): 0 | 1 | 3 {
  const stopped = context.signal.aborted || done.stopped
  const run = exitStatus(done.report, failOn, stopped)
  if (run !== 0) return run
  if (!dryRun) return verificationStatus(verification, failOn)
  const left = verification.pairs.some(({ findings }) =>
    findings.some((one) => isWrong(one) && !one.repairable),
  )
  return left && failOn !== 'never' ? 1 : 0
}

function lastWords(
  { dryRun }: RunOptions,
  repairable: readonly Repairable[],
  after: readonly VerifiedPair[],
): string {
  const pairs = counted(repairable.length, 'pair')
  if (dryRun) return `Dry run: ${pairs} would be repaired; this is how they are now`
  const asked = new Set(repairable.map(({ candidate }) => candidate))
  const right = after.filter(
    ({ candidate, row }) => candidate && asked.has(candidate) && row.outcome === 'in-order',
  )
  return `Repaired and verified again: ${right.length} of ${pairs} in order now`
}

interface Told {
  readonly before: VerificationReport
  readonly verification: VerificationReport
  readonly repaired: Report | undefined
  readonly text: string
  readonly status: number
}

function resultOf({ before, verification, repaired, text, status }: Told): RepairResult {
  const json = { version: 1, before, repaired: repaired ?? null, after: verification }
  return { before, verification, repaired, exitStatus: status, text, json }
}
