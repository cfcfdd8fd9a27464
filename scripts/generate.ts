import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { jsonSchema } from '../src/config/json-schema.ts'
import { errorCodes } from '../src/model/errors.ts'
import { reportJsonSchema } from '../src/report/report-schema.ts'

const root = resolve(import.meta.dirname, '..')

/** Files made of the code: schema.json, report.schema.json, and the tables between `<!-- generated:NAME -->` and `<!-- /generated -->` in the docs. */
function main(isCheck: boolean): number {
  const stale = generated().filter(({ path, text }) => readIfThere(path) !== text)
  if (isCheck) {
    for (const { path } of stale) console.error(`${path} is out of date: run node scripts/generate.ts`)
    return stale.length === 0 ? 0 : 1
  }
  for (const { path, text } of stale) {
    writeFileSync(resolve(root, path), text)
    console.log(`wrote ${path}`)
  }
  return 0
}

interface Generated {
  readonly path: string
  readonly text: string
}

function generated(): readonly Generated[] {
  const files: Generated[] = [
    { path: 'schema.json', text: `${JSON.stringify(jsonSchema(), null, 2)}\n` },
    { path: 'report.schema.json', text: `${JSON.stringify(reportJsonSchema(), null, 2)}\n` },
  ]
  const documents: readonly (readonly [string, Readonly<Record<string, () => string>>])[] = [
    ['docs/configuration.md', { 'hub-keys': hubKeys, 'rule-keys': ruleKeys }],
    ['docs/errors.md', { 'error-codes': errorTable }],
    ['README.md', actionTables('action.yml')],
    ['plan/README.md', actionTables('plan/action.yml')],
    ['sync/README.md', actionTables('sync/action.yml')],
    ['report/README.md', actionTables('report/action.yml')],
  ]
  for (const [path, tables] of documents) {
    const text = readIfThere(path)
    if (text !== undefined) files.push({ path, text: refreshed(path, text, tables) })
  }
  return files
}

/** The text with every marked table made anew; an unknown or unclosed marker is an error. */
function refreshed(path: string, text: string, tables: Readonly<Record<string, () => string>>): string {
  const opened = text.match(/<!-- generated:/g)?.length ?? 0
  let closed = 0
  const result = text.replace(
    /(<!-- generated:([a-z-]+) -->)[\s\S]*?(<!-- \/generated -->)/g,
    (_, open: string, name: string, end: string) => {
      const table = tables[name]
      if (table === undefined) throw new Error(`${path}: nothing is known of the table ${name}`)
      closed += 1
      return `${open}\n${table()}\n${end}`
    },
  )
  if (opened !== closed) throw new Error(`${path}: a generated table is not closed`)
  return result
}

const keySchema = z.object({
  description: z.string().optional(),
  default: z.unknown().optional(),
  examples: z.array(z.unknown()).optional(),
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  const: z.unknown().optional(),
  get properties() {
    return z.record(z.string(), keySchema).optional()
  },
  get items() {
    return keySchema.optional()
  },
  get additionalProperties() {
    return z.union([keySchema, z.boolean()]).optional()
  },
})
type Key = z.infer<typeof keySchema>

function hubKeys(): string {
  const hub = keySchema.parse(jsonSchema()).properties?.hubs?.additionalProperties
  if (typeof hub !== 'object') throw new Error('the schema has no section hubs')
  return keyTable(hub)
}

function ruleKeys(): string {
  const rule = keySchema.parse(jsonSchema()).properties?.rules?.items
  if (rule === undefined) throw new Error('the schema has no section rules')
  return keyTable(rule)
}

function keyTable(section: Key): string {
  const rows = keyRows(section, '').map((cells) => `| ${cells.join(' | ')} |`)
  return ['| key | values | default | meaning |', '|---|---|---|---|', ...rows].join('\n')
}

function keyRows(section: Key, prefix: string): string[][] {
  return Object.entries(section.properties ?? {}).flatMap(([name, key]) => {
    const row = [
      `\`${prefix}${name}\``,
      valuesOf(key),
      key.default === undefined ? '' : code(key.default),
      cell(key.description ?? ''),
    ]
    return [row, ...keyRows(key, `${prefix}${name}.`)]
  })
}

function valuesOf(key: Key): string {
  const choices = key.enum ?? key.items?.enum
  if (choices !== undefined) return choices.map((choice) => `\`${choice}\``).join(', ')
  if (key.const !== undefined) return code(key.const)
  if (key.examples !== undefined) return `such as ${key.examples.map(code).join(', ')}`
  return key.type === 'boolean' ? '`true`, `false`' : key.type === 'array' ? 'a list' : ''
}

function code(value: unknown): string {
  // As it would stand in a file: a glob is text only in quotes.
  const isPlain = typeof value === 'string' && !/^[*&!]/.test(value)
  const text = isPlain ? value : JSON.stringify(value).replace(/,"/g, ', "')
  return `\`${text.replaceAll('|', '\\|')}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ')
}

function errorTable(): string {
  const rows = Object.entries(errorCodes).map(([name, meaning]) => `| \`${name}\` | ${cell(meaning)} |`)
  return ['| code | meaning |', '|---|---|', ...rows].join('\n')
}

const actionSchema = z.object({
  inputs: z
    .record(
      z.string(),
      z.object({
        description: z.string(),
        required: z.boolean().optional(),
        default: z.unknown().optional(),
      }),
    )
    .optional(),
  outputs: z.record(z.string(), z.object({ description: z.string() })).optional(),
})

function actionTables(path: string): Readonly<Record<string, () => string>> {
  const read = () => actionSchema.parse(parse(readIfThere(path) ?? '{}'))
  return {
    'action-inputs': () => {
      const rows = Object.entries(read().inputs ?? {}).map(([name, input]) => {
        const preset = input.default === undefined || input.default === '' ? '' : code(input.default)
        return `| \`${name}\` | ${preset} | ${cell(input.description)} |`
      })
      return ['| input | default | meaning |', '|---|---|---|', ...rows].join('\n')
    },
    'action-outputs': () => {
      const rows = Object.entries(read().outputs ?? {}).map(
        ([name, output]) => `| \`${name}\` | ${cell(output.description)} |`,
      )
      return ['| output | meaning |', '|---|---|', ...rows].join('\n')
    },
  }
}

function readIfThere(path: string): string | undefined {
  const full = resolve(root, path)
  return existsSync(full) ? readFileSync(full, 'utf8') : undefined
}

process.exitCode = main(process.argv.includes('--check'))
