import { describe, expect, test } from 'vitest'
import { SyncError } from '../../../src/model/errors.ts'
import { createRate } from '../../../src/net/rate.ts'
import { retry, retryDelay } from '../../../src/net/retry.ts'
import { retryAfterSeconds, spentSeconds } from '../../../src/net/retry-after.ts'
import { testContext } from './loopback.ts'

describe('retryAfterSeconds', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  test.each([
    [{ 'retry-after': '120' }, 120],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' }, 60],
    [{ 'retry-after': 'Thu, 01 Jan 2025 00:00:00 GMT' }, 0],
    [{ ratelimit: '"api";r=0;t=55' }, 55],
    [{ ratelimit: '"pages";r=5;t=200, "api";r=0;t=12' }, 12],
    [{ ratelimit: '"api";r=3;t=55' }, undefined],
    [{ ratelimit: 'limit=100, remaining=0;;' }, undefined],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${now / 1000 + 30}` }, 30],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('%j → %s', (headers, seconds) => {
    expect(retryAfterSeconds(headers as Record<string, string>, now)).toBe(seconds)
  })

  test('a quota that is not used up asks for no pause', () => {
    expect(spentSeconds({ ratelimit: '"api";r=1;t=300' }, now)).toBeUndefined()
    const left = { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': `${now / 1000 + 30}` }
    expect(spentSeconds(left, now)).toBeUndefined()
  })
})

describe('retry', () => {
  const busy = new SyncError('busy', 'locked.')

  test('grows 1, 2, 4 s within 20 %, logs each wait, and gives the last error', async () => {
    const context = testContext()
    let tries = 0
    const fail = async () => {
      tries += 1
      throw busy
    }
    await expect(retry(context, fail, { attempts: 4, label: 'thing' })).rejects.toMatchObject({
      ...{ code: 'busy', message: 'locked.', cause: busy },
    })
    expect(tries).toBe(4)
    for (const [index, wait] of context.sleeps.entries()) {
      expect(wait).toBeGreaterThanOrEqual(800 * 2 ** index)
      expect(wait).toBeLessThanOrEqual(1200 * 2 ** index)
    }
    expect(context.lines).toHaveLength(3)
    expect(context.lines[0]).toContain('thing: locked.')
  })

  test('does not retry what cannot be mended, nor after a stop', async () => {
    const context = testContext()
    const refused = new SyncError('refused', 'no')
    await expect(retry(context, () => Promise.reject(refused), { label: 'x' })).rejects.toBe(refused)
    const stopped = testContext({ signal: AbortSignal.abort() })
    await expect(retry(stopped, () => Promise.reject(busy), { label: 'x' })).rejects.toBe(busy)
    expect([...context.sleeps, ...stopped.sleeps]).toEqual([])
  })

  test('waits as long as the hub says, half an hour at most', () => {
    expect(retryDelay(new SyncError('rate-limited', '', { retryAfter: 30 }), 1)).toBe(30_000)
    expect(retryDelay(new SyncError('rate-limited', '', { retryAfter: 86_400 }), 1)).toBe(1_800_000)
  })
})

describe('createRate', () => {
  test('spaces requests to one host and leaves others alone', async () => {
    const context = testContext()
    const rate = createRate(context, 4)
    await rate.turn('a')
    await rate.turn('b')
    await rate.turn('a')
    expect(context.sleeps).toEqual([250])
  })

  test('pauses the host after a 429 and after a spent quota', async () => {
    const context = testContext()
    const rate = createRate(context, Number.POSITIVE_INFINITY)
    rate.note('a', 429, { 'retry-after': '9' })
    await rate.turn('b')
    expect(context.sleeps).toEqual([])
    await rate.turn('a')
    rate.note('a', 200, { ratelimit: '"api";r=0;t=5' })
    await rate.turn('a')
    expect(context.sleeps).toEqual([9000, 5000])
  })
})

test('a clock that is set back holds nothing up', async () => {
  const context = testContext()
  let now = 10_000_000
  const rate = createRate({ ...context, clock: { ...context.clock, now: () => now } }, 1)
  await rate.turn('a')
  now -= 3_600_000
  await rate.turn('a')
  expect(context.sleeps).toEqual([])
})
