import { expect, it } from 'vitest'
import { ruleNotes } from '../../../src/planning/rule-notes.ts'
import { type RuleLine, rulesOf } from './rules-of.ts'

const twoWay = { direction: 'two-way' }
const skip = { existing: 'skip' }

it.each([
  [
    'a fan',
    [
      ['a', 'h1:o', 'h2:o'],
      ['b', 'h1:o', 'h3:o'],
    ],
    [],
  ],
  [
    'owners into one',
    [
      ['a', 'h1:o', 'h3:x'],
      ['b', 'h2:o', 'h3:x'],
    ],
    [],
  ],
  [
    'back with existing: skip',
    [
      ['a', 'h1:o', 'h2:o'],
      ['b', 'h2:o', 'h1:o', skip],
    ],
    [],
  ],
  [
    'a chain',
    [
      ['a', 'h1:o', 'h2:o'],
      ['b', 'h2:o', 'h3:o'],
    ],
    ['info: Rule a feeds rule b (such as h2:o/model)'],
  ],
  [
    'a chain of a glob',
    [
      ['a', 'h1:o/q-*', 'h2:o'],
      ['b', 'h2:o/q-*', 'h3:o'],
    ],
    ['info: Rule a feeds rule b (such as h2:o/q-model)'],
  ],
  [
    'no chain',
    [
      ['a', 'h1:o/q-*', 'h2:o'],
      ['b', 'h2:o/r-*', 'h3:o'],
    ],
    [],
  ],
  [
    'the same twice',
    [
      ['a', 'h1:o', 'h2:o'],
      ['b', 'h1:o/x', 'h2:o'],
    ],
    ['warn: Rules a and b write the same repo (such as h2:o/x)'],
  ],
  [
    'one target',
    [
      ['a', 'h1:o/x', 'h3:o/y'],
      ['b', 'h2:o/x', 'h3:o/y'],
    ],
    ['warn: Rules a and b write the same repo (such as h3:o/y)'],
  ],
  [
    'one way and both ways',
    [
      ['a', 'h1:o', 'h2:o'],
      ['b', 'h3:o', 'h2:o', twoWay],
    ],
    ['warn: Rules a and b write the same repo (such as h2:o/model)'],
  ],
  [
    'a ring both ways',
    [
      ['a', 'h1:o/x', 'h2:o', twoWay],
      ['b', 'h2:o/x', 'h3:o', twoWay],
      ['c', 'h3:o/x', 'h1:o', twoWay],
    ],
    [
      'info: Rule a feeds rule b (such as h2:o/x)',
      'info: Rule b feeds rule c (such as h3:o/x)',
      'info: Rule c feeds rule a (such as h1:o/x)',
    ],
  ],
  [
    'a circle',
    [
      ['a', 'h1:o', 'h2:o'],
      ['b', 'h2:o', 'h1:o'],
    ],
    ['warn: The rules a → b → a copy in a circle, so that each undoes what the other brings'],
  ],
  [
    'copies of copies',
    [['a', 'h1:o', 'h1:o/{name}-x']],
    ['warn: The rules a → a would make copies of their own copies without end'],
  ],
] as [string, RuleLine[], string[]][])('%s', (_, lines, expected) => {
  const notes = ruleNotes(rulesOf(...lines))
  expect(notes.map(({ level, text }) => `${level}: ${text.replace(/: .*/, '')}`)).toEqual(expected)
  for (const { publicly } of notes) expect(publicly).not.toMatch(/h\d:/)
})

it('takes no longer for many rules than for a few', () => {
  const lines = Array.from({ length: 1000 }, (_, n): RuleLine => [`r${n}`, `h1:o${n}`, `h2:o${n % 7}`])
  expect(ruleNotes(rulesOf(...lines))).toEqual([])
})
