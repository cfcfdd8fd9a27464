import type { Rule } from '../config/rule.ts'
import type { ErrorCode } from '../model/errors.ts'
import type { Snapshot } from '../model/repo.ts'
import type { Repo } from '../repos/repo.ts'
import type { RepoWork } from '../repos/work.ts'

export interface Pair {
  readonly rule: Rule
  readonly source: Repo
  readonly target: Repo
  /** Two-way: repos that other rules keep in step with either side. */
  readonly others?: readonly Repo[]
  /** Told whether everybody may see both repos, as soon as it is known: also where deriving throws after that. */
  readonly onSeen?: (isPublic: boolean, sourceUrl?: string) => void
}

/** What a rule means for one pair of repos, as things are now. */
export type Derived = { readonly kind: 'work'; readonly work: RepoWork } | Ending

/** What a rule means for a pair where there may be work for each of the two sides. */
export type DerivedPair = PairWorks | Ending

export interface PairWorks {
  readonly kind: 'works'
  readonly works: readonly RepoWork[]
  /** The rule's `conflict` has decided which side counts. */
  readonly resolves?: true
}

/** Why there is nothing to do. */
export type Ending =
  | {
      readonly kind: 'unchanged'
      readonly sourceAt: Snapshot
      readonly targetAt: Snapshot
      readonly notes: readonly string[]
    }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly reason: string }
  | { readonly kind: 'blocked'; readonly reason: string; readonly details: readonly string[] }
  /** Two-way: a person has to decide. `details` shows both sides, one path a line. */
  | { readonly kind: 'conflict'; readonly reason: string; readonly details: readonly string[] }

/** Whether a step of deriving was the last one. */
export function isEnding<Step extends object>(step: Step | Ending): step is Ending {
  return 'kind' in step
}

/** Blocked by these problems, of which there is one at least. */
export function blockedBy(problems: readonly string[]): Ending {
  return { kind: 'blocked', reason: problems[0] ?? '', details: problems }
}
