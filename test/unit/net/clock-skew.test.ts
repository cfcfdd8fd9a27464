import { expect, it } from 'vitest'
import type { SeenAnswer } from '../../../src/context.ts'
import { clockSkew } from '../../../src/net/clock-skew.ts'

const hubTime = Date.parse('2026-01-01T12:00:00Z')

/** An answer that was written at the hub's time and took a second, by a clock that is so many seconds ahead. */
function answer(ahead: number, headers: Record<string, string> = {}, took = 1): SeenAnswer {
  const date = new Date(hubTime).toUTCString()
  const sentAt = hubTime + ahead * 1000 - (took * 1000) / 2
  return { hub: 'a', headers: { date, ...headers }, sentAt, receivedAt: sentAt + took * 1000 }
}

it('is nothing as long as the date may be right', () => {
  expect(clockSkew([answer(0)])).toBe(0)
  expect(clockSkew([answer(1)])).toBe(0)
  // Written at any moment of a slow answer.
  expect(clockSkew([answer(20, {}, 60)])).toBe(0)
})

it('says how far this clock is ahead or behind', () => {
  expect(clockSkew([answer(400)])).toBeCloseTo(398.5)
  expect(clockSkew([answer(-400)])).toBeCloseTo(-399.5)
})

it('takes the smallest of several, and none that comes out of a cache', () => {
  expect(clockSkew([answer(90), answer(60), answer(70)])).toBeCloseTo(58.5)
  expect(clockSkew([answer(90, { age: '80' })])).toBeUndefined()
  expect(clockSkew([answer(90, { date: 'today' })])).toBeUndefined()
  expect(clockSkew([])).toBeUndefined()
})
