import { describe, expect, test } from 'vitest'
import { occursWithin, shortestGap } from '../../../src/config/cron.ts'

const at = (text: string) => Date.parse(`2026-03-${text}Z`)

describe('occursWithin', () => {
  test.each([
    ['just after the earlier time', '0 3 * * *', '28T03:00:00', '29T02:59:59', false],
    ['at the later time itself', '0 3 * * *', '28T03:00:00', '29T03:00:00', true],
    ['a moment after the earlier time', '0 3 * * *', '28T02:59:59.999', '28T03:00:00', true],
    ['in the hour that summer time leaves out in Europe', '30 1 * * *', '29T01:00:00', '29T02:00:00', true],
    ['on another day of the week', '0 3 * * 1', '28T00:00:00', '29T23:00:00', false],
    ['on a day of the month or of the week', '0 3 31 * 0', '28T04:00:00', '29T03:00:00', true],
    ['a clock that went back', '* * * * *', '29T00:00:00', '28T00:00:00', false],
    ['a day that never comes', '0 0 30 2 *', '01T00:00:00', '31T00:00:00', false],
  ])('%s', (_, line, after, until, expected) => {
    expect(occursWithin(line, at(after), at(until))).toBe(expected)
  })
})

test('the shortest distance between two occurrences', () => {
  const minute = 60_000
  const gap = (line: string) => shortestGap(line, at('01T00:00:00')) / minute
  expect(gap('*/5 * * * *')).toBe(5)
  expect(gap('0 3 * * *')).toBe(24 * 60)
  expect(gap('0 3,4 * * 1')).toBe(60)
  expect(gap('0 0 30 2 *')).toBe(Number.POSITIVE_INFINITY)
})
