import type { RunOptions } from '../commands/options.ts'
import { SyncError } from '../model/errors.ts'

/** What GitHub says about the workflow run; the part of @actions/github's context that matters here. */
export interface WorkflowRun {
  readonly eventName: string
  readonly ref: string
  readonly runId: number
  readonly runAttempt: number
  /** Origin of the GitHub that runs this. */
  readonly serverUrl: string
  /** Webhook payload; every part may be absent. */
  readonly payload: Readonly<Record<string, unknown>>
}

/** How the run was started, as the rules' triggers see it. */
export function eventOf(run: WorkflowRun): RunOptions['event'] {
  if (run.eventName !== 'schedule') return { kind: 'manual' }
  const cron = run.payload.schedule
  return { kind: 'schedule', cron: typeof cron === 'string' ? cron : undefined }
}

/**
 * Throws `usage` for a run that a stranger may have started and that would write to a hub: any event but those that take a right in
 * the repository, and a `workflow_run` of any other or from a fork. A dry run writes nothing and passes.
 */
export function refuseUntrusted(run: WorkflowRun, dryRun: boolean): void {
  const why = dryRun ? undefined : distrust(run)
  if (why === undefined) return
  throw new SyncError(
    'usage',
    `This run was started by ${why}: a stranger may have started it, or changed what it runs, so nothing is done.`,
    {
      next: 'Start it by schedule, workflow_dispatch, repository_dispatch, push or release. Only a dry run of a sync may be started by anybody.',
    },
  )
}

/** True for a run that a stranger may have started. */
export function isUntrusted(run: WorkflowRun): boolean {
  return distrust(run) !== undefined
}

/**
 * True on the default branch, the only one whose state later runs may trust. A schedule says nothing of the repository, and fires
 * on that branch alone (docs.github.com, "Events that trigger workflows"; github/codeql-action#1211).
 */
export function isDefaultBranch(run: WorkflowRun): boolean {
  const branch = field(run.payload.repository, 'default_branch')
  if (branch === undefined && run.eventName === 'schedule') return run.ref.startsWith('refs/heads/')
  return typeof branch === 'string' && run.ref === `refs/heads/${branch}`
}

/** What the event says of the workflow's own repository; not every event says anything (a schedule may not). */
export function ownVisibility(run: WorkflowRun): 'public' | 'closed' | 'untold' {
  const isPrivate = field(run.payload.repository, 'private')
  const visibility = field(run.payload.repository, 'visibility')
  if (isPrivate === false || visibility === 'public') return 'public'
  return isPrivate === true || visibility === 'private' || visibility === 'internal' ? 'closed' : 'untold'
}

/** Address of the run for people; `repository` is `owner/name`, as GITHUB_REPOSITORY says. */
export function runAddress(run: WorkflowRun, repository: string | undefined): string | undefined {
  return repository ? `${run.serverUrl}/${repository}/actions/runs/${run.runId}` : undefined
}

/**
 * Only who may write to the repository can start these, and what they run stands in it (docs.github.com, "Events that trigger workflows").
 * A called workflow has the event of its caller. All others are refused, those of tomorrow as well.
 */
const trustedEvents: ReadonlySet<unknown> = new Set([
  'schedule',
  'workflow_dispatch',
  'repository_dispatch',
  'push',
  'release',
])

function distrust(run: WorkflowRun): string | undefined {
  if (trustedEvents.has(run.eventName)) return undefined
  if (run.eventName !== 'workflow_run') return `a ${run.eventName} event`
  const first = run.payload.workflow_run
  const event = field(first, 'event')
  // What is not said is not trusted; nor is a `workflow_run` of another one, of which nothing is known.
  if (typeof event !== 'string') return 'a workflow of which nothing is known'
  if (!trustedEvents.has(event)) return `a workflow that a ${event} event started`
  const head = field(field(first, 'head_repository'), 'full_name')
  const isOwn = typeof head === 'string' && head === field(run.payload.repository, 'full_name')
  return isOwn ? undefined : 'a workflow of a fork'
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined
}
