import { writeFile } from 'node:fs/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { RepoType } from '../../src/model/repo.ts'
import type { HuggingFaceOptions } from '../stand-ins/huggingface/index.ts'
import { bytes, deliveries, type Harness, onlyItem, startHarness } from './harness.ts'

let hub: Harness
afterEach(() => hub.close())

const files = {
  'README.md': '---\nlicense: mit\n---\n# Tiny\n',
  'config.json': '{"model_type":"tiny"}\n',
  'deep/er/#1 50%?+&.json': '{}',
  '目录/-数据.txt': 'data',
  'empty.txt': '',
  'model.safetensors': { lfs: bytes(300_000, 5) },
}

async function contents(key: { type: RepoType; owner: string; name: string }, of: 'hf' | 'ms') {
  const there = await hub[of].files(key)
  return Object.fromEntries(
    [...there].filter(([path]) => path !== '.gitattributes').map(([path, file]) => [path, file.sha256]),
  )
}

/** ModelScope → the server → ModelScope: every byte both ways, and nothing left to do. */
async function thereAndBack(type: RepoType): Promise<string> {
  const prefix = type === 'dataset' ? 'datasets/' : ''
  await hub.ms.seed({ type, owner: 'Qwen', name: 'tiny', files })
  const source = await contents({ type, owner: 'Qwen', name: 'tiny' }, 'ms')
  const into = { repos: [`${prefix}Qwen/tiny`], from: 'ms', to: 'hf:my-org', type } as const
  const out = { repos: [`${prefix}my-org/tiny`], from: 'hf', to: 'ms:my-org', type } as const
  const first = onlyItem((await hub.run(into)).report)
  expect(first).toMatchObject({ outcome: 'synced', files: { mismatch: 0, unverifiable: 0 } })
  expect(await contents({ type, owner: 'my-org', name: 'tiny' }, 'hf')).toEqual(source)
  expect(onlyItem((await hub.run(into)).report)).toMatchObject({ outcome: 'unchanged', bytes: { moved: 0 } })
  const back = onlyItem((await hub.run(out)).report)
  expect(back).toMatchObject({ outcome: 'synced', files: { mismatch: 0, unverifiable: 0 } })
  expect(await contents({ type, owner: 'my-org', name: 'tiny' }, 'ms')).toEqual(source)
  expect(onlyItem((await hub.run(out)).report)).toMatchObject({ outcome: 'unchanged', bytes: { moved: 0 } })
  return JSON.stringify([first, back])
}

describe('a server that speaks the API of Hugging Face in part', () => {
  it.each<RepoType>(['model', 'dataset'])('takes a %s and gives it back', async (type) => {
    hub = await startHarness({ hf: { compatible: true } })
    await thereAndBack(type)
  })

  it('is a hub of the configuration, whose repos are listed', async () => {
    hub = await startHarness({ hf: { compatible: true, filtersOwner: false } })
    await hub.hf.seed({ type: 'model', owner: 'my-org', name: 'one', files })
    await hub.hf.seed({ type: 'model', owner: 'others', name: 'two', files })
    const configFile = `${hub.folder}/other.yml`
    const entry = `{type: huggingface, endpoint: '${hub.hf.endpoint}', token: '\${OTHER_TOKEN}'}`
    const rule = '{name: all, from: other:my-org, to: ms:my-org, types: [model]}'
    await writeFile(configFile, `version: 1\nhubs: {other: ${entry}}\nrules: [${rule}]\n`)
    const env = { OTHER_TOKEN: hub.hf.token, HF_ENDPOINT: '' }
    const run = await hub.run({ configFile }, env)
    expect(onlyItem(run.report)).toMatchObject({ outcome: 'synced', source: 'other:my-org/one' })
    expect(onlyItem((await hub.run({ configFile }, env)).report).outcome).toBe('unchanged')
  })
})

describe('what is missing is done by git', () => {
  const whole: HuggingFaceOptions = { compatible: true }
  const listed = 'the files were listed by git'
  const lookedUp = 'the branch was looked up by git'
  const read = 'files were read by git'
  const pushed = 'published by git push'
  it.each<[string, HuggingFaceOptions, readonly string[]]>([
    ['no listing of files', { ...whole, missingRoutes: ['tree'] }, [listed]],
    ['a web page for listings', { missingRoutes: ['tree'], missingAnswer: 'web-page' }, [listed]],
    ['a listing of the root only', { recursive: false }, [listed]],
    ['no revisions', { ...whole, missingRoutes: ['revision'] }, []],
    ['no revision nor head', { ...whole, missingRoutes: ['revision'], missingFields: ['sha'] }, [lookedUp]],
    ['no history', { ...whole, missingRoutes: ['history'] }, []],
    ['no contents', { ...whole, missingRoutes: ['resolve'] }, [read]],
    ['no commits', { ...whole, missingRoutes: ['commit', 'preupload'] }, [pushed]],
    ['405 for commits', { missingRoutes: ['commit'], missingAnswer: 405 }, [pushed]],
    ['501 for commits', { missingRoutes: ['commit'], missingAnswer: 501 }, [pushed]],
    ['a web page for commits', { missingRoutes: ['commit'], missingAnswer: 'web-page' }, [pushed]],
    ['storage of the owner locked', { lockedOwners: ['my-org'] }, [pushed]],
    ['no whoami', { ...whole, missingRoutes: ['whoami'] }, []],
    ['another whoami', { ...whole, whoami: 'other' }, []],
    [
      'nothing but repos and git',
      {
        ...whole,
        missingRoutes: ['whoami', 'tree', 'revision', 'history', 'resolve', 'commit', 'preupload'],
      },
      [listed, read, pushed],
    ],
  ])('%s', async (_name, hf, notes) => {
    hub = await startHarness({ hf })
    const told = await thereAndBack('model')
    for (const note of [listed, lookedUp, read, pushed])
      expect(told.includes(note)).toBe(notes.includes(note))
  })
})

describe('what cannot be done is said', () => {
  const model = { type: 'model', owner: 'Qwen', name: 'tiny', files } as const
  const into = { repos: ['Qwen/tiny'], from: 'ms', to: 'hf:my-org', type: 'model' } as const
  const inHub = { type: 'model', owner: 'my-org', name: 'tiny' } as const

  it('an owner that does not exist', async () => {
    hub = await startHarness({ hf: { compatible: true } })
    await hub.ms.seed(model)
    const item = onlyItem((await hub.run({ ...into, to: 'hf:nobody' })).report)
    expect(item.outcome).toBe('failed')
    expect(item.error).toMatchObject({ code: 'forbidden' })
    expect(item.error?.next).toContain('nobody')
  })

  it('no LFS: nothing is published', async () => {
    hub = await startHarness({ hf: { compatible: true, missingRoutes: ['lfs'] } })
    await hub.ms.seed(model)
    const item = onlyItem((await hub.run(into)).report)
    expect(item.outcome).toBe('failed')
    expect(item.error?.message).toContain('objects/batch')
    expect(Object.keys(await contents(inHub, 'hf'))).toEqual([])
  })

  it('no creating', async () => {
    hub = await startHarness({ hf: { compatible: true, missingRoutes: ['create'] } })
    await hub.ms.seed(model)
    const item = onlyItem((await hub.run(into)).report)
    expect(item.error).toMatchObject({ code: 'unsupported' })
    expect(item.error?.next).toContain('create the repo')
  })

  it('no listing of repos', async () => {
    hub = await startHarness({ hf: { compatible: true, missingRoutes: ['list'] } })
    await hub.hf.seed({ ...inHub, files })
    const item = onlyItem((await hub.run({ repos: ['hf:my-org'], to: 'ms:my-org', type: 'model' })).report)
    expect(item).toMatchObject({ outcome: 'failed', error: { code: 'unsupported' } })
  })

  it('datasets that cannot be written, by the API nor by git', async () => {
    hub = await startHarness({ hf: { compatible: true, datasetWrites: 'refused' } })
    const dataset = { type: 'dataset', owner: 'Qwen', name: 'rows' } as const
    await hub.ms.seed({ ...dataset, files })
    const run = { repos: ['datasets/Qwen/rows'], from: 'ms', to: 'hf:my-org', type: 'dataset' } as const
    const item = onlyItem((await hub.run(run)).report)
    expect(item.outcome).toBe('failed')
    expect(item.error?.message).toContain('Datasets cannot be written to')
    expect(Object.keys(await contents({ ...dataset, owner: 'my-org' }, 'hf'))).toEqual([])
  })

  it('a commit on top of what somebody else wrote in the same moment', async () => {
    hub = await startHarness({ hf: { compatible: true } })
    await hub.ms.seed({ ...model, name: 'fault-stale' })
    const item = onlyItem((await hub.run({ ...into, repos: ['Qwen/fault-stale'] })).report)
    expect(item.outcome).toBe('conflict')
    expect(item.error?.message ?? item.reason).toContain('Someone else wrote')
  })

  it('an object that the source lost', async () => {
    hub = await startHarness({ hf: { compatible: true } })
    await hub.hf.seed({ ...inHub, name: 'fault-missing-object', files })
    const out = {
      repos: ['my-org/fault-missing-object'],
      from: 'hf',
      to: 'ms:my-org',
      type: 'model',
    } as const
    const item = onlyItem((await hub.run(out)).report)
    expect(item).toMatchObject({ outcome: 'failed', error: { code: 'object-missing' } })
  })

  it('a repo that is not there is not found, and no route is blamed', async () => {
    hub = await startHarness({ hf: { compatible: true, missingRoutes: ['revision'] } })
    const run = hub.run({ repos: ['my-org/absent'], from: 'hf', to: 'ms:my-org', type: 'model' })
    await expect(run).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('has no model'),
    })
  })

  it('a bad token is a bad token', async () => {
    hub = await startHarness({ hf: { compatible: true, missingRoutes: ['tree', 'revision'] } })
    await hub.hf.seed({ ...inHub, files, private: true })
    const out = { repos: ['my-org/tiny'], from: 'hf', to: 'ms:my-org', type: 'model' } as const
    const item = onlyItem((await hub.run(out, { HF_TOKEN: 'hf_wrongwrongwrong' })).report)
    expect(item).toMatchObject({ outcome: 'failed', error: { code: 'unauthorized' } })
  })
})

describe('who may see what', () => {
  const hidden = { type: 'model', owner: 'my-org', name: 'hidden' } as const
  const into = { repos: ['my-org/hidden'], from: 'ms', to: 'hf:my-org', type: 'model' } as const

  it('a private source puts nothing into a repo that the server made public, and the error names it', async () => {
    hub = await startHarness({ hf: { compatible: true } })
    await hub.ms.seed({ ...hidden, files, private: true })
    const item = onlyItem((await hub.run(into)).report)
    expect(item.error).toMatchObject({ code: 'leak' })
    expect(item.error?.message).toContain('my-org/hidden')
    expect(item.error?.message).toContain('stays there empty')
    expect(deliveries(hub.hf)).toEqual([])
    const again = onlyItem((await hub.run(into)).report)
    expect(again.outcome).toBe('blocked')
    expect(deliveries(hub.hf)).toEqual([])
  })

  it('a private source goes to an owner whose repos are private', async () => {
    hub = await startHarness({ hf: { compatible: true, privateOwners: ['my-org'] } })
    await hub.ms.seed({ ...hidden, files, private: true })
    expect(onlyItem((await hub.run(into)).report).outcome).toBe('synced')
    expect(onlyItem((await hub.run(into)).report).outcome).toBe('unchanged')
  })

  it('a server that knows `private` only is told so', async () => {
    hub = await startHarness({ hf: { createKey: 'private' } })
    await hub.ms.seed({ ...hidden, files, private: true })
    expect(onlyItem((await hub.run(into)).report).outcome).toBe('synced')
  })

  it.each<[boolean, NonNullable<HuggingFaceOptions['missingFields']>, string]>([
    [true, ['private'], 'private'],
    [true, ['private', 'gated'], 'private'],
    [false, ['private'], 'public'],
    [false, ['gated'], 'public'],
    [false, ['private', 'gated', 'sha', 'cardData'], 'public'],
  ])(
    'a source (private: %s) whose answer lacks %j is mirrored as %s',
    async (isPrivate, missingFields, expected) => {
      hub = await startHarness({ hf: { compatible: true, missingFields } })
      await hub.hf.seed({ ...hidden, files, private: isPrivate })
      const run = await hub.run({ repos: ['my-org/hidden'], from: 'hf', to: 'ms:my-org', type: 'model' })
      expect(onlyItem(run.report).outcome).toBe('synced')
      const answer = await fetch(`${hub.ms.endpoint}/api/v1/models/my-org/hidden`)
      expect(answer.status).toBe(expected === 'public' ? 200 : 404)
      await answer.arrayBuffer()
    },
  )

  it('what is gated without the server saying so does not become public', async () => {
    hub = await startHarness({ hf: { missingFields: ['gated'] } })
    await hub.hf.seed({ ...hidden, files, gated: true })
    const run = await hub.run({ repos: ['my-org/hidden'], from: 'hf', to: 'ms:my-org', type: 'model' })
    expect(onlyItem(run.report).outcome).toBe('synced')
    const answer = await fetch(`${hub.ms.endpoint}/api/v1/models/my-org/hidden`)
    expect(answer.status).toBe(404)
    await answer.arrayBuffer()
  })

  it.each<NonNullable<HuggingFaceOptions['missingFields']>>([['private'], ['private', 'gated'], ['gated']])(
    'nothing private goes to a public target whose answer lacks %s',
    async (...missingFields) => {
      hub = await startHarness({ hf: { compatible: true, missingFields } })
      await hub.ms.seed({ ...hidden, files, private: true })
      await hub.hf.seed({ ...hidden, files: {} })
      expect(onlyItem((await hub.run(into)).report).outcome).toBe('blocked')
      expect(deliveries(hub.hf)).toEqual([])
    },
  )
})
