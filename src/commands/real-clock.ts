import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../context.ts'

/** The time of this machine. A wait that is stopped rejects with the signal's own reason, not with node's. */
export const realClock: Clock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    try {
      await delay(milliseconds, undefined, signal === undefined ? {} : { signal })
    } catch (error) {
      throw signal?.aborted ? signal.reason : error
    }
  },
}
