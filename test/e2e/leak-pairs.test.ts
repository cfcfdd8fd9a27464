import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planCommand } from '../../src/commands/plan.ts'
import { runCommand } from '../../src/commands/run.ts'
import { syncCommand } from '../../src/commands/sync.ts'
import type { Context } from '../../src/context.ts'
import type { ReportItem } from '../../src/model/report.ts'
import type { CommandResult } from '../../src/report/command-result.ts'
import type { SeedRepo } from '../stand-ins/core/stand-in.ts'
import { type AllHubs, type HubId, hubIds, startAllHubs } from './all-hubs.ts'
import { bytes, defaultOptions, type Harness } from './harness.ts'

const ends = [...hubIds, 'dir'] as const
type End = (typeof ends)[number]

const pairs = ends.flatMap((source) => ends.map((target): [End, End] => [source, target]))
/** Folders of this machine show nothing to anybody: they cannot be opened, nor closed. */
const fromHubs = pairs.filter((pair): pair is [HubId, End] => pair[0] !== 'dir')
const betweenHubs = fromHubs.filter((pair): pair is [HubId, HubId] => pair[1] !== 'dir')
const intoHubs = pairs.filter((pair): pair is [End, HubId] => pair[1] !== 'dir')

let all: AllHubs
let harness: Harness
let hubs: AllHubs['hubs']
beforeAll(async () => {
  all = await startAllHubs()
  ;({ harness, hubs } = all)
})
afterAll(() => all.close())

const files: SeedRepo['files'] = {
  'README.md': '---\nlicense: mit\n---\n# A secret\n',
  'w.txt': 'secret',
  'w.bin': { lfs: bytes(200_000, 6) },
}

const seed = (hub: HubId, name: string, more: Partial<SeedRepo> = {}) =>
  hubs[hub].seed({ type: 'model', owner: 'my-org', name, files, ...more })

const key = (name: string) => ({ type: 'model', owner: 'my-org', name }) as const

/** Whether somebody without a token gets anything of the repo, by git and, where there is one, by the page's API. */
async function isSeenByStrangers(hub: HubId, name: string): Promise<boolean> {
  const { endpoint } = hubs[hub]
  const apis: Partial<Record<HubId, string>> = {
    huggingface: `/api/models/my-org/${name}`,
    modelscope: `/api/v1/models/my-org/${name}`,
    modelers: `/api/v1/model/my-org/${name}`,
    github: `/api/v3/repos/my-org/${name}`,
  }
  const places = [`/my-org/${name}.git/info/refs?service=git-upload-pack`, apis[hub]]
  const answers = places.map(async (place) => place !== undefined && (await fetch(endpoint + place)).ok)
  return (await Promise.all(answers)).includes(true)
}

/** Paths of the secret that the target's head has. */
async function secretsIn(hub: HubId, name: string): Promise<string[]> {
  if ((await hubs[hub].head(key(name))) === undefined) return []
  return [...(await hubs[hub].files(key(name))).keys()].filter((path) => path.startsWith('w.'))
}

interface Way {
  readonly source: End
  readonly target: End
  /** Of the source, in its owner or folder. */
  readonly from: string
  readonly to: string
}

const spelled = (end: End, name: string) =>
  end === 'dir' ? `dir:${harness.folder}/${name}` : `${end}:my-org/${name}`

/** Options and variables for one rule for each way, called `SOURCE-to-TARGET`. */
async function configured(ways: readonly Way[], keys = '') {
  const env: Record<string, string> = { ...harness.env }
  const settings = hubIds.slice(2).map((id) => {
    env[`TOKEN_OF_${id.toUpperCase()}`] = hubs[id].token
    const token = `\${TOKEN_OF_${id.toUpperCase()}}`
    return `  ${id}: { ${id === 'git' ? 'type: git, ' : ''}endpoint: "${hubs[id].endpoint}", token: "${token}" }\n`
  })
  const rules = ways.map(
    ({ source, target, from, to }) =>
      `  - { name: ${source}-to-${target}, from: "${spelled(source, from)}", to: "${spelled(target, to)}", types: [model] }\n`,
  )
  const dir = await mkdtemp(join(harness.folder, 'run-'))
  const configFile = join(dir, 'pairs.yml')
  await writeFile(
    configFile,
    `version: 1\nhubs:\n${settings.join('')}defaults: { gated: private ${keys}}\nrules:\n${rules.join('')}`,
  )
  return [{ ...defaultOptions, configFile, dir: join(dir, 'run') }, env] as const
}

/** The row of each pair, by `SOURCE-to-TARGET`. */
function rowsOf({ report }: CommandResult): ReadonlyMap<string, ReportItem> {
  const rows = new Map((report?.items ?? []).map((item) => [item.rule, item]))
  expect(rows.size).toBe(report?.items.length)
  return rows
}

async function run(ways: readonly Way[], context?: Context) {
  const [options, env] = await configured(ways)
  return rowsOf(await runCommand(context ?? (await harness.context()), options, env))
}

async function folderOf(name: string): Promise<void> {
  const folder = join(harness.folder, name)
  await mkdir(folder)
  for (const [path, content] of Object.entries(files))
    await writeFile(
      join(folder, path),
      typeof content === 'string' || Buffer.isBuffer(content) ? content : bytes(200_000, 6),
    )
}

function rowOf(rows: ReadonlyMap<string, ReportItem>, source: End, target: End): ReportItem {
  const row = rows.get(`${source}-to-${target}`)
  if (row === undefined) throw new Error(`no row for ${source} to ${target}: ${[...rows.keys()].join(', ')}`)
  return row
}

describe('a private source and a target that is absent', () => {
  let rows: ReadonlyMap<string, ReportItem>
  beforeAll(async () => {
    await Promise.all([...hubIds.map((hub) => seed(hub, 'secret', { private: true })), folderOf('secret')])
    rows = await run(
      pairs.map(([source, target]) => ({ source, target, from: 'secret', to: `absent-${source}` })),
    )
  }, 120_000)

  it.each(pairs)('%s → %s: private, or not at all', async (source, target) => {
    const { outcome, reason, files: counts } = rowOf(rows, source, target)
    if (target === 'git') {
      // A push makes it, and nobody can say for whom.
      expect([outcome, reason]).toEqual(['blocked', expect.stringContaining('critical')])
      expect(await hubs.git.head(key(`absent-${source}`))).toBeUndefined()
      return
    }
    expect([outcome, counts?.mismatch]).toEqual(['synced', 0])
    if (target === 'dir') return
    expect(await secretsIn(target, `absent-${source}`)).toEqual(['w.bin', 'w.txt'])
    expect(await isSeenByStrangers(target, `absent-${source}`)).toBe(false)
  })
})

describe('a private source and a target that everybody sees', () => {
  let rows: ReadonlyMap<string, ReportItem>
  const heads = new Map<string, string>()
  beforeAll(async () => {
    await Promise.all(hubIds.map((hub) => seed(hub, 'closed', { private: true })))
    await folderOf('closed')
    for (const [source, target] of intoHubs)
      heads.set(
        `${source}-to-${target}`,
        await seed(target, `open-${source}`, { private: false, files: { 'README.md': 'old' } }),
      )
    rows = await run(
      intoHubs.map(([source, target]) => ({ source, target, from: 'closed', to: `open-${source}` })),
    )
  }, 120_000)

  it.each(intoHubs)('%s → %s: blocked, and the target is left alone', async (source, target) => {
    expect(await isSeenByStrangers(target, `open-${source}`)).toBe(true)
    const { outcome, reason } = rowOf(rows, source, target)
    expect([outcome, reason]).toEqual(['blocked', expect.stringContaining('critical')])
    expect(await hubs[target].head(key(`open-${source}`))).toBe(heads.get(`${source}-to-${target}`))
  })
})

describe('a gated source that rules take along (gated: private)', () => {
  const gating = ['huggingface', 'modelscope'] as const
  const gated = gating.flatMap((source) => ends.map((target): [HubId, End] => [source, target]))
  let rows: ReadonlyMap<string, ReportItem>
  beforeAll(async () => {
    await Promise.all(gating.map((hub) => seed(hub, 'gated', { gated: true })))
    rows = await run(
      gated.map(([source, target]) => ({ source, target, from: 'gated', to: `gated-${source}` })),
    )
  }, 120_000)

  it.each(gated)('%s → %s: private, or not at all', async (source, target) => {
    const { outcome } = rowOf(rows, source, target)
    expect(outcome).toBe(target === 'git' ? 'blocked' : 'synced')
    if (target !== 'dir') expect(await isSeenByStrangers(target, `gated-${source}`)).toBe(false)
  })
})

describe('a source that becomes private', () => {
  const ways = (name: string) =>
    fromHubs.map(([source, target]) => ({
      ...{ source, target, from: `${name}-for-${target}`, to: `${name}-of-${source}` },
    }))
  const opened = (name: string) =>
    Promise.all(ways(name).map(({ source, from }) => seed(source, from, { private: false })))
  let planned: ReadonlyMap<string, ReportItem>
  let moving: ReadonlyMap<string, ReportItem>
  beforeAll(async () => {
    await opened('later')
    const [options, env] = await configured(ways('later'))
    await planCommand(await harness.context(), options, env)
    await Promise.all(
      ways('later').map(({ source, from }) => seed(source, from, { private: true, files: {} })),
    )
    planned = rowsOf(await syncCommand(await harness.context(), options, env))

    await opened('meanwhile')
    const closed: Promise<unknown>[] = []
    const context = await harness.context()
    const progress: Context['progress'] = (event) => {
      if (event.kind !== 'item-step' || event.text !== 'moving objects') return
      const way = ways('meanwhile').find(({ source, target }) =>
        event.item.startsWith(`${source}-to-${target}/`),
      )
      if (way === undefined) throw new Error(`no pair for ${event.item}`)
      closed.push(seed(way.source, way.from, { private: true, files: {} }))
    }
    moving = await run(ways('meanwhile'), { ...context, progress })
    expect(await Promise.all(closed)).toHaveLength(fromHubs.length)
  }, 240_000)

  it.each(fromHubs)('%s → %s: since the plan, so nothing is made', async (source, target) => {
    expect(rowOf(planned, source, target)).toMatchObject({ outcome: 'blocked' })
    if (target !== 'dir') expect(await hubs[target].head(key(`later-of-${source}`))).toBeUndefined()
  })

  it.each(fromHubs)('%s → %s: while its objects move, so nothing is published', async (source, target) => {
    const { outcome, error } = rowOf(moving, source, target)
    expect([outcome, error?.code]).toEqual(['blocked', 'leak'])
    if (target !== 'dir') expect(await secretsIn(target, `meanwhile-of-${source}`)).toEqual([])
  })
})

describe('a target that is opened', () => {
  const ways = betweenHubs.map(([source, target]) => ({
    ...{ source, target, from: 'hidden', to: `opened-${source}` },
  }))
  let rows: ReadonlyMap<string, ReportItem>
  beforeAll(async () => {
    await Promise.all(hubIds.map((hub) => seed(hub, 'hidden', { private: true })))
    const closed = { private: true, files: { 'README.md': 'old' } }
    await Promise.all(ways.map(({ target, to }) => seed(target, to, closed)))
    const context = await harness.context()
    const opened: Promise<unknown>[] = []
    const progress: Context['progress'] = (event) => {
      if (event.kind !== 'item-step' || event.text !== 'moving objects') return
      const way = ways.find(({ source, target }) => event.item.startsWith(`${source}-to-${target}/`))
      if (way === undefined) throw new Error(`no pair for ${event.item}`)
      opened.push(seed(way.target, way.to, { private: false, files: {} }))
    }
    rows = await run(ways, { ...context, progress })
    expect(await Promise.all(opened)).toHaveLength(ways.length)
  }, 120_000)

  it.each(betweenHubs)('%s → %s: while objects move, so nothing is published', async (source, target) => {
    const { outcome, error } = rowOf(rows, source, target)
    expect([outcome, error?.code]).toEqual(['blocked', 'leak'])
    expect(await secretsIn(target, `opened-${source}`)).toEqual([])
  })
})
