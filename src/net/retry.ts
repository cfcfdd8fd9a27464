import type { Context } from '../context.ts'
import { asSyncError, explain, type SyncError } from '../model/errors.ts'

export interface RetryOptions {
  /** Tries in all, the first included; default 5. */
  readonly attempts?: number
  /** What is tried, for the log: `GET /api/models/a/b`. */
  readonly label: string
}

/**
 * The only retry there is; never used inside itself. Runs `attempt(n)` (n from 1) until it succeeds, fails with an error that is
 * not `retryable`, has been tried `attempts` times, or the run is stopped; then throws the last error.
 */
export async function retry<T>(
  context: Context,
  attempt: (n: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const attempts = options.attempts ?? 5
  for (let n = 1; ; n++) {
    try {
      return await attempt(n)
    } catch (thrown) {
      const error = asSyncError(thrown)
      if (n >= attempts || !error.retryable || context.signal.aborted) throw error
      const wait = retryDelay(error, n)
      const where = error.message.startsWith(options.label) ? '' : `${options.label}: `
      context.log.warn(
        `${where}${explain(error)} Trying again in ${Math.ceil(wait / 1000)} s (${n + 1} of ${attempts}).`,
      )
      await context.clock.sleep(wait, context.signal)
    }
  }
}

/** Milliseconds before the next try after `failures` failures: what the hub asks for (30 minutes at most), else 1, 2, 4, 8 … s ±20 %. */
export function retryDelay(error: SyncError, failures: number): number {
  if (error.retryAfter !== undefined) return Math.min(Math.max(error.retryAfter, 0), 1800) * 1000
  return 1000 * 2 ** Math.min(failures - 1, 6) * (0.8 + 0.4 * Math.random())
}
