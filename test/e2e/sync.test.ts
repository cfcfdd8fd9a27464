import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, type Harness, onlyItem, startHarness } from './harness.ts'

let hub: Harness
beforeAll(async () => {
  hub = await startHarness()
})
afterAll(() => hub.close())

const readme = '---\nlicense: apache-2.0 # as it is\ntags:\n- tiny\n---\n# Tiny\n\nA model of a few bytes.\n'
const weights = bytes(3_000_000)
const model = {
  'README.md': readme,
  'config.json': '{"model_type":"tiny"}\n',
  'model.safetensors': { lfs: weights },
  'deep/er/tokenizer.json': '{}',
  'empty.txt': '',
  LICENSE: 'Apache License\nVersion 2.0\n',
}

async function contents(files: Promise<Map<string, { sha256: string }>>): Promise<Record<string, string>> {
  return Object.fromEntries(
    [...(await files)]
      .filter(([path]) => path !== '.gitattributes')
      .map(([path, file]) => [path, file.sha256]),
  )
}

describe('Hugging Face → ModelScope → Hugging Face', () => {
  it('brings every byte over in one commit, and back, and then finds nothing to do', async () => {
    const dir = `${hub.folder}/thread`
    await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'tiny', files: model })

    const there = await hub.run({ repos: ['Qwen/tiny'], from: 'hf', to: 'ms:my-org', dir })
    expect(onlyItem(there.report)).toMatchObject({
      outcome: 'synced',
      target: 'modelscope:my-org/tiny',
      files: { mismatch: 0, unverifiable: 0 },
    })
    expect(there.exitStatus).toBe(0)
    const source = await contents(hub.hf.files({ type: 'model', owner: 'Qwen', name: 'tiny' }))
    expect(await contents(hub.ms.files({ type: 'model', owner: 'my-org', name: 'tiny' }))).toEqual(source)

    const back = await hub.run({ repos: ['my-org/tiny'], from: 'ms', to: 'hf:my-org' })
    expect(onlyItem(back.report)).toMatchObject({ outcome: 'synced' })
    expect(await contents(hub.hf.files({ type: 'model', owner: 'my-org', name: 'tiny' }))).toEqual(source)

    for (const [repos, from, to] of [
      ['Qwen/tiny', 'hf', 'ms:my-org'],
      ['my-org/tiny', 'ms', 'hf:my-org'],
    ] as const) {
      const again = await hub.run({ repos: [repos], from, to })
      expect(onlyItem(again.report)).toMatchObject({ outcome: 'unchanged', bytes: { moved: 0 } })
    }
  })

  it('needs at most two requests for an unchanged pair that the ledger knows', async () => {
    const dir = `${hub.folder}/thread`
    hub.hf.requests.length = 0
    hub.ms.requests.length = 0
    const again = await hub.run({ repos: ['Qwen/tiny'], from: 'hf', to: 'ms:my-org', type: 'model', dir })
    expect(onlyItem(again.report).outcome).toBe('unchanged')
    expect([...hub.hf.requests, ...hub.ms.requests].map((request) => request.path)).toHaveLength(2)
  })

  it('sends no writing request in a dry run, and says what a run would do', async () => {
    await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'dry', files: model })
    hub.hf.requests.length = 0
    hub.ms.requests.length = 0
    const dry = await hub.run({ repos: ['Qwen/dry'], from: 'hf', to: 'ms:my-org', dryRun: true })
    expect(onlyItem(dry.report).changes).toEqual({ add: 6, update: 0, delete: 0 })
    const writing = [...hub.hf.requests, ...hub.ms.requests].filter(
      (request) => request.method !== 'GET' && request.method !== 'HEAD',
    )
    expect(writing.filter((request) => !request.path.endsWith('/objects/batch'))).toEqual([])
    expect(await hub.ms.head({ type: 'model', owner: 'my-org', name: 'dry' })).toBeUndefined()
  })

  it('carries on with what a later commit changes', async () => {
    await hub.hf.seed({
      type: 'model',
      owner: 'Qwen',
      name: 'tiny',
      files: { 'config.json': '{"model_type":"tiny","v":2}\n', 'extra.bin': { lfs: bytes(100_000, 7) } },
    })
    const next = await hub.run({ repos: ['Qwen/tiny'], from: 'hf', to: 'ms:my-org' })
    expect(onlyItem(next.report)).toMatchObject({
      outcome: 'synced',
      changes: { add: 1, update: 1, delete: 0 },
    })
  })
})

describe('a space', () => {
  it('is skipped with the reason, unless it is taken as a model', async () => {
    await hub.hf.seed({
      type: 'space',
      owner: 'Qwen',
      name: 'app',
      files: { 'app.py': 'print(1)', 'w.bin': { lfs: bytes(4000, 21) } },
    })
    const skipped = await hub.run({ repos: ['hf:spaces/Qwen/app'], to: 'ms:my-org' })
    expect(onlyItem(skipped.report)).toMatchObject({
      outcome: 'skipped',
      source: 'huggingface:spaces/Qwen/app',
    })
    const forced = await hub.run({ repos: ['hf:spaces/Qwen/app'], to: 'ms:my-org', type: 'model' })
    expect(onlyItem(forced.report)).toMatchObject({
      outcome: 'synced',
      source: 'huggingface:spaces/Qwen/app',
    })
    expect((await hub.ms.files({ type: 'model', owner: 'my-org', name: 'app' })).has('w.bin')).toBe(true)
    const again = await hub.run({ repos: ['hf:spaces/Qwen/app'], to: 'ms:my-org', type: 'model' })
    expect(onlyItem(again.report).outcome).toBe('unchanged')
  })
})

describe('what the target keeps as LFS', () => {
  it('is the target’s own choice: a binary of any name is LFS on Hugging Face, text stays text', async () => {
    const files = {
      'blob.custom': Buffer.concat([Buffer.from([7, 0, 7]), bytes(5000, 9)]),
      LICENSE: 'MIT License',
      'notes.custom': 'only text',
      'w.bin': { lfs: bytes(2000, 8) },
    }
    await hub.ms.seed({ type: 'model', owner: 'Qwen', name: 'kinds', files })
    const run = await hub.run({ repos: ['Qwen/kinds'], from: 'ms', to: 'hf:my-org' })
    expect(onlyItem(run.report)).toMatchObject({ outcome: 'synced' })
    const there = await hub.hf.files({ type: 'model', owner: 'my-org', name: 'kinds' })
    const lfs = [...there].filter(([, file]) => file.lfs).map(([path]) => path)
    expect(lfs.sort()).toEqual(['blob.custom', 'w.bin'])
    const again = await hub.run({ repos: ['Qwen/kinds'], from: 'ms', to: 'hf:my-org' })
    expect(onlyItem(again.report).outcome).toBe('unchanged')
  })
})

describe('datasets', () => {
  it('keep awkward names, empty files and hundreds of small files', async () => {
    const names = [
      'with space.txt',
      'it\'s "quoted".txt',
      '#hash?query%25+plus.csv',
      '目录/数据.json',
      '🤗/emoji.txt',
      '-leading-dash.txt',
      'deep/a/b/c/d/e.txt',
    ]
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [
        `data/part-${index % 20}/row-${index}.json`,
        `{"row":${index}}`,
      ]),
    )
    const files = {
      'README.md': '---\nlicense: mit\n---\n# Data\n',
      'empty.txt': '',
      'big.parquet': { lfs: bytes(2_000_000, 3) },
      ...Object.fromEntries(names.map((name) => [name, `content of ${name}`])),
      ...many,
    }
    await hub.hf.seed({ type: 'dataset', owner: 'Qwen', name: 'rows', files })
    const there = await hub.run({ repos: ['datasets/Qwen/rows'], from: 'hf', to: 'ms:my-org' })
    expect(onlyItem(there.report)).toMatchObject({
      outcome: 'synced',
      files: { mismatch: 0, unverifiable: 0 },
    })
    expect(await contents(hub.ms.files({ type: 'dataset', owner: 'my-org', name: 'rows' }))).toEqual(
      await contents(hub.hf.files({ type: 'dataset', owner: 'Qwen', name: 'rows' })),
    )
    const again = await hub.run({ repos: ['datasets/Qwen/rows'], from: 'hf', to: 'ms:my-org' })
    expect(onlyItem(again.report).outcome).toBe('unchanged')
  })
})
