import pLimit from 'p-limit'
import { formatPattern } from '../config/names.ts'
import { isAdHoc, type Rule } from '../config/rule.ts'
import type { Context } from '../context.ts'
import { asSyncError, explain, SyncError } from '../model/errors.ts'
import type { BlockedRepo, FailedRepo, FileChange, HeldBack, WorkItem } from '../model/plan.ts'
import { formatRepo } from '../model/repo.ts'
import type { Hubs } from '../repos/hubs.ts'
import { releaseAfterLastUse } from '../repos/last-use.ts'
import type { Repo } from '../repos/repo.ts'
import type { RepoWork } from '../repos/work.ts'
import { deriveWork } from './derive-work.ts'
import type { Derived } from './derived.ts'
import { type Candidate, discover } from './discover.ts'
import { isInStep } from './in-step.ts'
import { type Ledger, type LedgerEntry, ledgerDigest, pairKey } from './ledger.ts'
import { splitOverlaps } from './overlaps.ts'
import { tokenProblem } from './token-problem.ts'

/** Pairs compared at a time. */
const comparers = 8

/** All that comparing has found; `works` holds what each item of a plan stands for. */
export interface Planned {
  readonly works: readonly RepoWork[]
  readonly unchanged: readonly HeldBack[]
  readonly skipped: readonly HeldBack[]
  readonly blocked: readonly BlockedRepo[]
  readonly failed: readonly FailedRepo[]
  /** Pairs found in step, for the ledger. */
  readonly inStep: ReadonlyMap<string, LedgerEntry>
}

interface Compared {
  readonly candidate: Candidate
  readonly derived: Derived
  readonly entry?: LedgerEntry
  /** False also where nobody asked: the ledger knows heads only. */
  readonly isPublic: boolean
}

/** Discovers and compares the repos of all rules. One repo's failure never stops the others. */
export async function makePlan(
  context: Context,
  rules: readonly Rule[],
  hubs: Hubs,
  ledger: Ledger,
): Promise<Planned> {
  const { candidates, refused, failed } = await discoverAll(context, rules, hubs, ledger)
  if (candidates.length === 0 && refused.length === 0) assertSomeFound(rules, failed)
  const { free, blocked } = await splitOverlaps(
    candidates,
    (id) => hubs.hub(id).profile.oneNameSpace === true,
  )
  const pairs = free.map((candidate) => pairOf(candidate, hubs))
  const release = releaseAfterLastUse(pairs.flatMap(({ source, target }) => [source, target]))
  const limit = pLimit(comparers)
  const compared = await Promise.all(
    pairs.map((pair) =>
      limit(() => compare(context, pair, hubs, ledger).finally(() => release([pair.source, pair.target]))),
    ),
  )
  return gather(compared, [...refused, ...blocked], failed)
}

interface Discovered {
  readonly candidates: readonly Candidate[]
  /** Rules whose source must not be read. */
  readonly refused: readonly BlockedRepo[]
  /** Rules whose source cannot be found or read. */
  readonly failed: readonly FailedRepo[]
}

async function discoverAll(
  context: Context,
  rules: readonly Rule[],
  hubs: Hubs,
  ledger: Ledger,
): Promise<Discovered> {
  const failed: FailedRepo[] = []
  const refused: BlockedRepo[] = []
  const isKnown = ({ source, target }: Candidate) =>
    ledger.has(pairKey(formatRepo(source), formatRepo(target)))
  const candidates: Candidate[] = []
  for (const rule of rules) {
    try {
      const found = await discover(rule, hubs.hub(rule.from.hub), isKnown)
      if (found.length === 0)
        context.log.warn(
          `Rule ${rule.name} matches no repo of ${rule.from.hub}:${rule.from.owner}.`,
          `Rule ${rule.name} matches no repo.`,
        )
      candidates.push(...found)
    } catch (thrown) {
      context.signal.throwIfAborted()
      const error = asSyncError(thrown)
      // A folder is read to its end where a hub is only asked for a name.
      if (error.code === 'bad-path') refused.push({ ...unread(rule, error), details: linesOf(error) })
      else failed.push({ ...unread(rule, error), code: error.code })
    }
  }
  return { candidates, refused, failed }
}

/** Repos that the user named, and none of them exists: bad usage, not a failed sync. */
function assertSomeFound(rules: readonly Rule[], failed: readonly FailedRepo[]): void {
  const allMissing = failed.every((repo) => repo.code === 'not-found' || repo.code === 'usage')
  const byHand = rules.length > 0 && rules.every((rule) => rule.named || isAdHoc(rule.name))
  if (!allMissing || !byHand) return
  if (failed.length > 0) throw new SyncError('usage', failed.map((repo) => repo.reason).join('\n'))
  const sources = [...new Set(rules.map((rule) => formatPattern(rule.from)))]
  throw new SyncError('usage', `No repo matches ${sources.join(', ')}.`, {
    next: 'Check owner, name and --type; private repos need a token that may read them.',
  })
}

/** The row of a rule whose repos could not be found. */
function unread(rule: Rule, error: SyncError): HeldBack {
  const { hub, owner, name } = rule.from
  return {
    rule: rule.name,
    repo: `${hub}:${owner}${name === undefined ? '' : `/${name}`}`,
    target: formatPattern(rule.to),
    reason: explain(error),
  }
}

interface CandidatePair {
  readonly candidate: Candidate
  readonly source: Repo
  readonly target: Repo
}

function pairOf(candidate: Candidate, hubs: Hubs): CandidatePair {
  const { transport } = candidate.rule
  return {
    candidate,
    source: hubs.repo(candidate.source, transport),
    target: hubs.repo(candidate.target, transport),
  }
}

async function compare(context: Context, pair: CandidatePair, hubs: Hubs, ledger: Ledger): Promise<Compared> {
  const { candidate, source, target } = pair
  const { rule } = candidate
  const key = pairKey(formatRepo(candidate.source), formatRepo(candidate.target))
  let isPublic = false
  const onSeen = (seen: boolean) => {
    isPublic = seen
  }
  try {
    const known = ledger.get(key)
    const digest = ledgerDigest(rule, source.profile.licenses, target.profile.licenses)
    if (known?.rule === digest && (await isInStep(known, candidate, source, target)))
      return { candidate, derived: inStepAt(candidate, known), entry: known, isPublic }
    const problem = await tokenProblem(hubs, candidate.target)
    if (problem !== undefined) throw problem
    const derived = await deriveWork({ rule, source, target, onSeen })
    if (derived.kind !== 'unchanged') return { candidate, derived, isPublic }
    return { candidate, derived, isPublic, entry: ledgerEntry(digest, derived, isPublic) }
  } catch (thrown) {
    context.signal.throwIfAborted()
    return { candidate, derived: failedToDerive(thrown), isPublic }
  }
}

function inStepAt(candidate: Candidate, known: LedgerEntry): Derived {
  return {
    kind: 'unchanged',
    sourceAt: { repo: candidate.source, branch: known.sourceRevision, commit: known.sourceHead },
    targetAt: { repo: candidate.target, branch: known.targetBranch, commit: known.targetHead },
    notes: [],
  }
}

/** A path that must not be written blocks the repo; everything else that throws is a failure. */
export function failedToDerive(thrown: unknown): Derived {
  const error = asSyncError(thrown)
  if (error.code === 'bad-path' || error.code === 'leak')
    return { kind: 'blocked', reason: error.message, details: linesOf(error) }
  return { kind: 'failed', reason: explain(error), code: error.code }
}

/** Everything that is wrong, and at the end what to do. */
function linesOf(error: SyncError): readonly string[] {
  if (error.lines.length < 2) return [explain(error)]
  return error.next === undefined ? error.lines : [...error.lines, error.next]
}

function ledgerEntry(
  rule: string,
  { sourceAt, targetAt }: Derived & { kind: 'unchanged' },
  isPublic: boolean,
): LedgerEntry {
  return {
    rule,
    sourceRevision: sourceAt.branch,
    sourceHead: sourceAt.commit,
    targetBranch: targetAt.branch,
    targetHead: targetAt.commit,
    evidence: 'compared',
    public: isPublic,
  }
}

function heldBack({ candidate, isPublic }: Compared, reason: string): HeldBack {
  const { rule, source, target } = candidate
  const names = { repo: formatRepo(source), target: formatRepo(target) }
  return { rule: rule.name, ...names, reason, ...(isPublic && { public: true }) }
}

function gather(
  all: readonly Compared[],
  blockedBefore: readonly BlockedRepo[],
  failedRules: readonly FailedRepo[],
): Planned {
  const works: RepoWork[] = []
  const unchanged: HeldBack[] = []
  const skipped: HeldBack[] = []
  const blocked: BlockedRepo[] = [...blockedBefore]
  const failed: FailedRepo[] = [...failedRules]
  const inStep = new Map<string, LedgerEntry>()
  for (const compared of all) {
    const { candidate, derived, entry } = compared
    if (derived.kind === 'work') works.push(derived.work)
    else if (derived.kind === 'unchanged') unchanged.push(heldBack(compared, inShort(derived.notes)))
    else if (derived.kind === 'skipped') skipped.push(heldBack(compared, derived.reason))
    else if (derived.kind === 'blocked')
      blocked.push({ ...heldBack(compared, derived.reason), details: derived.details })
    else failed.push({ ...heldBack(compared, derived.reason), code: derived.code })
    if (entry !== undefined)
      inStep.set(pairKey(formatRepo(candidate.source), formatRepo(candidate.target)), entry)
  }
  return { works, unchanged, skipped, blocked, failed, inStep }
}

/** A repo of thousands of links has as many notes, and a plan's reasons have a limit. */
function inShort(notes: readonly string[]): string {
  const more = notes.length > 20 ? [`and ${notes.length - 20} more`] : []
  return [...notes.slice(0, 20), ...more].join('; ')
}

/** The item of a plan file that stands for this work. */
export function itemOf(work: RepoWork): WorkItem {
  const { source, target } = work
  const moving =
    uniqueBytes(work, 'relay') + work.orphans.reduce((sum, orphan) => sum + orphan.object.size, 0)
  return {
    id: work.id,
    rule: work.rule.name,
    type: work.type,
    source: {
      hub: source.ref.hub,
      owner: source.ref.owner,
      name: source.ref.name,
      ...(source.ref.space && { space: source.ref.space }),
      branch: work.sourceAt.branch,
      commit: work.sourceAt.commit,
    },
    target: {
      hub: target.ref.hub,
      owner: target.ref.owner,
      name: target.ref.name,
      branch: work.targetBranch,
      head: work.targetHead,
    },
    visibility: work.visibility,
    ...(work.isPublic && { public: true }),
    changes: changesOf(work),
    bytes: { move: moving + uniqueBytes(work, 'inline'), reuse: uniqueBytes(work, 'reuse') },
  }
}

function changesOf({ files, orphans }: RepoWork): FileChange[] {
  return [
    ...files.map(({ kind, path, size, object, move }) => ({
      kind,
      path,
      size,
      ...(object && { sha256: object.oid }),
      move,
    })),
    ...orphans.map(({ path, object }) => ({
      kind: 'update' as const,
      path,
      size: object.size,
      sha256: object.oid,
      move: 'relay' as const,
    })),
  ]
}

function uniqueBytes(work: RepoWork, move: string): number {
  const sizes = new Map(
    work.files.filter((file) => file.move === move).map((file) => [file.object?.oid ?? file.path, file.size]),
  )
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}
