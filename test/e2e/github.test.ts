import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunOptions } from '../../src/commands/options.ts'
import type { RepoType } from '../../src/model/repo.ts'
import type { StoredFile } from '../stand-ins/core/stand-in.ts'
import { type GitHubStandIn, startGitHub } from '../stand-ins/github/index.ts'
import { bytes, type Harness, onlyItem, startHarness } from './harness.ts'

let hub: Harness
let gh: GitHubStandIn
let configFile: string
beforeAll(async () => {
  ;[hub, gh] = await Promise.all([startHarness(), startGitHub()])
  configFile = join(hub.folder, 'github.yml')
  await writeFile(configFile, configuration(''))
})
afterAll(() => Promise.all([hub.close(), gh.close()]))

/** GitHub is the stand-in, whose token comes from the environment. */
function configuration(rules: string): string {
  const token = '$' + '{GITHUB_STAND_IN_TOKEN}'
  return `version: 1\nhubs:\n  github:\n    endpoint: ${gh.endpoint}\n    token: ${token}\n${rules}`
}

const run = (options: Partial<RunOptions>, token = gh.token) =>
  hub.run({ configFile, ...options }, { GITHUB_STAND_IN_TOKEN: token })

const files = {
  'README.md': '---\nlicense: apache-2.0 # as it is\n---\n# Tiny\n',
  LICENSE: 'Apache License\nVersion 2.0\n',
  'model.safetensors': { lfs: bytes(3_000_000) },
  'a dir/#1 50%?+&.json': '{"awkward": true}',
  '模型/-leading 🎉.txt': 'emoji',
  'empty.txt': '',
}

async function contents(stored: Promise<Map<string, StoredFile>>): Promise<Record<string, string>> {
  const rows = [...(await stored)].filter(([path]) => path !== '.gitattributes')
  return Object.fromEntries(rows.map(([path, file]) => [path, file.sha256]))
}

async function anonymousStatus(path: string): Promise<number> {
  const answer = await fetch(`${gh.endpoint}/api/v3/repos/${path}`)
  await answer.arrayBuffer()
  return answer.status
}

describe.each<RepoType>(['model', 'dataset'])('Hugging Face → GitHub → Hugging Face, a %s', (type) => {
  const name = `tiny-${type}`
  const there = { repos: [`Qwen/${name}`], from: 'hf', to: 'github:my-org' }
  const back = { repos: [`my-org/${name}`], from: 'github', to: 'hf:my-org' }

  it('brings every byte over in one commit, and back, and then finds nothing to do', async () => {
    await hub.hf.seed({ type, owner: 'Qwen', name, files })
    const source = await contents(hub.hf.files({ type, owner: 'Qwen', name }))
    expect(onlyItem((await run(there)).report)).toMatchObject({
      outcome: 'synced',
      files: { mismatch: 0, unverifiable: 0 },
    })
    const kept = await gh.files({ type, owner: 'my-org', name })
    expect(await contents(Promise.resolve(kept))).toEqual(source)
    expect(kept.get('model.safetensors')?.lfs).toBe(true)
    expect(kept.get('README.md')?.lfs).toBe(false)

    // Its topic tells the type: nothing else does, and the name is looked up without one.
    expect(onlyItem((await run(back)).report)).toMatchObject({ outcome: 'synced' })
    expect(await contents(hub.hf.files({ type, owner: 'my-org', name }))).toEqual(source)

    for (const again of [there, back])
      expect(onlyItem((await run(again)).report)).toMatchObject({ outcome: 'unchanged', bytes: { moved: 0 } })
  })

  it('carries on with what a later commit changes', async () => {
    const later = { 'config.json': '{"v":2}\n', 'extra.bin': { lfs: bytes(100_000, 7) } }
    await hub.hf.seed({ type, owner: 'Qwen', name, files: later })
    expect(onlyItem((await run(there)).report)).toMatchObject({
      outcome: 'synced',
      changes: { add: 2, update: 0, delete: 0 },
    })
  })

  it('sends no token to where objects are kept', () => {
    const storage = gh.requests.filter(({ server }) => server === 'storage')
    expect(storage.length).toBeGreaterThan(0)
    expect(storage.filter(({ authorization, cookie }) => authorization || cookie)).toEqual([])
  })
})

describe('a whole owner of GitHub', () => {
  it('comes over with each repo once, as what it is', async () => {
    const owner = 'somebody'
    await gh.seed({ type: 'model', owner, name: 'one', files })
    await gh.seed({ type: 'dataset', owner, name: 'two', files: { 'rows.csv': 'a,b\n' } })
    const whole = join(hub.folder, 'whole.yml')
    const rule = `{ name: all, from: 'github:${owner}', to: 'hf:my-org', types: [model, dataset] }`
    await writeFile(whole, configuration(`rules:\n  - ${rule}\n`))
    const { report } = await run({ configFile: whole })
    expect(report.items.map(({ target, outcome }) => [target, outcome]).sort()).toEqual([
      ['huggingface:datasets/my-org/two', 'synced'],
      ['huggingface:my-org/one', 'synced'],
    ])
  })
})

describe('a public repo', () => {
  it('is read without a token', async () => {
    await gh.seed({ type: 'model', owner: 'somebody', name: 'open', files })
    const open = join(hub.folder, 'open.yml')
    await writeFile(open, `version: 1\nhubs:\n  github:\n    endpoint: ${gh.endpoint}\n`)
    gh.requests.length = 0
    const { report } = await run({
      configFile: open,
      repos: ['somebody/open'],
      from: 'github',
      to: 'hf:my-org',
    })
    expect(onlyItem(report)).toMatchObject({ outcome: 'synced' })
    expect(gh.requests.filter(({ authorization }) => authorization)).toEqual([])
    const there = hub.hf.files({ type: 'model', owner: 'my-org', name: 'open' })
    expect(await contents(there)).toEqual(
      await contents(gh.files({ type: 'model', owner: 'somebody', name: 'open' })),
    )
  })
})

describe('a renamed source', () => {
  it('is read under its new name, and the note says so', async () => {
    await gh.seed({ type: 'model', owner: 'alice', name: 'before', files })
    const changed = await fetch(`${gh.endpoint}/api/v3/repos/alice/before`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${gh.token}` },
      body: JSON.stringify({ name: 'after' }),
    })
    expect(changed.status).toBe(200)
    const { report } = await run({ repos: ['alice/before'], from: 'github', to: 'hf:my-org' })
    expect(onlyItem(report)).toMatchObject({ outcome: 'synced', target: 'huggingface:my-org/before' })
    expect(onlyItem(report).notes).toContain('the source is now called github:alice/after')
  })
})

describe('visibility', () => {
  it('stays private', async () => {
    await hub.hf.seed({ type: 'model', owner: 'my-org', name: 'secret', private: true, files })
    const options = { repos: ['my-org/secret'], from: 'hf', to: 'github:alice' }
    expect(onlyItem((await run(options)).report)).toMatchObject({ outcome: 'synced' })
    expect(await anonymousStatus('alice/secret')).toBe(404)
    expect(onlyItem((await run(options)).report)).toMatchObject({ outcome: 'unchanged' })
  })
})

describe('what GitHub refuses', () => {
  it('is a repo of the other type, and the way out is told', async () => {
    await gh.seed({ type: 'model', owner: 'my-org', name: 'other', files: { a: 'b' } })
    await hub.hf.seed({ type: 'dataset', owner: 'Qwen', name: 'other', files })
    const { report } = await run({ repos: ['datasets/Qwen/other'], from: 'hf', to: 'github:my-org' })
    const { outcome, error } = onlyItem(report)
    expect(outcome).toBe('failed')
    expect(JSON.stringify(error)).toContain('topic')
  })

  it('is a token that may not write: nothing is sent', async () => {
    await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'weak', files })
    gh.requests.length = 0
    const { report } = await run({ repos: ['Qwen/weak'], from: 'hf', to: 'github:my-org' }, gh.weakToken)
    expect(onlyItem(report).outcome).toBe('failed')
    expect(gh.requests.filter(({ method }) => method !== 'GET')).toEqual([])
  })

  it('is nothing where objects get lost: no pointer is published then', async () => {
    const name = 'fault-lost-object'
    // Kept nowhere else on this GitHub, whose store is one.
    const lost = { ...files, 'model.safetensors': { lfs: bytes(50_000, 99) } }
    await hub.ms.seed({ type: 'model', owner: 'Qwen', name: 'lost', files: lost })
    const { report } = await run({ repos: ['Qwen/lost'], from: 'ms', to: `github:my-org/${name}` })
    expect(onlyItem(report)).toMatchObject({ outcome: 'failed', error: { code: 'object-missing' } })
    expect(await gh.head({ type: 'model', owner: 'my-org', name })).toBeUndefined()
  })
})

describe('bad days', () => {
  it.each(['fault-rate-limit', 'fault-429', 'fault-504-landed', 'fault-expired-url'])(
    '%s is got over',
    async (fault) => {
      const name = fault.replace('fault', 'bad')
      const object = { lfs: bytes(20_000, fault.length) }
      await hub.ms.seed({
        type: 'model',
        owner: 'Qwen',
        name,
        files: { ...files, 'model.safetensors': object },
      })
      const { report } = await run({ repos: [`Qwen/${name}`], from: 'ms', to: `github:my-org/${fault}` })
      expect(onlyItem(report)).toMatchObject({ outcome: 'synced' })
      const source = await contents(hub.ms.files({ type: 'model', owner: 'Qwen', name }))
      expect(await contents(gh.files({ type: 'model', owner: 'my-org', name: fault }))).toEqual(source)
    },
  )
})
