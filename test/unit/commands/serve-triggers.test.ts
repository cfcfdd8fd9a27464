import { expect, test } from 'vitest'
import { warnOfTriggers } from '../../../src/commands/serve-triggers.ts'
import { shownRules } from '../../../src/config/configure.ts'
import { loadConfig } from '../../../src/config/load.ts'
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

test('a cron line that fires more often than the service looks is told of', () => {
  const warned: string[] = []
  const context = testContext()
  warnOfTriggers({ ...context, log: { ...context.log, warn: (line) => warned.push(line) } }, rules, 12 * hour)
  expect(warned).toEqual([
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
