import type { LimitFunction } from 'p-limit'
import type { Conclusion, JobEnd, Machine, StartedStep } from './machine.ts'
import type { Permissions, WorkflowFile } from './workflow-file.ts'

export interface RunRequest {
  /** Everything of the run goes below it. */
  readonly folder: string
  /** Folders that stand for repositories by `owner/name`; a checkout copies one. */
  readonly repositories: Readonly<Record<string, string>>
  /** The one that runs the workflow, and the file in it. */
  readonly repository: string
  readonly workflow: string
  readonly event: { readonly name: string; readonly payload?: Readonly<Record<string, unknown>> }
  /** Inputs of a dispatch. */
  readonly inputs?: Readonly<Record<string, unknown>>
  readonly secrets?: Readonly<Record<string, string>>
  /** By name: whether its reviewers let a job go on, and the secrets that only its jobs get. */
  readonly environments?: Readonly<Record<string, Environment>>
  /** Environment of every machine, beside what a runner sets. */
  readonly env?: Readonly<Record<string, string>>
  /** Over the context `github`, such as `ref` or `api_url`. */
  readonly github?: Readonly<Record<string, string>>
  /** Machines at work at a time; default 4. */
  readonly machines?: number
  readonly minute?: number
  readonly forgetsArtifacts?: boolean
  readonly onStep?: (step: StartedStep) => unknown
}

export interface Environment {
  readonly secrets?: Readonly<Record<string, string>>
  readonly approve: () => boolean | Promise<boolean>
}

export interface JobRun extends JobEnd {
  /** As people see it: `sync / sync (qwen3-1)`. */
  readonly name: string
  /** The attempt that ran it. */
  readonly attempt: number
}

export interface Run {
  readonly request: RunRequest
  readonly machine: Machine
  readonly earlier: ReadonlyMap<string, JobRun>
  readonly jobs: Map<string, JobRun>
  readonly machines: LimitFunction
  readonly most: { at: number }
}

/** One workflow file as it is called. */
export interface Call {
  readonly file: WorkflowFile
  readonly source: string
  /** Names of the calling jobs, each with ` / `. */
  readonly prefix: string
  readonly contexts: Readonly<Record<string, unknown>>
  /** The most that its jobs may have, and what they have without asking. */
  readonly granted: Permissions
  readonly unasked: Permissions
  /** Concurrency groups of the callers. */
  readonly groups: readonly string[]
  /** Something that the call needs ran again. */
  readonly isStale: boolean
}

export interface Ended {
  readonly result: Conclusion
  readonly outputs: Readonly<Record<string, string>>
  /** Results of all that it needs, however far back. */
  readonly before: readonly Conclusion[]
  readonly ran: boolean
}
