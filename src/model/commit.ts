import type { LfsObject } from './file.ts'
import type { RepoPath } from './path.ts'

/** One change of a commit. Plain content is read when it is needed, so that a commit of many files need not be in memory. */
export type CommitChange =
  | {
      readonly kind: 'lfs'
      readonly path: RepoPath
      readonly object: LfsObject
      readonly isNew: boolean
      /** Kept by git only; absent: as the target has it. */
      readonly mode?: 'plain' | 'executable'
    }
  | {
      readonly kind: 'plain'
      readonly path: RepoPath
      /** Bytes of the content. */
      readonly size: number
      readonly isNew: boolean
      /** Kept by git only; absent: as the target has it. The content of a symbolic link is where it points to. */
      readonly mode?: 'plain' | 'executable' | 'symlink'
      readonly read: () => Promise<Uint8Array>
    }
  | { readonly kind: 'delete'; readonly path: RepoPath }

/** What is to be published in one commit on top of `parent` (undefined: the repo has no commit yet). */
export interface NewCommit {
  readonly branch: string
  readonly parent: string | undefined
  readonly title: string
  /** As `formatTrailers` writes them. */
  readonly trailers: readonly string[]
  readonly changes: readonly CommitChange[]
  /** Only by a way that the hub refuses once the head has moved: what somebody wrote in that moment must stay what the head holds. */
  readonly mustSwap?: true
}

/** The whole commit message: title, empty line, trailers. */
export function commitMessage(commit: NewCommit): string {
  return `${commit.title}\n\n${commit.trailers.join('\n')}\n`
}
