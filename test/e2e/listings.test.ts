import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunOptions } from '../../src/commands/options.ts'
import type { RepoKey, SeedRepo } from '../stand-ins/core/stand-in.ts'
import { bytes, type Harness, onlyItem, startHarness } from './harness.ts'

let hub: Harness
let large: Harness
beforeAll(async () => {
  ;[hub, large] = await Promise.all([
    startHarness({ hf: { treePageSize: 2, listPageSize: 3 } }),
    startHarness(),
  ])
})
afterAll(() => Promise.all([hub.close(), large.close()]))

const model = (owner: string, name: string): RepoKey => ({ type: 'model', owner, name })

async function digests(from: Harness, side: 'hf' | 'ms', repo: RepoKey): Promise<Map<string, string>> {
  const own = ['.gitattributes']
  const files = [...(await from[side].files(repo))].filter(([path]) => !own.includes(path))
  return new Map(files.map(([path, { sha256 }]) => [path, sha256]))
}

/** A run over a configuration file with these rules; outcomes by the target's owner, type and name. */
async function runRules(rules: string, options: Partial<RunOptions> = {}) {
  const configFile = `${hub.folder}/rules.yml`
  await writeFile(configFile, `version: 1\nrules:\n${rules}`)
  const { report } = await hub.run({ configFile, ...options })
  return {
    outcomes: Object.fromEntries(
      report.items.map((item) => [item.target.replace(/^.*?:/, ''), item.outcome]),
    ),
    reasons: Object.fromEntries(report.items.map((item) => [item.target.replace(/^.*?:/, ''), item.reason])),
  }
}

describe('a model of 3,200 files, of which ModelScope lists 3,000', () => {
  const files: SeedRepo['files'] = {
    'README.md': '---\nlicense: mit\n---\n# Many\n',
    'w.safetensors': { lfs: bytes(50_000, 4) },
    ...Object.fromEntries(
      Array.from({ length: 3200 }, (_, row) => [`rows/${row % 40}/${row}.json`, `{"row":${row}}`]),
    ),
  }

  it('goes from ModelScope to Hugging Face whole, and back, and then there is nothing to do', async () => {
    await large.ms.seed({ ...model('Qwen', 'many'), files })
    const there = await large.run({ repos: ['Qwen/many'], from: 'ms', to: 'hf:my-org' })
    expect(onlyItem(there.report)).toMatchObject({
      outcome: 'synced',
      changes: { add: 3202, update: 0, delete: 0 },
      files: { mismatch: 0, unverifiable: 0 },
    })
    const source = await digests(large, 'ms', model('Qwen', 'many'))
    expect(source.size).toBe(3202)
    expect(await digests(large, 'hf', model('my-org', 'many'))).toEqual(source)

    const back = await large.run({ repos: ['my-org/many'], from: 'hf', to: 'ms:my-org' })
    expect(onlyItem(back.report)).toMatchObject({
      outcome: 'synced',
      files: { mismatch: 0, unverifiable: 0 },
    })
    expect(await digests(large, 'ms', model('my-org', 'many'))).toEqual(source)

    for (const [repos, from, to] of [
      ['Qwen/many', 'ms', 'hf:my-org'],
      ['my-org/many', 'hf', 'ms:my-org'],
    ] as const) {
      const again = await large.run({ repos: [repos], from, to })
      expect(onlyItem(again.report)).toMatchObject({ outcome: 'unchanged', bytes: { moved: 0 } })
    }
  }, 300_000)

  it('a change of a file beyond the cut is seen', async () => {
    await large.ms.seed({ ...model('Qwen', 'many'), files: { 'rows/9/9.json': '{"row":"nine"}' } })
    const next = await large.run({ repos: ['Qwen/many'], from: 'ms', to: 'hf:my-org' })
    expect(onlyItem(next.report)).toMatchObject({
      outcome: 'synced',
      changes: { add: 0, update: 1, delete: 0 },
    })
  }, 120_000)
})

describe('an owner of many repos', () => {
  const names = [
    'Qwen3-1B',
    'Qwen3-2B',
    'Qwen3-2B-GGUF',
    'Qwen3-4B',
    'Qwen2-1B',
    'Other',
    'Qwen3-8B',
    'Qwen3-16B',
  ]

  beforeAll(async () => {
    for (const side of ['hf', 'ms'] as const)
      for (const name of names) await hub[side].seed({ ...model('Zoo', name), files: { 'w.txt': name } })
  }, 60_000)

  it.each([
    ['huggingface', 'modelscope', 'from-hf'],
    ['modelscope', 'huggingface', 'from-ms'],
  ])('%s → %s: globs over all pages', async (from, to, prefix) => {
    const { outcomes } = await runRules(`  - name: zoo
    from: ${from}:Zoo
    to: ${to}:my-org/${prefix}-{name}
    repos: { include: ["Qwen3-*"], exclude: ["*-GGUF"] }
`)
    const wanted = ['Qwen3-1B', 'Qwen3-2B', 'Qwen3-4B', 'Qwen3-8B', 'Qwen3-16B']
    expect(outcomes).toEqual(Object.fromEntries(wanted.map((name) => [`my-org/${prefix}-${name}`, 'synced'])))
  })

  it('a glob in `from`, and a limit of one page that ModelScope sets (50)', async () => {
    for (let index = 0; index < 55; index++)
      await hub.ms.seed({ ...model('Crowd', `m${index}`), files: { 'w.txt': `${index}` } })
    const run = await hub.run({ from: 'ms:Crowd/m*', to: 'hf:my-org/crowd-{name}', dryRun: true })
    expect(run.report.items).toHaveLength(55)
  }, 60_000)

  it('what ModelScope hides from its lists is found where the rule names it, and passed over elsewhere', async () => {
    await hub.ms.seed({ ...model('Thin', 'hidden'), files: { 'config.json': '{"thin":true}' } })
    await hub.ms.seed({ ...model('Thin', 'shown'), files: { 'w.txt': 'x' } })
    const rule = (include: string) => `  - name: thin
    from: modelscope:Thin
    to: huggingface:my-org/thin-{name}
    repos: { include: [${include}] }
`
    expect((await runRules(rule('"*"'))).outcomes).toEqual({ 'my-org/thin-shown': 'synced' })
    expect((await runRules(rule('hidden, "sho*"'))).outcomes).toEqual({
      'my-org/thin-hidden': 'synced',
      'my-org/thin-shown': 'unchanged',
    })
  })

  it('a target that ModelScope hides is not taken for absent', async () => {
    await hub.ms.seed({ ...model('my-org', 'thin-target'), files: { 'config.json': '{"theirs":true}' } })
    await hub.hf.seed({ ...model('Thin', 'thin-target'), files: { 'config.json': '{"ours":true}' } })
    const kept = await runRules(
      '  - name: keep\n    from: huggingface:Thin\n    to: modelscope:my-org\n    existing: skip\n',
    )
    expect(kept.outcomes).toEqual({ 'my-org/thin-target': 'skipped' })
    const { report } = await hub.run({ repos: ['Thin/thin-target'], from: 'hf', to: 'ms:my-org' })
    expect(onlyItem(report)).toMatchObject({ outcome: 'synced', changes: { add: 0, update: 1, delete: 0 } })
  })
})

describe('what a rule chooses', () => {
  beforeAll(async () => {
    const seed = (name: string, files: SeedRepo['files']) => hub.hf.seed({ ...model('Pick', name), files })
    await seed('weights', {
      'README.md': '---\nlicense: mit\n---\n',
      'sub/w.safetensors': { lfs: bytes(900, 2) },
      'w.onnx': { lfs: bytes(800, 3) },
      'original/c.txt': 'c',
      '.hidden': 'h',
    })
    await seed('text-only', { 'README.md': '# no license here\n', 'a.txt': 'a' })
    await seed('licensed', { 'README.md': '---\nlicense: apache-2.0\n---\n', 'a.txt': 'a' })
  })

  it('requires: only repos with such a file, in any folder', async () => {
    const rule =
      '  - name: r\n    from: huggingface:Pick\n    to: modelscope:my-org/req-{name}\n    requires: "*.safetensors"\n'
    const { outcomes, reasons } = await runRules(rule)
    expect(outcomes).toEqual({
      'my-org/req-weights': 'synced',
      'my-org/req-text-only': 'skipped',
      'my-org/req-licensed': 'skipped',
    })
    expect(reasons['my-org/req-licensed']).toContain('*.safetensors')
  })

  it('license: require: only repos that name one', async () => {
    const rule =
      '  - name: r\n    from: huggingface:Pick\n    to: modelscope:my-org/lic-{name}\n    license: require\n'
    const { outcomes, reasons } = await runRules(rule)
    expect(outcomes).toEqual({
      'my-org/lic-weights': 'synced',
      'my-org/lic-text-only': 'skipped',
      'my-org/lic-licensed': 'synced',
    })
    expect(reasons['my-org/lic-text-only']).toContain('license')
  })

  it('existing: skip leaves what has content alone, and update does not', async () => {
    await hub.ms.seed({ ...model('my-org', 'old-licensed'), files: { 'a.txt': 'theirs' } })
    const rule =
      '  - name: r\n    from: huggingface:Pick\n    to: modelscope:my-org/old-{name}\n    existing: skip\n'
    expect((await runRules(rule)).outcomes).toEqual({
      'my-org/old-weights': 'synced',
      'my-org/old-text-only': 'synced',
      'my-org/old-licensed': 'skipped',
    })
    expect((await hub.ms.files(model('my-org', 'old-licensed'))).get('a.txt')?.content?.toString()).toBe(
      'theirs',
    )
    // Naming the repo is asking for it.
    expect((await runRules(rule, { repos: ['Pick/licensed'] })).outcomes).toEqual({
      'my-org/old-licensed': 'synced',
    })
    expect((await hub.ms.files(model('my-org', 'old-licensed'))).get('a.txt')?.content?.toString()).toBe('a')
  })

  it('files: include and exclude; what is left out there is left alone', async () => {
    await hub.ms.seed({ ...model('my-org', 'part-weights'), files: { 'w.onnx': 'theirs', 'own.txt': 'own' } })
    const rule = `  - name: r
    from: huggingface:Pick/weights
    to: modelscope:my-org/part-{name}
    files: { exclude: ["original/**", "*.onnx"] }
`
    expect((await runRules(rule)).outcomes).toEqual({ 'my-org/part-weights': 'synced' })
    const there = await hub.ms.files(model('my-org', 'part-weights'))
    expect([...there.keys()].sort()).toEqual(
      ['.gitattributes', '.hidden', 'README.md', 'own.txt', 'sub/w.safetensors', 'w.onnx'].sort(),
    )
    expect(there.get('w.onnx')?.content?.toString()).toBe('theirs')
    expect((await runRules(rule)).outcomes).toEqual({ 'my-org/part-weights': 'unchanged' })
  })

  it('revision: a commit of the past, and one that is not there', async () => {
    const old = await hub.hf.seed({ ...model('Pick-rev', 'moving'), files: { 'a.txt': 'old' } })
    await hub.hf.seed({ ...model('Pick-rev', 'moving'), files: { 'a.txt': 'new', 'b.txt': 'b' } })
    const pinned = { repos: ['Pick-rev/moving'], from: 'hf', to: 'ms:my-org' }
    expect(onlyItem((await hub.run({ ...pinned, revision: old })).report).outcome).toBe('synced')
    const there = await hub.ms.files(model('my-org', 'moving'))
    expect(there.get('a.txt')?.content?.toString()).toBe('old')
    expect(there.has('b.txt')).toBe(false)
    const absent = await hub.run({ ...pinned, revision: 'no-such-branch' })
    expect(onlyItem(absent.report)).toMatchObject({ outcome: 'failed', error: { code: 'not-found' } })
    expect(onlyItem(absent.report).error?.message).toContain('no-such-branch')
  })

  it('types: a model and a dataset of one name, by one rule and one by one', async () => {
    for (const type of ['model', 'dataset'] as const)
      await hub.hf.seed({ type, owner: 'Both', name: 'same', files: { 'type.txt': type } })
    const rule =
      '  - name: r\n    from: huggingface:Both\n    to: modelscope:my-org/both-{name}\n    types: [model, dataset]\n'
    expect((await runRules(rule)).outcomes).toEqual({
      'my-org/both-same': 'synced',
      'datasets/my-org/both-same': 'synced',
    })
    for (const type of ['model', 'dataset'] as const) {
      const there = await hub.ms.files({ type, owner: 'my-org', name: 'both-same' })
      expect(there.get('type.txt')?.content?.toString()).toBe(type)
    }
    const one = await runRules(rule, { repos: ['Both/same'], type: 'dataset' })
    expect(one.outcomes).toEqual({ 'datasets/my-org/both-same': 'unchanged' })
    await expect(hub.run({ repos: ['Both/same'], from: 'hf', to: 'ms:my-org' })).rejects.toThrow(/is both/)
  })

  it('two rules with one target: the first writes, the second is blocked', async () => {
    const rules = ['a', 'b'].map(
      (name) => `  - name: ${name}\n    from: huggingface:Pick/licensed\n    to: modelscope:my-org/shared\n`,
    )
    const configFile = `${hub.folder}/two.yml`
    await writeFile(configFile, `version: 1\nrules:\n${rules.join('')}`)
    const { report } = await hub.run({ configFile })
    expect(report.items.map((item) => [item.rule, item.outcome])).toEqual([
      ['a', 'synced'],
      ['b', 'blocked'],
    ])
  })
})
