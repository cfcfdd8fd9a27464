import type { RepoType, Visibility } from './repo.ts'

/** How the content of a change gets there: the target has the object; streamed; inside the commit; nothing to move (delete). */
export type Move = 'reuse' | 'relay' | 'inline' | 'import' | 'none'

/** One file to change on the target. `size` in bytes of the content as it will be on the target. */
export interface FileChange {
  readonly kind: 'add' | 'update' | 'delete'
  readonly path: string
  readonly size: number
  readonly sha256?: string
  readonly move: Move
}

export interface PlannedSource {
  /** A space taken as a model. */
  readonly space?: true
  readonly hub: string
  readonly owner: string
  readonly name: string
  readonly branch: string
  readonly commit: string
}

export interface PlannedTarget {
  readonly hub: string
  readonly owner: string
  readonly name: string
  readonly branch: string
  /** Head when planned; null: the repo was absent. */
  readonly head: string | null
}

/** One repo to bring up to date: a forecast without authority (design: everything but ids is re-derived from the rules). */
export interface WorkItem {
  readonly id: string
  readonly rule: string
  readonly type: RepoType
  /** `target` is the source of the two-way rule, and `source` its target. */
  readonly back?: true
  readonly source: PlannedSource
  readonly target: PlannedTarget
  /** What is to be published with; the sync job derives it again and refuses what differs. */
  readonly visibility: Visibility
  /** Source and target were seen to be public, or the target will be created so; absent: they are not, or it is not known. */
  readonly public?: true
  readonly changes: readonly FileChange[]
  readonly bytes: { readonly move: number; readonly reuse: number }
}

/** What everybody may know of a work item that is not known to be public; the rest of it only those who have the run's tokens. */
export interface SealedItem {
  /** `private-1` and so on. */
  readonly id: string
  readonly rule: string
  readonly type: RepoType
  readonly source: { readonly hub: string }
  readonly target: { readonly hub: string }
  /** Numbers of files. */
  readonly changes: { readonly add: number; readonly update: number; readonly delete: number }
  readonly bytes: WorkItem['bytes']
  /** The work item, encrypted; base64. */
  readonly sealed: string
}

/** One matrix entry. `objects`, where present, is the part of its only item's LFS objects (oids) this job moves; publishing is left to the publish job. */
export interface Job {
  readonly id: string
  readonly label: string
  readonly items: readonly string[]
  readonly objects?: readonly string[]
  /** The objects of a sealed item, encrypted (base64); `objects` is empty then. */
  readonly sealed?: string
  readonly bytes: number
}

/** Id of the job that publishes the repos whose objects several jobs moved. */
export const publishJob = 'publish'

/** Bytes a job has to move unless said otherwise: about half an hour at 10 MB/s. */
export const defaultJobSize = 20e9

/** A repo that a rule names and that is not touched. */
export interface HeldBack {
  readonly rule: string
  readonly repo: string
  readonly target: string
  readonly reason: string
  /** Source and target were seen to be public; absent: they are not, or nobody asked. */
  readonly public?: true
  /** Page of the source for people; only where `public`. */
  readonly sourceUrl?: string
}

export interface BlockedRepo extends HeldBack {
  /** Every offending path or rule, one line each. */
  readonly details: readonly string[]
}

export interface FailedRepo extends HeldBack {
  readonly code: string
}

export interface PlanOf<Item> {
  readonly version: 1
  readonly tool: string
  /** ISO 8601; when comparing began. */
  readonly startedAt?: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly runId: string
  readonly configDigest: string
  /** A forecast: nobody is going to sync it. */
  readonly dryRun?: true
  /** Digest of the rules and repos that were named, where not all of the configuration was planned. */
  readonly narrowed?: string
  /** Names are hidden from those who can read the plan's file, and sealed with this salt (base64). */
  readonly salt?: string
  readonly items: readonly Item[]
  readonly jobs: readonly Job[]
  readonly unchanged: readonly HeldBack[]
  readonly skipped: readonly HeldBack[]
  readonly blocked: readonly BlockedRepo[]
  /** Two-way pairs on which a person has to decide; `details` shows both sides. Absent: there are none. */
  readonly conflicts?: readonly BlockedRepo[]
  /** Repos that could not even be compared. */
  readonly failed: readonly FailedRepo[]
}

export type Plan = PlanOf<WorkItem>

/** A plan as its file holds it. */
export type StoredPlan = PlanOf<WorkItem | SealedItem>
