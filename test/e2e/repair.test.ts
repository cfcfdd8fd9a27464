import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resolveHubs } from '../../src/config/hubs.ts'
import { parseTrailers } from '../../src/model/trailers.ts'
import { openHubs } from '../../src/repos/hubs.ts'
import { type PlainGitStandIn, startPlainGit } from '../stand-ins/plain-git/index.ts'
import { deliveries, type Harness, onlyItem, refusal, startHarness } from './harness.ts'
import { loseObject, pointerOf, pushFiles, spoilObject } from './tamper.ts'
import { notes, onlyPair, verifying, wrong } from './verifying.ts'

let hub: Harness
let host: PlainGitStandIn
beforeAll(async () => {
  hub = await startHarness()
  host = await startPlainGit({ createOn: 'push', storedObject: 'offered-again' })
})
afterAll(() => Promise.all([hub.close(), host.close()]))
const { verify, repair } = verifying(() => hub)
const asReader = verifying(
  () => hub,
  () => ({ MODELSCOPE_TOKEN: hub.ms.readToken }),
)

const readme = '---\nlicense: apache-2.0\ntags:\n- tiny\n---\n# Tiny\n'
const qwen = (name: string) => ({ type: 'model', owner: 'Qwen', name }) as const
const mine = (name: string) => ({ type: 'model', owner: 'my-org', name }) as const
const pair = (name: string) => ({ repos: [`Qwen/${name}`], from: 'hf', to: 'ms:my-org' })

/** A repo of Hugging Face that a run has brought to ModelScope; returns the folder of that run. */
async function mirrored(name: string, weights: Buffer): Promise<string> {
  const files = {
    'README.md': readme,
    'config.json': '{"a":1}\n',
    'w.safetensors': { lfs: weights },
    's.bin': { lfs: weights.subarray(0, 4000) },
  }
  await hub.hf.seed({ ...qwen(name), files })
  const dir = await mkdtemp(join(hub.folder, 'run-'))
  expect(onlyItem((await hub.run({ ...pair(name), dir })).report).outcome).toBe('synced')
  return dir
}

const contentAt = async (side: 'hf' | 'ms', repo: ReturnType<typeof mine>, path: string) =>
  (await hub[side].files(repo)).get(path)?.content

/** The messages of the target's commits, newest first. */
async function messagesAt(name: string): Promise<string[]> {
  const settings = resolveHubs(new Map(), hub.env, () => undefined)
  const repo = (await openHubs(await hub.context(), settings)).repo({ hub: 'modelscope', ...mine(name) })
  return (await repo.history('master', 10)).map(({ message }) => message.trim())
}

describe('repair', () => {
  it('makes right what verify found, and verify finds nothing more', async () => {
    const weights = randomBytes(2_500_000)
    await mirrored('broken', weights)
    await hub.ms.seed({
      ...mine('broken'),
      files: {
        'README.md': '---\nlicense: mit\n---\n# Tiny\n',
        'config.json': null,
        's.bin': pointerOf(weights.subarray(0, 4000)).replaceAll('\n', '\r\n'),
        'own.txt': 'of somebody',
      },
    })
    await loseObject('modelscope', weights)
    const fixed = await repair(pair('broken'))
    expect(fixed.before.totals.findings).toMatchObject({ 'not-served': 1, missing: 1, 'pointer-as-file': 1 })
    expect([fixed.exitStatus, wrong(fixed)]).toEqual([0, []])
    expect(fixed.text).toContain('Repaired and verified again: 1 of 1 pair in order now')
    expect(await contentAt('ms', mine('broken'), 'own.txt')).toEqual(Buffer.from('of somebody'))
    const again = await verify(pair('broken'))
    expect([again.exitStatus, wrong(again)]).toEqual([0, []])
  })

  it('is not misled by a ledger that says all is in step', async () => {
    const weights = randomBytes(50_000)
    const dir = await mirrored('ledger', weights)
    await loseObject('modelscope', weights)
    expect(onlyItem((await hub.run({ ...pair('ledger'), type: 'model', dir })).report).outcome).toBe(
      'unchanged',
    )
    const fixed = await repair({ ...pair('ledger'), dir })
    expect([fixed.exitStatus, wrong(fixed)]).toEqual([0, []])
    expect(deliveries(hub.ms).at(-1)).toMatch(/^PUT /)
  })

  it('touches nothing but what is damaged, and its commit is no base and no news for the ledger', async () => {
    const weights = randomBytes(50_000)
    const dir = await mirrored('narrow', weights)
    await hub.hf.seed({ ...qwen('narrow'), files: { 'new.txt': 'new' } })
    await hub.ms.seed({ ...mine('narrow'), files: { 'config.json': '{"a":"changed by hand"}\n' } })
    const fixed = await repair({ ...pair('narrow'), dir })
    expect([fixed.exitStatus, wrong(fixed), notes(fixed)]).toEqual([0, [], ['behind new.txt']])
    expect(onlyItem(fixed.repaired ?? fail()).changes).toEqual({ add: 0, update: 1, delete: 0 })
    expect(await contentAt('ms', mine('narrow'), 'config.json')).toEqual(Buffer.from('{"a":1}\n'))
    expect(await contentAt('ms', mine('narrow'), 'new.txt')).toBeUndefined()
    const [repaired = '', before = ''] = await messagesAt('narrow')
    expect(repaired).toContain('Synced-Repair: files')
    expect(parseTrailers(repaired)).toBeUndefined()
    expect(before).toBe('Seed')
    const next = await hub.run({ ...pair('narrow'), dir })
    expect(onlyItem(next.report)).toMatchObject({ outcome: 'synced', changes: { add: 1, update: 0 } })
  })

  it('shows in a dry run what it would do, and writes nothing', async () => {
    await mirrored('dry', randomBytes(6_000))
    await hub.ms.seed({ ...mine('dry'), files: { 'config.json': 'x' } })
    hub.ms.requests.length = 0
    const dry = await repair({ ...pair('dry'), dryRun: true })
    expect([dry.exitStatus, wrong(dry)]).toEqual([0, ['differs config.json']])
    expect(dry.repaired?.totals.forecast).toMatchObject({ repos: 1 })
    expect(deliveries(hub.ms)).toEqual([])
  })

  it('makes a target that is gone', async () => {
    await hub.hf.seed({
      ...qwen('absent'),
      files: { 'README.md': readme, 'a.bin': { lfs: randomBytes(9_000) } },
    })
    const fixed = await repair(pair('absent'))
    expect([fixed.exitStatus, wrong(fixed)]).toEqual([0, []])
  })

  it('has nothing to do where all is in order', async () => {
    const idle = await repair(pair('absent'))
    expect([idle.exitStatus, idle.repaired]).toEqual([0, undefined])
    expect(idle.text).toContain('Nothing to repair from here')
  })
})

describe('a run directory in which another process works', () => {
  it('is left to it: its plan and its results stay as they are', async () => {
    await mirrored('locked', randomBytes(6_000))
    await hub.ms.seed({ ...mine('locked'), files: { 'config.json': 'x' } })
    const dir = await mkdtemp(join(hub.folder, 'run-'))
    const left = { 'plan.json': 'of a service', lock: lockOfAnother() }
    for (const [name, text] of Object.entries(left)) await writeFile(join(dir, name), text)
    const refused = await refusal(repair({ ...pair('locked'), dir }))
    expect([refused.code, refused.message]).toEqual(['usage', expect.stringContaining(dir)])
    for (const [name, text] of Object.entries(left))
      expect(await readFile(join(dir, name), 'utf8')).toBe(text)
    expect(await contentAt('ms', mine('locked'), 'config.json')).toEqual(Buffer.from('x'))
    await rm(join(dir, 'lock'))
    expect((await repair({ ...pair('locked'), dir })).exitStatus).toBe(0)
    expect(await readdir(dir)).not.toContain('lock')
  })

  it('does not keep verify, which writes no plan', async () => {
    const dir = await mkdtemp(join(hub.folder, 'run-'))
    await writeFile(join(dir, 'lock'), lockOfAnother())
    expect((await verify({ ...pair('locked'), dir })).exitStatus).toBe(0)
  })
})

/** The lock of a process of another machine that said a moment ago that it is alive. */
function lockOfAnother(): string {
  return JSON.stringify({ pid: 1, place: 'another machine', since: '2026-01-01T00:00:00.000Z' })
}

describe('what cannot be repaired from here', () => {
  it('is an object that the hub says it has: told with the next step, while the rest is made right', async () => {
    const weights = randomBytes(60_000)
    await mirrored('stuck', weights)
    await hub.ms.seed({ ...mine('stuck'), files: { 'config.json': 'x' } })
    await spoilObject('modelscope', weights)
    const tried = await repair(pair('stuck'))
    expect([tried.exitStatus, wrong(tried)]).toEqual([1, ['wrong-bytes w.safetensors']])
    expect(tried.text).toContain('does not take it again')
    expect(await contentAt('ms', mine('stuck'), 'config.json')).toEqual(Buffer.from('{"a":1}\n'))
  })

  it('is not an object that nothing was sent of: a token that may not write says so, and nothing else', async () => {
    const weights = randomBytes(70_000)
    await mirrored('read-only', weights)
    await loseObject('modelscope', weights)
    const fixed = await asReader.repair(pair('read-only'))
    expect(fixed.exitStatus).toBe(1)
    expect(fixed.repaired?.items).toEqual([
      expect.objectContaining({ outcome: 'failed', error: expect.objectContaining({ code: 'forbidden' }) }),
    ])
    const [finding] = onlyPair(fixed.verification).findings
    expect(finding).toMatchObject({ kind: 'not-served', repairable: true })
    expect(finding?.next).not.toContain('delete the file')
  })

  it('is who may see the target: until then nothing else is touched', async () => {
    await hub.hf.seed({ ...mine('shown'), private: true, files: { 'a.txt': 'a' } })
    await hub.ms.seed({ ...mine('shown'), visibility: 'public', files: { 'a.txt': 'b' } })
    const tried = await repair({ repos: ['my-org/shown'], from: 'hf', to: 'ms:my-org' })
    expect([tried.exitStatus, wrong(tried)]).toEqual([1, ['differs a.txt', 'visibility']])
    expect(await contentAt('ms', mine('shown'), 'a.txt')).toEqual(Buffer.from('b'))
  })
})

describe('other kinds of targets', () => {
  it('Hugging Face: an object that was cut is sent again', async () => {
    const weights = randomBytes(40_000)
    await hub.ms.seed({ ...mine('back'), files: { 'README.md': readme, 'w.bin': { lfs: weights } } })
    const back = { repos: ['my-org/back'], from: 'ms', to: 'hf:my-org' }
    expect((await hub.run(back)).exitStatus).toBe(0)
    await spoilObject('huggingface', weights, { size: 30_000 })
    expect(wrong(await verify(back))).toEqual(['wrong-bytes w.bin'])
    const fixed = await repair(back)
    expect([fixed.exitStatus, wrong(fixed)]).toEqual([0, []])
  })

  it('a git host: a pointer that stock git pushed without its object, and an object with wrong bytes', async () => {
    const weights = randomBytes(40_000)
    await hub.hf.seed({ ...qwen('plain'), files: { 'README.md': readme, 'w.bin': { lfs: weights } } })
    const config = join(hub.folder, 'git.yml')
    await writeFile(config, gitConfig())
    const options = { configFile: config }
    await host.seed({ ...mine('plain'), files: { 'README.md': readme } })
    const url = host.gitUrl(mine('plain'))
    await pushFiles(url, basic(host.token), { 'w.bin': pointerOf(weights) })
    expect(wrong(await verify(options))).toEqual(['not-served w.bin'])
    const fixed = await repair(options)
    expect([fixed.exitStatus, wrong(fixed)]).toEqual([0, []])
    await spoilObject('plain-git', weights)
    expect(wrong(await verify(options))).toEqual(['wrong-bytes w.bin'])
    const again = await repair(options)
    expect([again.exitStatus, wrong(again)]).toEqual([0, []])
  })

  it('a folder: what a download left undone', async () => {
    const weights = randomBytes(40_000)
    await mirrored('disk', weights)
    const folder = join(hub.folder, 'disk')
    await mkdir(folder)
    await writeFile(join(folder, 'w.safetensors'), weights.subarray(0, 100))
    await writeFile(join(folder, 'mine.txt'), 'mine')
    const fixed = await repair({ repos: ['Qwen/disk'], from: 'hf', to: `dir:${folder}` })
    expect([fixed.exitStatus, wrong(fixed)]).toEqual([0, []])
    expect(await readFile(join(folder, 'w.safetensors'))).toEqual(weights)
    expect(await readFile(join(folder, 'mine.txt'), 'utf8')).toBe('mine')
    await rm(folder, { recursive: true })
  })
})

describe('a two-way rule', () => {
  it('has its lost objects sent again, and what one side changed left to its next run', async () => {
    const weights = randomBytes(30_000)
    await mirrored('both', weights)
    await loseObject('modelscope', weights)
    await hub.ms.seed({ ...mine('both'), files: { 'config.json': 'changed by a person' } })
    const asked = { ...pair('both'), set: ['direction=two-way'] }
    const tried = await repair(asked)
    expect([tried.exitStatus, wrong(tried), notes(tried)]).toEqual([0, [], ['behind config.json']])
    expect(tried.text).toContain('only the target has changed it since both were equal')
    const there = await contentAt('ms', mine('both'), 'w.safetensors')
    expect(there?.equals(weights)).toBe(true)
  })

  it('keeps the pointer that somebody committed without git-lfs: it may name a newer file', async () => {
    const weights = randomBytes(30_000)
    await mirrored('newer', weights)
    const pointer = pointerOf(randomBytes(4000)).replaceAll('\n', '\r\n')
    await hub.ms.seed({ ...mine('newer'), files: { 's.bin': pointer } })
    const tried = await repair({ ...pair('newer'), set: ['direction=two-way'] })
    expect([tried.exitStatus, wrong(tried)]).toEqual([1, ['pointer-as-file s.bin']])
    expect(tried.text).toContain('Commit the file itself there')
    expect((await contentAt('ms', mine('newer'), 's.bin'))?.toString()).toBe(pointer)
  })
})

describe('what everybody can read', () => {
  it('names no repo that is not public', async () => {
    await hub.hf.seed({ ...mine('secret'), private: true, files: { 'hidden-name.txt': 'a' } })
    await hub.ms.seed({ ...mine('secret'), visibility: 'private', files: { 'hidden-name.txt': 'b' } })
    const dir = await mkdtemp(join(hub.folder, 'hidden-'))
    const asked = { repos: ['my-org/secret'], from: 'hf', to: 'ms:my-org', hideNames: true, dir }
    const fixed = await repair(asked)
    expect([fixed.exitStatus, wrong(fixed)]).toEqual([0, []])
    const files = await readdir(dir, { recursive: true, withFileTypes: true })
    const texts = files
      .filter((file) => file.isFile())
      .map((file) => readFile(join(file.parentPath, file.name), 'utf8'))
    const all = [fixed.text, JSON.stringify(fixed.json), ...(await Promise.all(texts))].join('\n')
    expect(all).not.toMatch(/my-org\/secret|hidden-name/)
  })
})

function gitConfig(): string {
  return `version: 1
hubs:
  own: { type: git, endpoint: "${host.endpoint}", token: "${host.token}" }
rules:
  - { name: r, from: "huggingface:Qwen/plain", to: "own:my-org" }
`
}

function basic(token: string): string {
  return `Basic ${Buffer.from(`alice:${token}`).toString('base64')}`
}

function fail(): never {
  throw new Error('a report was expected')
}
