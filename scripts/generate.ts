import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { jsonSchema } from '../src/config/json-schema.ts'
import { errorCodes } from '../src/model/errors.ts'
import { reportJsonSchema } from '../src/report/report-schema.ts'
import { keyTable } from './key-tables.ts'
import { cell, code } from './markdown.ts'
import { ruleTable, triggerTable } from './rule-table.ts'

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
    [
      'docs/rules.md',
      {
        'file-keys': () => keyTable('file'),
        'hub-keys': () => keyTable('hub'),
        'rule-keys': () => keyTable('rule'),
      },
    ],
    ['docs/rule-table.md', { 'rule-rows': ruleTable, 'trigger-rows': triggerTable }],
    ['docs/errors.md', { 'error-codes': errorTable }],
    ['README.md', actionTables('action.yml')],
    ['plan/README.md', actionTables('plan/action.yml')],
    ['sync/README.md', actionTables('sync/action.yml')],
    ['report/README.md', actionTables('report/action.yml')],
    ['verify/README.md', actionTables('verify/action.yml')],
    ['repair/README.md', actionTables('repair/action.yml')],
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
