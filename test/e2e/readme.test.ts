import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SeedRepo } from '../stand-ins/core/stand-in.ts'
import { bytes, type Harness, onlyItem, startHarness } from './harness.ts'

let hub: Harness
beforeAll(async () => {
  hub = await startHarness()
})
afterAll(() => hub.close())

const readmes: Record<string, string> = {
  plain: '---\nlicense: mit\n---\n# x\n',
  quoted: '---\nlicense: "apache-2.0"   # quoted\ntags: [a, b]\n---\n# x\n',
  'full-name': '---\nlicense: Apache License 2.0\n---\n# x\n',
  unknown: '---\nlicense: tongyi-qianwen\nlanguage:\n- en\n---\n# x\n',
  'own-name': '---\nlicense: my-own-license\nlicense_name: mine\nlicense_link: LICENSE\n---\n# x\n',
  other: '---\nlicense: other\nlicense_name: qwen\nlicense_link: https://example.invalid/LICENSE\n---\n# x\n',
  list: '---\nlicense:\n- mit\n- apache-2.0\n---\n# x\n',
  'list-unknown': '---\nlicense:\n- mit\n- no-such-license\n---\n# x\n',
  windows: '---\r\nlicense: Apache License 2.0\r\n---\r\n# x\r\n',
  'no-front-matter': '# Only text\n\nlicense: mit is what I would say.\n',
  'no-license': '---\ntags:\n- x\n---\n# x\n',
  empty: '',
  chinese: '---\nlicense: Apache License 2.0\n---\n# 模型 🤗\n',
  'only-front-matter': '---\nlicense: tongyi-qianwen\n---\n',
}

async function readmeAt(side: 'hf' | 'ms', owner: string, name: string): Promise<string | undefined> {
  const files = await hub[side].files({ type: 'model', owner, name })
  return files.get('README.md')?.content?.toString('utf8')
}

const seed = (side: 'hf' | 'ms', name: string, files: SeedRepo['files'], owner = 'Qwen') =>
  hub[side].seed({ type: 'model', owner, name, files })

async function outcomeOf(repo: string, from: string, to: string): Promise<string> {
  const item = onlyItem((await hub.run({ repos: [repo], from, to })).report)
  return item.error === undefined ? item.outcome : `${item.outcome}: ${item.error.message}`
}

describe('a README that goes round', () => {
  it.each(Object.keys(readmes))(
    '%s: ModelScope → Hugging Face → ModelScope → nothing to do anywhere',
    async (name) => {
      const text = readmes[name] ?? ''
      await seed('ms', name, { 'README.md': text, 'w.txt': name })
      expect(await outcomeOf(`Qwen/${name}`, 'ms', 'hf:my-org')).toBe('synced')
      expect(await outcomeOf(`my-org/${name}`, 'hf', 'ms:my-org')).toBe('synced')

      const onHf = (await readmeAt('hf', 'my-org', name)) ?? ''
      // Whatever else is written, the text below the front matter is the author's.
      expect(onHf.endsWith(text.slice(text.lastIndexOf('---') + 3))).toBe(true)
      for (const [repo, from, to] of [
        [`Qwen/${name}`, 'ms', 'hf:my-org'],
        [`my-org/${name}`, 'hf', 'ms:my-org'],
        [`my-org/${name}`, 'ms', 'hf:my-org'],
      ] as const)
        expect(await outcomeOf(repo, from, to)).toBe('unchanged')
    },
  )

  it('a license that Hugging Face refuses becomes `other` there, and comes back as it was', async () => {
    await seed('ms', 'refused', {
      'README.md': '---\ntags: [x] # mine\nlicense: "tongyi-qianwen" # theirs\n---\n# x\n',
    })
    expect(await outcomeOf('Qwen/refused', 'ms', 'hf:my-org')).toBe('synced')
    const onHf = await readmeAt('hf', 'my-org', 'refused')
    expect(onHf).toContain('license: other')
    expect(onHf).toContain('license_name: tongyi-qianwen')
    expect(onHf).toContain('tags: [x] # mine\n')
    expect(await outcomeOf('my-org/refused', 'hf', 'ms:my-org')).toBe('synced')
    expect(await readmeAt('ms', 'my-org', 'refused')).toBe(await readmeAt('ms', 'Qwen', 'refused'))
  })

  it('a real change of the text goes over, whatever the spelling of the license', async () => {
    await seed('ms', 'edited', {
      'README.md': '---\nlicense: Apache License 2.0\n---\n# one\n',
      'w.txt': 'w',
    })
    expect(await outcomeOf('Qwen/edited', 'ms', 'hf:my-org')).toBe('synced')
    await seed('ms', 'edited', { 'README.md': '---\nlicense: Apache License 2.0\n---\n# two\n' })
    expect(await outcomeOf('Qwen/edited', 'ms', 'hf:my-org')).toBe('synced')
    expect(await readmeAt('hf', 'my-org', 'edited')).toBe('---\nlicense: apache-2.0\n---\n# two\n')
  })

  it('front matter that Hugging Face refuses blocks the repo with the hub’s words, before anything is made there', async () => {
    await seed('ms', 'broken-yaml', { 'README.md': '---\nlicense: [mit\n---\n# x\n', 'w.txt': 'w' })
    const { report, exitStatus } = await hub.run({ repos: ['Qwen/broken-yaml'], from: 'ms', to: 'hf:my-org' })
    expect(onlyItem(report)).toMatchObject({
      outcome: 'blocked',
      details: [expect.stringMatching(/^README\.md: Hugging Face refuses its front matter: YAML/)],
    })
    expect(exitStatus).toBe(0)
    expect(await hub.hf.head({ type: 'model', owner: 'my-org', name: 'broken-yaml' })).toBeUndefined()
  })
})

describe('files that a platform makes by itself', () => {
  it('ModelScope’s default README and both hubs’ .gitattributes never go over', async () => {
    await seed('ms', 'default-readme', { 'w.txt': 'w' })
    expect(await readmeAt('ms', 'Qwen', 'default-readme')).toContain('default Readme template')
    expect(await outcomeOf('Qwen/default-readme', 'ms', 'hf:my-org')).toBe('synced')
    const there = await hub.hf.files({ type: 'model', owner: 'my-org', name: 'default-readme' })
    expect([...there.keys()].sort()).toEqual(['.gitattributes', 'w.txt'])
    expect(await outcomeOf('my-org/default-readme', 'hf', 'ms:my-org')).toBe('synced')
    expect(await outcomeOf('my-org/default-readme', 'ms', 'hf:my-org')).toBe('unchanged')
    expect(await outcomeOf('Qwen/default-readme', 'ms', 'hf:my-org')).toBe('unchanged')
  })

  it('a real README goes over ModelScope’s default one, as an addition', async () => {
    await seed('hf', 'real-readme', { 'README.md': '# Real\n', 'w.txt': 'w' })
    await seed('ms', 'real-readme', { 'w.txt': 'w' }, 'my-org')
    expect(await outcomeOf('Qwen/real-readme', 'hf', 'ms:my-org')).toBe('synced')
    expect(await readmeAt('ms', 'my-org', 'real-readme')).toBe('# Real\n')
  })

  it('real files of such names are copied: configuration.json, a README that speaks of the template', async () => {
    const text = '# About\n\nThis is no longer: You are viewing the default Readme template as no detailed…\n'
    await seed('ms', 'look-alike', {
      'README.md': text,
      'configuration.json': '{"framework":"pytorch"}',
      '.msc': 'x',
      'w.txt': 'w',
    })
    expect(await outcomeOf('Qwen/look-alike', 'ms', 'hf:my-org')).toBe('synced')
    const there = await hub.hf.files({ type: 'model', owner: 'my-org', name: 'look-alike' })
    expect([...there.keys()].sort()).toEqual(['.gitattributes', 'README.md', 'configuration.json', 'w.txt'])
    expect(there.get('README.md')?.content?.toString()).toBe(text)
  })
})

describe('one content, two storages', () => {
  it('LFS on one hub and plain git on the other is the same', async () => {
    const [small, binary] = [Buffer.from('{"tokens":[1,2,3]}'), bytes(5000, 5)]
    await seed('hf', 'storages', {
      'a.json': { lfs: small },
      'b.bin': binary,
      'README.md': { lfs: Buffer.from('# x\n') },
    })
    await seed(
      'ms',
      'storages',
      { 'a.json': small, 'b.bin': { lfs: binary }, 'README.md': '# x\n' },
      'my-org',
    )
    expect(await outcomeOf('Qwen/storages', 'hf', 'ms:my-org')).toBe('unchanged')
    expect(await outcomeOf('my-org/storages', 'ms', 'hf:Qwen')).toMatch(/^failed: .*Qwen/)
    await seed('ms', 'storages', { 'a.json': { lfs: Buffer.from('{"tokens":[]}') } }, 'my-org')
    expect(await outcomeOf('Qwen/storages', 'hf', 'ms:my-org')).toBe('synced')
    const there = await hub.ms.files({ type: 'model', owner: 'my-org', name: 'storages' })
    expect(there.get('a.json')).toMatchObject({ lfs: false, size: small.length })
  })

  it('a pointer kept as text at the source is a file like any other', async () => {
    const text = 'version https://git-lfs.github.com/spec/v1\noid sha256:not-one\nsize 3\n'
    await seed('hf', 'pointer-text', { 'docs/pointer.txt': text })
    expect(await outcomeOf('Qwen/pointer-text', 'hf', 'ms:my-org')).toBe('synced')
    const there = await hub.ms.files({ type: 'model', owner: 'my-org', name: 'pointer-text' })
    expect(there.get('docs/pointer.txt')?.content?.toString()).toBe(text)
  })
})
