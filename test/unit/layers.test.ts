import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, test } from 'vitest'

const LAYERS = [
  'model',
  'config net',
  'git hubs lfs transform',
  'repos',
  'planning sync report',
  'checking verifying',
  'commands',
  'action cli',
  'main',
]
const RANKS = new Map(LAYERS.flatMap((names, rank) => names.split(' ').map((name) => [name, rank] as const)))
const IMPORT = /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm

/** What a package or a global may be used by; `undici` may be named as a type by the ports too. */
const ROOMS: readonly (readonly [pattern: RegExp, folders: readonly string[]])[] = [
  [/^@actions\//, ['action']],
  [/^(simple-git|execa)$/, ['git']],
  [/^undici$/, ['net']],
]

test('imports go only to the left, and each package stays in its room', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  expect(files.length).toBeGreaterThan(10)
  expect(files.flatMap((file) => violations(file, readFileSync(join('src', file), 'utf8')))).toEqual([])
})

test.each([
  ['net/a.ts', "import { run } from '../commands/run.ts'"],
  ['hubs/a.ts', "import type { Batch } from '../lfs/batch.ts'"],
  ['planning/a.ts', "export {\n  syncRepo,\n} from '../sync/sync-repo.ts'"],
  ['cli/a.ts', "import '../action/inputs.ts'"],
  ['model/a.ts', "import { z } from 'zod'"],
  ['cli/a.ts', "import * as core from '@actions/core'"],
  ['repos/a.ts', "import { execa } from 'execa'"],
  ['lfs/a.ts', "import { request } from 'undici'"],
  ['net/a.ts', 'const token = process.env.HF_TOKEN'],
  ['cli/a.ts', "const late = await import('../main.ts')"],
  ['odd/a.ts', ''],
])('%s may not hold: %s', (file, text) => {
  expect(violations(file, text)).toHaveLength(1)
})

test('what is allowed is let through', () => {
  expect(violations('context.ts', "import type { Dispatcher } from 'undici'")).toEqual([])
  expect(
    violations('lfs/a.ts', "import type { Http } from '../net/http.ts'\nimport { b } from './b.ts'"),
  ).toEqual([])
  expect(violations('net/a.ts', '// process.env and import() are for others')).toEqual([])
})

function violations(file: string, text: string): string[] {
  const code = text.replace(/^\s*(\/\/|\/?\*).*$/gm, '')
  const folder = folderOf(file)
  const found = RANKS.has(folder) ? [] : [`${file}: the folder ${folder} has no layer`]
  for (const [, type, name = ''] of code.matchAll(IMPORT)) {
    const why = name.startsWith('.') ? wrongWay(file, name) : wrongRoom(file, name, type !== undefined)
    if (why !== undefined) found.push(`${file}: ${why}`)
  }
  if (/\bprocess\.env\b/.test(code) && folder !== 'cli' && folder !== 'action')
    found.push(`${file}: reads process.env`)
  if (/\bimport\(/.test(code)) found.push(`${file}: dynamic import()`)
  return found
}

function wrongWay(file: string, name: string): string | undefined {
  const [from, to] = [folderOf(file), folderOf(posix.join(posix.dirname(file), name))]
  if (from === to) return undefined
  return (RANKS.get(from) ?? -1) > (RANKS.get(to) ?? 99)
    ? undefined
    : `imports ${name}: ${to} is not left of ${from}`
}

function wrongRoom(file: string, name: string, isType: boolean): string | undefined {
  const folder = folderOf(file)
  if (folder === 'model')
    return name.startsWith('node:') || isType ? undefined : `imports ${name}: model imports no package`
  const room = ROOMS.find(([pattern]) => pattern.test(name))
  return room === undefined || room[1].includes(folder)
    ? undefined
    : `imports ${name}, which belongs to ${room[1].join(', ')}`
}

/** The layer a file belongs to: its first folder; the ports of context.ts count as model, main.ts is its own. */
function folderOf(file: string): string {
  if (file === 'context.ts') return 'model'
  return file.split('/')[0]?.replace(/\.ts$/, '') ?? file
}
