import type { Rule } from '../config/rule.ts'
import type { FileEntry, LfsObject } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import type { Move } from '../model/plan.ts'
import type { RepoType, Snapshot } from '../model/repo.ts'
import type { Repo } from './repo.ts'

/** What the target must still be when we write to it: a commit, or `fresh` (absent, or nothing but platform-made files). */
export type Lease = { readonly kind: 'fresh' } | { readonly kind: 'commit'; readonly commit: string }

/** One file that goes over, as derived from both manifests. */
export interface FileWork {
  readonly kind: 'add' | 'update'
  readonly path: RepoPath
  /** The file at the source. */
  readonly source: FileEntry
  /** Bytes as they will be on the target (a README may change its length). */
  readonly size: number
  readonly move: Move
  /** Set where the target keeps the file as LFS. */
  readonly object?: LfsObject
  /** True for the README, which is written in the target's form. */
  readonly transformed: boolean
}

/** One repo to bring up to date, with everything derived from the rules and both hubs: what a sync job acts on. */
export interface RepoWork {
  readonly id: string
  readonly rule: Rule
  readonly type: RepoType
  readonly source: Repo
  readonly target: Repo
  readonly sourceAt: Snapshot
  /** Page of the source for people. */
  readonly sourceUrl?: string
  readonly targetBranch: string
  readonly lease: Lease
  /** The head the plan saw; null: the repo was absent. */
  readonly targetHead: string | null
  readonly visibility: 'public' | 'private'
  /** Source and target are seen to be public, or the target will be created so. */
  readonly isPublic: boolean
  /** What a new repo and a README without a license are told; an id that the target takes, where it requires one. */
  readonly license: string | undefined
  readonly files: readonly FileWork[]
  /** Files that leave the target in the same commit, as the target lists them. */
  readonly deletes: readonly FileEntry[]
  /** A commit is published although nothing changes: it says that both sides are equal, which is a base for later. */
  readonly adopts?: true
  /** A two-way rule's source is brought up to date from its target. */
  readonly back?: true
  /** Set where this run has work for the other side of the pair, too: one commit alone is half a sync. */
  readonly commits?: 2
  /** The target is absent and made by its hub from this address: then the move of every file is `import`. */
  readonly importUrl?: string
  /** Objects that the target's pointers name and its store lacks, although the files are the same. */
  readonly orphans: readonly {
    readonly path: RepoPath
    readonly source: FileEntry
    readonly object: LfsObject
  }[]
  readonly notes: readonly string[]
  /** Only damage that was found is made right, so that the commit says nothing of the other files and is no base. */
  readonly repairs?: {
    /** Oids that the target was seen not to serve: they are offered to it again, whatever it says of having them. */
    readonly resend: ReadonlySet<string>
  }
  /** Oids that this job moves of a repo cut over several jobs: the publish job publishes it. Absent: all, and it publishes. */
  readonly part?: ReadonlySet<string>
  /** In the publish job: oids that other jobs of the run say they sent, or found there and read. */
  readonly wasMoved?: ReadonlySet<string>
}
