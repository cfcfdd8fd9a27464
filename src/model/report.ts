/** What became of one repo; meanings in docs/outcomes.md. */
export type Outcome =
  | 'synced'
  | 'moved'
  | 'unchanged'
  | 'skipped'
  | 'blocked'
  | 'conflict'
  | 'failed'
  | 'missing'

export type Verification = 'verified' | 'sampled' | 'mismatch' | 'unverifiable'
export type Evidence = 'read-back' | 'listed-digest' | 'hub-hashed' | 'sample' | 'present'

export interface FileResult {
  readonly path: string
  readonly verification: Verification
  readonly evidence: Evidence
}

/** One item as a job left it. `seconds` is wall time. */
export interface ItemResult {
  readonly id: string
  readonly outcome: Outcome
  readonly published?: {
    readonly commit: string
    readonly url: string
    /** How it got there; absent where only lost objects were brought back. */
    readonly by?: 'api' | 'git' | 'import' | 'files'
  }
  readonly files: readonly FileResult[]
  readonly bytes: { readonly moved: number; readonly reused: number }
  readonly seconds: number
  /** ISO 8601; absent where no work was done. */
  readonly startedAt?: string
  /** Page of the source for people. */
  readonly sourceUrl?: string
  readonly error?: { readonly code: string; readonly message: string; readonly next?: string }
  /** Things a reader should know: `not atomic`, the transport that was used and why, visibility drift. */
  readonly notes?: readonly string[]
}

/** `results/<job>.json`. */
export interface JobResult {
  readonly version: 1
  readonly job: string
  /** Id of the run whose plan this job is of; results of other plans do not count. */
  readonly plan?: string
  /** From 1; the report takes the highest of each job. */
  readonly attempt: number
  readonly items: readonly ItemResult[]
  /** ISO 8601, as `finishedAt`. */
  readonly startedAt?: string
  readonly finishedAt?: string
  /** True if a deadline or signal ended the job before its last item. */
  readonly stopped?: boolean
  /** True while the job is not done with its last item; a job that died before leaves it so, and the rest counts as missing. */
  readonly unfinished?: boolean
  /** Pairs of repos that are in step now, by key, for the ledger, which takes them as they come. */
  readonly ledger?: Readonly<Record<string, unknown>>
}

/** One row of the report: an item of the plan with its result, or a repo that was held back. */
export interface ReportItem {
  readonly id: string
  readonly rule: string
  readonly source: string
  readonly target: string
  /** Source and target are known to be public. */
  readonly public?: true
  readonly outcome: Outcome
  readonly reason?: string
  /** Only while the run goes on: it is worked on, or its turn comes. Such a row says `missing`. */
  readonly state?: 'running' | 'waiting'
  readonly details?: readonly string[]
  readonly error?: ItemResult['error']
  readonly published?: ItemResult['published']
  /** The commit of the source that is synced. */
  readonly sourceCommit?: string
  /** Page of the source for people. */
  readonly sourceUrl?: string
  readonly changes: { readonly add: number; readonly update: number; readonly delete: number }
  readonly bytes: { readonly moved: number; readonly reused: number }
  readonly files: Readonly<Record<Verification, number>>
  readonly seconds: number
  /** When the first job began with it; ISO 8601. */
  readonly startedAt?: string
  readonly notes: readonly string[]
  /** Only in a dry run: what a run would move and reuse. Such a row says `skipped` and counts under `totals.forecast` alone. */
  readonly forecast?: { readonly move: number; readonly reuse: number }
}

export interface Totals {
  readonly outcomes: Readonly<Record<Outcome, number>>
  readonly bytes: { readonly moved: number; readonly reused: number }
  readonly files: Readonly<Record<Verification, number>>
  readonly seconds: number
  /** Only in a dry run: repos that a run would change, and bytes. */
  readonly forecast?: { readonly repos: number; readonly move: number; readonly reuse: number }
}

/** One stage from its first start to its last end, ISO 8601; `sync` is all jobs together. */
export interface Stage {
  readonly name: 'plan' | 'sync' | 'publish'
  readonly startedAt: string
  readonly finishedAt: string
}

/** One job of the matrix, told by the rows it worked on: its own id may hold a name that the rows must not show. */
export interface ReportJob {
  readonly kind: 'sync' | 'publish'
  /** Indexes into the report's rows. */
  readonly rows: readonly number[]
  /** Which share of its only repo it moved, where several jobs did; from 1. */
  readonly part?: { readonly number: number; readonly of: number }
  /** `missing`: it left no result. */
  readonly state: 'done' | 'failed' | 'stopped' | 'missing'
  readonly bytes: { readonly moved: number; readonly reused: number }
  /** ISO 8601, as `finishedAt`. */
  readonly startedAt?: string
  readonly finishedAt?: string
  /** From 1; more where the job was run again. */
  readonly attempt?: number
}

/** `report.json`. `incomplete`: nothing failed, but something planned has no result or a job stopped early. */
export interface Report {
  readonly version: 1
  readonly tool: string
  readonly createdAt: string
  readonly outcome: 'success' | 'failure' | 'incomplete'
  readonly dryRun: boolean
  /** The run goes on: this is how far it is. */
  readonly underWay?: true
  /** Address of the workflow run. */
  readonly run?: string
  /** Rows that are called `private-1` and so on, since everybody can read this report. */
  readonly hidden?: number
  readonly totals: Totals
  /** Absent where no clock was noted. */
  readonly stages?: readonly Stage[]
  /** None in a dry run. */
  readonly jobs?: readonly ReportJob[]
  readonly items: readonly ReportItem[]
}
