import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SeedRepo } from '../stand-ins/core/stand-in.ts'
import { type ModelersStandIn, startModelers } from '../stand-ins/modelers/index.ts'
import { bytes, type Harness, onlyItem, startHarness } from './harness.ts'

let hub: Harness
let modelers: ModelersStandIn
beforeAll(async () => {
  // Parts of 1 MiB, so that a small object has several.
  const started = await Promise.all([startHarness(), startModelers({ partSize: 1 << 20 })])
  hub = started[0]
  modelers = started[1]
})
afterAll(() => Promise.all([hub.close(), modelers.close()]))

const seed = (name: string, files: SeedRepo['files'], rest: Partial<SeedRepo> = {}) =>
  hub.hf.seed({ type: 'model', owner: 'Qwen', name, files, ...rest })

function run(repo: string, from: string, to: string, options: object = {}) {
  const env = { MODELERS_ENDPOINT: modelers.endpoint, MODELERS_TOKEN: modelers.token }
  return hub.run({ repos: [repo], from, to, ...options }, env)
}

async function outcomeOf(repo: string, from: string, to: string, options: object = {}): Promise<string> {
  const item = onlyItem((await run(repo, from, to, options)).report)
  return item.error === undefined ? item.outcome : `${item.outcome}: ${item.error.message}`
}

async function outcomesOf(repos: string, from: string, to: string, count: number) {
  const { report } = await run(repos, from, to)
  expect(report.items).toHaveLength(count)
  return new Set(report.items.map((item) => item.outcome))
}

async function textAt(
  side: { files: ModelersStandIn['files'] },
  name: string,
  path = 'README.md',
): Promise<string | undefined> {
  const files = await side.files({ type: 'model', owner: 'my-org', name })
  return files.get(path)?.content?.toString('utf8')
}

const awkward = 'a dir/#1 50%?+&.json'
const big = bytes(3 * (1 << 20) + 5, 3)

describe('Hugging Face → Modelers → ModelScope', () => {
  it('brings every file over, and finds nothing to do the second time', async () => {
    const files = {
      'README.md': '---\nlicense: apache-2.0\n---\n# Hello\n',
      [awkward]: '{"awkward": true}',
      '模型/-leading 🎉.txt': 'emoji',
      'empty.txt': '',
      'weights.safetensors': { lfs: big },
      'copy.gguf': { lfs: big },
    }
    await seed('whole', files)
    expect(await outcomeOf('Qwen/whole', 'hf', 'modelers:my-org')).toBe('synced')
    expect(await outcomeOf('my-org/whole', 'modelers', 'ms:my-org')).toBe('synced')

    for (const side of [modelers, hub.ms]) {
      const there = await side.files({ type: 'model', owner: 'my-org', name: 'whole' })
      for (const [path, content] of Object.entries(files)) {
        const text = typeof content === 'string' ? content : undefined
        if (text !== undefined) expect(there.get(path)?.content?.toString('utf8')).toBe(text)
        else expect(there.get(path)?.content).toEqual(big)
      }
      expect(there.get('weights.safetensors')?.lfs).toBe(true)
    }
    for (const [repo, from, to] of [
      ['Qwen/whole', 'hf', 'modelers:my-org'],
      ['my-org/whole', 'modelers', 'ms:my-org'],
      ['my-org/whole', 'ms', 'modelers:my-org'],
    ] as const)
      expect(await outcomeOf(repo, from, to)).toBe('unchanged')
  })

  it('updates what has changed, keeps what only the target has, and moves no object twice', async () => {
    await seed('updated', { 'a.txt': '1', 'w.bin': { lfs: big } })
    expect(await outcomeOf('Qwen/updated', 'hf', 'modelers:my-org')).toBe('synced')
    await seed('updated', { 'a.txt': '2', 'again.bin': { lfs: big } })
    modelers.requests.length = 0
    expect(await outcomeOf('Qwen/updated', 'hf', 'modelers:my-org')).toBe('synced')
    expect(await textAt(modelers, 'updated', 'a.txt')).toBe('2')
    const there = await modelers.files({ type: 'model', owner: 'my-org', name: 'updated' })
    expect([...there.keys()]).toEqual(expect.arrayContaining(['w.bin', 'again.bin', 'README.md']))
    expect(
      modelers.requests.filter(({ path, method }) => method === 'PUT' && path.includes('/parts/')),
    ).toEqual([])
  })

  it('brings a dataset and a private repo over as what they are', async () => {
    await seed('data', { 'x.csv': 'a,b' }, { type: 'dataset' })
    expect(await outcomeOf('datasets/Qwen/data', 'hf', 'modelers:my-org')).toBe('synced')
    const data = await modelers.files({ type: 'dataset', owner: 'my-org', name: 'data' })
    expect(data.get('x.csv')?.content?.toString()).toBe('a,b')
    expect(await outcomeOf('datasets/my-org/data', 'modelers', 'hf:my-org')).toBe('synced')

    const owner = hub.hf.username
    await seed('secret', { 'w.txt': 'w' }, { owner, private: true })
    expect(await outcomeOf(`${owner}/secret`, 'hf', 'modelers:my-org')).toBe('synced')
    const address = `${modelers.endpoint}/api/v1/model/my-org/secret`
    const shown = await fetch(address, { headers: { authorization: `Bearer ${modelers.token}` } })
    expect(await shown.json()).toMatchObject({ data: { visibility: 'private' } })
  })

  it('lists an owner of Modelers', async () => {
    const owner = modelers.username
    for (const name of ['one', 'two'])
      await modelers.seed({ type: 'model', owner, name, files: { 'w.txt': name } })
    const { report } = await run(`${owner}/*`, 'modelers', 'ms:my-org')
    expect(report.items.map((item) => item.outcome)).toEqual(['synced', 'synced'])
  })
})

describe('the README', () => {
  const license = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby
granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE.
`
  /** Name, files, the license there, and the one that the notes tell of. */
  const cards: readonly (readonly [string, SeedRepo['files'], string, string | undefined])[] = [
    ['bare', { 'README.md': '# Bare\n' }, 'other', 'other'],
    ['with-text', { 'README.md': '# Bare\n', LICENSE: license }, 'isc', 'isc'],
    ['empty', { 'README.md': '' }, 'other', 'other'],
    ['refused', { 'README.md': '---\nlicense: llama3\n---\n# x\n' }, 'other', undefined],
    ['quoted', { 'README.md': '---\nlicense: "mit" # theirs\n---\n# x\n' }, 'mit', undefined],
    [
      'listed',
      { 'README.md': '---\nlicense:\n- mit # one\n- apache-2.0\n---\n# x\n' },
      '\\[mit, apache-2.0\\]',
      undefined,
    ],
    ['windows', { 'README.md': '---\r\ntags: [a]\r\n---\r\n# x\r\n' }, 'other', 'other'],
  ]

  it('has a license there', async () => {
    for (const [name, files] of cards)
      await hub.hf.seed({
        type: 'model',
        owner: 'Cards',
        name: `card-${name}`,
        files: { 'w.txt': name, ...files },
      })
    const { report } = await run('Cards/*', 'hf', 'modelers:my-org')
    for (const [name, , id, noted] of cards) {
      const item = report.items.find(({ target }) => target === `modelers:my-org/card-${name}`)
      expect([name, item?.outcome, item?.error?.message]).toEqual([name, 'synced', undefined])
      const notes = (item?.notes ?? []).filter((note) => note.startsWith('README.md: names no license'))
      expect(notes).toEqual(noted === undefined ? [] : [expect.stringContaining(`"${noted}" is written`)])
      expect(await textAt(modelers, `card-${name}`)).toMatch(new RegExp(`^license: ${id}( |\\r?$)`, 'm'))
    }
    expect(await outcomesOf('Cards/*', 'hf', 'modelers:my-org', cards.length)).toEqual(new Set(['unchanged']))
  })

  it('comes back as it was', async () => {
    expect(await outcomesOf('my-org/card-*', 'modelers', 'ms:my-org', cards.length)).toEqual(
      new Set(['synced']),
    )
    // Quotes are not put back on the way, as they say nothing; everything else is.
    for (const [name, files] of cards)
      expect(await textAt(hub.ms, `card-${name}`)).toBe(`${files['README.md']}`.replace('"mit"', 'mit'))
    for (const [repos, from, to] of [
      ['my-org/card-*', 'modelers', 'ms:my-org'],
      ['my-org/card-*', 'ms', 'modelers:my-org'],
    ] as const)
      expect(await outcomesOf(repos, from, to, cards.length)).toEqual(new Set(['unchanged']))
  })

  it('of a source that has none stays the hub’s own, and never goes over', async () => {
    await seed('no-readme', { 'w.txt': 'w' })
    expect(await outcomeOf('Qwen/no-readme', 'hf', 'modelers:my-org')).toBe('synced')
    expect(await textAt(modelers, 'no-readme')).toBe('---\nlicense: other\n---\n')
    expect(await outcomeOf('my-org/no-readme', 'modelers', 'hf:my-org')).toBe('synced')
    const there = await hub.hf.files({ type: 'model', owner: 'my-org', name: 'no-readme' })
    expect([...there.keys()].sort()).toEqual(['.gitattributes', 'w.txt'])
  })

  it('that would look there like the hub’s own stays here, and is not sent again in every run', async () => {
    const readme = '---\nlicense: Apache License 2.0\n---\n'
    await seed('look-alike', { 'README.md': readme, 'w.txt': 'w' })
    const item = onlyItem((await run('Qwen/look-alike', 'hf', 'modelers:my-org')).report)
    expect(item.outcome).toBe('synced')
    expect(item.notes.join('\n')).toContain(
      'README.md: not copied, since Modelers takes it for a file of its own',
    )
    expect(await outcomeOf('Qwen/look-alike', 'hf', 'modelers:my-org')).toBe('unchanged')
  })

  it('a license that the source’s page names is the one that is added', async () => {
    await hub.ms.seed({
      type: 'model',
      owner: 'Qwen',
      name: 'paged',
      files: { 'README.md': '# Paged\n', 'w.txt': 'w' },
    })
    expect(await outcomeOf('Qwen/paged', 'ms', 'modelers:my-org')).toBe('synced')
    expect(await textAt(modelers, 'paged')).toMatch(
      /^---\nlicense: [a-z0-9.-]+ # model-hub-sync: front matter added/,
    )
  })
})

describe('a bad day', () => {
  it.each([
    ['fault-storage-500', 'synced'],
    ['fault-upload-gone', 'synced'],
    ['fault-expired-url', 'synced'],
    ['fault-429', 'synced'],
    ['fault-504-landed', 'synced'],
    ['fault-stale', 'conflict'],
    ['fault-lost-object', 'failed'],
  ])('%s as a target: %s', async (name, outcome) => {
    // Of its own, since the hub would link what it has from elsewhere.
    const own = Buffer.concat([Buffer.from(name), big])
    await seed(name, { 'w.bin': { lfs: own }, 'a.txt': name }, { owner: 'Days' })
    const item = onlyItem((await run(`Days/${name}`, 'hf', 'modelers:my-org')).report)
    expect([item.outcome, outcome === 'synced' ? item.error?.message : undefined]).toEqual([
      outcome,
      undefined,
    ])
    const there = await modelers.files({ type: 'model', owner: 'my-org', name })
    if (outcome === 'synced') expect(there.get('w.bin')?.content).toEqual(own)
    else expect(there.has('w.bin')).toBe(false)
  })
})

describe('what Modelers refuses', () => {
  it('names that are taken by the other type', async () => {
    await modelers.seed({ type: 'dataset', owner: 'my-org', name: 'taken', files: { a: 'b' } })
    await seed('taken', { 'w.txt': 'w' })
    const item = onlyItem((await run('Qwen/taken', 'hf', 'modelers:my-org')).report)
    expect(item).toMatchObject({ outcome: 'failed', error: { code: 'refused' } })
    expect(item.error?.message).toContain('is a dataset on modelers')
  })

  it('paths and names that its firewall or its rules refuse, before anything is written', async () => {
    await seed('dumps', { 'a/dump.SQL': 'x', 'w.txt': 'w' })
    const item = onlyItem((await run('Qwen/dumps', 'hf', 'modelers:my-org')).report)
    expect(item.outcome).toBe('blocked')
    expect(item.reason).toContain('a/dump.SQL: Modelers refuses it')
    const set = ["files={exclude: ['**/*.SQL']}"]
    expect(await outcomeOf('Qwen/dumps', 'hf', 'modelers:my-org', { set })).toBe('synced')
  })

  it('front matter that cannot be read, before anything is written', async () => {
    await seed('broken', { 'README.md': '---\nlicense: [mit\n---\n# x\n', 'w.txt': 'w' })
    const item = onlyItem((await run('Qwen/broken', 'hf', 'modelers:my-org')).report)
    expect(item.outcome).toBe('blocked')
    expect(item.reason).toContain('README.md: Modelers refuses its front matter')
  })

  it('a push, with the hub’s words and nothing published', async () => {
    // A map in braces has no lines of its own, and the hub takes the comma for a part of the license.
    await seed('in-braces', { 'README.md': '---\n{ license: mit, x: 1 }\n---\n# x\n', 'w.txt': 'w' })
    const item = onlyItem((await run('Qwen/in-braces', 'hf', 'modelers:my-org')).report)
    expect(item.outcome).toBe('failed')
    expect(item.error?.message).toContain('YAML metadata verification')
    const there = await modelers.files({ type: 'model', owner: 'my-org', name: 'in-braces' })
    expect([...there.keys()].sort()).toEqual(['.gitattributes', 'README.md'])
  })

  it('a token that may not write', async () => {
    await seed('locked', { 'w.txt': 'w' })
    for (const token of [modelers.readToken, modelers.strangerToken, 'no-such-token-at-all']) {
      const item = onlyItem(
        (
          await hub.run(
            { repos: ['Qwen/locked'], from: 'hf', to: 'modelers:my-org' },
            {
              MODELERS_ENDPOINT: modelers.endpoint,
              MODELERS_TOKEN: token,
            },
          )
        ).report,
      )
      expect(item.outcome).toBe('failed')
      expect(['forbidden', 'unauthorized']).toContain(item.error?.code)
    }
  })
})
