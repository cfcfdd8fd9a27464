import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../commands/options.ts'
import { inheritedVariables, proxySettings } from '../commands/process-settings.ts'
import { realClock } from '../commands/real-clock.ts'
import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import { formatSeconds } from '../report/phrases.ts'
import type { ProgressOutput } from './progress.ts'

export interface Runtime {
  readonly context: Context
  /** Takes the signal handlers and the work folder away; safe to call more than once. */
  close(): void
}

/**
 * The context of one command: work folder (0700), proxies, and a signal that fires at SIGINT, SIGTERM or the deadline
 * (milliseconds from now). A second signal ends the process at once with 130.
 */
export async function createRuntime(
  env: Environment,
  output: ProgressOutput,
  deadline?: number,
): Promise<Runtime> {
  const workDir = await mkdtemp(join(tmpdir(), 'model-hub-sync-'))
  const abort = new AbortController()
  const stop = (why: string): void =>
    abort.abort(
      new SyncError('stopped', why, { next: 'Run it again to continue: what is there is not moved twice.' }),
    )
  const onSignal = (name: NodeJS.Signals): void => {
    if (abort.signal.aborted) endNow(workDir, output)
    output.log.warn(`${name}: stopping; once more ends at once`)
    stop(`Stopped by ${name}.`)
  }
  const seconds = (deadline ?? 0) / 1000
  const timer =
    deadline === undefined
      ? undefined
      : setTimer(() => stop(`The deadline of ${formatSeconds(seconds)} is over.`), deadline)
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  const close = (): void => {
    clearTimeout(timer)
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
    rmSync(workDir, { recursive: true, force: true, maxRetries: 3 })
  }
  const { log, progress } = output
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

/** Longer than a timer can count (24 days) is no deadline at all. */
function setTimer(act: () => void, milliseconds: number): NodeJS.Timeout | undefined {
  return milliseconds > 2 ** 31 - 1 ? undefined : setTimeout(act, milliseconds).unref()
}

function endNow(workDir: string, output: ProgressOutput): never {
  output.stop()
  rmSync(workDir, { recursive: true, force: true, maxRetries: 3 })
  process.exit(130)
}
