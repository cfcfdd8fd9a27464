import type { Context } from '../context.ts'
import { type Finding, isWrong } from '../model/verification.ts'
import type { Candidate } from '../planning/discover.ts'
import { type Compared, failedToDerive, gather, type Planned, pairOf } from '../planning/make-plan.ts'
import { tokenProblem } from '../planning/token-problem.ts'
import type { Hubs } from '../repos/hubs.ts'
import { inParallel } from '../repos/in-parallel.ts'
import { deriveRepair, type Repairs } from './derive-repair.ts'
import type { VerifiedPair } from './verify-pairs.ts'

/** Pairs derived at a time. */
const derivers = 4

/** A pair in which something can be made right. */
export interface Repairable {
  readonly candidate: Candidate
  readonly repairs: Repairs
}

/** Those pairs that `verify` found something in which can be made right from here. */
export function repairablePairs(found: readonly VerifiedPair[]): Repairable[] {
  return found.flatMap(({ row, candidate }) => {
    const findings = row.findings.filter((finding) => isWrong(finding) && finding.repairable)
    return candidate === undefined || findings.length === 0
      ? []
      : [{ candidate, repairs: repairsOf(findings) }]
  })
}

function repairsOf(findings: readonly Finding[]): Repairs {
  if (findings.some(({ kind }) => kind === 'absent')) return { kind: 'everything' }
  const isObject = ({ kind }: Finding) => kind === 'not-served' || kind === 'wrong-bytes'
  const pathsOf = (some: readonly Finding[]) => new Set(some.flatMap(({ path }) => path ?? []))
  return {
    kind: 'files',
    files: pathsOf(findings.filter((finding) => !isObject(finding))),
    objects: pathsOf(findings.filter(isObject)),
  }
}

/** What a run has to do to make these pairs right, and why it may not. Asks no ledger, and leaves nothing for one. */
export async function planRepairs(
  context: Context,
  repairable: readonly Repairable[],
  hubs: Hubs,
): Promise<Planned> {
  const compared = await inParallel(repairable, derivers, (one) => compare(context, one, hubs))
  return gather(compared, [], [])
}

async function compare(context: Context, { candidate, repairs }: Repairable, hubs: Hubs): Promise<Compared> {
  const seen = { isPublic: false }
  const onSeen = (isPublic: boolean) => {
    seen.isPublic = isPublic
  }
  try {
    const problem = await tokenProblem(hubs, candidate.target)
    if (problem !== undefined) throw problem
    const { source, target } = pairOf(candidate, hubs)
    const derived = await deriveRepair({ rule: candidate.rule, source, target, onSeen }, repairs)
    return { candidate, derived, ...seen }
  } catch (thrown) {
    context.signal.throwIfAborted()
    return { candidate, derived: failedToDerive(thrown), ...seen }
  }
}
