import { evaluateCondition, evaluateTree, type Scope, textOf } from './expressions.ts'
import { runJob } from './job.ts'
import type { Conclusion } from './machine.ts'
import type { Leg } from './matrix.ts'
import type { Call, Ended, JobRun, Run } from './run-state.ts'
import type { WorkflowJob } from './workflow-file.ts'

/** One leg of a job's matrix, or the whole of a job without one. */
export interface LegStart {
  readonly call: Call
  readonly id: string
  readonly job: WorkflowJob
  readonly isStale: boolean
  /** Ends the other legs. */
  readonly stop: AbortController
  readonly before: readonly Conclusion[]
  readonly scope: Scope
}

/** Runs a leg, or keeps what an earlier attempt made of it. */
export async function runLeg(run: Run, at: LegStart, matrix: Leg): Promise<Ended> {
  const { call, id, job, scope } = at
  const values = Object.values(matrix).map(textOf).join(', ')
  const name = `${call.prefix}${textOf(evaluateTree(job.name, scope)) || (values === '' ? id : `${id} (${values})`)}`
  const key = `${call.prefix}${id}${values === '' ? '' : ` (${values})`}`
  const earlier = run.earlier.get(key)
  const keep = !at.isStale && earlier?.conclusion === 'success' ? earlier : undefined
  const done = keep ?? (await run.machines(() => work(run, at, name)))
  run.jobs.set(key, done)
  return { result: done.conclusion, outputs: done.outputs, before: at.before, ran: keep === undefined }
}

async function work(run: Run, { call, id, job, scope, stop }: LegStart, name: string): Promise<JobRun> {
  const { environment } = job
  const place =
    environment === undefined
      ? undefined
      : textOf(evaluateTree(typeof environment === 'string' ? environment : environment.name, scope))
  const gate = place === undefined ? undefined : run.request.environments?.[place]
  if (place !== undefined && gate === undefined)
    throw new Error(`${name} waits for the environment ${place}, which the test has not`)
  if (gate !== undefined && !(await gate.approve())) return emptyRun(name, 'failure', run)
  const late = { success: false, failure: scope.status?.failure ?? false, cancelled: true }
  const isCancelled = run.machine.signal.aborted && !evaluateCondition(job.if, { ...scope, status: late })
  if (isCancelled || stop.signal.aborted) return emptyRun(name, 'cancelled', run)
  const secrets = { ...Object(scope.contexts.secrets), ...gate?.secrets }
  const github = { ...Object(scope.contexts.github), job: id }
  const isTolerated = evaluateTree(job['continue-on-error'], scope) === true
  // What runs because of `always()` is not cancelled with the run.
  const signals = run.machine.signal.aborted ? [stop.signal] : [stop.signal, run.machine.signal]
  const ended = await runJob(
    {
      name,
      job,
      source: call.source,
      contexts: { ...scope.contexts, secrets, github },
      workflowEnv: call.file.env,
      secrets: Object.values(secrets).map(textOf),
      signal: AbortSignal.any(signals),
    },
    run.machine,
  )
  const conclusion = isTolerated && ended.conclusion === 'failure' ? 'success' : ended.conclusion
  return { ...ended, conclusion, name, attempt: run.machine.attempt }
}

/** Of a job that no step was run of. */
export function emptyRun(name: string, conclusion: Conclusion, run: Run): JobRun {
  return { name, conclusion, outputs: {}, steps: [], attempt: run.machine.attempt }
}
