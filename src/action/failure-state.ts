import { createHash } from 'node:crypto'
import type { SyncError } from '../model/errors.ts'
import type { Report, ReportItem } from '../model/report.ts'
import type { VerificationReport } from '../model/verification.ts'
import { type FailOn, failsRun } from '../report/exit-status.ts'

/**
 * How a run ended: with a report, with what a verification found, or with an error that came instead; all as everybody may read them
 * who sees the issue.
 */
export interface Ending {
  readonly report?: Report
  readonly verification?: VerificationReport
  readonly error?: SyncError
  readonly failOn: FailOn
  /** What narrowed the run: rules and repos that were named, the cron line that fired. Empty: all rules ran. */
  readonly scope: readonly string[]
}

/** What an open issue remembers. */
export interface FailureState {
  /** Runs that failed since it was opened. */
  readonly runs: number
  /** What is failing (a digest of rule, source and target) → the scope of the run that saw it (a digest). */
  readonly failures: ReadonlyMap<string, string>
}

/** Nothing has failed yet. */
export const noFailures: FailureState = { runs: 0, failures: new Map() }

/**
 * The state after a run, or undefined where the run says nothing: a forecast, or one that was stopped before its end. A run mends what
 * it shows as good, what a run of the same scope saw fail, and, if it was not narrowed, everything; so the sync of one model never
 * hides that another still fails, and a repo that was taken out of the rules does not keep the issue open.
 */
export function nextState(before: FailureState, ending: Ending): FailureState | undefined {
  const seen = lookedAt(ending)
  if (seen === undefined) return undefined
  const scope = digest(ending.scope, 8)
  const stillOpen = [...before.failures].filter(
    ([failure, by]) => ending.scope.length > 0 && by !== scope && !seen.good.has(failure),
  )
  const added = [...seen.failing].map((failure) => [failure, scope] as const)
  return { runs: before.runs + (added.length > 0 ? 1 : 0), failures: new Map([...stillOpen, ...added]) }
}

/** True if the run is one that the issue is about. */
export function isFailing(ending: Ending): boolean {
  return (lookedAt(ending)?.failing.size ?? 0) > 0
}

/** The line of an issue that holds its state. */
export function formatState({ runs, failures }: FailureState): string {
  const words = [...failures].map(([failure, scope]) => `${failure}.${scope}`)
  return `<!-- model-hub-sync:state ${[runs, ...words].join(' ')} -->`
}

/** The state that an issue holds; nothing where people have edited it away. */
export function parseState(body: string): FailureState {
  const [, runs = '0', words = ''] =
    /^<!-- model-hub-sync:state (\d{1,9})((?: [0-9a-z]+\.[0-9a-z]+)*) -->\r?$/m.exec(body) ?? []
  const failures = words.split(' ').flatMap((word) => {
    const [failure = '', scope = ''] = word.split('.')
    return failure === '' ? [] : [[failure, scope] as const]
  })
  return { runs: Number(runs), failures: new Map(failures) }
}

/** The first characters of a SHA-256 over texts; which text is which counts. */
export function digest(texts: readonly string[], length: number): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, length)
}

interface Seen {
  readonly failing: ReadonlySet<string>
  readonly good: ReadonlySet<string>
}

/** More are remembered by their rules: an issue holds 65,536 characters. */
const mostFailures = 800

/** Stands for a run that ended before it had a report. */
const wholeRun = 'run'

function lookedAt(ending: Ending): Seen | undefined {
  const { report, verification, error } = ending
  if (error !== undefined) {
    return error.code === 'stopped' ? undefined : { failing: new Set([wholeRun]), good: new Set() }
  }
  if (verification !== undefined)
    return seenIn(verifiedRows(verification, ending.failOn), verification.outcome)
  if (report === undefined || report.dryRun) return undefined
  return seenIn(reportRows(report, ending.failOn), report.outcome)
}

/** One pair of repos as an issue remembers it. */
interface Row {
  readonly key: string
  readonly rule: string
  readonly fails: boolean
}

function seenIn(rows: readonly Row[], outcome: Report['outcome']): Seen | undefined {
  const bad = rows.filter(({ fails }) => fails)
  if (bad.length === 0 && outcome !== 'success') return undefined
  const good = rows.filter(({ fails }) => !fails)
  const badRules = new Set(bad.map(({ rule }) => rule))
  const badKeys = new Set(bad.map(({ key }) => key))
  return {
    failing: badKeys.size > mostFailures ? badRules : badKeys,
    good: new Set([
      wholeRun,
      ...good.map(({ key }) => key).filter((key) => !badKeys.has(key)),
      ...good.map(({ rule }) => rule).filter((rule) => !badRules.has(rule)),
    ]),
  }
}

function reportRows(report: Report, failOn: FailOn): Row[] {
  const isStopped = report.jobs?.some((job) => job.state === 'stopped') ?? false
  const counts = failOn === 'never' ? 'failed' : failOn
  return report.items.map((item) => rowOf(item, report.hidden, failsRun(item, counts, isStopped)))
}

/** A pair that nobody came to look at is neither good nor bad. */
function verifiedRows({ pairs, hidden }: VerificationReport, failOn: FailOn): Row[] {
  const bad = failOn === 'blocked' ? ['findings', 'blocked'] : ['findings']
  return pairs
    .filter(({ outcome }) => outcome !== 'stopped')
    .map((pair) => rowOf(pair, hidden, bad.includes(pair.outcome)))
}

/** `private-1` is another repo in the next run: such a row is known by its rule alone. */
function rowOf(
  { rule, source, target, public: isPublic }: Pick<ReportItem, 'rule' | 'source' | 'target' | 'public'>,
  hidden: number | undefined,
  fails: boolean,
): Row {
  const ruleKey = digest([rule], 12)
  const isHidden = hidden !== undefined && !isPublic
  return { key: isHidden ? ruleKey : digest([rule, source, target], 12), rule: ruleKey, fails }
}
