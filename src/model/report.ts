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
  readonly published?: { readonly commit: string; readonly url: string }
  readonly files: readonly FileResult[]
  readonly bytes: { readonly moved: number; readonly reused: number }
  readonly seconds: number
  readonly error?: { readonly code: string; readonly message: string; readonly next?: string }
  /** Things a reader should know: `not atomic`, the transport that was used and why, visibility drift. */
  readonly notes?: readonly string[]
}

/** `results/<job>.json`. */
export interface JobResult {
  readonly version: 1
  readonly job: string
  /** From 1; the report takes the highest of each job. */
  readonly attempt: number
  readonly items: readonly ItemResult[]
  /** True if a deadline or signal ended the job before its last item. */
  readonly stopped?: boolean
}

/** One row of the report: an item of the plan with its result, or a repo that was held back. */
export interface ReportItem {
  readonly id: string
  readonly rule: string
  readonly source: string
  readonly target: string
  readonly outcome: Outcome
  readonly reason?: string
  readonly details?: readonly string[]
  readonly error?: ItemResult['error']
  readonly published?: ItemResult['published']
  readonly changes: { readonly add: number; readonly update: number; readonly delete: number }
  readonly bytes: { readonly moved: number; readonly reused: number }
  readonly files: Readonly<Record<Verification, number>>
  readonly seconds: number
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

/** `report.json`. `incomplete`: nothing failed, but something planned has no result or a job stopped early. */
export interface Report {
  readonly version: 1
  readonly tool: string
  readonly createdAt: string
  readonly outcome: 'success' | 'failure' | 'incomplete'
  readonly dryRun: boolean
  readonly totals: Totals
  readonly items: readonly ReportItem[]
}
