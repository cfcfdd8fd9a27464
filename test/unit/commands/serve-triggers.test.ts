import { expect, test } from 'vitest'
import { warnOfTriggers } from '../../../src/commands/serve-triggers.ts'
import { shownRules } from '../../../src/config/configure.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Rule } from '../../../src/config/rule.ts'
import { selectRules } from '../../../src/config/select-rules.ts'
import { defaultOptions } from '../../e2e/harness.ts'
import { testContext } from '../hubs/settings.ts'
import { hour, midnight } from './service-run.ts'

const triggers = { always: 'scheduled', hand: 'manual', night: '0  3 * * *', often: '*/5 * * * *' }
const document = loadConfig(
  `version: 1\nrules:\n${Object.entries(triggers)
    .map(
      ([name, trigger]) => `  - { name: ${name}, from: "hf:o/${name}", to: "ms:p", trigger: "${trigger}" }\n`,
    )
    .join('')}`,
  'f.yml',
  {},
)
const rules = shownRules(document, defaultOptions)

function warningsOf(some: readonly Rule[]): readonly string[] {
  const warned: string[] = []
  const context = testContext()
  warnOfTriggers({ ...context, log: { ...context.log, warn: (line) => warned.push(line) } }, some, 12 * hour)
  return warned
}

test('a service in which no rule ever starts is told of', () => {
  const byHand = rules.filter(({ trigger }) => trigger === 'manual')
  expect(byHand).toHaveLength(1)
  expect(warningsOf(byHand)).toEqual([expect.stringContaining('No rule ever starts here')])
  expect(warningsOf(byHand.map((rule) => ({ ...rule, named: true })))).toEqual([])
})

test('a cron line that fires more often than the service looks is told of', () => {
  expect(warningsOf(rules)).toEqual([
    'Rule often: trigger */5 * * * * fires more often than --every; it runs once a cycle.',
  ])
})

test.each([
  ['a night with its occurrence', -4, 8, [], ['always', 'night', 'often']],
  ['a day without', 8, 20, [], ['always', 'often']],
  ['the very start', 3, 3, [], ['always']],
  ['a week in which nothing ran', -100, 68, [], ['always', 'night', 'often']],
  ['manual rules only when they are named', 8, 20, ['hand', 'night'], ['hand']],
])('a cycle that answers for %s', (_, after, until, names, expected) => {
  const event = { kind: 'cycle', after: midnight + after * hour, until: midnight + until * hour } as const
  const selection = { ...defaultOptions, rules: names, event }
  expect(selectRules(rules, selection, document.known).map(({ name }) => name)).toEqual(expected)
})
