import { expect, test } from 'vitest'
import { realClock } from '../../../src/commands/real-clock.ts'

test('a wait longer than a timer of node can count does not end at once', async () => {
  const abort = new AbortController()
  const reason = new Error('enough')
  const waited = realClock.sleep(40 * 86_400_000, abort.signal)
  const first = await Promise.race([
    waited.then(() => 'over'),
    realClock.sleep(50).then(() => 'still waiting'),
  ])
  expect(first).toBe('still waiting')
  abort.abort(reason)
  await expect(waited).rejects.toBe(reason)
})

test('a wait of nothing is over, and one that is stopped before it begins is not begun', async () => {
  await realClock.sleep(0)
  const reason = new Error('stopped')
  await expect(realClock.sleep(1000, AbortSignal.abort(reason))).rejects.toBe(reason)
})
