import { describe, expect, it } from 'vitest'
import type { FileEntry } from '../../src/model/file.ts'
import type { RepoType, Snapshot } from '../../src/model/repo.ts'
import type { Repo } from '../../src/repos/repo.ts'
import { failureOf } from '../unit/hubs/settings.ts'
import { bothEnds, type Part, variantsFor } from './describe-hub.ts'
import { digestOf } from './digest.ts'
import type { Kept } from './harness.ts'
import { awkward, contentsOf } from './seeds.ts'

/** What a repo holds: every way of looking must show what the hub itself keeps. */
export function describeReading(part: Part): void {
  const { hub, variants, harness } = part
  describe.each<RepoType>(['model', 'dataset'])('the files of a %s', (type) => {
    it.each(variantsFor(part, type))('are listed and read as they are: $title', async ({ missing }) => {
      const name = `${type}-awkward`
      await hub().seed(type, name, awkward)
      const repo = hub().repo(type, name, 'writer', missing)
      const at = await headOf(repo)
      expect(await looked(repo, at)).toEqual(truth(await hub().kept(type, name)))
      await readParts(repo, at)
      await repo.release()
    })
  })

  it.each(variants)(
    'a listing of more than a page is whole: $title',
    async ({ missing }) => {
      await hub().seed('model', 'pages', manyFiles(harness.manyFiles))
      const repo = hub().repo('model', 'pages', 'writer', missing)
      const files = [...(await repo.manifest(await headOf(repo))).keys()].filter((path) =>
        path.startsWith('dir-'),
      )
      expect(files.sort()).toEqual(Object.keys(manyFiles(harness.manyFiles)).sort())
      await repo.release()
    },
    60_000,
  )

  describeHistory(part)
  if (harness.slowsDown) describeRate(part)
}

function manyFiles(count: number): Record<string, Buffer> {
  const names = Array.from({ length: count }, (_, n) => `dir-${n % 7}/${n}.txt`)
  return Object.fromEntries(names.map((name) => [name, Buffer.from(name)]))
}

function describeHistory({ hub, variants }: Part): void {
  it.each(variants)('commits are told newest first: $title', async ({ missing }) => {
    const name = `history-${missing.length}-${missing[0] ?? ''}`
    if (hub().hub() === undefined) return
    const first = await hub().seed('model', name, { 'a.txt': Buffer.from('1') })
    const second = await hub().seed('model', name, { 'a.txt': Buffer.from('2') })
    const repo = hub().repo('model', name, 'writer', missing)
    const { branch } = await headOf(repo)
    const shown = await repo.history(branch, 2)
    expect(shown.map((commit) => commit.id)).toEqual([second, first])
    expect(await repo.head(first)).toBe(first)
    await isNoCommit(repo, branch, 'e'.repeat(40))
    const old = await repo.manifest({ repo: repo.ref, branch, commit: first })
    const file = [...old.values()].find(({ path }) => path === 'a.txt')
    if (file === undefined) throw new Error('a.txt is not listed')
    const at = { repo: repo.ref, branch, commit: first }
    expect((await repo.readFile(at, file, 10)).toString()).toBe('1')
    await repo.release()
  })
}

/** By git an id is taken at its word until its files are asked for. */
async function isNoCommit(repo: Repo, branch: string, commit: string): Promise<void> {
  if ((await repo.head(commit)) === undefined) return
  await failureOf(repo.manifest({ repo: repo.ref, branch, commit }))
}

function describeRate({ hub, variants }: Part): void {
  it.each(bothEnds(variants))('a hub that asks to slow down is asked again: $title', async ({ missing }) => {
    // The stand-in counts by repo: each variant has its own.
    const name = `fault-429-${missing.length}-${missing[0] ?? ''}`
    const content = Buffer.alloc(3000, name)
    await hub().seed('model', name, { 'w.safetensors': { lfs: content } })
    const repo = hub().repo('model', name, 'writer', missing)
    const looks = await looked(repo, await headOf(repo))
    expect(looks['w.safetensors']).toEqual({ size: content.length, sha256: digestOf(content), lfs: true })
    await repo.release()
  })
}

async function headOf(repo: Repo): Promise<Snapshot> {
  const info = await repo.info()
  const commit = info && (await repo.head(info.defaultBranch))
  if (commit === undefined) throw new Error(`${repo.ref.name} has no head`)
  return { repo: repo.ref, branch: info?.defaultBranch ?? '', commit }
}

/** Every file as the repo shows it, its content read whole; what is listed of digests and sizes must be true. */
async function looked(repo: Repo, at: Snapshot): Promise<Record<string, Kept>> {
  const manifest = await repo.manifest(at)
  await repo.willRead(at, [...manifest.values()])
  const rows: [string, Kept][] = []
  for (const file of manifest.values()) {
    const read = await repo.hashFile(at, file)
    if (file.size !== undefined) expect(file.size).toBe(read.size)
    expect({ ...read.digests, ...file.digests }).toEqual(read.digests)
    rows.push([file.path, { size: read.size, sha256: read.digests.sha256, lfs: file.storage === 'lfs' }])
  }
  return sorted(rows)
}

function truth(kept: ReadonlyMap<string, Kept>): Record<string, Kept> {
  return sorted([...kept].map(([path, { size, sha256, lfs }]) => [path, { size, sha256, lfs }]))
}

function sorted(rows: readonly (readonly [string, Kept])[]): Record<string, Kept> {
  return Object.fromEntries([...rows].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Parts of a file, from its middle and to its end; LFS and plain, with a name that must be escaped. */
async function readParts(repo: Repo, at: Snapshot): Promise<void> {
  const contents = contentsOf(awkward)
  const manifest = new Map<string, FileEntry>(await repo.manifest(at))
  for (const path of ['model.safetensors', 'a dir/#1 50%?+&.json']) {
    const [file, content] = [manifest.get(path), contents[path]]
    if (file === undefined || content === undefined) throw new Error(`${path} is not listed`)
    expect(await part(repo, at, file, 3, 9)).toEqual(content.subarray(3, 10))
    expect(await part(repo, at, file, content.length - 4)).toEqual(content.subarray(-4))
  }
}

async function part(repo: Repo, at: Snapshot, file: FileEntry, start: number, end?: number): Promise<Buffer> {
  const open = await repo.openFile(at, file, { start, ...(end === undefined ? {} : { end }) })
  const chunks: Uint8Array[] = []
  for await (const chunk of open.body) chunks.push(chunk)
  open.close()
  return Buffer.concat(chunks)
}
