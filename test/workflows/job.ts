import { mkdirSync, mkdtempSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  evaluateCondition,
  evaluateTexts,
  evaluateTree,
  type Scope,
  type Status,
  textOf,
} from './expressions.ts'
import type { JobEnd, JobStart, Machine, State, StepRun } from './machine.ts'
import { runStep } from './step.ts'
import type { WorkflowStep } from './workflow-file.ts'

/** GitHub's most for the outputs of one job, as UTF-16: https://docs.github.com/actions/reference/limits */
const maxOutputBytes = 1_048_576

/** Runs the steps of one job on a machine of its own. */
export async function runJob(start: JobStart, machine: Machine): Promise<JobEnd> {
  const minutes = Number(evaluateTree(start.job['timeout-minutes'] ?? 360, { contexts: start.contexts }))
  const signal = AbortSignal.any([start.signal, AbortSignal.timeout(minutes * machine.minute)])
  const state: State = {
    masks: new Set(
      start.secrets.flatMap((secret) => secret.split('\n')).filter((line) => line.trim() !== ''),
    ),
    env: {},
    path: [],
    steps: {},
    runs: [],
    failed: false,
    isLost: false,
    folders: makeFolders(machine, start),
  }
  const jobEnv = evaluateTexts(start.workflowEnv, { contexts: start.contexts })
  Object.assign(state.env, jobEnv, evaluateTexts(start.job.env, scopeOf(start, state, jobEnv, signal)))
  for (const [index, step] of (start.job.steps ?? []).entries()) {
    if (state.isLost) break
    await runOne(step, index, start, state, machine, signal)
  }
  const conclusion = state.isLost || state.failed ? 'failure' : signal.aborted ? 'cancelled' : 'success'
  return { conclusion, outputs: outputsOf(start, state, signal), steps: state.runs }
}

async function runOne(
  step: WorkflowStep,
  index: number,
  start: JobStart,
  state: State,
  machine: Machine,
  signal: AbortSignal,
): Promise<void> {
  const env = { ...state.env }
  Object.assign(env, evaluateTexts(step.env, scopeOf(start, state, state.env, signal)))
  const scope = scopeOf(start, state, env, signal)
  const name = textOf(evaluateTree(step.name ?? step.uses ?? `Run ${step.run?.split('\n')[0]}`, scope))
  const note = (run: Omit<StepRun, 'name' | 'conclusion'>, isTolerated: boolean) => {
    const conclusion = isTolerated && run.outcome === 'failure' ? 'success' : run.outcome
    if (conclusion === 'failure') state.failed = true
    state.runs.push({
      ...run,
      name,
      conclusion,
      log: masked(run.log, state),
      summary: masked(run.summary, state),
    })
    if (step.id !== undefined)
      state.steps[step.id] = { outcome: run.outcome, conclusion, outputs: run.outputs }
  }
  if (!evaluateCondition(step.if, scope))
    return note({ outcome: 'skipped', log: '', summary: '', outputs: {}, annotations: [] }, false)
  const minutes = step['timeout-minutes']
  const limit =
    minutes === undefined ? [] : [AbortSignal.timeout(Number(evaluateTree(minutes, scope)) * machine.minute)]
  // What runs after a cancellation because its `if` says so is not cancelled a second time.
  const stop = AbortSignal.any([...(signal.aborted ? [] : [signal]), ...limit])
  const ended = await runStep(step, index, start, { state, machine, env, scope, name, signal: stop })
  for (const mask of ended.masks) state.masks.add(mask)
  Object.assign(state.env, ended.env)
  state.path.unshift(...ended.path)
  const outcome = ended.status === 0 ? 'success' : stop.aborted && signal.aborted ? 'cancelled' : 'failure'
  const { log, summary, outputs, annotations } = ended
  note(
    { outcome, log, summary, outputs, annotations },
    Boolean(evaluateTree(step['continue-on-error'], scope)),
  )
}

function makeFolders(machine: Machine, start: JobStart): State['folders'] {
  mkdirSync(machine.folder, { recursive: true })
  const root = mkdtempSync(join(machine.folder, 'machine-'))
  const repository = textOf(Object(start.contexts.github).repository)
  const name = basename(repository)
  const folders = {
    workspace: join(root, 'work', name, name),
    temp: join(root, 'temp'),
    home: join(root, 'home'),
    files: join(root, 'files'),
  }
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true })
  return folders
}

function scopeOf(start: JobStart, state: State, env: Record<string, string>, signal: AbortSignal): Scope {
  const status: Status = {
    success: !state.failed && !signal.aborted,
    failure: state.failed,
    cancelled: signal.aborted,
  }
  const named = Object.entries(status).find(([, holds]) => holds)?.[0]
  const { workspace, temp } = state.folders
  const github = { ...Object(start.contexts.github), workspace }
  const runner = {
    os: 'Linux',
    arch: 'X64',
    name: 'test',
    environment: 'github-hosted',
    temp,
    tool_cache: temp,
    debug: '',
  }
  return {
    contexts: { ...start.contexts, github, runner, env, steps: state.steps, job: { status: named } },
    status,
  }
}

/** An output that holds a masked value is dropped, and too many of them fail the job, as on GitHub. */
function outputsOf(start: JobStart, state: State, signal: AbortSignal): Record<string, string> {
  const outputs = evaluateTexts(start.job.outputs, scopeOf(start, state, state.env, signal))
  const size = Object.values(outputs).reduce((sum, value) => sum + value.length * 2, 0)
  if (size > maxOutputBytes) throw new Error(`The outputs of ${start.name} are ${size} bytes of UTF-16`)
  const isSafe = ([, value]: [string, string]) => ![...state.masks].some((mask) => value.includes(mask))
  return Object.fromEntries(Object.entries(outputs).filter(isSafe))
}

function masked(text: string, state: State): string {
  const told = text.replace(/^::add-mask::.*\n?/gm, '')
  return [...state.masks].reduce((shown, mask) => shown.replaceAll(mask, '***'), told)
}
