import pLimit from 'p-limit'
import type { Rule } from '../config/rule.ts'
import type { Context } from '../context.ts'
import type { HeldBack } from '../model/plan.ts'
import { formatRepo } from '../model/repo.ts'
import { isWrong, type PairOutcome, type PairVerification } from '../model/verification.ts'
import { type Bandwidth, sharedBandwidths } from '../net/bandwidth.ts'
import type { Candidate } from '../planning/discover.ts'
import { findPairs } from '../planning/find-pairs.ts'
import { type CandidatePair, othersOf, pairOf, usedBy } from '../planning/make-plan.ts'
import type { Hubs } from '../repos/hubs.ts'
import { releaseAfterLastUse } from '../repos/last-use.ts'
import { noFiles, type PairCheck, verifyPair } from './verify-pair.ts'

/** Pairs looked at a time. */
const verifiers = 4

/** A pair as it was found; `candidate` is absent where there was none to look at. */
export interface VerifiedPair {
  readonly row: PairVerification
  readonly candidate?: Candidate
}

/** Discovers and verifies the pairs of all rules. One pair's failure never stops the others; a stop leaves the rest as `stopped`. */
export async function verifyRules(
  context: Context,
  rules: readonly Rule[],
  hubs: Hubs,
): Promise<VerifiedPair[]> {
  const { free, blocked, skipped, failed } = await findPairs(context, rules, hubs, new Map())
  const rows = await verifyCandidates(context, rules, free, hubs)
  return [
    ...failed.map((one) => ({ row: unreadRow(one) })),
    ...blocked.map((one) => ({ row: heldRow(one, 'blocked') })),
    ...rows,
    ...skipped.map((one) => ({ row: heldRow(one, 'skipped') })),
  ]
}

/** Verifies these pairs of rules, a few at a time, in their order. */
export async function verifyCandidates(
  context: Context,
  rules: readonly Rule[],
  candidates: readonly Candidate[],
  hubs: Hubs,
): Promise<VerifiedPair[]> {
  const pairs = candidates.map((candidate) => ({
    ...pairOf(candidate, hubs),
    ...othersOf(rules, candidate, hubs),
  }))
  const release = releaseAfterLastUse(pairs.flatMap(usedBy))
  const bandwidthOf = sharedBandwidths(context.clock)
  const limit = pLimit(verifiers)
  return Promise.all(
    pairs.map((pair) =>
      limit(async () => {
        const row = await verifyOne(context, pair, bandwidthOf(pair.candidate.rule.bandwidth))
        await release(usedBy(pair))
        return { row, candidate: pair.candidate }
      }),
    ),
  )
}

async function verifyOne(
  context: Context,
  { candidate, ...repos }: CandidatePair,
  bandwidth: Bandwidth,
): Promise<PairVerification> {
  const { rule } = candidate
  const names = {
    rule: rule.name,
    source: formatRepo(candidate.source),
    target: formatRepo(candidate.target),
  }
  const seen = { isPublic: false }
  const onSeen = (isPublic: boolean) => {
    seen.isPublic = isPublic
  }
  if (context.signal.aborted) return stoppedRow(names)
  const item = `${names.source} → ${names.target}`
  context.progress({ kind: 'item-step', item, text: 'reading back' })
  try {
    const check = await verifyPair(context, { rule, onSeen, ...repos }, bandwidth)
    const row = { ...rowOf(names, check), ...(seen.isPublic && { public: true as const }) }
    context.progress({ kind: 'item-finished', item, outcome: outcomeWords[row.outcome], text: '' })
    return row
  } catch (thrown) {
    if (!context.signal.aborted) throw thrown
    context.progress({ kind: 'item-finished', item, outcome: 'stopped', text: '' })
    return stoppedRow(names)
  }
}

const outcomeWords: Readonly<Record<PairOutcome, string>> = {
  'in-order': 'in order',
  findings: 'not in order',
  skipped: 'skipped',
  blocked: 'blocked',
  stopped: 'stopped',
}

type Names = Pick<PairVerification, 'rule' | 'source' | 'target'>

function rowOf(names: Names, check: PairCheck): PairVerification {
  if (check.kind === 'skipped')
    return { ...names, outcome: 'skipped', reason: check.reason, files: noFiles, findings: [] }
  const { findings, files, sourceAt, targetAt } = check
  return {
    ...names,
    outcome: findings.some(isWrong) ? 'findings' : 'in-order',
    ...(sourceAt && { sourceCommit: sourceAt.commit }),
    ...(targetAt && { targetCommit: targetAt.commit }),
    files,
    findings,
  }
}

function stoppedRow(names: Names): PairVerification {
  return { ...names, outcome: 'stopped', files: noFiles, findings: [] }
}

/** The row of a pair that a rule, or another rule, leaves alone. */
export function heldRow(held: HeldBack, outcome: 'skipped' | 'blocked'): PairVerification {
  const { rule, repo: source, target, reason } = held
  const isPublic = held.public && { public: true as const }
  return { rule, source, target, outcome, reason, files: noFiles, findings: [], ...isPublic }
}

function unreadRow({ rule, repo: source, target, reason: text }: HeldBack): PairVerification {
  const next = 'Check the name, and the token of its hub.'
  const finding = { kind: 'unreadable', severity: 'problem', text, next, repairable: false } as const
  return { rule, source, target, outcome: 'findings', files: noFiles, findings: [finding] }
}
