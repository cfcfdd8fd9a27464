import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { jsonSchema } from '../../../src/config/json-schema.ts'
import { ruleDefaults } from '../../../src/config/rule-schema.ts'

const objects = z.object({ properties: z.record(z.string(), z.unknown()), additionalProperties: z.unknown() })

it('is the file that is shipped', () => {
  const shipped: unknown = JSON.parse(readFileSync(new URL('../../../schema.json', import.meta.url), 'utf8'))
  expect(shipped).toEqual(JSON.parse(JSON.stringify(jsonSchema())))
})

it('describes every key, refuses unknown ones and shows the defaults', () => {
  const root = objects.parse(jsonSchema())
  expect(root.additionalProperties).toBe(false)
  const rules = z.object({ items: objects }).parse(root.properties.rules).items
  expect(rules.additionalProperties).toBe(false)
  for (const [name, key] of Object.entries(rules.properties)) {
    expect(key, name).toMatchObject({ description: expect.stringMatching(/\w/) })
  }
  for (const [name, preset] of Object.entries(ruleDefaults)) {
    if (name === 'repos' || name === 'files') continue
    expect(rules.properties[name], name).toMatchObject({ default: preset })
  }
})
