import { describe, expect, it } from 'vitest'
import { SyncError } from '../../../src/model/errors.ts'
import { type Bandwidth, bandwidthShare, createBandwidth } from '../../../src/net/bandwidth.ts'
import { type SimulatedClock, simulatedClock } from './simulated-clock.ts'

/** A stream that takes chunk after chunk, and where it stands. */
function stream(bandwidth: Bandwidth, chunk: number): { bytes: number } {
  const state = { bytes: 0 }
  const run = async () => {
    for (;;) {
      await bandwidth.take(chunk)
      state.bytes += chunk
    }
  }
  void run()
  return state
}

/** Bytes of all streams in each second of the clock. */
async function measured(clock: SimulatedClock, streams: readonly { bytes: number }[], seconds: number) {
  const total = () => streams.reduce((sum, { bytes }) => sum + bytes, 0)
  const each: number[] = []
  for (let second = 1; second <= seconds; second++) {
    const before = total()
    await clock.runUntil(second * 1000)
    each.push(total() - before)
  }
  return { total: total(), each }
}

describe('createBandwidth', () => {
  it('without a limit nothing waits', () => {
    expect(createBandwidth(undefined).take(1e12)).toBeUndefined()
    expect(createBandwidth(undefined, simulatedClock()).take(1e12)).toBeUndefined()
  })

  it.each([
    ['1 stream', 50_000_000, [65_536]],
    ['12 streams', 5_000_000, Array.from({ length: 12 }, () => 65_536)],
    ['streams of small and large chunks', 20_000_000, [1000, 16_384, 65_536, 262_144, 1_048_576]],
    ['a slow line', 250_000, [65_536, 65_536, 65_536]],
  ])('%s: within 10 % over 30 s, and no first second over it', async (_, limit, chunks) => {
    const clock = simulatedClock()
    const bandwidth = createBandwidth(limit, clock)
    const streams = chunks.map((chunk) => stream(bandwidth, chunk))
    const { total, each } = await measured(clock, streams, 30)
    expect(total).toBeGreaterThan(limit * 30 * 0.9)
    expect(total).toBeLessThanOrEqual(limit * 30)
    expect(each[0]).toBeLessThanOrEqual(limit)
  })

  it('streams take turns: none starves', async () => {
    const clock = simulatedClock()
    const bandwidth = createBandwidth(4_000_000, clock)
    const streams = Array.from({ length: 8 }, () => stream(bandwidth, 65_536))
    await clock.runUntil(30_000)
    for (const { bytes } of streams) expect(bytes).toBeGreaterThan((4_000_000 * 30 * 0.9) / 8)
  })

  it('a pause is made up for by half a second at most', async () => {
    const clock = simulatedClock()
    const bandwidth = createBandwidth(1_000_000, clock)
    await clock.runUntil(60_000)
    const streams = [stream(bandwidth, 50_000), stream(bandwidth, 50_000)]
    await clock.runUntil(61_000)
    const bytes = streams.reduce((sum, one) => sum + one.bytes, 0)
    expect(bytes).toBeGreaterThan(1_300_000)
    expect(bytes).toBeLessThanOrEqual(1_500_000)
  })

  it('a clock that is set back or ahead neither holds a stream up nor lets a flood through', async () => {
    const clock = simulatedClock()
    const bandwidth = createBandwidth(1_000_000, clock)
    const one = stream(bandwidth, 50_000)
    await clock.runUntil(10_000)
    clock.set(-3_600_000)
    await clock.runUntil(20_000)
    clock.set(7_200_000)
    await clock.runUntil(30_000)
    expect(one.bytes).toBeGreaterThan(27_000_000)
    expect(one.bytes).toBeLessThanOrEqual(31_000_000)
  })

  it('lets go when stopped', async () => {
    const stop = new AbortController()
    const waiting = createBandwidth(1000, simulatedClock()).take(100_000_000, stop.signal)
    stop.abort(new SyncError('stopped', 'stop'))
    await expect(waiting).rejects.toMatchObject({ code: 'stopped' })
  })
})

it.each([
  [50_000_000, 1, 50_000_000],
  [50_000_000, 4, 12_500_000],
  [10, 3, 3],
  [2, 256, 1],
  [1000, 0, 1000],
  [undefined, 8, undefined],
])('of %s, one of %i jobs takes %s', (limit, atOnce, share) => {
  expect(bandwidthShare(limit, atOnce)).toBe(share)
})
