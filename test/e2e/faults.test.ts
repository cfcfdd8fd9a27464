import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, type Harness, onlyItem, startHarness } from './harness.ts'

let hub: Harness
beforeAll(async () => {
  hub = await startHarness({ hf: { multipartThreshold: 2_000_000, partSize: 1_000_000 } })
})
afterAll(() => hub.close())

/** A repo whose name asks for trouble, at either side. */
async function seeded(side: 'hf' | 'ms', name: string, size = 5_000_000): Promise<Buffer> {
  // Every repo has bytes of its own: equal objects would be found there and not be moved.
  const weights = bytes(
    size,
    Buffer.from(side + name).reduce((sum, byte) => (sum * 31 + byte) % 1e9, 7),
  )
  await hub[side].seed({
    type: 'model',
    owner: 'Qwen',
    name,
    files: {
      'README.md': '---\nlicense: mit\n---\n# x\n',
      'config.json': '{}',
      'w.safetensors': { lfs: weights },
    },
  })
  return weights
}

const toMs = (name: string, to = 'ms:my-org') =>
  hub.run({ repos: [`Qwen/${name}`], from: 'hf', to, set: ['stall-timeout=1s'] })
const toHf = (name: string, to = 'hf:my-org') =>
  hub.run({ repos: [`Qwen/${name}`], from: 'ms', to, set: ['stall-timeout=1s'] })
const published = (side: 'hf' | 'ms', name: string) =>
  hub[side].files({ type: 'model', owner: 'my-org', name })

describe('a source whose bytes are wrong', () => {
  it.each([
    'fault-truncated',
    'fault-short',
    'fault-overlong',
    'fault-corrupt',
    'fault-missing-object',
    'fault-stall',
  ])('%s: fails, and neither hub shows anything of it', async (fault) => {
    await seeded('hf', `${fault}-basic`)
    const run = await toMs(`${fault}-basic`)
    expect(onlyItem(run.report).outcome).toBe('failed')
    expect(run.exitStatus).toBe(1)
    expect((await published('ms', `${fault}-basic`)).has('w.safetensors')).toBe(false)

    await seeded('ms', `${fault}-multipart`)
    const back = await toHf(`${fault}-multipart`)
    expect(onlyItem(back.report).outcome).toBe('failed')
    expect((await published('hf', `${fault}-multipart`)).has('w.safetensors')).toBe(false)
  })
})

describe('a source or storage that stumbles', () => {
  it.each(['fault-cut3', 'fault-expired-url', 'fault-429', 'fault-500', 'fault-storage-500'])(
    '%s: arrives whole all the same',
    async (fault) => {
      const weights = await seeded('hf', fault)
      expect(onlyItem((await toMs(fault)).report).outcome).toBe('synced')
      expect((await published('ms', fault)).get('w.safetensors')?.content?.equals(weights)).toBe(true)
      const other = await seeded('ms', `${fault}-back`)
      expect(onlyItem((await toHf(`${fault}-back`)).report).outcome).toBe('synced')
      expect((await published('hf', `${fault}-back`)).get('w.safetensors')?.content?.equals(other)).toBe(true)
    },
  )
})

describe('publishing', () => {
  it.each(['fault-500-landed', 'fault-504-landed'])(
    '%s: is known to have landed, and is one commit',
    async (fault) => {
      await seeded('hf', `a-${fault}`)
      expect(onlyItem((await toMs(`a-${fault}`)).report).outcome).toBe('synced')
      await seeded('ms', `b-${fault}`)
      expect(onlyItem((await toHf(`b-${fault}`)).report).outcome).toBe('synced')
      expect(onlyItem((await toMs(`a-${fault}`)).report).outcome).toBe('unchanged')
    },
  )

  it('fault-stale: a commit of someone else in between is a conflict on both hubs, and is not lost', async () => {
    await seeded('ms', 'fault-stale')
    const onHf = await toHf('fault-stale')
    expect(onlyItem(onHf.report).outcome).toBe('conflict')
    expect(onHf.exitStatus).toBe(1)
    expect((await published('hf', 'fault-stale')).has('someone-else.txt')).toBe(true)

    await seeded('hf', 'fault-stale')
    const onMs = await toMs('fault-stale')
    expect(onlyItem(onMs.report)).toMatchObject({ outcome: 'conflict' })
    expect(onlyItem(onMs.report).error?.message).toMatch(/[0-9a-f]{40}/)
  })

  it('fault-lock-busy: waits and publishes', async () => {
    await seeded('hf', 'fault-lock-busy')
    expect(onlyItem((await toMs('fault-lock-busy')).report).outcome).toBe('synced')
  })

  it('fault-success-false: 200 with Success:false is a failure', async () => {
    await seeded('hf', 'fault-success-false')
    expect(onlyItem((await toMs('fault-success-false')).report).outcome).not.toBe('unchanged')
  })

  it('fault-api-commit-refused: goes by git, and the report says so', async () => {
    await seeded('hf', 'fault-api-commit-refused')
    const item = onlyItem((await toMs('fault-api-commit-refused')).report)
    expect(item.outcome).toBe('synced')
    expect(item.notes.join()).toContain('git')
  })

  it('fault-lost-object: what is accepted and not stored fails the run, and is found again by the next', async () => {
    await seeded('hf', 'fault-lost-object')
    const run = await toMs('fault-lost-object')
    expect(onlyItem(run.report).outcome).toBe('failed')
    expect(run.exitStatus).toBe(1)
    const next = await toMs('fault-lost-object')
    expect(onlyItem(next.report).outcome).toBe('failed')
  })
})

describe('a first run that dies', () => {
  it('leaves a repo that the next run fills, also with existing: skip', async () => {
    await seeded('hf', 'killed-fault-stall')
    await toMs('killed-fault-stall')
    expect(await hub.ms.head({ type: 'model', owner: 'my-org', name: 'killed-fault-stall' })).toBeDefined()
    await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'filled', files: { 'config.json': '{}' } })
    const config = `${hub.folder}/skip.yml`
    const { writeFile } = await import('node:fs/promises')
    await writeFile(
      config,
      'version: 1\nrules:\n  - name: fill\n    from: huggingface:Qwen/filled\n    to: modelscope:my-org/killed-fault-stall\n    existing: skip\n',
    )
    expect(onlyItem((await hub.run({ configFile: config })).report).outcome).toBe('synced')
    expect(onlyItem((await hub.run({ configFile: config })).report).outcome).toBe('skipped')
  })
})

describe('two runs at once on one target', () => {
  it('end with one published and the other as conflict or unchanged, and every file right', async () => {
    const weights = await seeded('hf', 'twice')
    const runs = await Promise.all([toMs('twice'), toMs('twice')])
    const outcomes = runs.map((run) => onlyItem(run.report).outcome).sort()
    expect(outcomes).toContain('synced')
    expect(['conflict', 'synced', 'unchanged']).toContain(outcomes[0])
    expect((await published('ms', 'twice')).get('w.safetensors')?.content?.equals(weights)).toBe(true)
  })
})
