import type { Context } from '../context.ts'
import { retryAfterSeconds, spentSeconds } from './retry-after.ts'

/** Paces requests per host: even spacing, and a pause for all when the host asks for it. */
export interface Rate {
  /** Waits for the next free moment of this host; rejects when the run is stopped. */
  turn(host: string): Promise<void>
  /** Takes note of an answer: a 429 or a spent quota pauses the host, not one call. */
  note(host: string, status: number, headers: Readonly<Record<string, string>>): void
}

/** `requestsPerSecond` to one host; Infinity does not space. */
export function createRate(context: Context, requestsPerSecond: number): Rate {
  const spacing = 1000 / requestsPerSecond
  const free = new Map<string, number>()
  const paused = new Map<string, number>()
  let latest = 0
  /** The clock; when it was set back, what was noted by it says nothing any more and would hold every request up. */
  const clockNow = () => {
    const now = context.clock.now()
    if (now < latest) {
      free.clear()
      paused.clear()
    }
    latest = now
    return now
  }
  return {
    async turn(host) {
      for (;;) {
        const pause = (paused.get(host) ?? 0) - clockNow()
        if (pause <= 0) break
        await context.clock.sleep(pause, context.signal)
      }
      const now = clockNow()
      const slot = Math.max(now, free.get(host) ?? 0)
      free.set(host, slot + spacing)
      if (slot > now) await context.clock.sleep(slot - now, context.signal)
    },
    note(host, status, headers) {
      const now = clockNow()
      // GitHub says so by 403 as well, with the same header (docs.github.com, "Rate limits for the REST API").
      const slowDown = status === 429 || (status === 403 && headers['retry-after'] !== undefined)
      const seconds = slowDown ? (retryAfterSeconds(headers, now) ?? 1) : spentSeconds(headers, now)
      if (seconds === undefined) return
      paused.set(host, Math.max(paused.get(host) ?? 0, now + Math.min(seconds, longestPause) * 1000))
    },
  }
}

/** Seconds; ModelScope's longest Retry-After. */
const longestPause = 1800
