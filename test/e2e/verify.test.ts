import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProgressEvent } from '../../src/context.ts'
import { SyncError } from '../../src/model/errors.ts'
import { deliveries, type Harness, onlyItem, refusal, startHarness } from './harness.ts'
import { loseObject, pointerOf, spoilObject } from './tamper.ts'
import { notes, onlyPair, verifying, wrong } from './verifying.ts'

let hub: Harness
beforeAll(async () => {
  hub = await startHarness()
})
afterAll(() => hub.close())
const { verify } = verifying(() => hub)

const readme = '---\nlicense: apache-2.0\ntags:\n- tiny\n---\n# Tiny\n'
const qwen = (name: string) => ({ type: 'model', owner: 'Qwen', name }) as const
const mine = (name: string) => ({ type: 'model', owner: 'my-org', name }) as const
const pair = (name: string, owner = 'Qwen') => ({
  repos: [`${owner}/${name}`],
  from: 'hf',
  to: 'ms:my-org',
})

/** A repo of Hugging Face that a run has brought to ModelScope. */
async function mirrored(name: string, weights: Buffer, owner = 'Qwen') {
  const files = {
    'README.md': readme,
    'config.json': '{"a":1}\n',
    'w.safetensors': { lfs: weights },
    's.bin': { lfs: weights.subarray(0, 4000) },
  }
  await hub.hf.seed({ ...qwen(name), owner, files })
  expect(onlyItem((await hub.run(pair(name, owner))).report).outcome).toBe('synced')
}

describe('a mirror in order', () => {
  it('is told so, by reading only, with what is sampled told apart from what is verified', async () => {
    await mirrored('fine', randomBytes(3_000_000))
    hub.hf.requests.length = 0
    hub.ms.requests.length = 0
    const found = await verify(pair('fine'))
    expect(found.exitStatus).toBe(0)
    expect(onlyPair(found.verification)).toMatchObject({
      outcome: 'in-order',
      public: true,
      files: { verified: 3, sampled: 1, mismatch: 0, unverifiable: 0 },
      findings: [],
    })
    expect(found.text).toContain('In order: 1 pair; files: 3 verified, 1 sampled')
    const writing = [...hub.hf.requests, ...hub.ms.requests].filter(
      ({ method, path }) => method !== 'GET' && method !== 'HEAD' && !path.endsWith('/objects/batch'),
    )
    expect(writing).toEqual([])
    expect([...deliveries(hub.hf), ...deliveries(hub.ms)]).toEqual([])
    expect(JSON.parse(await readFile(found.file, 'utf8'))).toEqual(found.json)
  })

  it('read whole, nothing of it is sampled', async () => {
    const found = await verify({ ...pair('fine'), set: ['verify=full'] })
    expect(onlyPair(found.verification).files).toEqual({
      verified: 4,
      sampled: 0,
      mismatch: 0,
      unverifiable: 0,
    })
  })

  it('may have files of its own, and be behind: neither fails', async () => {
    await mirrored('behind', randomBytes(20_000))
    await hub.ms.seed({ ...mine('behind'), files: { 'own.txt': 'mine' } })
    await hub.hf.seed({ ...qwen('behind'), files: { 'config.json': '{"a":2}\n', 'new.txt': 'new' } })
    const found = await verify(pair('behind'))
    expect([found.exitStatus, wrong(found)]).toEqual([0, []])
    expect(notes(found)).toEqual(['behind config.json', 'behind new.txt', 'extra own.txt'])
  })
})

describe('what is wrong with a mirror', () => {
  it('is found, each thing as what it is', async () => {
    const weights = randomBytes(3_000_000)
    await mirrored('broken', weights)
    await hub.ms.seed({
      ...mine('broken'),
      files: {
        'README.md': '---\nlicense: mit\n---\n# Tiny\n',
        'config.json': null,
        's.bin': pointerOf(weights.subarray(0, 4000)).replaceAll('\n', '\r\n'),
      },
    })
    await spoilObject('modelscope', weights)
    const found = await verify(pair('broken'))
    expect(found.exitStatus).toBe(1)
    expect(wrong(found)).toEqual([
      'license README.md',
      'metadata README.md',
      'missing config.json',
      'pointer-as-file s.bin',
      'wrong-bytes w.safetensors',
    ])
    expect(found.text).toContain('metadata: README.md: the front matter lost tags')
    expect(found.text).toContain('Not in order: 1 of 1 pair, 5 findings; files: 4 mismatch')
    expect((await verify({ ...pair('broken'), failOn: 'never' })).exitStatus).toBe(0)
    await loseObject('modelscope', weights)
    expect(wrong(await verify(pair('broken')))).toContain('not-served w.safetensors')
  })

  it('in the middle of a large file is found by reading all of it, and by nothing less', async () => {
    const weights = randomBytes(3_500_000)
    await mirrored('middle', weights)
    await spoilObject('modelscope', weights, { at: 1_700_000 })
    const sampled = await verify(pair('middle'))
    expect([wrong(sampled), onlyPair(sampled.verification).files.sampled]).toEqual([[], 1])
    const whole = await verify({ ...pair('middle'), set: ['verify=full'] })
    expect(wrong(whole)).toEqual(['wrong-bytes w.safetensors'])
  })

  it('is not a README to which its platform added keys', async () => {
    await mirrored('keys', randomBytes(5_000))
    const more = readme.replace('tags:', 'tasks:\n- chat\ntags:')
    await hub.ms.seed({ ...mine('keys'), files: { 'README.md': more } })
    const found = await verify(pair('keys'))
    expect([found.exitStatus, wrong(found), notes(found)]).toEqual([0, [], ['extra README.md']])
  })

  it('is a target that shows what is not public, and one that hides what is', async () => {
    await mirrored('shown', randomBytes(5_000), 'my-org')
    await hub.hf.seed({ ...mine('shown'), private: true, files: {} })
    const shown = await verify(pair('shown', 'my-org'))
    expect([shown.exitStatus, wrong(shown)]).toEqual([1, ['visibility']])
    expect(shown.text).toContain('critical: the source is private, but the target is public')
    await mirrored('hidden', randomBytes(5_000))
    await hub.ms.seed({ ...mine('hidden'), visibility: 'private', files: {} })
    const hidden = await verify(pair('hidden'))
    expect(wrong(hidden)).toEqual(['visibility'])
    expect(wrong(await verify({ ...pair('hidden'), set: ['visibility=private'] }))).toEqual([])
  })

  it('is a mirror that still is public when its source is gated now, or cannot be read to its end', async () => {
    const weights = randomBytes(5_000)
    await mirrored('shut-later', weights)
    await hub.hf.seed({ ...qwen('shut-later'), gated: true, files: {} })
    expect(wrong(await verify(pair('shut-later')))).toEqual(['visibility'])
    await mirrored('open', randomBytes(5_000), 'my-org')
    await hub.hf.seed({ ...mine('open'), private: true, files: {} })
    const unread = await verify({ ...pair('open', 'my-org'), set: ['revision=gone'] })
    expect(wrong(unread)).toEqual(['unreadable', 'visibility'])
  })

  it('is a target that is not there; a gated source is left out as the rule says', async () => {
    await hub.hf.seed({ ...qwen('nowhere'), files: { a: 'a' } })
    expect(wrong(await verify(pair('nowhere')))).toEqual(['absent'])
    await hub.hf.seed({ ...qwen('closed'), gated: true, files: { a: 'a' } })
    const gated = await verify(pair('closed'))
    expect([gated.exitStatus, onlyPair(gated.verification).outcome]).toEqual([0, 'skipped'])
    expect((await refusal(verify(pair('never-was')))).code).toBe('usage')
  })
})

describe('a mirror of another tool', () => {
  it('is verified without trailers and ledger, and a difference is no lag', async () => {
    const files = { 'README.md': readme, 'w.bin': { lfs: randomBytes(2_500_000) }, 'a.txt': 'a' }
    await hub.hf.seed({ ...qwen('theirs'), files })
    await hub.ms.seed({ ...mine('theirs'), files })
    expect((await verify(pair('theirs'))).exitStatus).toBe(0)
    await hub.hf.seed({ ...qwen('theirs'), files: { 'a.txt': 'b' } })
    expect(wrong(await verify(pair('theirs')))).toEqual(['differs a.txt'])
  })
})

describe('a pair of strangers', () => {
  it('is verified without any token', async () => {
    const nobody = verifying(
      () => hub,
      () => ({ HF_TOKEN: '', MODELSCOPE_TOKEN: '' }),
    )
    const found = await nobody.verify({ ...pair('theirs'), type: 'model' })
    expect(wrong(found)).toEqual(['differs a.txt'])
  })
})

describe('a folder on one side', () => {
  const folderOf = (name: string) => join(hub.folder, name)

  it('as target: a download that broke off is found', async () => {
    const weights = randomBytes(30_000)
    await mirrored('disk', weights)
    const folder = folderOf('disk')
    await mkdir(folder)
    await writeFile(join(folder, 'README.md'), readme)
    await writeFile(join(folder, 'w.safetensors.incomplete'), weights.subarray(0, 7))
    await writeFile(join(folder, 'config.json'), '{"a"')
    await writeFile(join(folder, 's.bin'), pointerOf(weights.subarray(0, 4000)))
    const options = { repos: ['Qwen/disk'], from: 'hf', to: `dir:${folder}` }
    const found = await verify(options)
    expect(wrong(found)).toEqual(['differs config.json', 'missing w.safetensors', 'pointer-as-file s.bin'])
    expect(found.text).toContain('only w.safetensors.incomplete: a download that has not ended')
    await rm(join(folder, 'w.safetensors.incomplete'))
    await writeFile(join(folder, 'w.safetensors'), weights)
    await writeFile(join(folder, 'config.json'), '{"a":1}\n')
    await writeFile(join(folder, 's.bin'), weights.subarray(0, 4000))
    expect((await verify(options)).exitStatus).toBe(0)
  })

  it('as source: what is cut or a pointer there is found, and not offered for repair', async () => {
    const weights = randomBytes(30_000)
    await mirrored('made', weights)
    const folder = folderOf('made')
    await mkdir(folder)
    await writeFile(join(folder, 'README.md'), readme)
    await writeFile(join(folder, 'config.json'), '{"a":3}\n')
    await writeFile(join(folder, 'w.safetensors'), weights.subarray(0, 20_000))
    await writeFile(join(folder, 's.bin'), pointerOf(weights.subarray(0, 4000)))
    const found = await verify({ repos: [`dir:${folder}`], to: 'ms:my-org', set: ['visibility=public'] })
    expect(wrong(found)).toEqual(['differs config.json', 'differs w.safetensors', 'pointer-as-file s.bin'])
    const { findings } = onlyPair(found.verification)
    expect(findings.filter(({ repairable }) => repairable).map(({ path }) => path)).toEqual(['config.json'])
  })
})

describe('a run that is stopped, or read by everybody', () => {
  it('says what was not looked at, and ends with 3', async () => {
    const stop = new AbortController()
    const progress = ({ kind }: ProgressEvent) => {
      if (kind === 'item-step') stop.abort(new SyncError('stopped', 'The deadline was reached.'))
    }
    const found = await verify(pair('fine'), { signal: stop.signal, progress })
    expect(onlyPair(found.verification).outcome).toBe('stopped')
    expect(found.exitStatus).toBe(3)
    expect(found.verification.outcome).toBe('incomplete')
  })

  it('names no repo that is not public', async () => {
    await hub.hf.seed({ ...mine('secret'), private: true, files: { 'hidden-name.txt': 'a' } })
    await hub.ms.seed({ ...mine('secret'), visibility: 'private', files: { 'hidden-name.txt': 'b' } })
    const found = await verify({ ...pair('secret', 'my-org'), hideNames: true })
    expect(found.exitStatus).toBe(1)
    expect(onlyPair(found.verification)).toMatchObject({
      source: 'huggingface:private-1',
      outcome: 'findings',
    })
    const written = (await readFile(found.file, 'utf8')) + found.text + JSON.stringify(found.json)
    expect(written).not.toMatch(/secret|hidden-name/)
    const open = await verify({ ...pair('fine'), hideNames: true })
    expect(onlyPair(open.verification).source).toBe('huggingface:Qwen/fine')
  })
})
