import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../context.ts'

/** The longest that a timer of node can count, 24 days; it ends at once what is longer. */
const longest = 2 ** 31 - 1

/** The time of this machine. A wait that is stopped rejects with the signal's own reason, not with node's. */
export const realClock: Clock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    try {
      let left = milliseconds
      do {
        await delay(Math.min(left, longest), undefined, signal === undefined ? {} : { signal })
        left -= longest
      } while (left > 0)
    } catch (error) {
      throw signal?.aborted ? signal.reason : error
    }
  },
}
