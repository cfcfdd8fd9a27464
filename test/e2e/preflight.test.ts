import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planCommand } from '../../src/commands/plan.ts'
import type { ReportItem } from '../../src/model/report.ts'
import type { SeedRepo } from '../stand-ins/core/stand-in.ts'
import { type AllHubs, type HubId, hubIds, startAllHubs } from './all-hubs.ts'
import { bytes, defaultOptions, deliveries, type Harness, onlyItem } from './harness.ts'

let all: AllHubs
let harness: Harness
let hubs: AllHubs['hubs']
beforeAll(async () => {
  all = await startAllHubs()
  ;({ harness, hubs } = all)
})
afterAll(() => all.close())

const seed = (hub: HubId, name: string, files: SeedRepo['files']) =>
  hubs[hub].seed({ type: 'model', owner: 'my-org', name, files })

/** What `plan` alone says of one pair; `readOnly`: with the token of the target that only reads. */
async function planned(from: string, to: string, readOnly?: HubId): Promise<ReportItem> {
  const env: Record<string, string> = { ...harness.env }
  const settings = hubIds.map((id) => {
    env[`TOKEN_OF_${id.toUpperCase()}`] = id === readOnly ? hubs[id].readToken : hubs[id].token
    const token = `\${TOKEN_OF_${id.toUpperCase()}}`
    return `  ${id}: { ${id === 'git' ? 'type: git, ' : ''}endpoint: "${hubs[id].endpoint}", token: "${token}" }\n`
  })
  const dir = await mkdtemp(join(harness.folder, 'plan-'))
  const configFile = join(dir, 'one.yml')
  await writeFile(
    configFile,
    `version: 1\nhubs:\n${settings.join('')}rules: [{ name: one, from: "${from}", to: "${to}", types: [model], visibility: public }]\n`,
  )
  for (const id of hubIds) hubs[id].requests.length = 0
  const options = { ...defaultOptions, configFile, dir: join(dir, 'run') }
  const { report } = await planCommand(await harness.context(), options, env)
  for (const id of hubIds) expect(deliveries(hubs[id])).toEqual([])
  if (report === undefined) throw new Error('a plan leaves a report')
  return onlyItem(report)
}

describe('paths that must not be written', () => {
  const bad = ['back\\slash.txt', 'deep/er/back\\slash', 'bell\u0007.bin', 'C:x']

  it.each(hubIds)('all are named where %s has them, and nothing is made', async (hub) => {
    const good = Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`dir-${index}/ok.txt`, 'ok']))
    await seed(hub, 'bad-paths', { ...good, ...Object.fromEntries(bad.map((path) => [path, 'x'])) })
    const target = hub === 'modelscope' ? 'huggingface' : 'modelscope'
    const { outcome, details = [], reason } = await planned(`${hub}:my-org/bad-paths`, `${target}:my-org/bad`)
    expect([outcome, reason]).toEqual(['blocked', expect.stringContaining('And 3 more')])
    for (const part of ['"back\\\\\\\\slash.txt"', 'deep/er/', 'bell', '"C:x"'])
      expect(details.filter((line) => line.includes(part.replaceAll('\\\\\\\\', '\\\\')))).toHaveLength(1)
    expect(details.at(-1)).toContain('Rename or remove them')
    expect(details).toHaveLength(bad.length + 1)
    expect(await hubs[target].head({ type: 'model', owner: 'my-org', name: 'bad' })).toBeUndefined()
  })

  it('all are named where a folder has them', async () => {
    const folder = join(harness.folder, 'bad-folder')
    await mkdir(folder)
    await Promise.all(['good', 'back\\slash', 'bell\u0007'].map((path) => writeFile(join(folder, path), 'x')))
    const { outcome, details } = await planned(`dir:${folder}`, 'modelscope:my-org/bad')
    expect(outcome).toBe('blocked')
    expect(details).toHaveLength(3)
  })

  it('all that Modelers refuses by their ends are named', async () => {
    await seed('huggingface', 'leftovers', { 'a.BAK': 'x', 'b/c.tmp': 'x', 'ok.txt': 'x' })
    const { outcome, details } = await planned('huggingface:my-org/leftovers', 'modelers:my-org/leftovers')
    expect([outcome, details?.map((line) => line.split(':')[0])]).toEqual(['blocked', ['a.BAK', 'b/c.tmp']])
  })

  it('what only Windows or macOS cannot hold goes over, and is told', async () => {
    await seed('huggingface', 'odd', { 'aux.json': '1', 'Model.bin': '2', 'model.bin': '3' })
    const { report } = await harness.run({ repos: ['my-org/odd'], from: 'hf', to: 'ms:my-org' })
    const { outcome, notes } = onlyItem(report)
    expect(outcome).toBe('synced')
    expect(notes).toEqual([
      'cannot be checked out on Windows: aux.json',
      'are one file where case or the spelling of accents does not count: model.bin and Model.bin',
    ])
  })
})

describe('a README that the target would refuse', () => {
  it('blocks with every word of Hugging Face', async () => {
    await seed('github', 'card', {
      'README.md': '---\nlanguage: 7\nwidget: none\nbase_model: [1]\n---\n',
      'w.bin': { lfs: bytes(5000) },
    })
    const { outcome, details } = await planned('github:my-org/card', 'huggingface:my-org/card')
    expect(outcome).toBe('blocked')
    expect(details).toHaveLength(3)
    expect(details?.join()).toMatch(/README\.md: Hugging Face refuses its front matter.*base_model.*widget/)
  })

  it('blocks where Modelers finds no license in it, and none can be written', async () => {
    await seed('github', 'closed-card', { 'README.md': '---\n{tags: [a]}\n---\n', 'w.txt': 'w' })
    const { outcome, details } = await planned('github:my-org/closed-card', 'modelers:my-org/closed-card')
    expect([outcome, details]).toEqual(['blocked', [expect.stringContaining('no license can be read')]])
  })
})

describe('a token that only reads', () => {
  it.each([
    ['huggingface', 'can only read'],
    ['modelers', 'write'],
    ['gitcode', 'write'],
    ['github', 'write'],
    ['git', 'write'],
  ] as const)('%s tells it in the plan, for a target that is there', async (hub, words) => {
    await seed('modelscope', 'for-readers', { 'config.json': '{"new":1}' })
    await seed(hub, 'for-readers', { 'config.json': '{}' })
    const to = `${hub}:my-org/for-readers`
    const { outcome, error } = await planned('modelscope:my-org/for-readers', to, hub)
    expect([outcome, error?.code]).toEqual(['failed', 'forbidden'])
    expect(error?.message).toContain(words)
    expect(`${error?.message} ${error?.next}`).toContain('write permission')
    expect(await planned('modelscope:my-org/for-readers', to)).toMatchObject({ changes: { update: 1 } })
  })
})

describe('a pair in step whose source is closed later', () => {
  const runs = async (repos: readonly string[], dir: string) => {
    const from = repos.length > 0 ? 'hf' : `hf:${hubs.huggingface.username}`
    const { report } = await harness.run({ repos, from, to: 'ms:my-org/drift-{name}', dir, type: 'model' })
    return onlyItem(report)
  }

  it.each<[string, Partial<SeedRepo>, boolean]>([
    ['named, private', { private: true }, true],
    ['named, gated', { gated: true }, true],
    ['listed, private', { private: true }, false],
  ])('%s: is told although the ledger knows both commits', async (what, access, isNamed) => {
    const owner = isNamed ? 'my-org' : hubs.huggingface.username
    const name = what.replace(', ', '-')
    const repo = { type: 'model', owner, name } as const
    const repos = isNamed ? [`my-org/${name}`] : []
    await hubs.huggingface.seed({ ...repo, files: { 'w.txt': 'w' } })
    const dir = await mkdtemp(join(harness.folder, 'drift-'))
    expect((await runs(repos, dir)).outcome).toBe('synced')
    expect((await runs(repos, dir)).outcome).toBe('unchanged')
    await hubs.huggingface.seed({ ...repo, files: {}, ...access })
    const { outcome, reason } = await runs(repos, dir)
    expect(outcome).toBe(access.gated ? 'skipped' : 'blocked')
    expect(reason).toMatch(/critical: the source is private, but the target exists and is public|gated/)
  })
})
