import { existsSync } from 'node:fs'
import * as core from '@actions/core'
import type { Environment, RunOptions } from '../commands/options.ts'
import { parseDuration, parseSize } from '../config/units.ts'
import { SyncError } from '../model/errors.ts'
import { defaultJobSize } from '../model/plan.ts'
import { Secret } from '../model/secret.ts'
import { secretForms } from '../net/credentials.ts'

export interface Inputs {
  readonly options: RunOptions
  /** The process's environment with the tokens of the inputs, and without the inputs themselves. */
  readonly env: Environment
  /** True: what is not public may be named where everybody can read it. */
  readonly showsPrivate: boolean
}

/** Where a workflow keeps the configuration. */
export const defaultConfigFile = '.github/model-hub-sync.yml'

/**
 * The inputs of a whole run. Tokens are masked before anything else happens. Throws `usage` for an input that makes no sense.
 * `event` is what started the workflow; `dir` is where plan, results and report go.
 */
export function readInputs(event: RunOptions['event'], dir: string): Inputs {
  const { options, ...rest } = readSelection(event, dir)
  return { ...rest, options: { ...options, dryRun: flag('dry-run') } }
}

/** What every action has that asks a hub. */
function readSelection(event: RunOptions['event'], dir: string): Inputs {
  const tokens = readTokens()
  const [from, to] = [optional('from'), optional('to')]
  const options: RunOptions = {
    ...ownOptions(event, dir),
    configFile: configFile(to !== undefined),
    repos: list('model'),
    rules: list('rule'),
    from,
    to,
    type: oneOf('type', ['model', 'dataset']),
    set: core.getMultilineInput('set').filter((line) => line !== ''),
    failOn: failOn(),
    deadline: duration('deadline'),
  }
  return { options, env: { ...withoutInputs(process.env), ...tokens }, showsPrivate: showsPrivate() }
}

/** The inputs of `plan`: those of a whole run, the run directory, and how the work is cut. Throws `usage`. */
export function readPlanInputs(event: RunOptions['event']): Inputs {
  const inputs = readInputs(event, directory())
  const maxJobs = wholeNumber('max-jobs', 1, 256) ?? 256
  const jobSize = size('job-size') ?? defaultJobSize
  return { ...inputs, options: { ...inputs.options, maxJobs, jobSize } }
}

/** The inputs of `sync`: those of `plan`, the job, and how many run at a time. Throws `usage`. */
export function readSyncInputs(event: RunOptions['event']): Inputs {
  const inputs = readPlanInputs(event)
  const job = optional('job')
  // More than a matrix can hold is no mistake: GitHub takes any number for a strategy.
  const maxParallel = wholeNumber('max-parallel', 1, 1_000_000)
  return {
    ...inputs,
    options: { ...inputs.options, ...(job && { job }), ...(maxParallel && { maxParallel }) },
  }
}

/** The inputs of `repair`: those of a whole run, and the run directory. Throws `usage`. */
export function readRepairInputs(): Inputs {
  return readInputs(whenever, directory())
}

/** Mirrors are looked after at times of their own: by the schedule's line, rules that sync by another one would be left out in silence. */
const whenever: RunOptions['event'] = { kind: 'manual' }

/** Of an action that can tell of itself by an issue. */
export interface IssueInputs extends Inputs {
  /** Of the workflow, masked; for the issue. */
  readonly issueToken: Secret | undefined
  /** The input that it came by. */
  readonly issueTokenInput: string
  /** True: an issue is opened when the run fails, and closed when it is good again. */
  readonly issueOnFailure: boolean
}

/** The inputs of `verify`: those of a whole run but `dry-run`, the run directory, and the issue. Throws `usage`. */
export function readVerifyInputs(): IssueInputs {
  const issue = readIssueInputs('issue-token')
  return { ...readSelection(whenever, directory()), ...issue }
}

/** The inputs of `report`, which needs no token of any hub. Throws `usage`. */
export function readReportInputs(event: RunOptions['event']): IssueInputs {
  const issue = readIssueInputs('github-token')
  return {
    options: { ...ownOptions(event, directory()), failOn: failOn() },
    env: withoutInputs(process.env),
    showsPrivate: showsPrivate(),
    ...issue,
  }
}

function readIssueInputs(issueTokenInput: string): Omit<IssueInputs, keyof Inputs> {
  const token = core.getInput(issueTokenInput)
  mask(token)
  return {
    issueTokenInput,
    issueToken: token === '' ? undefined : new Secret(token),
    issueOnFailure: flag('issue-on-failure'),
  }
}

/** What an action has no input for. */
function ownOptions(event: RunOptions['event'], dir: string): RunOptions {
  return {
    ...{ repos: [], rules: [], include: [], exclude: [], set: [], revision: undefined },
    ...{ dir, event, dryRun: false, failOn: 'failed', envFile: '.env' },
    ...{ json: false, quiet: false, verbose: core.isDebug(), progress: false },
    ...{ maxJobs: 256, jobSize: defaultJobSize },
  }
}

function directory(): string {
  return optional('dir') ?? '.model-hub-sync'
}

function failOn(): RunOptions['failOn'] {
  return oneOf('fail-on', ['failed', 'blocked', 'never']) ?? 'failed'
}

function showsPrivate(): boolean {
  return oneOf('private-names', ['hide', 'show']) === 'show'
}

function flag(name: string): boolean {
  return oneOf(name, ['true', 'false']) === 'true'
}

/** All tokens by the name of the variable that the engine looks for; masked in every form before they are returned. */
function readTokens(): Record<string, string> {
  const tokens = new Map<string, string>()
  for (const [input, name] of tokenInputs) {
    const value = core.getInput(input)
    mask(value)
    if (value !== '') tokens.set(name, value)
  }
  const lines = core
    .getInput('tokens')
    .split(/\r?\n/)
    .map((line) => line.trim())
  // Everything is masked before a wrong line can end the run: a token may stand on it.
  for (const line of lines) mask(line.slice(line.indexOf('=') + 1))
  for (const [index, line] of lines.entries()) {
    if (line === '' || line.startsWith('#')) continue
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.+)$/.exec(line) ?? []
    if (name === undefined || value === undefined) {
      throw new SyncError('usage', `Line ${index + 1} of the input "tokens" is not NAME=value.`, {
        next: 'Write one NAME=value a line; NAME is the variable that the configuration names.',
      })
    }
    tokens.set(name, value)
  }
  return Object.fromEntries(tokens)
}

const tokenInputs = [
  ['huggingface-token', 'HF_TOKEN'],
  ['modelscope-token', 'MODELSCOPE_TOKEN'],
  ['modelers-token', 'MODELERS_TOKEN'],
  ['gitcode-token', 'GITCODE_TOKEN'],
  ['github-token', 'GH_TOKEN'],
] as const

function mask(value: string): void {
  if (value.trim() === '') return
  for (const form of secretForms(new Secret(value))) core.setSecret(form)
}

/** The file that was named, else the workflow's own; none only where `to` makes a rule of its own. */
function configFile(isSelfContained: boolean): string | undefined {
  const named = optional('config')
  if (named !== undefined) return named
  return isSelfContained && !existsSync(defaultConfigFile) ? undefined : defaultConfigFile
}

function optional(name: string): string | undefined {
  return core.getInput(name) || undefined
}

/** Comma or newline separated. */
function list(name: string): string[] {
  return core
    .getInput(name)
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

function oneOf<T extends string>(name: string, choices: readonly T[]): T | undefined {
  const text = core.getInput(name)
  if (text === '') return undefined
  const found = choices.find((choice) => choice === text)
  if (found !== undefined) return found
  throw new SyncError('usage', `The input "${name}" is ${JSON.stringify(text)}.`, {
    next: `It must be one of: ${choices.join(', ')}.`,
  })
}

function duration(name: string): number | undefined {
  const text = core.getInput(name)
  if (text === '') return undefined
  const milliseconds = parseDuration(text)
  if (milliseconds !== undefined) return milliseconds
  throw new SyncError('usage', `The input "${name}" is ${JSON.stringify(text)}.`, {
    next: 'Write a duration such as 5h30m.',
  })
}

function wholeNumber(name: string, least: number, most: number): number | undefined {
  const text = core.getInput(name)
  if (text === '') return undefined
  if (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text)
  throw new SyncError('usage', `The input "${name}" is ${JSON.stringify(text)}.`, {
    next: `Write a whole number from ${least} to ${most}.`,
  })
}

function size(name: string): number | undefined {
  const text = core.getInput(name)
  if (text === '') return undefined
  const bytes = parseSize(text)
  if (bytes) return bytes
  throw new SyncError('usage', `The input "${name}" is ${JSON.stringify(text)}.`, {
    next: 'Write a size such as 20GB.',
  })
}

function withoutInputs(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('INPUT_')))
}
