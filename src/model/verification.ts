import type { Verification } from './report.ts'

/** What is wrong with a pair as a whole. `path` where one file says so. */
export type RepoFindingKind = 'absent' | 'visibility' | 'license' | 'unreadable'

/** What is wrong with one file of the target; `extra` and `behind` are only told. */
export type FileFindingKind =
  | 'differs'
  | 'missing'
  | 'not-served'
  | 'wrong-bytes'
  | 'pointer-as-file'
  | 'metadata'
  | 'extra'
  | 'behind'

export type FindingKind = RepoFindingKind | FileFindingKind

interface Told {
  /** `critical`: what is not public shows; `note`: nothing is wrong, a person may want to know. */
  readonly severity: 'critical' | 'problem' | 'note'
  /** What is the case. */
  readonly text: string
  /** What to do, a whole sentence; empty for what needs nothing. */
  readonly next: string
  /** `repair` can make it right. */
  readonly repairable: boolean
}

export type Finding =
  | (Told & { readonly kind: RepoFindingKind; readonly path?: string })
  | (Told & { readonly kind: FileFindingKind; readonly path: string })

/** `stopped`: the run ended before the pair was looked at. */
export type PairOutcome = 'in-order' | 'findings' | 'skipped' | 'blocked' | 'stopped'

/** One pair of repos as `verify` found it. */
export interface PairVerification {
  readonly rule: string
  readonly source: string
  readonly target: string
  /** Source and target were seen to be public; absent: they are not, or it is not known. */
  readonly public?: true
  readonly outcome: PairOutcome
  /** Why it was skipped or blocked. */
  readonly reason?: string
  readonly sourceCommit?: string
  readonly targetCommit?: string
  /** Files of the source by how far the target's are proven; never added up. */
  readonly files: Readonly<Record<Verification, number>>
  readonly findings: readonly Finding[]
}

export interface VerificationTotals {
  readonly pairs: Readonly<Record<PairOutcome, number>>
  /** By kind; notes are counted too. */
  readonly findings: Readonly<Partial<Record<FindingKind, number>>>
  readonly files: Readonly<Record<Verification, number>>
}

/** `verify.json`. `incomplete`: nothing was found, but not everything was looked at. */
export interface VerificationReport {
  readonly version: 1
  readonly tool: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly outcome: 'success' | 'failure' | 'incomplete'
  /** Address of the workflow run. */
  readonly run?: string
  /** Pairs that are called `private-1` and so on, since everybody can read this. */
  readonly hidden?: number
  readonly totals: VerificationTotals
  readonly pairs: readonly PairVerification[]
}

/** True for what makes a pair one that is not in order. */
export function isWrong({ severity }: Finding): boolean {
  return severity !== 'note'
}
