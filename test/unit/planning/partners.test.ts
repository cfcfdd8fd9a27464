import { expect, test } from 'vitest'
import type { Rule } from '../../../src/config/rule.ts'
import { formatRepo, type RepoRef } from '../../../src/model/repo.ts'
import { partnersOf } from '../../../src/planning/partners.ts'

const ref = (text: string): RepoRef => {
  const [hub = '', owner = '', name = ''] = text.split(/[:/]/)
  return { hub, type: 'model', owner, name }
}

function rule(from: string, to: string, more: Partial<Rule> = {}): Rule {
  const [source, target] = [ref(from), ref(to)]
  const none = { type: undefined, endpoint: undefined }
  return {
    name: `${from}-${to}`,
    direction: 'two-way',
    types: ['model'],
    repos: { include: [], exclude: [] },
    from: { ...source, ...none, name: source.name || undefined },
    to: { ...target, ...none, name: target.name || undefined },
    ...more,
  } as Rule
}

const partners = (rules: readonly Rule[], source: string, target: string) =>
  partnersOf(rules, ref(source), ref(target)).map(formatRepo)

test('the third of a ring, whichever way its rules are written', () => {
  const ring = [
    rule('a:x', 'b:x'),
    rule('b:x', 'c:y/to-{name}'),
    rule('c:y', 'a:x/{name}', { name: 'other' }),
  ]
  expect(partners(ring, 'a:x/n', 'b:x/n')).toEqual(['c:y/to-n', 'c:y/n'])
  expect(partners(ring, 'b:x/n', 'c:y/to-n')).toEqual(['a:x/n', 'a:x/to-n'])
})

test('none of one-way rules, of rules for other repos, or where there is no other rule', () => {
  const pair = rule('a:x/n', 'b:x/m')
  expect(partners([pair], 'a:x/n', 'b:x/m')).toEqual([])
  expect(partners([pair, rule('b:x', 'c:x', { direction: 'one-way' })], 'a:x/n', 'b:x/m')).toEqual([])
  expect(
    partners([pair, rule('a:x', 'c:x', { repos: { include: ['q*'], exclude: [] } })], 'a:x/n', 'b:x/m'),
  ).toEqual([])
  expect(partners([pair, rule('d:x/o', 'b:x/m')], 'a:x/n', 'b:x/m')).toEqual(['d:x/o'])
})

test('not more than a few', () => {
  const star = ['b', 'c', 'd', 'e', 'f', 'g'].map((hub) => rule('a:x', `${hub}:x`))
  expect(partners(star, 'a:x/n', 'b:x/n')).toHaveLength(4)
})
