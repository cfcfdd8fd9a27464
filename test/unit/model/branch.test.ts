import { expect, test } from 'vitest'
import { isBranchName } from '../../../src/model/branch.ts'

test.each(['main', 'release/1.0', 'läuft', 'v1@home', 'a-b_c'])('%j is a branch name', (name) => {
  expect(isBranchName(name)).toBe(true)
})

test.each([
  ...[
    '',
    '-x',
    '/x',
    '.x',
    'a..b',
    'a//b',
    'a/.b',
    'a/',
    'a.',
    'a.lock',
    'a.lock/b',
    '@{u}',
    'a\u001b[31m',
    'x'.repeat(256),
  ],
  ...['a b', 'a\tb', 'a:b', 'a~1', 'a^', 'a?', 'a*', 'a[', 'a\\b'],
])('%j is none', (name) => {
  expect(isBranchName(name)).toBe(false)
})
