import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as core from '@actions/core'
import type { Environment, RunOptions } from '../commands/options.ts'
import type { Context } from '../context.ts'
import { asSyncError, type SyncError } from '../model/errors.ts'
import type { Report } from '../model/report.ts'
import type { CommandResult } from '../report/command-result.ts'
import { exitStatusOfError } from '../report/exit-status.ts'
import { publicError } from '../report/private-names.ts'
import { eventOf, isInPublic, refuseUntrusted, runAddress, type WorkflowRun } from './event.ts'
import { type Inputs, readInputs } from './inputs.ts'
import { createLedgerCache } from './ledger-cache.ts'
import { annotate, failStep, setOutputs, writeSummary } from './outputs.ts'
import { createRuntime } from './runtime.ts'

/** One command of the engine. */
export type Command = (context: Context, options: RunOptions, env: Environment) => Promise<CommandResult>

/** Where plan, results and report of a whole run go, below the workspace. */
const runDirectory = '.model-hub-sync'

/**
 * The root action: inputs → command → outputs. Outputs are set and the summary is written whatever happens; a run that did not
 * end well fails the step with its exit status. Never throws.
 */
export async function runAction(command: Command, run: WorkflowRun): Promise<void> {
  const ending: Ending = {}
  try {
    const started = start(run)
    ending.options = started.options
    ending.result = await work(command, run, started)
  } catch (thrown) {
    const error = asSyncError(thrown)
    ending.error = ending.options?.hideNames ? publicError(error) : error
  } finally {
    await finish(ending)
  }
}

/** What is there in the end; each part only if it came to it. */
interface Ending {
  options?: RunOptions
  result?: CommandResult
  error?: SyncError
}

type Started = Pick<Inputs, 'options' | 'env'>

/** Reads the inputs and refuses what must not run. Its errors name nothing but inputs, which the runner has printed already. */
function start(run: WorkflowRun): Started {
  const { options, env, showsPrivate } = readInputs(eventOf(run), runDirectory)
  refuseUntrusted(run, options.dryRun)
  const address = runAddress(run, env.GITHUB_REPOSITORY)
  const hideNames = !showsPrivate && isInPublic(run)
  return { options: { ...options, hideNames, ...(address && { run: address }) }, env }
}

async function work(command: Command, run: WorkflowRun, { options, env }: Started): Promise<CommandResult> {
  const ledger = createLedgerCache(join(options.dir, 'ledger.json'), configDigest(options), run)
  const runtime = await createRuntime(env, options)
  try {
    await ledger.restore()
    const result = await command(runtime.context, options, env)
    if (existsSync(join(options.dir, 'ledger.json'))) await ledger.save()
    return result
  } finally {
    runtime.close()
  }
}

async function finish({ options, result, error }: Ending): Promise<void> {
  const report: Report | undefined = result?.report
  setOutputs(report, error, join(runDirectory, 'report.json'))
  if (report !== undefined) annotate(report)
  if (report !== undefined || error !== undefined) await writeSummary(report, error, options?.run)
  if (result !== undefined) core.info(result.text)
  const exitStatus = error === undefined ? (result?.exitStatus ?? 1) : exitStatusOfError(error)
  if (exitStatus !== 0) failStep(report, error, exitStatus)
}

/** Names the cached ledger only, of which there is one with private names and one without; whether an entry holds is decided by the digests inside it. */
function configDigest(options: RunOptions): string {
  const file = options.configFile
  const text = file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : ''
  return createHash('sha256')
    .update(JSON.stringify([text, options.from, options.to, options.hideNames]))
    .digest('hex')
    .slice(0, 16)
}
