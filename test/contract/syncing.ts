import { expect, it } from 'vitest'
import type { RepoType } from '../../src/model/repo.ts'
import type { Repo } from '../../src/repos/repo.ts'
import { bring, outcomeOf } from './bring.ts'
import { bothEnds, type Part } from './describe-hub.ts'
import { digestOf } from './digest.ts'
import type { FastPath, RunningHub, Seeds } from './harness.ts'
import { memoryRepo, openMemoryRepo } from './memory-repo.ts'
import { createMemoryStore, type MemoryStore } from './memory-store.ts'
import { awkward, contentsOf, textOf } from './seeds.ts'

/** Everything goes into the hub and comes out of it again byte for byte, and a second run finds nothing to do. */
export function describeSyncing(part: Part): void {
  const { hub, variants, harness } = part
  it.each(bothEnds(variants))(
    'awkward files go in and come out: $title',
    async ({ title, missing }) => {
      await thereAndBack(hub(), 'model', nameOf('awkward-in', title), awkward, { missing })
    },
    60_000,
  )

  it('a dataset goes in and comes out', () => thereAndBack(hub(), 'dataset', 'data-in', awkward), 60_000)

  it('keeps files below and above its bounds as it must', async () => {
    const name = 'bounds'
    const rows = harness.sizes.map(({ size, lfs }) => [`text-${size}.txt`, size, lfs] as const)
    await thereAndBack(
      hub(),
      'model',
      name,
      Object.fromEntries(rows.map(([path, size]) => [path, textOf(size)])),
    )
    const kept = await hub().kept('model', name)
    for (const [path, size, lfs] of rows) expect(kept.get(path)).toMatchObject({ size, lfs })
  }, 60_000)

  it.each(bothEnds(variants))(
    'a file that is LFS on one side only is the same file: $title',
    async ({ title, missing }) => {
      const name = nameOf('one-sided', title)
      const [a, b] = [Buffer.alloc(2000, 'a'), Buffer.alloc(2000, 'b')]
      await hub().seed('model', name, { 'a.txt': a, 'b.txt': { lfs: b } })
      const source = memoryRepo(hub().context, 'model', name, { 'a.txt': { lfs: a }, 'b.txt': b })
      expect(
        outcomeOf(await bring(hub().context, source, hub().repo('model', name, 'writer', missing))),
      ).toBe('unchanged')
      const store = createMemoryStore()
      const copy = openMemoryRepo(hub().context, store, 'model', name)
      expect(outcomeOf(await bring(hub().context, hub().repo('model', name, 'writer', missing), copy))).toBe(
        'synced',
      )
      expect(held(store)).toEqual({ 'a.txt': digestOf(a), 'b.txt': digestOf(b) })
      const back = bring(hub().context, copy, hub().repo('model', name, 'writer', missing))
      expect(outcomeOf(await back)).toBe('unchanged')
    },
  )

  describeReadme(part)
  describeUpdates(part)
}

/** What goes in, and what comes out where that is another: full names of licenses are spelled as ids on every hub. */
const readmes: Readonly<Record<string, readonly [goesIn: string, comesOut?: string]>> = {
  'not there': ['# No front matter\n'],
  'of another list': ['---\r\ntags: [a]\r\nlicense: llama3 # theirs\r\n---\r\n# Windows\r\n'],
  'a full name': ['---\nlicense: Apache License 2.0\n---\n# x\n', '---\nlicense: apache-2.0\n---\n# x\n'],
}

function describeReadme({ hub }: Part): void {
  it.each(Object.entries(readmes))(
    'a README whose license is %s comes out as it should',
    async (what, [goesIn, comesOut]) => {
      const files = { 'x.txt': Buffer.from(what), 'README.md': Buffer.from(goesIn) }
      const out = comesOut === undefined ? files : { ...files, 'README.md': Buffer.from(comesOut) }
      await thereAndBack(hub(), 'model', nameOf('readme', what), files, { out, reshaped: ['README.md'] })
    },
  )
}

function describeUpdates({ hub, variants }: Part): void {
  it.each(bothEnds(variants))(
    'what changed is replaced, what only the target has stays: $title',
    async ({ title, missing }) => {
      const name = nameOf('updated', title)
      const { context } = hub()
      const target = () => hub().repo('model', name, 'writer', missing)
      await hub().seed('model', name, {
        'own.txt': Buffer.from('own'),
        'both.txt': Buffer.from('old'),
        'w.safetensors': { lfs: Buffer.alloc(2000, 'old') },
      })
      const files = { 'both.txt': Buffer.from('new'), 'w.safetensors': { lfs: Buffer.alloc(2000, 'new') } }
      const source = memoryRepo(context, 'model', name, files)
      expect(outcomeOf(await bring(context, source, target()))).toBe('synced')
      expect(outcomeOf(await bring(context, source, target()))).toBe('unchanged')
      const kept = await hub().kept('model', name)
      const expected = contentsOf({ 'own.txt': Buffer.from('own'), ...files })
      for (const [path, content] of Object.entries(expected))
        expect(kept.get(path)?.sha256).toBe(digestOf(content))
    },
  )
}

interface Way {
  readonly missing?: readonly FastPath[]
  /** What comes out, if it is not what went in. */
  readonly out?: Seeds
  /** Files that have a form of the hub's own while they are there. */
  readonly reshaped?: readonly string[]
}

/** Memory → hub → memory, each twice. */
async function thereAndBack(
  hub: RunningHub,
  type: RepoType,
  name: string,
  files: Seeds,
  { missing = [], out = files, reshaped = [] }: Way = {},
): Promise<void> {
  const { context } = hub
  const middle = (): Repo => hub.repo(type, name, 'writer', missing)
  const source = memoryRepo(context, type, name, files)
  expect(outcomeOf(await bring(context, source, middle()))).toBe('synced')
  expect(outcomeOf(await bring(context, source, middle()))).toBe('unchanged')

  const kept = await hub.kept(type, name)
  for (const [path, digest] of Object.entries(digestsOf(files)))
    if (!reshaped.includes(path)) expect([path, kept.get(path)?.sha256]).toEqual([path, digest])

  const store = createMemoryStore()
  const copy = openMemoryRepo(context, store, type, name)
  expect(outcomeOf(await bring(context, middle(), copy))).toBe('synced')
  expect(outcomeOf(await bring(context, middle(), copy))).toBe('unchanged')
  expect(held(store)).toEqual(digestsOf(out))
}

function digestsOf(files: Seeds): Record<string, string> {
  const rows = Object.entries(contentsOf(files)).map(([path, content]) => [path, digestOf(content)])
  return Object.fromEntries(rows)
}

/** Digests of the only repo of a store. */
function held({ repos }: MemoryStore): Record<string, string> {
  const [repo] = repos.values()
  const files = [...(repo?.commits[0]?.files ?? [])]
  return Object.fromEntries(
    files.map(([path, file]) => [path, Buffer.isBuffer(file) ? digestOf(file) : file.oid]),
  )
}

function nameOf(what: string, title: string): string {
  return `${what}-${title.replaceAll(' ', '-')}`.toLowerCase()
}
