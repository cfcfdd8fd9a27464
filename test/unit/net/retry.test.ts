import { describe, expect, test } from 'vitest'
import { SyncError } from '../../../src/model/errors.ts'
import { retry } from '../../../src/net/retry.ts'
import { httpTo, json, startLoopback, testContext } from './loopback.ts'

describe('retry', () => {
  test('what it gives up with is not retryable, and still says all there is to say', async () => {
    const context = testContext()
    const failing = async () => {
      throw new SyncError('unavailable', 'down', { status: 503, next: 'Wait.', isPublic: true })
    }
    await expect(retry(context, failing, { attempts: 2, label: 'x' })).rejects.toMatchObject({
      ...{ code: 'unavailable', message: 'down', status: 503, next: 'Wait.', isPublic: true },
      retryable: false,
    })
  })

  test('a request retried inside a retry is not tried tries × tries times', async () => {
    const { origin, log } = await startLoopback((_req, res) => json(res, {}, 503))
    const context = testContext()
    const http = httpTo(origin, context)
    const outer = retry(context, () => http.send({ url: `${origin}/a` }), { label: 'outer' })
    await expect(outer).rejects.toMatchObject({ code: 'unavailable' })
    expect(log).toHaveLength(5)
  })

  test('the outer one goes on where the inner one came through', async () => {
    const { origin, log } = await startLoopback((_req, res) =>
      json(res, {}, log.length % 2 === 1 ? 503 : 200),
    )
    const context = testContext()
    const http = httpTo(origin, context)
    const attempt = async (n: number) => {
      await http.send({ url: `${origin}/a` })
      if (n < 3) throw new SyncError('unavailable', 'not yet')
      return n
    }
    expect(await retry(context, attempt, { label: 'outer' })).toBe(3)
    expect(log).toHaveLength(6)
  })
})
