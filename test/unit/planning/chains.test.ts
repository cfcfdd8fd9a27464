import { expect, it } from 'vitest'
import { splitUnfound } from '../../../src/planning/chains.ts'
import { candidatesOf, rulesOf } from './rules-of.ts'

const failedRow = (rule: string, code: string) => ({
  rule,
  repo: 'h2:o/x',
  target: 'h3:o',
  reason: 'h2 has no model o/x.',
  code,
})

it('a rule that reads what another one makes waits for the next run, and no other', () => {
  const rules = rulesOf(['a', 'h1:o/x', 'h2:O'], ['b', 'h2:o/x', 'h3:o'], ['c', 'h2:o/y', 'h3:o'])
  const candidates = candidatesOf(rules, 'h1:o/x')
  const [found, missing, broken] = [
    failedRow('b', 'not-found'),
    failedRow('c', 'not-found'),
    failedRow('b', 'forbidden'),
  ]
  expect(splitUnfound([found, missing, broken], rules, candidates)).toEqual({
    waiting: [
      {
        rule: 'b',
        repo: 'h2:o/x',
        target: 'h3:o',
        reason: 'not there yet: rule a writes it, and the next run takes it on',
      },
    ],
    failed: [missing, broken],
  })
  expect(splitUnfound([found], rules, []).failed).toEqual([found])
})
