import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endpointOf, endTypes, hubIdOf } from '../../scripts/rule-ends.ts'
import { type Row, ruleRows } from '../../scripts/rule-rows.ts'
import { starts, triggerRows } from '../../scripts/trigger-rows.ts'
import { configure } from '../../src/config/configure.ts'
import { loadConfig } from '../../src/config/load.ts'
import { ruleShape } from '../../src/config/rule-schema.ts'
import { ruleKeysSchema } from '../../src/config/schema.ts'
import { defaultOptions } from './harness.ts'
import { outcomeOf } from './rule-row.ts'
import { runTransports, type Wires } from './rule-transport.ts'

const rows = ruleRows()
const [wired, inMemory] = [rows.filter(isWired), rows.filter((row) => !isWired(row))]

describe.each([...new Set(inMemory.map(({ key }) => key))])('%s', (key) => {
  it.each(named(inMemory.filter((row) => row.key === key)))('%s', async (_, row) => {
    expect(await outcomeOf(row)).toBe(row.expected)
  })
})

describe('transport', () => {
  let wires: Wires
  beforeAll(async () => {
    wires = await runTransports(wired)
  })
  afterAll(() => wires.close())

  it.each(named(wired))('%s', (_, row) => {
    expect(wires.outcomeOf(row)).toBe(row.expected)
  })
})

describe('trigger', () => {
  const all = triggerRows().flatMap((row) => endTypes.map((to) => ({ ...row, to })))

  it.each(all.map((row) => [`${row.trigger} → ${row.to}, ${row.start}`, row] as const))('%s', (_, row) => {
    const to = row.to === 'dir' ? 'dir:./b/m' : `${hubIdOf(row.to)}:my-org`
    const forge = { type: 'git', endpoint: endpointOf('git') }
    const rules = [{ name: 'row', from: 'huggingface:alice/m', to, trigger: row.trigger }]
    const document = loadConfig(JSON.stringify({ version: 1, hubs: { forge }, rules }), 'rules.yml', {})
    const config = configure(document, { ...defaultOptions, ...starts[row.start] }, {}, () => undefined)
    expect(config.rules.length === 1).toBe(row.takesPart)
  })
})

describe('the table', () => {
  it('has a row for every type of hub and every value', () => {
    for (const { key, value } of rows) {
      const same = rows.filter((row) => row.key === key && row.value === value)
      expect(new Set(same.map(({ to }) => to))).toEqual(new Set(endTypes))
      if (value !== undefined) expect(ruleKeysSchema.safeParse({ [key]: value }).success).toBe(true)
    }
    const keys = new Set(rows.map(({ key }) => key))
    const others = Object.keys(ruleShape).filter((key) => !keys.has(key))
    // Which repos there are, how long a silence may be, and what is for people; trigger has a table of its own.
    expect(others).toEqual([
      'description',
      'from',
      'to',
      'types',
      'repos',
      'requires',
      'trigger',
      'stall-timeout',
    ])
  })

  it.each([...new Set(rows.map(({ key }) => key))])('%s makes a difference for every hub', (key) => {
    for (const type of endTypes) {
      const expected = rows.filter((row) => row.key === key && row.to === type).map((row) => row.expected)
      const isRefused = expected.every((text) => text.startsWith('refused'))
      expect([type, isRefused || new Set(expected).size > 1]).toEqual([type, true])
    }
  })
})

/** Which way content goes is seen on the wire only. */
function isWired({ key }: Row): boolean {
  return key === 'transport'
}

function named(some: readonly Row[]): (readonly [string, Row])[] {
  return some.map((row) => [
    `${row.value === undefined ? 'nothing' : JSON.stringify(row.value)} (${row.setting}): ${row.from} → ${row.to}`,
    row,
  ])
}
