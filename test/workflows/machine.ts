import type { Artifacts } from './artifacts.ts'
import type { Annotation } from './step-process.ts'
import type { WorkflowJob } from './workflow-file.ts'

export type Conclusion = 'success' | 'failure' | 'cancelled' | 'skipped'

export interface StepRun {
  readonly name: string
  readonly outcome: Conclusion
  readonly conclusion: Conclusion
  /** With stars for what is masked. */
  readonly log: string
  readonly summary: string
  readonly outputs: Readonly<Record<string, string>>
  readonly annotations: readonly Annotation[]
}

/** What a test may do to a step that runs. */
export interface StartedStep {
  /** Such as `sync / sync (qwen3-1)`. */
  readonly job: string
  readonly attempt: number
  readonly step: string
  /** Ends its process at once; the job goes on with its next steps. */
  kill(): void
  /** The machine is gone: no later step runs, not even with `always()`. */
  loseMachine(): void
  /** As the button on GitHub's page. */
  cancelRun(): void
}

/** What all jobs of a run share. */
export interface Machine {
  readonly folder: string
  /** Folder of `owner/name`. */
  readonly repositoryFolder: (name: string) => string
  readonly env: Readonly<Record<string, string>>
  readonly artifacts: Artifacts
  readonly attempt: number
  readonly runId: string
  /** Milliseconds that a minute of `timeout-minutes` takes. */
  readonly minute: number
  readonly onStep: (step: StartedStep) => unknown
  readonly cancelRun: () => void
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
}

export interface JobStart {
  readonly name: string
  readonly job: WorkflowJob
  /** Folder of the repository that the workflow file stands in. */
  readonly source: string
  readonly contexts: Readonly<Record<string, unknown>>
  readonly workflowEnv: Readonly<Record<string, unknown>>
  /** Values that no log shows. */
  readonly secrets: readonly string[]
  /** Aborted when the run is cancelled, or another leg of a matrix that fails fast has failed. */
  readonly signal: AbortSignal
}

export interface JobEnd {
  readonly conclusion: Conclusion
  readonly outputs: Readonly<Record<string, string>>
  readonly steps: readonly StepRun[]
}

/** Of one job while it runs. */
export interface State {
  readonly masks: Set<string>
  readonly env: Record<string, string>
  readonly path: string[]
  readonly steps: Record<string, unknown>
  readonly runs: StepRun[]
  failed: boolean
  isLost: boolean
  readonly folders: {
    readonly workspace: string
    readonly temp: string
    readonly home: string
    readonly files: string
  }
}
