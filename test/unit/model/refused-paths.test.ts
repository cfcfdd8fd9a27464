import { expect, test } from 'vitest'
import { SyncError } from '../../../src/model/errors.ts'
import { createRefusedPaths, shortened } from '../../../src/model/refused-paths.ts'

const bad = (name: string) => new SyncError('bad-path', `${name} is refused.`)

function errorOf(act: () => void): SyncError {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof SyncError) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}

test('nothing refused, nothing thrown', () => {
  expect(() => createRefusedPaths().assertNone()).not.toThrow()
})

test('every refused path is a line, and the first is the message', () => {
  const refused = createRefusedPaths()
  for (const name of ['a', 'b', 'c']) refused.keep(bad(name))
  expect(errorOf(refused.assertNone)).toMatchObject({
    code: 'bad-path',
    message: 'a is refused. And 2 more.',
    lines: ['a is refused.', 'b is refused.', 'c is refused.'],
    next: expect.stringContaining('Rename or remove them'),
  })
})

test('anything else goes on', () => {
  const other = new SyncError('bad-answer', 'x')
  expect(errorOf(() => createRefusedPaths().keep(other))).toBe(other)
})

test('a thousand lines are kept, and the rest is counted', () => {
  const refused = createRefusedPaths()
  for (let count = 0; count < 1500; count += 1) refused.keep(bad(`${count}`))
  const { lines, message } = errorOf(refused.assertNone)
  expect(lines).toHaveLength(1001)
  expect(lines.at(-1)).toBe('and 500 more')
  expect(message).toBe('0 is refused. And 1499 more.')
  expect(shortened(['a', 'b'])).toEqual(['a', 'b'])
})
