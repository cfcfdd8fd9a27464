import type { Clock } from '../../../src/context.ts'

export interface SimulatedClock extends Clock {
  /** Goes on to a time, waking sleepers in their order; each may go to sleep again on the way. */
  runUntil(milliseconds: number): Promise<void>
  /** Sets the time without waking anybody, as a person or a time server does. */
  set(milliseconds: number): void
}

/** A clock that stands still between sleepers. It starts at 0. Sleep is measured apart from the time of day, as by a real machine. */
export function simulatedClock(): SimulatedClock {
  let time = 0
  let offset = 0
  const sleepers: { readonly at: number; readonly wake: () => void }[] = []
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  const runUntil = async (until: number): Promise<void> => {
    for (;;) {
      await settle()
      sleepers.sort((a, b) => a.at - b.at)
      const next = sleepers[0]
      if (next === undefined || next.at > until) break
      time = next.at
      for (const { wake } of sleepers.splice(0, sleepers.filter(({ at }) => at === next.at).length)) wake()
    }
    time = until
  }
  return {
    now: () => time + offset,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
        sleepers.push({ at: time + milliseconds, wake: resolve })
      }),
    runUntil,
    set: (milliseconds) => {
      offset = milliseconds - time
    },
  }
}
