import { stringify } from 'yaml'
import { z } from 'zod'
import { jsonSchema } from '../src/config/json-schema.ts'
import { cell, code, inCode, table } from './markdown.ts'

/** A key of the configuration file as its reference shows it. */
export interface KeyRow {
  /** Where it stands, from its section on: `repos.include`. */
  readonly path: readonly string[]
  readonly values: string
  /** Undefined: there is none. */
  readonly preset: unknown
  /** A line of YAML, as it would stand in its section; undefined for a section of its own. */
  readonly example: string | undefined
  readonly meaning: string
}

/** The sections of a configuration file that have keys: the file itself, a hub, a rule. */
export type KeySection = 'file' | 'hub' | 'rule'

/** Every key of a section, with those inside it after it. */
export function keyRows(name: KeySection): readonly KeyRow[] {
  const file = keySchema.parse(jsonSchema())
  const hub = file.properties?.hubs?.additionalProperties
  const rule = file.properties?.rules?.items
  if (typeof hub !== 'object' || rule === undefined) throw new Error('the schema lacks hubs or rules')
  if (name !== 'file') return rowsOf(name === 'hub' ? hub : rule, [])
  // What is inside the sections has tables of its own.
  return rowsOf(file, []).filter(({ path }) => path.length === 1)
}

/** The reference of a section as a table. */
export function keyTable(name: KeySection): string {
  const rows = keyRows(name).map(({ path, values, preset, example, meaning }) => [
    inCode(path.join('.')),
    values,
    preset === undefined ? '' : code(preset),
    example === undefined ? '' : inCode(example),
    cell(meaning),
  ])
  return table(['key', 'values', 'default', 'example', 'meaning'], rows)
}

const keySchema = z.object({
  description: z.string().optional(),
  default: z.unknown().optional(),
  examples: z.array(z.unknown()).optional(),
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  const: z.unknown().optional(),
  maximum: z.number().optional(),
  get properties() {
    return z.record(z.string(), keySchema).optional()
  },
  get items() {
    return keySchema.optional()
  },
  get anyOf() {
    return z.array(keySchema).optional()
  },
  get additionalProperties() {
    return z.union([keySchema, z.boolean()]).optional()
  },
})
type Key = z.infer<typeof keySchema>

function rowsOf(section: Key, above: readonly string[]): KeyRow[] {
  return Object.entries(section.properties ?? {}).flatMap(([name, key]) => {
    const path = [...above, name]
    const example = exampleOf(key)
    const row = {
      path,
      values: valuesOf(key),
      preset: key.default,
      example: example === undefined ? undefined : lineOf(path, example),
      meaning: key.description ?? '',
    }
    const inside = [key, ...(key.anyOf ?? [])].flatMap((one) => rowsOf(one, path))
    return [row, ...inside]
  })
}

/** The first example, else the value that is furthest from the default. */
function exampleOf(key: Key): unknown {
  if (key.const !== undefined) return key.const
  if (key.examples !== undefined) return key.examples[0]
  const choices = key.enum?.filter((choice) => choice !== key.default)
  if (choices !== undefined) return choices.at(-1)
  if (key.items?.enum !== undefined) return key.items.enum
  if (key.type === 'boolean') return key.default !== true
  return key.properties === undefined ? key.default : undefined
}

function lineOf(path: readonly string[], value: unknown): string {
  const [first = '', ...inner] = path
  const whole = inner.reduceRight<unknown>((one, name) => ({ [name]: one }), value)
  const text = stringify(whole, { collectionStyle: 'flow', lineWidth: 0, defaultStringType: 'PLAIN' }).trim()
  return `${first}: ${text}`
}

function valuesOf(key: Key): string {
  if (key.enum !== undefined) return choicesOf(key.enum)
  if (key.items?.enum !== undefined) return `a list of ${choicesOf(key.items.enum)}`
  if (key.const !== undefined) return code(key.const)
  if (key.anyOf !== undefined) return [...new Set(key.anyOf.map(valuesOf))].join(', or ')
  if (key.type === 'boolean') return '`true`, `false`'
  if (key.type === 'array') return 'a list'
  if (key.type === 'object') return 'a section'
  if (key.type === 'string') return 'text'
  return key.type === 'integer' || key.maximum === 1
    ? `a${key.type === 'integer' ? ' whole' : ''} number`
    : ''
}

function choicesOf(choices: readonly string[]): string {
  return choices.map((choice) => inCode(choice)).join(', ')
}
