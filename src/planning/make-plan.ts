import pLimit from 'p-limit'
import type { Rule } from '../config/rule.ts'
import type { Context } from '../context.ts'
import { asSyncError, explain } from '../model/errors.ts'
import type { BlockedRepo, FailedRepo, FileChange, HeldBack, WorkItem } from '../model/plan.ts'
import { formatRepo } from '../model/repo.ts'
import type { Hubs } from '../repos/hubs.ts'
import { releaseAfterLastUse } from '../repos/last-use.ts'
import type { Repo } from '../repos/repo.ts'
import type { RepoWork } from '../repos/work.ts'
import { deriveBoth } from './derive-both.ts'
import { deriveWork } from './derive-work.ts'
import type { Derived, DerivedPair, Ending, Pair } from './derived.ts'
import type { Candidate } from './discover.ts'
import { findPairs, linesOf } from './find-pairs.ts'
import { createFirstWriter } from './first-writer.ts'
import { isInStep } from './in-step.ts'
import { type Ledger, type LedgerEntry, ledgerDigest, pairKey } from './ledger.ts'
import { partnersOf } from './partners.ts'
import { tokenProblem } from './token-problem.ts'

/** Pairs compared at a time. */
const comparers = 8

/** All that comparing has found; `works` holds what each item of a plan stands for. */
export interface Planned {
  readonly works: readonly RepoWork[]
  readonly unchanged: readonly HeldBack[]
  readonly skipped: readonly HeldBack[]
  readonly blocked: readonly BlockedRepo[]
  /** Two-way pairs on which a person has to decide. */
  readonly conflicts: readonly BlockedRepo[]
  readonly failed: readonly FailedRepo[]
  /** Pairs found in step, for the ledger. */
  readonly inStep: ReadonlyMap<string, LedgerEntry>
}

/** A pair with what was derived of it. */
export interface Compared {
  readonly candidate: Candidate
  readonly derived: Derived | DerivedPair
  readonly entry?: LedgerEntry
  /** False also where nobody asked: the ledger knows heads only. */
  readonly isPublic: boolean
  /** Page of the source, where both are public. */
  readonly sourceUrl?: string | undefined
}

/** Discovers and compares the repos of all rules. One repo's failure never stops the others. */
export async function makePlan(
  context: Context,
  rules: readonly Rule[],
  hubs: Hubs,
  ledger: Ledger,
): Promise<Planned> {
  const { free, blocked, skipped, failed } = await findPairs(context, rules, hubs, ledger)
  const pairs = free.map((candidate) => ({
    ...pairOf(candidate, hubs),
    ...othersOf(rules, candidate, hubs),
  }))
  const release = releaseAfterLastUse(pairs.flatMap(usedBy))
  const limit = pLimit(comparers)
  const compared = await Promise.all(
    pairs.map((pair) =>
      limit(() => compare(context, pair, hubs, ledger).finally(() => release(usedBy(pair)))),
    ),
  )
  const planned = gather(compared, blocked, failed)
  return { ...planned, skipped: [...skipped, ...planned.skipped] }
}

/** A candidate with its two repos. */
export interface CandidatePair {
  readonly candidate: Candidate
  readonly source: Repo
  readonly target: Repo
  readonly others?: readonly Repo[]
}

/** Every repo that is asked for a pair. */
export function usedBy({ source, target, others = [] }: CandidatePair): Repo[] {
  return [source, target, ...others]
}

/** Opens the two repos of a candidate; sends nothing. */
export function pairOf(candidate: Candidate, hubs: Hubs): CandidatePair {
  const { transport } = candidate.rule
  return {
    candidate,
    source: hubs.repo(candidate.source, transport),
    target: hubs.repo(candidate.target, transport),
  }
}

async function compare(context: Context, pair: CandidatePair, hubs: Hubs, ledger: Ledger): Promise<Compared> {
  const { candidate, ...repos } = pair
  const { source, target } = repos
  const { rule } = candidate
  const key = pairKey(formatRepo(candidate.source), formatRepo(candidate.target))
  let isPublic = false
  let sourceUrl: string | undefined
  const onSeen = (seen: boolean, url?: string) => {
    isPublic = seen
    sourceUrl = seen ? url : undefined
  }
  try {
    const known = ledger.get(key)
    const digest = ledgerDigest(rule, source.profile.licenses, target.profile.licenses)
    if (known?.rule === digest && (await isInStep(known, candidate, source, target)))
      return { candidate, derived: inStepAt(candidate, known), entry: known, isPublic }
    const derived = await derive(hubs, { rule, onSeen, ...repos })
    if (derived.kind !== 'unchanged') return { candidate, derived, isPublic, sourceUrl }
    return { candidate, derived, isPublic, sourceUrl, entry: ledgerEntry(digest, derived, isPublic) }
  } catch (thrown) {
    context.signal.throwIfAborted()
    return { candidate, derived: failedToDerive(thrown), isPublic, sourceUrl }
  }
}

/** What the two sides of a two-way rule had in common may be told by a repo that other rules keep in step with them. */
export function othersOf(
  rules: readonly Rule[],
  { rule, source, target }: Candidate,
  hubs: Hubs,
): Pick<Pair, 'others'> {
  if (rule.direction === 'one-way') return {}
  return { others: partnersOf(rules, source, target).map((ref) => hubs.repo(ref, rule.transport)) }
}

async function derive(hubs: Hubs, pair: Pair): Promise<Derived | DerivedPair> {
  const assertToken = async ({ ref }: Repo) => {
    const problem = await tokenProblem(hubs, ref)
    if (problem !== undefined) throw problem
  }
  if (pair.rule.direction === 'one-way') {
    await assertToken(pair.target)
    return deriveWork(pair)
  }
  const derived = await deriveBoth(pair)
  // A side that nothing goes to may be one that this token can only read.
  if (derived.kind === 'works') for (const { target } of derived.works) await assertToken(target)
  return derived
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

function ledgerEntry(
  rule: string,
  { sourceAt, targetAt }: Pick<Ending & { kind: 'unchanged' }, 'sourceAt' | 'targetAt'>,
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

function heldBack({ candidate, isPublic, sourceUrl }: Compared, reason: string): HeldBack {
  const { rule, source, target } = candidate
  const names = { repo: formatRepo(source), target: formatRepo(target) }
  return {
    rule: rule.name,
    ...names,
    reason,
    ...(isPublic && { public: true }),
    ...(sourceUrl && { sourceUrl }),
  }
}

/** The rows and works of a plan. */
export function gather(
  all: readonly Compared[],
  blockedBefore: readonly BlockedRepo[],
  failedRules: readonly FailedRepo[],
): Planned {
  const works: RepoWork[] = []
  const conflicts: BlockedRepo[] = []
  const unchanged: HeldBack[] = []
  const skipped: HeldBack[] = []
  const blocked: BlockedRepo[] = [...blockedBefore]
  const failed: FailedRepo[] = [...failedRules]
  const inStep = new Map<string, LedgerEntry>()
  const firstWriter = createFirstWriter()
  for (const compared of all) {
    const { candidate, derived, entry } = compared
    if (derived.kind === 'work' || derived.kind === 'works') {
      const some = derived.kind === 'work' ? { works: [derived.work] } : derived
      const writer = firstWriter(some)
      if (writer === undefined) works.push(...some.works)
      else skipped.push(heldBack(compared, writtenBy(writer)))
    } else if (derived.kind === 'unchanged') unchanged.push(heldBack(compared, inShort(derived.notes)))
    else if (derived.kind === 'skipped') skipped.push(heldBack(compared, derived.reason))
    else if (derived.kind === 'blocked')
      blocked.push({ ...heldBack(compared, derived.reason), details: derived.details })
    else if (derived.kind === 'conflict')
      conflicts.push({ ...heldBack(compared, derived.reason), details: derived.details })
    else failed.push({ ...heldBack(compared, derived.reason), code: derived.code })
    if (entry !== undefined)
      inStep.set(pairKey(formatRepo(candidate.source), formatRepo(candidate.target)), entry)
  }
  return { works, unchanged, skipped, blocked, conflicts, failed, inStep }
}

function writtenBy(rule: string): string {
  return `rule ${rule} writes this repo in this run; the next run takes it up`
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
    ...(work.back && { back: work.back }),
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

function changesOf({ files, deletes, orphans }: RepoWork): FileChange[] {
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
    ...deletes.map(({ path, size }) => ({
      kind: 'delete' as const,
      path,
      size: size ?? 0,
      move: 'none' as const,
    })),
  ]
}

function uniqueBytes(work: RepoWork, move: string): number {
  const sizes = new Map(
    work.files.filter((file) => file.move === move).map((file) => [file.object?.oid ?? file.path, file.size]),
  )
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}
