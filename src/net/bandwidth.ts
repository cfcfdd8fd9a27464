import type { Clock } from '../context.ts'

/** A cap on bytes a second, shared by all streams that take from it. */
export interface Bandwidth {
  /** Waits until `bytes` may go out; undefined: they may at once. Rejects with the signal's reason when it fires. */
  take(bytes: number, signal?: AbortSignal): Promise<void> | undefined
}

export function createBandwidth(bytesPerSecond: undefined): Bandwidth
export function createBandwidth(bytesPerSecond: number | undefined, clock: Clock): Bandwidth
/**
 * A bandwidth of `bytesPerSecond`; undefined never waits. Who takes books the next free time on the line, in the order of asking, so
 * that no stream starves; bytes go when their time is over, so that no moment sees more than the limit and what was unused just before.
 */
export function createBandwidth(bytesPerSecond: number | undefined, clock?: Clock): Bandwidth {
  if (bytesPerSecond === undefined || clock === undefined) return { take: () => undefined }
  const line = { seen: clock.now(), free: clock.now() }
  return {
    take(bytes, signal) {
      const now = clock.now()
      // A clock that was set back: what was booked by it would hold every stream up.
      const booked = now < line.seen ? now : line.free
      line.seen = now
      line.free = Math.max(booked, now - longestLag) + (bytes / bytesPerSecond) * 1000
      const wait = line.free - now
      return wait <= 0 ? undefined : clock.sleep(Math.max(1, Math.ceil(wait)), signal)
    },
  }
}

/** Milliseconds of unused line that may be made up for: a busy moment of this process is no reason to stay below the limit. */
const longestLag = 500

/**
 * What one of several jobs may take of a limit when `atOnce` of them run side by side, each in a process of its own that knows nothing
 * of the others; undefined stays without limit.
 */
export function bandwidthShare(bytesPerSecond: number | undefined, atOnce: number): number | undefined {
  return bytesPerSecond === undefined
    ? undefined
    : Math.max(1, Math.floor(bytesPerSecond / Math.max(1, atOnce)))
}

/** One bandwidth for each limit (bytes a second): rules that name the same one share it. */
export function sharedBandwidths(clock: Clock, atOnce = 1): (limit: number | undefined) => Bandwidth {
  const known = new Map<number | undefined, Bandwidth>()
  return (limit) => {
    const bandwidth = known.get(limit) ?? createBandwidth(bandwidthShare(limit, atOnce), clock)
    known.set(limit, bandwidth)
    return bandwidth
  }
}
