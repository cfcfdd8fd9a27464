import type { Clock } from '../../src/context.ts'

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** A Thursday. */
export const firstMorning = Date.UTC(2026, 0, 1, 3, 20)

/**
 * A clock of which nobody waits for: time passes by `sleep` and `pass`, and what is due meanwhile happens on the way. What the clock
 * shows and what has passed are two things, since clocks are set. All in milliseconds.
 */
export interface YearClock extends Clock {
  /** How much time has really passed since the beginning. */
  passed(): number
  pass(milliseconds: number): void
  /** Only the clock is set; no time passes. */
  set(by: number): void
  /** Something that happens after this much time since the beginning. */
  at(time: number, act: () => void): void
}

export function createYearClock(): YearClock {
  let passed = 0
  let offset = firstMorning
  const due: { readonly time: number; readonly act: () => void }[] = []
  const passUntil = (time: number): void => {
    for (let next = due[0]; next !== undefined && next.time <= time; next = due[0]) {
      due.shift()
      passed = Math.max(passed, next.time)
      next.act()
    }
    passed = Math.max(passed, time)
  }
  return {
    now: () => offset + passed,
    passed: () => passed,
    pass: (milliseconds) => passUntil(passed + milliseconds),
    set: (by) => {
      offset += by
    },
    at(time, act) {
      const place = due.findIndex((one) => one.time > time)
      due.splice(place < 0 ? due.length : place, 0, { time, act })
    },
    // Sleeps side by side overlap: each ends when its own time is over.
    async sleep(milliseconds, signal) {
      if (signal?.aborted) throw signal.reason
      const end = passed + Math.ceil(milliseconds)
      await Promise.resolve()
      passUntil(end)
      if (signal?.aborted) throw signal.reason
    },
  }
}
