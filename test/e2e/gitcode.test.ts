import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunOptions } from '../../src/commands/options.ts'
import { planCommand } from '../../src/commands/plan.ts'
import { syncCommand } from '../../src/commands/sync.ts'
import type { StandIn } from '../stand-ins/core/stand-in.ts'
import { type GitCodeOptions, type GitCodeStandIn, startGitCode } from '../stand-ins/gitcode/index.ts'
import { bytes, defaultOptions, deliveries, type Harness, onlyItem, startHarness } from './harness.ts'

let hub: Harness
let gitcode: GitCodeStandIn
beforeAll(async () => {
  hub = await startHarness()
  gitcode = await startGitCode()
})
afterAll(() => Promise.all([hub.close(), gitcode.close()]))

const weights = bytes(300_000, 5)
const model = {
  'README.md': '---\nlicense: apache-2.0 # as it is\n---\n# Tiny\n',
  'config.json': `{"model_type":"tiny","filler":"${'x'.repeat(3000)}"}\n`,
  'model.safetensors': { lfs: weights },
  'deep/er/模型 #1.json': `{"filler":"${'y'.repeat(2000)}"}\n`,
  'empty.txt': '',
}

const envOf = ({ endpoint, token }: StandIn) => ({ GITCODE_ENDPOINT: endpoint, GITCODE_TOKEN: token })
const run = (options: Partial<RunOptions>, there: StandIn = gitcode) => hub.run(options, envOf(there))

/** Digests by path, but for what a hub makes by itself. */
async function contents(standIn: StandIn, owner: string, name: string, type: 'model' | 'dataset' = 'model') {
  const files = [...(await standIn.files({ type, owner, name }))]
  return Object.fromEntries(
    files.filter(([path]) => path !== '.gitattributes').map(([path, file]) => [path, file.sha256]),
  )
}

/** A stand-in of its own for one test. */
async function withGitCode(options: GitCodeOptions, act: (there: GitCodeStandIn) => Promise<void>) {
  const there = await startGitCode(options)
  try {
    await act(there)
  } finally {
    await there.close()
  }
}

describe('Hugging Face → GitCode → ModelScope', () => {
  it.each(['model', 'dataset'] as const)(
    'brings a %s over by a push and on, and then finds nothing',
    async (type) => {
      const name = `chain-${type}`
      await hub.hf.seed({ type, owner: 'Qwen', name, files: model })
      const there = { repos: [`Qwen/${name}`], from: 'hf', to: 'gitcode:my-org', type }
      gitcode.requests.length = 0
      expect(onlyItem((await run(there)).report)).toMatchObject({
        outcome: 'synced',
        target: `gitcode:${type === 'dataset' ? 'datasets/' : ''}my-org/${name}`,
        published: { by: 'git' },
        files: { mismatch: 0, unverifiable: 0 },
      })
      const source = await contents(hub.hf, 'Qwen', name, type)
      expect(await contents(gitcode, 'my-org', name, type)).toEqual(source)
      const storage = gitcode.requests.filter(({ server }) => server === 'storage')
      expect(storage.length).toBeGreaterThan(0)
      expect(storage.filter(({ authorization }) => authorization)).toEqual([])

      const onwards = { repos: [`my-org/${name}`], from: 'gitcode', to: 'ms:my-org', type }
      expect(onlyItem((await run(onwards)).report)).toMatchObject({
        outcome: 'synced',
        files: { mismatch: 0 },
      })
      expect(await contents(hub.ms, 'my-org', name, type)).toEqual(source)

      for (const again of [there, onwards])
        expect(onlyItem((await run(again)).report)).toMatchObject({
          outcome: 'unchanged',
          bytes: { moved: 0 },
        })
    },
  )

  it('brings 300 small files over in one push', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 300 }, (_, n) => [`dir-${n % 7}/${n}.txt`, `file ${n}\n`]),
    )
    await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'many', files: { ...model, ...files } })
    gitcode.requests.length = 0
    const given = { repos: ['Qwen/many'], from: 'hf', to: 'gitcode:alice' }
    expect(onlyItem((await run(given)).report)).toMatchObject({ outcome: 'synced', changes: { add: 305 } })
    expect(deliveries(gitcode).filter((line) => line.includes('git-receive-pack'))).toHaveLength(1)
    expect(await contents(gitcode, 'alice', 'many')).toEqual(await contents(hub.hf, 'Qwen', 'many'))
    // What counts against 50 requests a minute.
    const counted = gitcode.requests.filter(({ path }) => path.startsWith('/api/'))
    expect(counted.length).toBeLessThan(25)
  })

  it('updates what changed, privately where the source is private', async () => {
    await hub.hf.seed({ type: 'model', owner: 'alice', name: 'secret', files: model, private: true })
    const given = { repos: ['alice/secret'], from: 'hf', to: 'gitcode:my-org' }
    expect(onlyItem((await run(given)).report)).toMatchObject({ outcome: 'synced' })
    const url = `${gitcode.endpoint}/api/v5/repos/my-org/secret`
    const answer = await fetch(url, { headers: { 'private-token': gitcode.token, 'user-agent': 'test' } })
    expect(await answer.json()).toMatchObject({ private: true, public: false, repo_type: 'model' })

    await hub.hf.seed({ type: 'model', owner: 'alice', name: 'secret', files: { 'config.json': '{"v":2}' } })
    expect(onlyItem((await run(given)).report)).toMatchObject({ outcome: 'synced', changes: { update: 1 } })
    expect(await contents(gitcode, 'my-org', 'secret')).toEqual(await contents(hub.hf, 'alice', 'secret'))
  })

  it('reads a public repo without a token, by git', async () => {
    await gitcode.seed({ type: 'model', owner: 'my-org', name: 'open', files: model })
    const given = { repos: ['my-org/open'], from: 'gitcode', to: 'ms:my-org', type: 'model' as const }
    const { report } = await hub.run(given, { GITCODE_ENDPOINT: gitcode.endpoint })
    expect(onlyItem(report)).toMatchObject({ outcome: 'synced' })
    expect(await contents(hub.ms, 'my-org', 'open')).toEqual(await contents(gitcode, 'my-org', 'open'))
  })

  it('lists an organisation', async () => {
    await withGitCode({ organizations: ['my-org', 'many-org'] }, async (there) => {
      for (let n = 0; n < 3; n++)
        await there.seed({ type: 'model', owner: 'many-org', name: `m-${n}`, files: { 'a.txt': `${n}` } })
      await there.seed({ type: 'dataset', owner: 'many-org', name: 'd', files: { 'a.txt': 'd' } })
      const { report } = await run({ from: 'gitcode:many-org', to: 'ms:my-org' }, there)
      expect(report.items.map(({ source, outcome }) => `${source} ${outcome}`).sort()).toEqual(
        [0, 1, 2].map((n) => `gitcode:many-org/m-${n} synced`),
      )
    })
  })
})

describe('what GitCode refuses', () => {
  it('a repo without space for its LFS objects: 413, once, and nothing is published', async () => {
    await withGitCode({ lfsQuota: 100_000 }, async (there) => {
      await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'too-big', files: model })
      const { report } = await run({ repos: ['Qwen/too-big'], from: 'hf', to: 'gitcode:my-org' }, there)
      const item = onlyItem(report)
      expect(item).toMatchObject({ outcome: 'failed', error: { code: 'too-large' } })
      expect(item.error?.message).toContain('Insufficient LFS space')
      expect(item.error?.next).toContain('100 GiB')
      expect(there.requests.filter(({ status }) => status === 413)).toHaveLength(1)
      expect(await there.head({ type: 'model', owner: 'my-org', name: 'too-big' })).toBeUndefined()
    })
  })

  it('uploads that it then does not have are not published', async () => {
    const name = 'fault-lost-object'
    const own = { 'README.md': '# Lost', 'model.bin': { lfs: bytes(200_000, 77) } }
    await hub.hf.seed({ type: 'model', owner: 'Qwen', name, files: own })
    const { report } = await run({ repos: [`Qwen/${name}`], from: 'hf', to: 'gitcode:my-org' })
    expect(onlyItem(report)).toMatchObject({ outcome: 'failed', error: { code: 'object-missing' } })
    expect(await gitcode.head({ type: 'model', owner: 'my-org', name })).toBeUndefined()
  })

  it('an owner that the token does not belong to, before anything is sent', async () => {
    await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'not-mine', files: model })
    const { report } = await run({ repos: ['Qwen/not-mine'], from: 'hf', to: 'gitcode:somebody' })
    expect(onlyItem(report)).toMatchObject({ outcome: 'failed', error: { code: 'forbidden' } })
  })

  it('a name that a repo of another type has', async () => {
    await gitcode.seed({ type: 'dataset', owner: 'my-org', name: 'taken', files: { 'a.txt': 'a' } })
    await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'taken', files: model })
    const { report } = await run({ repos: ['Qwen/taken'], from: 'hf', to: 'gitcode:my-org', type: 'model' })
    const item = onlyItem(report)
    expect(item).toMatchObject({ outcome: 'failed', error: { code: 'refused' } })
    expect(item.error?.message).toContain('dataset')
  })
})

describe('transport: import', () => {
  const byImport = (name: string, more: Partial<RunOptions> = {}) => ({
    repos: [`Qwen/${name}`],
    from: 'ms',
    to: 'gitcode:my-org',
    set: ['transport=import', 'stall-timeout=60s'],
    ...more,
  })

  it.each(['source', 'main'] as const)(
    'has GitCode copy a public repo, whose branch is then that of %s',
    async (importBranch) => {
      await withGitCode({ importBranch }, async (there) => {
        const name = `imported-${importBranch}`
        await hub.ms.seed({ type: 'model', owner: 'Qwen', name, files: model })
        hub.ms.requests.length = 0
        const dry = await run(byImport(name, { dryRun: true }), there)
        expect(onlyItem(dry.report).forecast).toEqual({ move: 0, reuse: 0 })

        const { report, exitStatus } = await run(byImport(name), there)
        const item = onlyItem(report)
        expect(item).toMatchObject({
          outcome: 'synced',
          published: { by: 'import' },
          bytes: { moved: 0 },
          changes: { add: 5 },
          files: { mismatch: 0, unverifiable: 0 },
        })
        expect(exitStatus).toBe(0)
        expect(item.notes.join('\n')).toContain(`${there.endpoint}/my-org/${name}/setting/mirror`)
        expect(await contents(there, 'my-org', name)).toMatchObject(await contents(hub.ms, 'Qwen', name))
        expect(deliveries(there)).toEqual([])
        expect(hub.log.join('\n')).toContain('waiting for the import')
        // Every file was told of, and the copy is the same commit.
        expect(Object.values(item.files).reduce((sum, count) => sum + count, 0)).toBe(5)
        const key = { type: 'model', owner: 'Qwen', name } as const
        expect(await there.head({ ...key, owner: 'my-org' })).toBe(await hub.ms.head(key))

        expect(onlyItem((await run(byImport(name), there)).report).outcome).toBe('unchanged')
        expect(onlyItem((await run(byImport(name, { set: [] }), there)).report).outcome).toBe('unchanged')
      })
    },
  )

  it('goes by a saved plan as well', async () => {
    await hub.ms.seed({ type: 'model', owner: 'Qwen', name: 'planned', files: model })
    const options = { ...defaultOptions, ...byImport('planned'), dir: `${hub.folder}/planned` }
    const env = { ...hub.env, ...envOf(gitcode) }
    await planCommand(await hub.context(), options, env)
    const { exitStatus, report } = await syncCommand(await hub.context(), options, env)
    expect(exitStatus).toBe(0)
    expect(report && onlyItem(report)).toMatchObject({ outcome: 'synced', published: { by: 'import' } })
  })

  it('proves every byte where the rule says so', async () => {
    await hub.ms.seed({ type: 'model', owner: 'Qwen', name: 'full', files: model })
    const set = ['transport=import', 'verify=full']
    expect(onlyItem((await run(byImport('full', { set }))).report)).toMatchObject({
      outcome: 'synced',
      files: { verified: 5, sampled: 0, mismatch: 0, unverifiable: 0 },
    })
    await hub.hf.seed({ type: 'dataset', owner: 'Qwen', name: 'full-hf', files: model })
    const fromHf = byImport('full-hf', { set, from: 'hf', type: 'dataset' })
    expect(onlyItem((await run(fromHf)).report)).toMatchObject({
      outcome: 'synced',
      published: { by: 'import' },
      files: { verified: 5, sampled: 0, mismatch: 0, unverifiable: 0 },
    })
  })

  it('keeps a copy private where the rule says so', async () => {
    await hub.ms.seed({ type: 'model', owner: 'Qwen', name: 'kept', files: model })
    const set = ['transport=import', 'visibility=private']
    expect(onlyItem((await run(byImport('kept', { set }))).report).outcome).toBe('synced')
    const url = `${gitcode.endpoint}/api/v5/repos/my-org/kept`
    const answer = await fetch(url, { headers: { 'private-token': gitcode.token, 'user-agent': 'test' } })
    expect(await answer.json()).toMatchObject({ private: true })
  })

  it('pushes to a repo that exists', async () => {
    await hub.ms.seed({ type: 'model', owner: 'Qwen', name: 'there', files: model })
    await gitcode.seed({ type: 'model', owner: 'my-org', name: 'there', files: { 'config.json': '{}' } })
    expect(onlyItem((await run(byImport('there'))).report)).toMatchObject({
      outcome: 'synced',
      published: { by: 'git' },
      changes: { add: 4, update: 1 },
    })
    expect(await contents(gitcode, 'my-org', 'there')).toEqual(await contents(hub.ms, 'Qwen', 'there'))
  })

  it('brings LFS objects over that the import left out', async () => {
    await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'no-lfs', files: model })
    await withGitCode({ importObjects: false, importDelay: 0 }, async (there) => {
      const given = byImport('no-lfs', { from: 'hf', set: ['transport=import', 'stall-timeout=10s'] })
      const item = onlyItem((await run(given, there)).report)
      expect(item).toMatchObject({
        outcome: 'synced',
        bytes: { moved: weights.length },
        files: { mismatch: 0 },
      })
      expect(item.notes.join('\n')).toContain('1 LFS object(s) did not come')
      expect(await contents(there, 'my-org', 'no-lfs')).toEqual(await contents(hub.hf, 'Qwen', 'no-lfs'))
      expect(onlyItem((await run(given, there)).report).outcome).toBe('unchanged')
    })
  })

  it('is not believed where the bytes are others', async () => {
    await hub.ms.seed({ type: 'model', owner: 'Qwen', name: 'wrong', files: model })
    const given = byImport('wrong', { to: 'gitcode:my-org/wrong-fault-corrupt' })
    expect(onlyItem((await run(given)).report)).toMatchObject({
      outcome: 'failed',
      error: { code: 'mismatch' },
      published: { by: 'import' },
      files: { verified: 4, mismatch: 1 },
    })
  })

  it('says what the hub says of an address that it cannot reach', async () => {
    const name = 'unreachable'
    await hub.ms.seed({ type: 'model', owner: 'Qwen', name, files: model })
    await withGitCode({ importReach: 'none' }, async (there) => {
      const item = onlyItem((await run(byImport(name), there)).report)
      expect(item).toMatchObject({ outcome: 'failed', error: { code: 'refused' } })
      expect(item.error?.message).toContain('check url unreachable')
      expect(item.error?.next).toContain('transport: auto')
      expect(await there.head({ type: 'model', owner: 'my-org', name })).toBeUndefined()
    })
  })

  it('does not wait for ever for content, and fills the repo by a push in the next run', async () => {
    const name = 'never'
    await hub.ms.seed({ type: 'model', owner: 'Qwen', name, files: model })
    await withGitCode({ importDelay: 3_600_000 }, async (there) => {
      const given = byImport(name, { set: ['transport=import', 'stall-timeout=1s'] })
      const item = onlyItem((await run(given, there)).report)
      expect(item).toMatchObject({ outcome: 'failed', error: { code: 'unavailable' } })
      expect(item.error?.message).toContain('no content after 30 s')
      expect(onlyItem((await run(given, there)).report)).toMatchObject({
        outcome: 'synced',
        published: { by: 'git' },
      })
    })
  })

  it.each([
    ['private', { private: true }, [], 'the source is private'],
    ['gated', { gated: true }, ['gated=private'], 'the source is gated'],
    ['filtered', {}, ['files.exclude=["deep/**"]'], "left out by the rule's files"],
    ['revision', {}, ['revision=v1'], 'not the rule'],
  ])('blocks what an import cannot do: %s', async (name, seed, set, why) => {
    await hub.hf.seed({ type: 'model', owner: 'alice', name: `no-${name}`, files: model, ...seed })
    if (name === 'revision') {
      const revision = { revision: 'v1', startingPoint: 'main' }
      const url = `${hub.hf.endpoint}/api/models/alice/no-revision/branch/v1`
      await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${hub.hf.token}` },
        body: JSON.stringify(revision),
      })
    }
    gitcode.requests.length = 0
    const given = byImport('', {
      repos: [`alice/no-${name}`],
      from: 'hf',
      set: ['transport=import', ...set],
    })
    const item = onlyItem((await run(given)).report)
    expect(item.outcome).toBe('blocked')
    expect(item.reason).toContain(why)
    expect(
      gitcode.requests.filter(({ method, path }) => method !== 'GET' && path.startsWith('/api/')),
    ).toEqual([])
  })
})
