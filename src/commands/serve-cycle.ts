import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { asSyncError, SyncError } from '../model/errors.ts'
import type { Report } from '../model/report.ts'
import type { CommandResult } from '../report/command-result.ts'
import { formatSeconds } from '../report/phrases.ts'
import type { Environment, RunOptions } from './options.ts'

export interface CycleResult extends CommandResult {
  readonly report: Report
  readonly runId: string
}

/** A whole run. Whatever it opens ends with the context it is given. */
export type CycleWork = (context: Context, options: RunOptions, env: Environment) => Promise<CycleResult>

/** How a cycle went. Times are milliseconds since 1970. */
export type CycleEnd = { readonly startedAt: number; readonly finishedAt: number } & (
  | {
      readonly kind: 'done'
      readonly result: CycleResult
      /** By the service's signal, or the deadline. */
      readonly stopped: boolean
    }
  | { readonly kind: 'failed'; readonly error: SyncError }
)

/**
 * Does one cycle in a work folder and with a signal of its own, so that nothing of it outlives it; `deadline` counts from its start. Never
 * throws.
 */
export async function oneCycle(
  context: Context,
  options: RunOptions,
  env: Environment,
  work: CycleWork,
): Promise<CycleEnd> {
  const { clock } = context
  const startedAt = clock.now()
  const progress: Context['progress'] = (event) => {
    // A cycle that finds nothing to do is one line of the log.
    if (event.kind !== 'stage') context.progress(event)
  }
  const { signal, close } = signalOfCycle(context, options.deadline)
  try {
    const result = await inWorkFolder(context, (workDir) =>
      work({ ...context, signal, workDir, progress }, options, env),
    )
    return { kind: 'done', result, stopped: signal.aborted, startedAt, finishedAt: clock.now() }
  } catch (thrown) {
    return { kind: 'failed', error: asSyncError(thrown), startedAt, finishedAt: clock.now() }
  } finally {
    close()
  }
}

async function inWorkFolder<T>({ workDir }: Context, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(workDir, 'cycle-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Fires with the service's own signal and at the deadline; what listens to it goes with the cycle, and not with the service. */
function signalOfCycle(
  { clock, signal }: Context,
  deadline: number | undefined,
): { readonly signal: AbortSignal; readonly close: () => void } {
  const cycle = new AbortController()
  const isOver = new AbortController()
  const stop = (): void => cycle.abort(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop)
  if (deadline !== undefined) {
    const reason = new SyncError('stopped', `The deadline of ${formatSeconds(deadline / 1000)} is over.`, {
      next: 'The next cycle continues: what is there is not moved twice.',
    })
    clock.sleep(deadline, isOver.signal).then(
      () => cycle.abort(reason),
      // The cycle was over before.
      () => undefined,
    )
  }
  const close = (): void => {
    signal.removeEventListener('abort', stop)
    isOver.abort()
    cycle.abort(new SyncError('stopped', 'The cycle is over.'))
  }
  return { signal: cycle.signal, close }
}
