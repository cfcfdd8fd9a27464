import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RepoType } from '../../src/model/repo.ts'
import type { Report, ReportItem } from '../../src/model/report.ts'
import { bytes, type Harness, startHarness } from '../e2e/harness.ts'
import type { StandIn } from '../stand-ins/core/stand-in.ts'
import { startGitCode } from '../stand-ins/gitcode/index.ts'
import { startGitHub } from '../stand-ins/github/index.ts'
import { startModelers } from '../stand-ins/modelers/index.ts'
import { startPlainGit } from '../stand-ins/plain-git/index.ts'
import { digestOf } from './digest.ts'

/** Every type of hub, and the local folder. */
const types = ['huggingface', 'modelscope', 'modelers', 'gitcode', 'github', 'git', 'dir'] as const
type End = (typeof types)[number]
const kinds = ['model', 'dataset'] as const satisfies readonly RepoType[]

interface Pair {
  readonly source: End
  readonly target: End
  readonly kind: RepoType
}

/** Every ordered pair takes a model; a type with itself is two owners on one hub. Each type gives and takes one dataset. */
const pairs: readonly Pair[] = [
  ...types.flatMap((source) => types.map((target): Pair => ({ source, target, kind: 'model' }))),
  ...types.map(
    (source, n): Pair => ({ source, target: types[(n + 1) % types.length] ?? source, kind: 'dataset' }),
  ),
]

/**
 * A small repo that is awkward where hubs differ: LFS above and below every bound that is cheap to test (1 MiB and 5 MiB; the 10 MiB of
 * Hugging Face is in the suite), binary and text, names, depth, and an empty file.
 */
const files: Readonly<Record<string, Buffer>> = {
  'README.md': Buffer.from(
    '---\nlicense: apache-2.0 # as it is\n---\n# Tiny 模型\r\nlast line without an end',
  ),
  LICENSE: Buffer.from('Apache License\nVersion 2.0, January 2004\n'),
  'config.json': Buffer.from('{"model_type":"tiny"}\n'),
  'model.safetensors': bytes(150_000, 3),
  'just-plain.txt': text(1024 * 1024),
  'over-1-mib.txt': text(1024 * 1024 + 1),
  'over-5-mib.txt': text(5 * 1024 * 1024 + 1),
  'small.onnx': bytes(3000, 4),
  'empty.txt': Buffer.alloc(0),
  'a dir/#1 50%?+&.json': Buffer.from('{"awkward": true}'),
  "quotes \"'`$(x)'.txt": Buffer.from('quoted'),
  '模型/-leading 🎉.txt': Buffer.from('emoji'),
  'a/b/c/d/e/f/g/h/i/j/k/l/m/n/deep.txt': Buffer.from('deep'),
}
const asLfs: ReadonlySet<string> = new Set(['model.safetensors', 'over-5-mib.txt', 'small.onnx'])
const expected = Object.fromEntries(Object.entries(files).map(([path, content]) => [path, digestOf(content)]))

let hub: Harness
let standIns: Readonly<Record<Exclude<End, 'dir'>, StandIn>>
let configFile: string
let reports: readonly Report[]

beforeAll(async () => {
  const [harness, modelers, gitcode, github, git] = await Promise.all([
    startHarness(),
    startModelers(),
    startGitCode(),
    startGitHub(),
    startPlainGit({ createOn: 'push' }),
  ])
  hub = harness
  standIns = { huggingface: hub.hf, modelscope: hub.ms, modelers, gitcode, github, git }
  await Promise.all([...types.map((type) => seedEnd(type))])
  configFile = join(hub.folder, 'matrix.yml')
  await writeFile(configFile, configuration())
  // One run has all pairs, as a user would have them; a pair that fails is a row of the report like any other.
  const first = await hub.run({ configFile })
  const second = await hub.run({ configFile })
  reports = [first.report, second.report]
}, 600_000)

afterAll(async () => {
  const { huggingface: _hf, modelscope: _ms, ...others } = standIns
  await Promise.all(Object.values(others).map((standIn) => standIn.close()))
  await hub.close()
})

describe.each(pairs)('$source → $target, a $kind', (pair) => {
  it('brings every byte over', async () => {
    const item = rowOf(0, pair)
    expect([item.outcome, item.reason, item.error]).toEqual(['synced', undefined, undefined])
    expect(item.files).toMatchObject({ mismatch: 0 })
    expect(await contentOf(pair)).toEqual(expected)
  })

  it('finds nothing to do the second time', () => {
    const item = rowOf(1, pair)
    expect([item.outcome, item.error]).toEqual(['unchanged', undefined])
    expect(item.bytes.moved).toBe(0)
  })
})

it('prints the table of all pairs', async () => {
  const rows = await Promise.all(
    types.map(async (source) => [
      source,
      ...(await Promise.all(types.map((target) => cell(source, target)))),
    ]),
  )
  const table = [['from \\ to', ...types], ...rows]
  const width = Math.max(...table.flat().map((text) => text.length)) + 1
  const lines = table.map((row) =>
    row
      .map((text) => text.padEnd(width))
      .join('')
      .trimEnd(),
  )
  process.stdout.write(`\n${lines.join('\n')}\n\n`)
  expect(rows.flat().filter((text) => text === 'ok')).toHaveLength(types.length ** 2)
})

/** `ok`, or what went wrong with the pair. */
async function cell(source: End, target: End): Promise<string> {
  for (const pair of pairs.filter((one) => one.source === source && one.target === target)) {
    const [first, second] = [rowOf(0, pair).outcome, rowOf(1, pair).outcome]
    if (first !== 'synced') return first
    if (second !== 'unchanged') return `2nd ${second}`
    const there = await contentOf(pair)
    if (JSON.stringify(there) !== JSON.stringify(expected)) return 'content'
  }
  return 'ok'
}

function rowOf(run: 0 | 1, pair: Pair): ReportItem {
  const item = reports[run]?.items.find(({ rule }) => rule === ruleName(pair))
  if (item === undefined) throw new Error(`no row of ${ruleName(pair)}`)
  return item
}

const ruleName = ({ source, target, kind }: Pair) => `${source}-to-${target}-${kind}`
const sourceName = (kind: RepoType) => (kind === 'model' ? 'tiny' : 'tiny-data')
const targetName = ({ source, kind }: Pair) => `${sourceName(kind)}-of-${source}`

function configuration(): string {
  const hubs = Object.entries(standIns).map(
    ([id, { endpoint, token }]) =>
      `  ${id === 'git' ? 'plain: { type: git, ' : `${id}: { `}endpoint: "${endpoint}", token: "${token}" }`,
  )
  const rules = pairs.map((pair) => `  - ${JSON.stringify(ruleFor(pair))}`)
  return `version: 1\nhubs:\n${hubs.join('\n')}\nrules:\n${rules.join('\n')}\n`
}

function ruleFor(pair: Pair): object {
  const { source, target, kind } = pair
  return {
    name: ruleName(pair),
    from: address(source, kind, 'alice', sourceName(kind)),
    to: address(target, kind, 'my-org', targetName(pair)),
    // Names of folders tell no type, and nobody but their owner can say that they may be seen.
    ...(source === 'dir' && target === 'dir' ? { types: [kind] } : {}),
    ...(source === 'dir' ? { visibility: 'public' } : {}),
  }
}

function address(end: End, kind: RepoType, owner: string, name: string): string {
  if (end === 'dir') return `dir:${join(hub.folder, owner, name)}`
  return `${end === 'git' ? 'plain' : end}:${kind}s/${owner}/${name}`
}

async function seedEnd(end: End): Promise<void> {
  for (const kind of kinds) {
    if (end === 'dir') await writeFolder(join(hub.folder, 'alice', sourceName(kind)))
    else await standIns[end].seed({ type: kind, owner: 'alice', name: sourceName(kind), files: seeds })
  }
}

const seeds = Object.fromEntries(
  Object.entries(files).map(([path, content]) => [path, asLfs.has(path) ? { lfs: content } : content]),
)

async function writeFolder(folder: string): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}

const contents = new Map<Pair, Promise<Record<string, string>>>()

/** Digests by path in the order of the source's files, as the stand-in itself has them; looked at once. */
function contentOf(pair: Pair): Promise<Record<string, string>> {
  const known = contents.get(pair) ?? readContent(pair)
  contents.set(pair, known)
  return known
}

async function readContent(pair: Pair): Promise<Record<string, string>> {
  const there = pair.target === 'dir' ? await folderDigests(pair) : await standInDigests(pair, pair.target)
  const order = [...Object.keys(files), ...there.keys()]
  return Object.fromEntries(order.flatMap((path) => (there.has(path) ? [[path, there.get(path) ?? '']] : [])))
}

async function standInDigests(pair: Pair, end: Exclude<End, 'dir'>): Promise<Map<string, string>> {
  const key = { type: pair.kind, owner: 'my-org', name: targetName(pair) }
  const stored = [...(await standIns[end].files(key))].filter(([path]) => path !== '.gitattributes')
  return new Map(stored.map(([path, { sha256 }]) => [path, sha256]))
}

async function folderDigests(pair: Pair): Promise<Map<string, string>> {
  const folder = join(hub.folder, 'my-org', targetName(pair))
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const rows = paths.map(async (path) => [relative(folder, path), digestOf(await readFile(path))] as const)
  return new Map(await Promise.all(rows))
}

/** Text of exactly so many bytes, which a file of a plain text may well be. */
function text(size: number): Buffer {
  return Buffer.alloc(size, 'a line of text that goes on and on\n')
}
