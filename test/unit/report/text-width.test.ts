import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitColumns, textWidth, truncate } from '../../../src/report/text-width.ts'

test.each([
  ['', 0],
  ['Qwen3-0.6B', 10],
  ['通义千问', 8],
  ['モデル', 6],
  ['한국어', 6],
  ['🤗', 2],
  ['👩‍🚀', 2],
  ['❤️', 2],
  ['e\u0301', 1],
  ['→', 1],
])('%s takes %i columns', (text, width) => {
  expect(textWidth(text)).toBe(width)
})

test('truncated text is never wider than its room, and short text stays', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 40 }), (text, columns) => {
      const cut = truncate(text, columns)
      expect(textWidth(cut)).toBeLessThanOrEqual(columns)
      if (columns > 0 && textWidth(text) <= columns) expect(cut).toBe(text)
    }),
  )
  expect(truncate('通义千问', 6)).toBe('通义…')
})

test('fitted text has exactly the width', () => {
  expect([fitColumns('ab', 4), fitColumns('ab', 4, 'right'), fitColumns('通义千问', 6)]).toEqual([
    'ab  ',
    '  ab',
    '通义… ',
  ])
})
