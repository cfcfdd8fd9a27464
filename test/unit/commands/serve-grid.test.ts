import fc from 'fast-check'
import { expect, test } from 'vitest'
import { afterClockWentBack, nextStart } from '../../../src/commands/serve-grid.ts'

const grid = { origin: 100, every: 12 }

test.each([
  ['a cycle that is done at once', 100, 100, 112],
  ['a cycle within the distance', 100, 111, 112],
  ['a cycle that takes just the distance', 100, 112, 124],
  ['a cycle longer than the distance: what was missed is left out', 100, 130, 136],
  ['a start that came a little late stays on the grid', 114, 115, 124],
  ['a start that came very late takes the place of the next', 122, 123, 136],
  ['a clock that went back over the start', 112, 101, 113],
  ['a clock that went back before the origin', 50, 51, 52 + 12],
])('%s', (_, last, now, expected) => {
  expect(nextStart(grid, last, now)).toBe(expected)
})

test('while it is waited for, a start is never more than a distance away', () => {
  expect(afterClockWentBack(grid, 112, 111)).toBe(112)
  expect(afterClockWentBack(grid, 112, 60)).toBe(72)
})

test('the next start is ahead, on the grid, and neither at once nor in a day', () => {
  const times = fc.record({
    origin: fc.integer({ min: -1e6, max: 1e6 }),
    every: fc.integer({ min: 2, max: 1e5 }),
    last: fc.integer({ min: -1e6, max: 1e6 }),
    took: fc.integer({ min: 0, max: 1e6 }),
  })
  fc.assert(
    fc.property(times, ({ origin, every, last, took }) => {
      const now = last + took
      const next = nextStart({ origin, every }, last, now)
      expect(next).toBeGreaterThan(now)
      expect(Math.abs(next - origin) % every).toBe(0)
      expect(next - last).toBeGreaterThanOrEqual(every / 2)
      expect(next - now).toBeLessThanOrEqual(1.5 * every)
    }),
  )
})
