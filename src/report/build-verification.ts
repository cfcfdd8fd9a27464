import type { Verification } from '../model/report.ts'
import type {
  Finding,
  FindingKind,
  PairOutcome,
  PairVerification,
  VerificationReport,
  VerificationTotals,
} from '../model/verification.ts'
import type { FailOn } from './exit-status.ts'
import { splitRepo } from './phrases.ts'

export interface VerificationFacts {
  readonly tool: string
  /** Milliseconds since 1970. */
  readonly now: number
  /** Address of the workflow run. */
  readonly run?: string
  /** Everybody can read it: pairs that are not known to be public are called `private-1` and so on. */
  readonly hideNames: boolean
}

/** What `verify` found, as everybody may read it who gets it. */
export function buildVerification(
  found: readonly PairVerification[],
  { tool, now, run, hideNames }: VerificationFacts,
): VerificationReport {
  const pairs = hideNames ? withoutNames(found) : found
  const hidden = hideNames ? found.filter((pair) => !pair.public).length : 0
  return {
    version: 1,
    tool,
    createdAt: new Date(now).toISOString(),
    outcome: outcomeOf(pairs),
    ...(run !== undefined && { run }),
    ...(hidden > 0 && { hidden }),
    totals: totalsOf(pairs),
    pairs,
  }
}

/** The exit status (interface: 0 all in order, 1 something is not, 3 stopped early). What was found outranks the stop. */
export function verificationStatus({ pairs }: VerificationReport, failOn: FailOn): 0 | 1 | 3 {
  const has = (outcome: PairOutcome) => pairs.some((pair) => pair.outcome === outcome)
  if (failOn !== 'never' && (has('findings') || (failOn === 'blocked' && has('blocked')))) return 1
  return has('stopped') ? 3 : 0
}

function outcomeOf(pairs: readonly PairVerification[]): VerificationReport['outcome'] {
  if (pairs.some(({ outcome }) => outcome === 'findings')) return 'failure'
  return pairs.some(({ outcome }) => outcome === 'stopped') ? 'incomplete' : 'success'
}

function totalsOf(pairs: readonly PairVerification[]): VerificationTotals {
  const outcomes: Record<PairOutcome, number> = {
    'in-order': 0,
    findings: 0,
    skipped: 0,
    blocked: 0,
    stopped: 0,
  }
  const files: Record<Verification, number> = { verified: 0, sampled: 0, mismatch: 0, unverifiable: 0 }
  const findings: Partial<Record<FindingKind, number>> = {}
  for (const pair of pairs) {
    outcomes[pair.outcome] += 1
    files.verified += pair.files.verified
    files.sampled += pair.files.sampled
    files.mismatch += pair.files.mismatch
    files.unverifiable += pair.files.unverifiable
    for (const { kind } of pair.findings) findings[kind] = (findings[kind] ?? 0) + 1
  }
  return { pairs: outcomes, findings, files }
}

/** Of a pair that is not known to be public stay rule, hubs, counts, and the kind of each finding with a fixed text. */
function withoutNames(pairs: readonly PairVerification[]): PairVerification[] {
  const closed = [...new Set(pairs.filter((pair) => !pair.public).map(({ source }) => source))]
  const aliases = new Map(closed.map((source, index) => [source, `private-${index + 1}`]))
  return pairs.map((pair) => (pair.public ? pair : hiddenPair(pair, aliases.get(pair.source) ?? 'private')))
}

/** Built from what may be said, never by taking away. */
function hiddenPair(pair: PairVerification, alias: string): PairVerification {
  const { rule, outcome, files } = pair
  const reason = pair.reason === undefined ? undefined : heldReasons[outcome]
  return {
    rule,
    source: `${splitRepo(pair.source)[0]}:${alias}`,
    target: `${splitRepo(pair.target)[0]}:${alias}`,
    outcome,
    ...(reason !== undefined && { reason: `rule ${rule}: ${reason}` }),
    files,
    findings: pair.findings.map(hiddenFinding),
  }
}

const heldReasons: Readonly<Partial<Record<PairOutcome, string>>> = {
  skipped: 'it leaves this repo out',
  blocked: 'the target or a safety rule forbids it',
}

function hiddenFinding(finding: Finding, index: number): Finding {
  const { severity, repairable } = finding
  const next = repairable ? '`repair` makes it right.' : severity === 'note' ? '' : howToSee
  const told = { severity, repairable, next, text: kindTexts[finding.kind] }
  const path = `file-${index + 1}`
  switch (finding.kind) {
    case 'absent':
    case 'visibility':
    case 'license':
    case 'unreadable':
      return { ...told, kind: finding.kind }
    default:
      return { ...told, kind: finding.kind, path }
  }
}

const howToSee =
  'Run it from a private repository or on a command line to see the names, or set private-names: show.'

/** What each kind of finding means, with no name in it. */
export const kindTexts: Readonly<Record<FindingKind, string>> = {
  absent: 'one side does not exist or is empty',
  visibility: 'the target is seen by more or by fewer people than the source',
  license: 'source and target name different licenses',
  unreadable: 'something could not be read',
  differs: 'the content differs',
  missing: 'the target lacks a file',
  'not-served': 'the target lists a file and does not have its content',
  'wrong-bytes': 'the target serves other bytes than it lists',
  'pointer-as-file': 'a git-lfs pointer stands where its file should',
  metadata: 'the README lost some of its metadata',
  extra: 'only the target has it',
  behind: 'one side has changed since the last sync',
}
