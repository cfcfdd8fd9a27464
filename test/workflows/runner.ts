import { randomInt } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { createArtifacts } from './artifacts.ts'
import { callInputs, dispatchInputs } from './call.ts'
import { evaluateCondition, evaluateTexts, evaluateTree, type Scope, textOf } from './expressions.ts'
import { folderOf, githubContext } from './github-context.ts'
import { emptyRun, type LegStart, runLeg } from './leg.ts'
import type { Conclusion, Machine } from './machine.ts'
import { matrixLegs } from './matrix.ts'
import { grantedTo, restricted } from './permissions.ts'
import type { Call, Ended, JobRun, Run, RunRequest } from './run-state.ts'
import { type Permissions, readWorkflow, type WorkflowJob } from './workflow-file.ts'

export interface WorkflowRun {
  readonly conclusion: Conclusion
  readonly jobs: readonly JobRun[]
  readonly artifacts: readonly string[]
  /** That of the request: `artifacts/` below it holds a folder an artifact. */
  readonly folder: string
  /** The most jobs of one matrix that ran at a time. */
  readonly mostParallel: number
  /** As GitHub's button: jobs that did not end well run again, and what needs them; `changes` are changes of the world, not of the run. */
  rerunFailed(changes?: Pick<RunRequest, 'onStep' | 'environments'>): Promise<WorkflowRun>
}

/** Runs a workflow file as GitHub does, each step of a job in a process of its own. Throws for what GitHub refuses to start. */
export function runWorkflow(request: RunRequest): Promise<WorkflowRun> {
  mkdirSync(join(request.folder, 'artifacts'), { recursive: true })
  const artifacts = createArtifacts(join(request.folder, 'artifacts'), request.forgetsArtifacts ?? false)
  return runAttempt(request, { artifacts, runId: String(randomInt(1e6, 1e9)) }, 1, new Map())
}

async function runAttempt(
  request: RunRequest,
  { artifacts, runId }: Pick<Machine, 'artifacts' | 'runId'>,
  attempt: number,
  earlier: ReadonlyMap<string, JobRun>,
): Promise<WorkflowRun> {
  const cancel = new AbortController()
  const machine: Machine = {
    folder: join(request.folder, `attempt-${attempt}`),
    repositoryFolder: (name) => folderOf(request, name),
    env: request.env ?? {},
    artifacts,
    attempt,
    runId,
    minute: request.minute ?? 60_000,
    onStep: request.onStep ?? (() => undefined),
    cancelRun: () => cancel.abort(),
    signal: cancel.signal,
  }
  const run: Run = {
    request,
    machine,
    earlier,
    jobs: new Map(),
    machines: pLimit(request.machines ?? 4),
    most: { at: 0 },
  }
  const file = readWorkflow(join(folderOf(request, request.repository), request.workflow))
  const secrets = { GITHUB_TOKEN: 'ghs_0123456789abcdefghijklmnopqrstuvwxyz', ...request.secrets }
  const github = githubContext(request, machine, file, secrets.GITHUB_TOKEN)
  const inputs = request.event.name === 'workflow_dispatch' ? dispatchInputs(file, request.inputs ?? {}) : {}
  await runFile(run, {
    file,
    source: folderOf(request, request.repository),
    prefix: '',
    contexts: { github, inputs, secrets, vars: {} },
    granted: 'write-all',
    unasked: restricted,
    groups: [],
    isStale: false,
  })
  const jobs = [...run.jobs.values()]
  return {
    conclusion: worst(jobs.map((job) => job.conclusion)),
    jobs,
    artifacts: artifacts.names(),
    folder: request.folder,
    mostParallel: run.most.at,
    rerunFailed: (changes = {}) => runAttempt({ ...request, ...changes }, machine, attempt + 1, run.jobs),
  }
}

async function runFile(run: Run, call: Call): Promise<Readonly<Record<string, Ended>>> {
  for (const [id, job] of Object.entries(call.file.jobs)) rightsOf(call, id, job)
  const pending = new Map<string, Promise<Ended>>()
  const after = (id: string, chain: readonly string[] = []): Promise<Ended> => {
    const job = call.file.jobs[id]
    if (job === undefined || chain.includes(id))
      throw new Error(`needs: ${[...chain, id].join(' → ')} cannot be`)
    const known = pending.get(id)
    if (known !== undefined) return known
    const needs = job.needs.map(async (need) => [need, await after(need, [...chain, id])] as const)
    const ended = Promise.all(needs).then((all) => runNeeded(run, call, id, job, Object.fromEntries(all)))
    pending.set(id, ended)
    return ended
  }
  const all = Object.keys(call.file.jobs).map(async (id) => [id, await after(id)] as const)
  return Object.fromEntries(await Promise.all(all))
}

/** A job whose needs have ended: skipped, a call of another workflow, or one run a leg of its matrix. */
async function runNeeded(
  run: Run,
  call: Call,
  id: string,
  job: WorkflowJob,
  needs: Record<string, Ended>,
): Promise<Ended> {
  const before = Object.values(needs).flatMap((need) => [need.result, ...need.before])
  const isStale = call.isStale || Object.values(needs).some((need) => need.ran)
  const status = {
    success: before.every((one) => one === 'success'),
    failure: before.includes('failure'),
    cancelled: run.machine.signal.aborted,
  }
  if (status.cancelled) status.success = false
  const contexts = {
    ...call.contexts,
    needs: Object.fromEntries(
      Object.entries(needs).map(([name, { result, outputs }]) => [name, { result, outputs }]),
    ),
  }
  const scope: Scope = { contexts, status }
  const base = `${call.prefix}${id}`
  const earlier = isStale ? undefined : run.earlier.get(base)
  if (earlier?.conclusion === 'skipped' || !evaluateCondition(job.if, scope)) {
    run.jobs.set(base, earlier ?? emptyRun(base, 'skipped', run))
    return { result: 'skipped', outputs: {}, before, ran: false }
  }
  const legs = job.strategy === undefined ? [{}] : matrixLegs(evaluateTree(job.strategy.matrix, scope))
  const stop = new AbortController()
  const enter = pLimit(Number(evaluateTree(job.strategy?.['max-parallel'] ?? legs.length, scope)))
  const ends = await Promise.all(
    legs.map((matrix, index) =>
      enter(async () => {
        run.most.at = Math.max(run.most.at, enter.activeCount)
        const strategy = { 'job-index': index, 'job-total': legs.length }
        const at: LegStart = {
          call,
          id,
          job,
          isStale,
          stop,
          before,
          scope: { ...scope, contexts: { ...contexts, matrix, strategy } },
        }
        const ended = job.uses === undefined ? await runLeg(run, at, matrix) : await runCall(run, at)
        if (ended.result === 'failure' && evaluateTree(job.strategy?.['fail-fast'] ?? true, scope))
          stop.abort()
        return ended
      }),
    ),
  )
  const outputs = Object.assign({}, ...ends.map((end) => end.outputs))
  return { result: worst(ends.map((end) => end.result)), outputs, before, ran: ends.some((end) => end.ran) }
}

/** A reusable workflow: its own inputs and secrets, none of the caller's `env`, no more rights than the caller has. */
async function runCall(run: Run, { call, id, job, isStale, scope, before }: LegStart): Promise<Ended> {
  const { folder, path } = resolveWorkflow(run, call, job.uses ?? '')
  const file = readWorkflow(join(folder, path))
  const given = job.secrets === 'inherit' ? Object(scope.contexts.secrets) : evaluateTexts(job.secrets, scope)
  const { inputs, secrets } = callInputs(
    `${call.prefix}${id}`,
    file,
    evaluateTree(job.with, scope),
    given,
    job.secrets === 'inherit',
  )
  const token = Object(scope.contexts.secrets).GITHUB_TOKEN
  const contexts = {
    github: scope.contexts.github,
    vars: {},
    inputs,
    secrets: { ...secrets, GITHUB_TOKEN: token },
  }
  const name = textOf(evaluateTree(job.name, scope)) || id
  const granted = rightsOf(call, id, job)
  const groups = [
    ...call.groups,
    ...groupsOf(call.file.concurrency, scope),
    ...groupsOf(job.concurrency, scope),
  ]
  for (const group of groupsOf(file.concurrency, { contexts }))
    if (groups.includes(group))
      throw new Error(`${name} waits for its own caller in the concurrency group ${group}`)
  const ends = await runFile(run, {
    file,
    source: folder,
    prefix: `${call.prefix}${name} / `,
    contexts,
    granted,
    unasked: granted,
    groups,
    isStale,
  })
  const jobs = Object.fromEntries(
    Object.entries(ends).map(([one, { result, outputs }]) => [one, { result, outputs }]),
  )
  const told = Object.entries(file.on.workflow_call?.outputs ?? {}).map(([one, { value }]) => [one, value])
  const outputs = evaluateTexts(Object.fromEntries(told), { contexts: { ...contexts, jobs } })
  const results = Object.values(ends).map((end) => end.result)
  return { result: worst(results), outputs, before, ran: Object.values(ends).some((end) => end.ran) }
}

function rightsOf(call: Call, id: string, job: WorkflowJob): Permissions {
  const wanted = job.permissions ?? call.file.permissions ?? call.unasked
  return grantedTo(`${call.prefix}${id}`, wanted, call.granted)
}

function groupsOf(concurrency: unknown, scope: Scope): string[] {
  if (concurrency === undefined) return []
  const { group } = typeof concurrency === 'string' ? { group: concurrency } : Object(concurrency)
  return [textOf(evaluateTree(group, scope))]
}

function resolveWorkflow(run: Run, call: Call, uses: string): { folder: string; path: string } {
  if (/^[.$]\//.test(uses)) return { folder: call.source, path: uses.slice(2) }
  const [, repository, path] = /^([^/]+\/[^/]+)\/(\.github\/workflows\/[^/@]+)@.+$/.exec(uses) ?? []
  if (repository === undefined || path === undefined) throw new Error(`not a workflow: ${uses}`)
  return { folder: folderOf(run.request, repository), path }
}

/** A skipped job spoils nothing. */
function worst(all: readonly Conclusion[]): Conclusion {
  if (all.includes('failure')) return 'failure'
  if (all.includes('cancelled')) return 'cancelled'
  return all.length > 0 && all.every((one) => one === 'skipped') ? 'skipped' : 'success'
}
