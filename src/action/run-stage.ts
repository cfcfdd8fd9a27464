import * as core from '@actions/core'
import type { RunOptions } from '../commands/options.ts'
import type { Context } from '../context.ts'
import { asSyncError, type SyncError } from '../model/errors.ts'
import type { CommandResult } from '../report/command-result.ts'
import { exitStatusOfError } from '../report/exit-status.ts'
import { headline } from '../report/phrases.ts'
import { publicError } from '../report/private-names.ts'
import { eventOf, ownVisibility, refuseUntrusted, runAddress, type WorkflowRun } from './event.ts'
import type { Inputs } from './inputs.ts'
import { failStep } from './outputs.ts'
import { canStrangersRead } from './own-visibility.ts'
import { createRuntime } from './runtime.ts'

/** What one action is made of: what it reads, what it does, and what it leaves. */
export interface Stage<Read extends Inputs, Result extends CommandResult> {
  /** Every input, once; tokens are masked before anything else happens. */
  readonly read: (event: RunOptions['event']) => Read
  /** True where nothing is written that a stranger's change could misuse. */
  readonly isHarmless: (inputs: Read) => boolean
  readonly work: (context: Context, inputs: Read, run: WorkflowRun) => Promise<Result>
  /** One line about how it ended, where the report has none. */
  readonly headline?: (result: Result) => string
  /** Sets every output and writes the summary, also where there is an error and no result, or nothing to do. */
  readonly leave: (ending: Ending<Read, Result>) => Promise<void>
}

/** What is there in the end; each part only if it came to it. */
export interface Ending<Read extends Inputs, Result extends CommandResult> {
  readonly inputs?: Read
  readonly result?: Result
  readonly error?: SyncError
}

/** Inputs → work → outputs. A step that did not end well fails with its exit status. Never throws. */
export async function runStage<Read extends Inputs, Result extends CommandResult>(
  stage: Stage<Read, Result>,
  run: WorkflowRun,
): Promise<void> {
  const ending: { inputs?: Read; result?: Result; error?: SyncError } = {}
  try {
    const read = stage.read(eventOf(run))
    const inputs = { ...read, options: { ...read.options, ...(await surroundings(read, run)) } }
    ending.inputs = inputs
    refuseUntrusted(run, stage.isHarmless(inputs))
    ending.result = await inRuntime(stage, inputs, run)
  } catch (thrown) {
    const error = asSyncError(thrown)
    ending.error = ending.inputs?.options.hideNames ? publicError(error) : error
  } finally {
    await stage.leave(ending)
    end(stage, ending)
  }
}

async function surroundings(
  inputs: Inputs,
  run: WorkflowRun,
): Promise<Pick<RunOptions, 'hideNames' | 'run'>> {
  const address = runAddress(run, inputs.env.GITHUB_REPOSITORY)
  const hideNames = !inputs.showsPrivate && (await isInPublic(inputs, run))
  return { hideNames, ...(address && { run: address }) }
}

/** What nobody tells counts as public: then too much is hidden, never too little. */
async function isInPublic({ env }: Inputs, run: WorkflowRun): Promise<boolean> {
  const told = ownVisibility(run)
  if (told !== 'untold') return told === 'public'
  const runtime = await createRuntime(env, { hideNames: true })
  try {
    const apiUrl = env.GITHUB_API_URL ?? 'https://api.github.com'
    return (await canStrangersRead(runtime.context, apiUrl, env.GITHUB_REPOSITORY ?? '')) !== 'no'
  } finally {
    runtime.close()
  }
}

async function inRuntime<Read extends Inputs, Result extends CommandResult>(
  stage: Stage<Read, Result>,
  inputs: Read,
  run: WorkflowRun,
): Promise<Result> {
  const runtime = await createRuntime(inputs.env, inputs.options)
  try {
    return await stage.work(runtime.context, inputs, run)
  } finally {
    runtime.close()
  }
}

function end<Read extends Inputs, Result extends CommandResult>(
  stage: Stage<Read, Result>,
  { result, error }: Ending<Read, Result>,
): void {
  if (result !== undefined) core.info(result.text)
  const exitStatus = error === undefined ? (result?.exitStatus ?? 1) : exitStatusOfError(error)
  if (exitStatus === 0) return
  const told = result?.report && headline(result.report)
  failStep(told ?? (result && stage.headline?.(result)), error, exitStatus)
}
