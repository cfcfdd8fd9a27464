import type { RunEvent } from '../../src/config/select-rules.ts'
import { day, hour, minute } from './year-clock.ts'

/** Watches when cycles start: no drift, no storm, no silence. */
export interface Starts {
  /** The clock was set, or the machine slept. */
  jump(): void
  /** The service was started anew; `resumes`: there is a plan to resume. */
  restart(resumes: boolean): void
  /** A plan is resumed: the grid goes on. */
  resume(): void
  /** It is done. */
  resumed(): void
  /** A cycle starts; answers whether it is the one for the weekly rule. `now` by the clock, `passed` in truth. */
  start(now: number, passed: number, event: RunEvent): boolean
  /** It came to its end. */
  end(now: number, passed: number): void
}

export function createStarts(every: number, complain: (what: string) => void): Starts {
  let origin: number | undefined
  let last: { readonly now: number; readonly passed: number; readonly endedAt: number } | undefined
  let started = 0
  let startedPassed = 0
  let jumped = false
  let isFirst = true
  let resumed = false
  let mustResume = false
  let doneUntil: number | undefined
  const assertSpaced = (now: number, passed: number): void => {
    if (last === undefined || origin === undefined) return
    const gap = passed - last.passed
    if (jumped) {
      // How long the machine slept, it does not know itself.
      if (gap > every * 1.5 + 75 * hour) complain(`silence of ${gap / hour} h`)
      return
    }
    if ((now - origin) % every !== 0) complain(`starts ${((now - origin) % every) / minute} min off the grid`)
    if (gap < every / 2) complain(`starts again after ${gap / hour} h`)
    if (passed - last.endedAt > every * 1.5) complain(`silence of ${(passed - last.endedAt) / hour} h`)
    const isRegular = (last.now - origin) % every === 0 && last.endedAt < last.passed + every
    if (isRegular && gap !== every) complain(`starts ${gap / hour} h after the last one`)
  }
  return {
    jump: () => {
      jumped = true
    },
    restart: (resumes) => {
      mustResume = resumes
      isFirst = true
      resumed = false
    },
    resume: () => {
      resumed = true
    },
    // What the cycle that was killed was to do is done now.
    resumed: () => {
      doneUntil = started
    },
    start(now, passed, event) {
      if (!isFirst) assertSpaced(now, passed)
      else if (mustResume && !resumed) complain('what was not finished is not resumed')
      else if (!resumed) origin = now
      else if (origin === undefined) complain('a plan is resumed that nobody made')
      doneUntil ??= now - minute
      const after = doneUntil
      const isAsked = event.kind === 'cycle' && event.until === now && event.after === after
      if (!isAsked) complain(`answers for ${JSON.stringify(event)}, and not for ${after} to ${now}`)
      isFirst = false
      jumped = false
      started = now
      startedPassed = passed
      return hasMonday(after, now)
    },
    end(_now, passed) {
      last = { now: started, passed: startedPassed, endedAt: passed }
      doneUntil = started
    },
  }
}

/** Whether a Monday, 06:00 UTC, lies after one time and not after the other. */
function hasMonday(after: number, until: number): boolean {
  // The fifth of January 1970 was one.
  const first = 4 * day + 6 * hour
  const count = (time: number): number => Math.floor((time - first) / (7 * day))
  return until > after && count(until) > count(after)
}
