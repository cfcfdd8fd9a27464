import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RunOptions } from '../../src/commands/options.ts'
import { exitStatusOfError } from '../../src/report/exit-status.ts'
import type { SeedRepo } from '../stand-ins/core/stand-in.ts'
import { type ModelScopeStandIn, startModelScope } from '../stand-ins/modelscope/index.ts'
import { bytes, deliveries, type Harness, onlyItem, refusal, startHarness } from './harness.ts'

let hub: Harness
let other: ModelScopeStandIn
beforeAll(async () => {
  ;[hub, other] = await Promise.all([startHarness(), startModelScope()])
})
afterAll(() => Promise.all([hub.close(), other.close()]))
beforeEach(() => {
  for (const one of [hub.hf, hub.ms, other]) one.requests.length = 0
})

const files: SeedRepo['files'] = {
  'README.md': '---\nlicense: mit\n---\n# Plain\n',
  'config.json': '{}',
  'w.safetensors': { lfs: bytes(10_000) },
}

async function seeded(side: 'hf' | 'ms', name: string, more: Partial<SeedRepo> = {}): Promise<string> {
  await hub[side].seed({ type: 'model', owner: 'Qwen', name, files, ...more })
  return `Qwen/${name}`
}

function pointerTo(size: number): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${'5'.repeat(64)}\nsize ${size}\n`
}

/** The only row of a run that must have brought nothing to either hub, with the exit status of the run. */
async function refusedRow(options: Partial<RunOptions>, env: Record<string, string> = {}) {
  const { report, exitStatus } = await hub.run(options, env)
  expect([...deliveries(hub.hf), ...deliveries(hub.ms), ...deliveries(other)]).toEqual([])
  const item = onlyItem(report)
  return {
    exitStatus,
    outcome: item.outcome,
    code: item.error?.code,
    text: textOf(item),
    details: item.details,
  }
}

function textOf({ reason, error }: { reason?: string; error?: { message: string; next?: string } }): string {
  return [reason, error?.message, error?.next].filter((part) => part !== undefined).join(' ')
}

/** The error of a run that must not even have begun, with the exit status that a caller gives it. */
async function refusedRun(options: Partial<RunOptions>, env: Record<string, string> = {}) {
  const error = await refusal(hub.run(options, env))
  expect([...deliveries(hub.hf), ...deliveries(hub.ms)]).toEqual([])
  return {
    exitStatus: exitStatusOfError(error),
    code: error.code,
    text: `${error.message} ${error.next ?? ''}`,
  }
}

describe('names', () => {
  it.each([
    ['hf', 'ms:my-org'],
    ['ms', 'hf:my-org'],
  ] as const)('a repo that %s has not is bad usage, with the nearest name', async (from, to) => {
    await seeded(from, 'Qwen3-0.6B')
    const { exitStatus, code, text } = await refusedRun({ repos: ['Qwen/Qwen3-0.8B'], from, to })
    expect([exitStatus, code]).toEqual([2, 'usage'])
    expect(text).toContain('Qwen/Qwen3-0.8B')
    expect(text).toContain('Did you mean Qwen/Qwen3-0.6B?')
  })

  it('one wrong name among good ones fails alone', async () => {
    await seeded('hf', 'good')
    const run = await hub.run({ repos: ['Qwen/good', 'Qwen/goood'], from: 'hf', to: 'ms:my-org' })
    expect(run.exitStatus).toBe(1)
    expect(run.report.items.map((item) => [item.outcome, item.error?.code])).toEqual([
      ['synced', undefined],
      ['failed', 'not-found'],
    ])
    expect(run.report.items[1]?.error?.message).toContain('Did you mean Qwen/good?')
  })

  it.each([
    [{ repos: ['Qwen/x'], from: 'huggingfase', to: 'ms:my-org' }, 'huggingfase', 'huggingface'],
    [{ repos: ['Qwen/x'], from: 'hf', to: 'modelscop:my-org' }, 'modelscop', 'modelscope'],
  ])('a hub that does not exist is bad usage: %j', async (options, wrong, near) => {
    const { exitStatus, text } = await refusedRun(options)
    expect(exitStatus).toBe(2)
    expect(text).toContain(wrong)
    expect(text).toContain(near)
    expect([...hub.hf.requests, ...hub.ms.requests]).toEqual([])
  })

  it('a name that the target refuses is blocked before anything is created', async () => {
    const row = await refusedRow({ repos: [await seeded('ms', 'a--b')], from: 'ms', to: 'hf:my-org' })
    expect(row).toMatchObject({ outcome: 'blocked', exitStatus: 0 })
    expect(row.text).toContain('Hugging Face refuses the name my-org/a--b')
    const strict = await refusedRow({ repos: ['Qwen/a--b'], from: 'ms', to: 'hf:my-org', failOn: 'blocked' })
    expect(strict.exitStatus).toBe(1)
    expect(await hub.hf.head({ type: 'model', owner: 'my-org', name: 'a--b' })).toBeUndefined()
  })
})

describe('tokens', () => {
  it.each([
    ['hf', 'ms:my-org', { MODELSCOPE_TOKEN: '' }, 'MODELSCOPE_TOKEN'],
    ['ms', 'hf:my-org', { HF_TOKEN: '' }, 'HF_TOKEN'],
  ] as const)('%s → %s without a token names the variable to set', async (from, to, env, variable) => {
    const row = await refusedRow({ repos: [await seeded(from, 'no-token')], from, to }, env)
    expect(row).toMatchObject({ outcome: 'failed', code: 'unauthorized', exitStatus: 1 })
    expect(row.text).toContain(variable)
  })

  it.each([
    ['hf', 'ms:my-org', { MODELSCOPE_TOKEN: 'ms-00000000-dead-beef' }],
    ['ms', 'hf:my-org', { HF_TOKEN: 'hf_0000000000000000' }],
  ] as const)('%s → %s with a token nobody knows', async (from, to, env) => {
    const row = await refusedRow({ repos: [await seeded(from, 'bad-token')], from, to }, env)
    expect(row).toMatchObject({ outcome: 'failed', code: 'unauthorized', exitStatus: 1 })
    expect(row.text).not.toContain(Object.values(env)[0])
    expect(row.text).toMatch(/token/i)
  })

  it('a token that only reads is told by Hugging Face before anything is asked of the repo', async () => {
    const env = { HF_TOKEN: hub.hf.readToken }
    const row = await refusedRow(
      { repos: [await seeded('ms', 'read-only')], from: 'ms', to: 'hf:my-org' },
      env,
    )
    expect(row).toMatchObject({ outcome: 'failed', code: 'forbidden', exitStatus: 1 })
    expect(row.text).toContain('can only read')
    expect(row.text).toContain('write permission')
    expect(hub.hf.requests.every(({ method }) => method === 'GET')).toBe(true)
  })

  it('a ModelScope token that only reads moves no byte, into a new repo or an old one', async () => {
    const repo = await seeded('hf', 'read-only')
    const env = { MODELSCOPE_TOKEN: hub.ms.readToken }
    const fresh = await refusedRow({ repos: [repo], from: 'hf', to: 'ms:my-org' }, env)
    expect(fresh).toMatchObject({ outcome: 'failed', code: 'forbidden', exitStatus: 1 })
    expect(fresh.text).toContain('my-org')
    await hub.ms.seed({
      type: 'model',
      owner: 'my-org',
      name: 'read-only',
      files: { 'config.json': '{"old":1}' },
    })
    const existing = await refusedRow({ repos: [repo], from: 'hf', to: 'ms:my-org' }, env)
    expect(existing).toMatchObject({ outcome: 'failed', code: 'forbidden', exitStatus: 1 })
  })

  it('a stranger’s ModelScope token moves no byte', async () => {
    const repo = await seeded('hf', 'stranger')
    await other.seed({
      type: 'model',
      owner: 'my-org',
      name: 'stranger',
      files: { 'config.json': '{"old":1}' },
    })
    const env = { MODELSCOPE_ENDPOINT: other.endpoint, MODELSCOPE_TOKEN: other.strangerToken }
    for (const to of ['ms:my-org', 'ms:my-org/not-there']) {
      const row = await refusedRow({ repos: [repo], from: 'hf', to }, env)
      expect(row).toMatchObject({ outcome: 'failed', code: 'forbidden', exitStatus: 1 })
      expect(row.text).toContain('my-org')
    }
  })

  it.each([
    ['ms', 'hf:nobody-here'],
    ['hf', 'ms:nobody-here'],
  ] as const)('from %s to an owner that does not exist (%s)', async (from, to) => {
    const row = await refusedRow({ repos: [await seeded(from, 'homeless')], from, to })
    expect(row).toMatchObject({ outcome: 'failed', code: 'forbidden', exitStatus: 1 })
    expect(row.text).toContain('nobody-here')
    expect(row.text).toMatch(/owner|member|create repos for/)
  })
})

describe('sources that are not for everybody', () => {
  it('a gated repo is skipped by default, and fails with access asked for where the rule wants it', async () => {
    const repo = await seeded('hf', 'gated-weights', { gated: true })
    expect(await refusedRow({ repos: [repo], from: 'hf', to: 'ms:my-org' })).toMatchObject({
      outcome: 'skipped',
      exitStatus: 0,
    })
    const told = await refusedRow({ repos: [repo], from: 'hf', to: 'ms:my-org', set: ['gated=fail'] })
    expect(told).toMatchObject({ outcome: 'failed', code: 'gated', exitStatus: 1 })
    const wanted = await refusedRow({ repos: [repo], from: 'hf', to: 'ms:my-org', set: ['gated=private'] })
    expect(wanted).toMatchObject({ outcome: 'failed', code: 'gated', exitStatus: 1 })
    expect(wanted.text).toContain('Qwen/gated-weights')
    expect(wanted.text).toContain('Ask for access')
  })

  it('a private repo that the token may not read is told apart from a misspelled one', async () => {
    const repo = await seeded('hf', 'secret-weights', { private: true })
    const { exitStatus, text } = await refusedRun({ repos: [repo], from: 'hf', to: 'ms:my-org' })
    expect(exitStatus).toBe(2)
    expect(text).toContain('a private repo needs a token that may read it')
  })
})

describe('files', () => {
  it('over the target’s limit: blocked with the path and both sizes', async () => {
    const repo = await seeded('hf', 'huge', {
      // Just the pointer: what is over the limit is told before the object is looked for.
      files: { ...files, 'huge.safetensors': pointerTo(51_000_000_000) },
    })
    const row = await refusedRow({ repos: [repo], from: 'hf', to: 'ms:my-org' })
    expect(row).toMatchObject({ outcome: 'blocked', exitStatus: 0 })
    expect(row.details).toEqual([
      'huge.safetensors: 51,000,000,000 bytes, over the 50,000,000,000 bytes ModelScope takes in one file',
    ])
    expect(await hub.ms.head({ type: 'model', owner: 'my-org', name: 'huge' })).toBeUndefined()
  })

  it('a path that must not be written: blocked, with what to do', async () => {
    const repo = await seeded('hf', 'paths', { files: { ...files, 'back\\slash.txt': 'x' } })
    const row = await refusedRow({ repos: [repo], from: 'hf', to: 'ms:my-org' })
    expect(row).toMatchObject({ outcome: 'blocked', exitStatus: 0 })
    expect(row.details?.join()).toContain('back')
    expect(row.text).toContain('backslash')
    expect(row.details?.join()).toContain('Rename')
  })

  it('a file that redirects LFS is left out, and the report says so', async () => {
    const repo = await seeded('hf', 'lfsconfig', {
      files: { ...files, '.lfsconfig': '[lfs]\nurl = https://x.example/\n' },
    })
    const run = await hub.run({ repos: [repo], from: 'hf', to: 'ms:my-org' })
    expect(onlyItem(run.report)).toMatchObject({ outcome: 'synced' })
    expect(onlyItem(run.report).notes.join()).toContain('.lfsconfig is never copied')
    expect(
      (await hub.ms.files({ type: 'model', owner: 'my-org', name: 'lfsconfig' })).has('.lfsconfig'),
    ).toBe(false)
  })
})

describe('configurations', () => {
  it('every error at once, with its place, before any request', async () => {
    const config = `${hub.folder}/wrong.yml`
    await writeFile(
      config,
      'version: 1\nruls: []\nrules:\n  - name: a\n    from: hf:Qwen\n    to: ms:my-org\n    visibilty: keep\n',
    )
    const { exitStatus, code, text } = await refusedRun({ configFile: config })
    expect([exitStatus, code]).toEqual([2, 'config'])
    expect(text).toMatch(/2:1.*ruls.*rules/s)
    expect(text).toMatch(/7:5.*visibilty.*visibility/s)
    expect([...hub.hf.requests, ...hub.ms.requests]).toEqual([])
  })
})
