import { setTimeout as sleep } from 'node:timers/promises'

/** Waits as long as these bytes take at the rate. */
export type Throttle = (bytes: number) => Promise<void>

/** One line shared by all who use the throttle. No rate: no waiting at all. */
export function createThrottle(bytesPerSecond: number | undefined): Throttle {
  if (bytesPerSecond === undefined) return () => Promise.resolve()
  let free = performance.now()
  return async (bytes) => {
    const now = performance.now()
    free = Math.max(free, now) + (bytes / bytesPerSecond) * 1000
    if (free - now > 2) await sleep(free - now)
  }
}

/** A body read no faster than the throttle allows. */
export async function* throttled(body: AsyncIterable<Buffer>, throttle: Throttle): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    await throttle(chunk.length)
    yield chunk
  }
}
