import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { evaluateTexts, evaluateTree, type Scope, textOf } from './expressions.ts'
import type { JobStart, Machine, State } from './machine.ts'
import { runStepProcess, type StepEnd } from './step-process.ts'
import { readAction, type WorkflowStep } from './workflow-file.ts'

/** Where a step stands: in what state of its job, seeing what. */
export interface Acting {
  readonly state: State
  readonly machine: Machine
  readonly env: Readonly<Record<string, string>>
  readonly scope: Scope
  readonly name: string
  readonly signal: AbortSignal
}

/** Runs what a step says: a script, an action of a repository, or one of GitHub's that are played here. */
export async function runStep(
  step: WorkflowStep,
  index: number,
  start: JobStart,
  acting: Acting,
): Promise<StepEnd> {
  const { state, scope } = acting
  const given = evaluateTexts(step.with, scope)
  const folder = join(state.folders.files, String(index))
  mkdirSync(folder)
  const cwd = resolve(state.folders.workspace, textOf(evaluateTree(step['working-directory'], scope)))
  if (step.run !== undefined) {
    const script = join(folder, 'script.sh')
    writeFileSync(script, textOf(evaluateTree(step.run, scope)))
    const shell = step.shell === 'bash' ? ['--noprofile', '--norc', '-eo', 'pipefail'] : ['-e']
    return runProcess(step.shell ?? 'bash', [...shell, script], cwd, acting.env, folder, start, acting)
  }
  const uses = step.uses ?? ''
  const builtIn = /^actions\/(checkout|upload-artifact|download-artifact)@/.exec(uses)?.[1]
  if (builtIn !== undefined) return actInside(builtIn, given, acting)
  const action = actionFolder(uses, start, acting)
  const { inputs, runs } = readAction(join(action, 'action.yml'))
  for (const name of Object.keys(given))
    if (!(name in inputs)) throw new Error(`Unexpected input "${name}" of ${uses} in ${start.name}`)
  const defaults = Object.entries(inputs).map(([name, input]) => [name, input.default ?? ''])
  const values = { ...evaluateTexts(Object.fromEntries(defaults), scope), ...given }
  const env = { ...acting.env, ...prefixed('INPUT_', values) }
  return runProcess(
    process.execPath,
    [join(action, runs.main)],
    state.folders.workspace,
    env,
    folder,
    start,
    acting,
  )
}

function runProcess(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  folder: string,
  start: JobStart,
  { state, machine, name, signal, scope }: Acting,
): Promise<StepEnd> {
  const path = [...state.path, process.env.PATH ?? ''].join(':')
  return runStepProcess({
    command,
    args,
    cwd,
    folder,
    signal,
    env: {
      ...machine.env,
      HOME: state.folders.home,
      CI: 'true',
      ...githubEnv(scope, state),
      ...env,
      PATH: path,
    },
    onStart: (kill) =>
      machine.onStep({
        job: start.name,
        attempt: machine.attempt,
        step: name,
        kill,
        loseMachine: () => {
          state.isLost = true
          kill()
        },
        cancelRun: machine.cancelRun,
      }),
  })
}

/** The actions of GitHub's that are played here. One that fails tells so as the real one does: in its log. */
function actInside(
  action: string,
  inputs: Record<string, string>,
  { state, machine, scope }: Acting,
): StepEnd {
  const end = { outputs: {}, env: {}, path: [], summary: '', masks: [], annotations: [] }
  const place = { workspace: state.folders.workspace, attempt: machine.attempt, runId: machine.runId }
  try {
    const log =
      action === 'checkout'
        ? checkOut(inputs, scope, machine, state)
        : machine.artifacts[action === 'upload-artifact' ? 'upload' : 'download'](inputs, place)
    return { ...end, status: 0, log }
  } catch (error) {
    if (!(error instanceof Error) || error.message.startsWith('Unexpected input')) throw error
    return {
      ...end,
      status: 1,
      log: `::error::${error.message}`,
      annotations: [{ level: 'error', message: error.message }],
    }
  }
}

function checkOut(inputs: Record<string, string>, scope: Scope, machine: Machine, state: State): string {
  const repository = inputs.repository ?? textOf(Object(scope.contexts.github).repository)
  cpSync(machine.repositoryFolder(repository), resolve(state.folders.workspace, inputs.path ?? ''), {
    recursive: true,
  })
  return `${repository} is checked out`
}

function actionFolder(uses: string, start: JobStart, { state, machine }: Acting): string {
  if (uses.startsWith('$/')) return join(start.source, uses.slice(2))
  if (uses.startsWith('./')) return join(state.folders.workspace, uses)
  const [, repository, path = ''] = /^([^/]+\/[^/@]+)(?:\/([^@]*))?@.+$/.exec(uses) ?? []
  if (repository === undefined) throw new Error(`not an action: ${uses}`)
  return join(machine.repositoryFolder(repository), path)
}

/** The variables that every step has; those of the context `github` by their names in capitals. */
function githubEnv(scope: Scope, state: State): Record<string, string> {
  const { event, token, ...github } = Object(scope.contexts.github)
  const file = join(state.folders.files, 'event.json')
  writeFileSync(file, JSON.stringify(event))
  const { temp } = state.folders
  return {
    ...prefixed('GITHUB_', evaluateTexts(github, { contexts: {} })),
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_PATH: file,
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: 'X64',
    RUNNER_TEMP: temp,
    RUNNER_TOOL_CACHE: temp,
  }
}

function prefixed(prefix: string, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      `${prefix}${name.replaceAll(' ', '_').toUpperCase()}`,
      value,
    ]),
  )
}
