import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as core from '@actions/core'
import type { Environment, RunOptions } from '../commands/options.ts'
import { inheritedVariables, proxySettings } from '../commands/process-settings.ts'
import { realClock } from '../commands/real-clock.ts'
import type { Context, Logger, Progress } from '../context.ts'
import { asSyncError, explain, SyncError } from '../model/errors.ts'
import { logLine } from '../report/escape.ts'
import { eventLine } from '../report/event-line.ts'
import { formatSeconds } from '../report/phrases.ts'
import { leftOut, noNames, publicError, publicEvent, publicNames } from '../report/private-names.ts'

export interface Runtime {
  readonly context: Context
  /** Ends the open log group, and takes the signal handlers and the work folder away. */
  close(): void
}

/**
 * The context of an action: log groups for stages, a work folder under RUNNER_TEMP (0700), and a signal that fires when the
 * runner cancels the job (SIGINT, then SIGTERM after 7.5 s) or at the deadline (milliseconds from now). With `hideNames` nothing gets
 * into the log but what `publicEvent` lets through and what a line says of itself that everybody may read.
 */
export async function createRuntime(
  env: Environment,
  { deadline, hideNames = false }: Pick<RunOptions, 'deadline' | 'hideNames'>,
): Promise<Runtime> {
  const workDir = await mkdtemp(join(env.RUNNER_TEMP || tmpdir(), 'model-hub-sync-'))
  const abort = new AbortController()
  const stop = (why: string): void =>
    abort.abort(
      new SyncError('stopped', why, { next: 'Run it again to continue: what is there is not moved twice.' }),
    )
  const onSignal = (name: NodeJS.Signals): void => stop(`Stopped by ${name}.`)
  const timer =
    deadline === undefined || deadline > 2 ** 31 - 1
      ? undefined
      : setTimeout(() => stop(`The deadline of ${formatSeconds(deadline / 1000)} is over.`), deadline).unref()
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  const { progress, endGroup } = groupedProgress(hideNames)
  const { log, tellLeftOut } = hideNames ? publicLog() : { log: fullLog, tellLeftOut: () => {} }
  if (hideNames) process.on('uncaughtException', crash)
  const close = (): void => {
    endGroup()
    tellLeftOut()
    process.off('uncaughtException', crash)
    clearTimeout(timer)
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
    rmSync(workDir, { recursive: true, force: true, maxRetries: 3 })
  }
  return {
    context: {
      clock: realClock,
      log,
      progress,
      signal: abort.signal,
      workDir,
      proxy: proxySettings(env),
      inherited: inheritedVariables(env),
    },
    close,
  }
}

/** No text from a hub starts a workflow command: core.info prints as it is, the others escape what they are given. */
const fullLog: Logger = {
  debug: (message) => core.debug(message),
  info: (message) => {
    for (const line of message.split('\n')) core.info(logLine(line))
  },
  // A plain line, not an annotation: those are few and belong to the repos that failed.
  warn: (message) => {
    for (const line of message.split('\n')) core.info(logLine(`warning: ${line}`))
  },
}

/** Only what a line says of itself that everybody may read; the others are counted. */
function publicLog(): { log: Logger; tellLeftOut: () => void } {
  let lines = 0
  const said = (say: (text: string) => void) => (_: string, publicly?: string) => {
    if (publicly === undefined) lines += 1
    else say(publicly)
  }
  const tellLeftOut = (): void => {
    const text = leftOut(lines)
    if (text !== undefined) fullLog.info(text)
  }
  return {
    log: { debug: () => {}, info: said(fullLog.info), warn: said(fullLog.warn) },
    tellLeftOut,
  }
}

/** Node would print the message of an error that nobody caught, and the line of code. */
function crash(thrown: unknown): void {
  core.setFailed(explain(publicError(asSyncError(thrown))))
  process.exit(1)
}

function groupedProgress(hideNames: boolean): { progress: Progress; endGroup: () => void } {
  const labels = new Map<string, string>()
  let names = noNames
  let open = false
  const endGroup = (): void => {
    if (open) core.endGroup()
    open = false
  }
  const progress: Progress = (full) => {
    if (full.kind === 'planned') names = publicNames(full.plan)
    const event = hideNames ? publicEvent(full, names) : full
    if (event.kind === 'item-started') labels.set(event.item, event.label)
    const text = eventLine(event, 'item' in event ? (labels.get(event.item) ?? event.item) : '')
    if (event.kind === 'item-finished') labels.delete(event.item)
    if (text === undefined) return
    if (event.kind !== 'stage') return core.info(logLine(text))
    endGroup()
    core.startGroup(logLine(text))
    open = true
  }
  return { progress, endGroup }
}
