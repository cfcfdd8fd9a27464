import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planCommand } from '../../src/commands/plan.ts'
import { syncCommand } from '../../src/commands/sync.ts'
import { resolveHubs } from '../../src/config/hubs.ts'
import type { Plan } from '../../src/model/plan.ts'
import type { RepoType } from '../../src/model/repo.ts'
import { openHubs } from '../../src/repos/hubs.ts'
import {
  bytes,
  defaultOptions,
  deliveries,
  type Harness,
  onlyItem,
  refusal,
  startHarness,
} from './harness.ts'

let hub: Harness
beforeAll(async () => {
  hub = await startHarness()
})
afterAll(() => hub.close())

type Files = Readonly<Record<string, string | Uint8Array>>

const readme = '---\nlicense: apache-2.0\n---\n# Mine\n'
const model: Files = {
  'README.md': readme,
  'config.json': '{"model_type":"mine"}\n',
  'model.safetensors': bytes(3_000_000, 11),
  'deep/er/tokenizer.json': '{}',
}

/** A folder of the run's own, with these files. */
async function folderOf(name: string, files: Files): Promise<string> {
  const folder = join(hub.folder, name)
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}

/** Every file below a folder, the temporary ones included. */
async function contentOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const named = files.map(async (file) => [relative(folder, file), await readFile(file, 'latin1')] as const)
  return Object.fromEntries(await Promise.all(named))
}

function asText(files: Files): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, content]) => [path, Buffer.from(content).toString('latin1')]),
  )
}

/** What a hub says of a repo, and the messages of its commits. */
async function publishedAt(hubId: 'huggingface' | 'modelscope', name: string, type: RepoType = 'model') {
  const hubs = await openHubs(
    await hub.context(),
    resolveHubs(new Map(), hub.env, () => undefined),
  )
  const repo = hubs.repo({ hub: hubId, type, owner: 'my-org', name })
  const info = await repo.info()
  const history = info === undefined ? [] : await repo.history(info.defaultBranch, 10)
  return { visibility: info?.visibility, messages: history.map((commit) => commit.message).join('\n') }
}

async function filesAt(side: 'hf' | 'ms', name: string, type: RepoType = 'model') {
  const files = await hub[side].files({ type, owner: 'my-org', name })
  const own = [...files].filter(([path]) => path !== '.gitattributes')
  return Object.fromEntries(own.map(([path, file]) => [path, file.content?.toString('latin1')]))
}

const publish = (folder: string, to: string, set: string[] = [], type?: RepoType) =>
  hub.run({ repos: [`dir:${folder}`], to, set, ...(type && { type }) })
const backup = (name: string, folder: string, set: string[] = []) =>
  hub.run({ repos: [`Qwen/${name}`], from: 'hf', to: `dir:${folder}`, set })

/** Requests for the content of LFS objects. */
const fetched = () => hub.hf.requests.filter(({ server }) => server === 'storage').map(({ path }) => path)

describe('publishing a folder', () => {
  it.each([
    ['hf', 'huggingface'],
    ['ms', 'modelscope'],
  ] as const)(
    'to %s: every byte, private unless the rule says public, and then nothing to do',
    async (side, id) => {
      const folder = await folderOf(`publish-to-${side}/my-model`, { ...model, '.git/config': 'not this' })
      const first = await publish(folder, `${side}:my-org`)
      expect(onlyItem(first.report)).toMatchObject({
        outcome: 'synced',
        source: `dir:${folder}`,
        target: `${id}:my-org/my-model`,
        files: { mismatch: 0, unverifiable: 0 },
      })
      expect(await filesAt(side, 'my-model')).toEqual(asText(model))
      const there = await publishedAt(id, 'my-model')
      expect(there.visibility).toBe('private')
      expect(there.messages).toContain('Synced-From: dir:my-model@')
      expect(there.messages).not.toContain(hub.folder)

      const again = await publish(folder, `${side}:my-org`)
      expect(onlyItem(again.report)).toMatchObject({ outcome: 'unchanged', bytes: { moved: 0 } })

      await writeFile(join(folder, 'config.json'), '{"v":2}')
      const changed = await publish(folder, `${side}:my-org`)
      expect(onlyItem(changed.report)).toMatchObject({ outcome: 'synced', changes: { add: 0, update: 1 } })

      const open = await publish(folder, `${side}:my-org/open`, ['visibility=public'])
      expect(onlyItem(open.report).outcome).toBe('synced')
      expect((await publishedAt(id, 'open')).visibility).toBe('public')
    },
  )

  it('into a public repo needs visibility: public, and says so', async () => {
    const folder = await folderOf('meant-private', model)
    await hub.hf.seed({ type: 'model', owner: 'my-org', name: 'shop-window', files: { 'a.txt': 'a' } })
    const before = deliveries(hub.hf).length
    const held = onlyItem((await publish(folder, 'hf:my-org/shop-window')).report)
    expect(held).toMatchObject({ outcome: 'blocked', reason: expect.stringContaining('visibility: public') })
    expect(deliveries(hub.hf)).toHaveLength(before)
    const meant = await publish(folder, 'hf:my-org/shop-window', ['visibility=public'])
    expect(onlyItem(meant.report).outcome).toBe('synced')
    // Nothing is deleted, in a folder's name as little as in a hub's.
    expect(await filesAt('hf', 'shop-window')).toEqual({ ...asText(model), 'a.txt': 'a' })
  })

  it('as a dataset, by a relative path', async () => {
    const files = { 'README.md': readme, 'rows.parquet': bytes(50_000, 3) }
    const folder = await folderOf('my rows', files)
    const path = relative(process.cwd(), folder)
    expect(path.startsWith('../')).toBe(true)
    const run = await publish(path, 'hf:my-org/rows', [], 'dataset')
    expect(onlyItem(run.report)).toMatchObject({
      outcome: 'synced',
      source: `dir:${path}`,
      target: 'huggingface:datasets/my-org/rows',
    })
    expect(await filesAt('hf', 'rows', 'dataset')).toEqual(asText(files))
    const { messages } = await publishedAt('huggingface', 'rows', 'dataset')
    expect(messages).toContain('Sync from dir:my rows: 2 added')
    expect(messages).not.toContain(path)
  })
})

describe('a backup into a folder', () => {
  const seed = (name: string, files: Parameters<Harness['hf']['seed']>[0]['files']) =>
    hub.hf.seed({ type: 'model', owner: 'Qwen', name, files })

  it('is exactly the folder that is named; later only what differs is fetched, and nothing is deleted', async () => {
    const weights = { 'a.safetensors': bytes(2_000_000, 21), 'b.safetensors': bytes(2_000_000, 22) }
    const lfs = Object.fromEntries(Object.entries(weights).map(([path, content]) => [path, { lfs: content }]))
    await seed('kept', { 'README.md': readme, 'config.json': '{}', ...lfs })
    const folder = join(hub.folder, 'backups', 'kept-here')
    const first = await backup('kept', folder)
    expect(onlyItem(first.report)).toMatchObject({
      outcome: 'synced',
      target: `dir:${folder}`,
      files: { verified: 4, sampled: 0, mismatch: 0, unverifiable: 0 },
    })
    const kept = { 'README.md': readme, 'config.json': '{}', ...weights }
    expect(await contentOf(folder)).toEqual(asText(kept))

    hub.hf.requests.length = 0
    const again = await backup('kept', folder)
    expect(onlyItem(again.report)).toMatchObject({ outcome: 'unchanged', bytes: { moved: 0 } })
    expect(fetched()).toEqual([])

    await writeFile(join(folder, 'notes.txt'), 'my own')
    const next = bytes(2_000_000, 23)
    await seed('kept', { 'b.safetensors': { lfs: next } })
    hub.hf.requests.length = 0
    const changed = await backup('kept', folder)
    expect(onlyItem(changed.report)).toMatchObject({
      outcome: 'synced',
      changes: { add: 0, update: 1 },
      bytes: { moved: 2_000_000 },
    })
    expect(fetched()).toHaveLength(1)
    expect(await contentOf(folder)).toEqual(asText({ ...kept, 'b.safetensors': next, 'notes.txt': 'my own' }))
  })

  it.each(['fault-truncated', 'fault-corrupt', 'fault-missing-object'])(
    '%s: a source that breaks leaves every file as it was, and none half-written',
    async (fault) => {
      const name = `${fault}-folder`
      await seed(name, { 'config.json': '{"v":2}', 'w.safetensors': { lfs: bytes(5_000_000, 31) } })
      const before = { 'config.json': '{"v":1}', 'w.safetensors': bytes(1000, 30) }
      const folder = await folderOf(name, before)
      const run = await backup(name, folder, ['stall-timeout=1s'])
      expect(onlyItem(run.report).outcome).toBe('failed')
      const now = Object.entries(await contentOf(folder))
      const visible = now.filter(([path]) => !path.startsWith('.model-hub-sync-tmp/'))
      expect(Object.fromEntries(visible)).toEqual(asText(before))
    },
  )

  it('takes a private source without opening anything, and a whole owner into folders of their names', async () => {
    const files = { 'config.json': '{}' }
    await hub.hf.seed({ type: 'model', owner: hub.hf.username, name: 'one', files, private: true })
    await hub.hf.seed({ type: 'model', owner: hub.hf.username, name: 'two', files })
    const root = join(hub.folder, 'all-of-it')
    const run = await hub.run({ from: `hf:${hub.hf.username}`, to: `dir:${root}/q-{name}` })
    expect(run.report.items.map((item) => item.outcome)).toEqual(['synced', 'synced'])
    expect(await contentOf(root)).toEqual({ 'q-one/config.json': '{}', 'q-two/config.json': '{}' })
  })

  it('goes by a saved plan of a rule too, and only to where the rule says', async () => {
    await seed('planned', { 'config.json': '{"planned":1}' })
    const folder = join(hub.folder, 'planned-here')
    const configFile = join(hub.folder, 'folders.yml')
    const rule = `{ name: keep, from: "hf:Qwen/planned", to: "dir:${folder}" }`
    await writeFile(configFile, `version: 1\nrules: [${rule}]\n`)
    const options = { ...defaultOptions, configFile, dir: join(hub.folder, 'planned-run') }
    await planCommand(await hub.context(), options, hub.env)
    const file = join(options.dir, 'plan.json')
    const plan: Plan = JSON.parse(await readFile(file, 'utf8'))
    expect(plan.items.map((item) => item.id)).toEqual(['keep/models/dir/planned-here'])

    for (const name of ['../elsewhere', '..', 'elsewhere']) {
      const moved = plan.items.map((item) => ({ ...item, target: { ...item.target, name } }))
      await writeFile(file, JSON.stringify({ ...plan, items: moved }))
      const error = await refusal(syncCommand(await hub.context(), options, hub.env))
      expect(error.code).toBe('plan')
    }
    await writeFile(file, JSON.stringify(plan))
    const synced = await syncCommand(await hub.context(), options, hub.env)
    expect(synced.report?.items.map((item) => item.outcome)).toEqual(['synced'])
    expect(await contentOf(folder)).toEqual({ 'config.json': '{"planned":1}' })
    expect(await readdir(dirname(folder))).not.toContain('elsewhere')
  })
})

describe('folders in each other’s way', () => {
  it('are held back: in itself, above itself, by another name, and two rules in one', async () => {
    const folder = await folderOf('nested/outer', model)
    await folderOf('nested/outer/inner', model)
    await symlink(folder, join(hub.folder, 'nested', 'link'))
    const before = await contentOf(folder)
    const into = async (from: string, to: string) => onlyItem((await publish(from, `dir:${to}`)).report)
    expect(await into(folder, `${folder}/copy`)).toMatchObject({
      outcome: 'blocked',
      reason: 'the target lies in the source',
    })
    expect(await into(`${folder}/inner`, folder)).toMatchObject({
      outcome: 'blocked',
      reason: 'the source lies in the target',
    })
    expect(await into(folder, `${dirname(folder)}/link`)).toMatchObject({
      outcome: 'blocked',
      reason: 'source and target are the same repo',
    })
    expect(await contentOf(folder)).toEqual(before)

    const copies = join(hub.folder, 'nested', 'copies')
    const rule = (name: string, to: string) => `{ name: ${name}, from: "dir:${folder}", to: "dir:${to}" }`
    const configFile = join(hub.folder, 'nested.yml')
    const rules = [rule('whole', copies), rule('part', `${copies}/part`)]
    await writeFile(configFile, `version: 1\nrules: [${rules.join(', ')}]\n`)
    const run = await hub.run({ configFile })
    expect(run.report.items.map(({ rule, outcome }) => [rule, outcome])).toEqual([
      ['whole', 'synced'],
      ['part', 'blocked'],
    ])
    expect(await contentOf(copies)).toEqual(before)
  })

  it('that are not there, or are files, are told of', async () => {
    const missing = await refusal(publish(join(hub.folder, 'nowhere'), 'ms:my-org'))
    expect(missing).toMatchObject({ code: 'usage', message: expect.stringContaining('There is no folder') })
    await writeFile(join(hub.folder, 'a-file'), 'x')
    const file = onlyItem((await publish(join(hub.folder, 'a-file'), 'ms:my-org')).report)
    expect(file.outcome).toBe('failed')
    expect(file.reason ?? file.error?.message).toContain('is not a folder')
    await rm(join(hub.folder, 'a-file'))
  })
})
