import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { type KeyRow, keyRows } from '../../../scripts/key-tables.ts'
import { expandRules } from '../../../src/config/expand.ts'
import { jsonSchema } from '../../../src/config/json-schema.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { ruleDefaults, ruleShape } from '../../../src/config/rule-schema.ts'

const page = readFileSync('docs/rules.md', 'utf8')
const env = { MATRIXHUB_TOKEN: 'a-token' }
const shown = (rows: readonly KeyRow[]) => rows.filter(({ example }) => example !== undefined)
const names = (rows: readonly KeyRow[]) => rows.map((row) => [row.path.join('.'), row] as const)

describe('docs/rules.md', () => {
  it('has every key of a rule, and every default', () => {
    const rows = keyRows('rule')
    const top = rows.filter(({ path }) => path.length === 1).map(({ path }) => path[0])
    expect(top).toEqual(['name', ...Object.keys(ruleShape)])
    const presets = rows.filter(({ path, preset }) => path.length === 1 && preset !== undefined)
    const { repos: _repos, files: _files, ...defaults } = ruleDefaults
    expect(Object.fromEntries(presets.map(({ path, preset }) => [path[0], preset]))).toEqual(defaults)
    for (const { path, meaning } of [...rows, ...keyRows('hub'), ...keyRows('file')]) {
      expect([path, page.includes(`| \`${path.join('.')}\` |`)]).toEqual([path, true])
      expect([path, meaning]).not.toEqual([path, ''])
    }
  })

  it.each(names(shown(keyRows('rule'))))('%s: its example is taken, and makes a difference', (_, row) => {
    const ends = { name: 'a', from: 'hf:o', to: 'ms:o' }
    const keys = parse(row.example ?? '')
    // Only GitCode imports.
    const to = keys.transport === 'import' ? { to: 'gitcode:o' } : {}
    const rule = (more: object) =>
      expandRules(loadConfig(stringify({ version: 1, rules: [{ ...ends, ...to, ...more }] }), 'a.yml', env))
        .rules
    expect(page).toContain(row.example)
    expect(rule(keys)).not.toEqual(rule({}))
  })

  it.each(names(shown(keyRows('hub'))))('hubs.NAME.%s: its example is taken', (_, row) => {
    const hub = { type: 'git', endpoint: 'https://hub.example.org', ...parse(row.example ?? '') }
    expect(page).toContain(row.example)
    expect(loadConfig(stringify({ version: 1, hubs: { mine: hub } }), 'a.yml', env).hubs.size).toBe(1)
  })

  it('has no block of YAML that is not a configuration', () => {
    const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text)
    expect(blocks.length).toBeGreaterThan(0)
    for (const text of blocks) expect(loadConfig(text, 'a.yml', env).rules.length).toBeGreaterThan(0)
  })
})

describe('schema.json', () => {
  it('is the same definition, and each of its examples is taken', () => {
    expect(JSON.parse(readFileSync('schema.json', 'utf8'))).toEqual(jsonSchema())
    for (const [key, schema] of Object.entries(ruleShape)) {
      const examples = z.array(z.unknown()).parse(schema.meta()?.examples ?? [])
      for (const example of examples)
        expect([key, example, schema.safeParse(example).success]).toEqual([key, example, true])
    }
  })
})
