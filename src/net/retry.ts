import type { Context } from '../context.ts'
import { asSyncError, explain, type SyncError } from '../model/errors.ts'
import { withRetry } from './with-retry.ts'

export interface RetryOptions {
  /** Tries in all, the first included; default 5. */
  readonly attempts?: number
  /** What is tried, for the log: `GET /api/models/a/b`. */
  readonly label: string
}

/**
 * The only retry there is. Runs `attempt(n)` (n from 1) until it succeeds, fails with an error that is not `retryable`, has been
 * tried `attempts` times, or the run is stopped; then throws the last error, which after the last try is no longer `retryable`: the
 * trying was done here. So one retry that comes to run inside another (a commit whose landing is looked up, a file whose absence is
 * asked about) does not multiply the tries of both.
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
      if (!error.retryable || context.signal.aborted) throw error
      if (n >= attempts) throw withRetry(error, false)
      const wait = retryDelay(error, n)
      const where = error.message.startsWith(options.label) ? '' : `${options.label}: `
      const again = `Trying again in ${Math.ceil(wait / 1000)} s (${n + 1} of ${attempts}).`
      context.log.warn(`${where}${explain(error)} ${again}`, `A request failed: ${error.code}. ${again}`)
      await context.clock.sleep(wait, context.signal)
    }
  }
}

/** Milliseconds before the next try after `failures` failures: what the hub asks for (30 minutes at most), else 1, 2, 4, 8 … s ±20 %. */
export function retryDelay(error: SyncError, failures: number): number {
  if (error.retryAfter !== undefined) return Math.min(Math.max(error.retryAfter, 0), 1800) * 1000
  return 1000 * 2 ** Math.min(failures - 1, 6) * (0.8 + 0.4 * Math.random())
}
