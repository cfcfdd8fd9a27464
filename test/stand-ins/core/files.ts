import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { readBlobs, readTree, type TreeEntry } from './git-repo.ts'
import { objectPath, objectSize } from './object-store.ts'
import { maxPointerSize, type Pointer, parsePointer } from './pointer.ts'
import type { StoredFile } from './stand-in.ts'
import type { Store, StoredRepo } from './store.ts'

/** A tree entry with the LFS object it stands for, if its blob is a pointer. */
export interface FileEntry extends TreeEntry {
  readonly lfs?: Pointer
}

/** Trees and small blobs never change, so they are read once. One cache serves one hub. */
export interface FileCache {
  readonly trees: Map<string, Promise<Map<string, FileEntry>>>
  readonly blobs: Map<string, Buffer>
}

const maxTrees = 200
const maxBlobs = 20_000
const maxKeptFile = 64 << 20

export function createFileCache(): FileCache {
  return { trees: new Map(), blobs: new Map() }
}

/** Files and folders of a commit by path. `commit` must be a full commit id (see `resolveRevision`). */
export function filesAt(cache: FileCache, repo: StoredRepo, commit: string): Promise<Map<string, FileEntry>> {
  const key = `${repo.id}/${commit}`
  const known = cache.trees.get(key)
  if (known) return known
  const tree = loadTree(cache, repo, commit)
  tree.catch(() => cache.trees.delete(key))
  evict(cache.trees, maxTrees)
  cache.trees.set(key, tree)
  return tree
}

async function loadTree(cache: FileCache, repo: StoredRepo, commit: string): Promise<Map<string, FileEntry>> {
  const entries = await readTree(repo.gitDir, commit)
  const small = entries
    .filter(({ type, size }) => type === 'blob' && size <= maxPointerSize)
    .map(({ oid }) => oid)
  const unknown = [...new Set(small)].filter((oid) => !cache.blobs.has(oid))
  const read = await readBlobs(repo.gitDir, unknown)
  const withPointer = (entry: TreeEntry): FileEntry => {
    const blob = read.get(entry.oid) ?? cache.blobs.get(entry.oid)
    const lfs = entry.type === 'blob' && entry.mode !== '120000' && blob ? parsePointer(blob) : undefined
    return lfs ? { ...entry, lfs } : entry
  }
  const files = new Map(entries.map((entry) => [entry.path, withPointer(entry)]))
  for (const [oid, blob] of read) {
    evict(cache.blobs, maxBlobs)
    // A copy: the slice would keep the whole batch alive.
    cache.blobs.set(oid, Buffer.from(blob))
  }
  return files
}

/** Content of a blob (the pointer for LFS files). */
export async function blobOf(cache: FileCache, repo: StoredRepo, oid: string): Promise<Buffer> {
  const known = cache.blobs.get(oid)
  if (known) return known
  const blob = (await readBlobs(repo.gitDir, [oid])).get(oid)
  if (!blob) throw new Error(`blob ${oid} is missing`)
  return blob
}

/** All files of a commit with their contents, for assertions. */
export async function contentsAt(
  store: Store,
  cache: FileCache,
  repo: StoredRepo,
  commit: string,
): Promise<Map<string, StoredFile>> {
  const contents = new Map<string, StoredFile>()
  for (const [path, entry] of await filesAt(cache, repo, commit)) {
    if (entry.type !== 'blob') continue
    contents.set(
      path,
      entry.lfs ? await lfsFile(store, entry.lfs) : plainFile(await blobOf(cache, repo, entry.oid)),
    )
  }
  return contents
}

function plainFile(content: Buffer): StoredFile {
  const sha256 = createHash('sha256').update(content).digest('hex')
  return { size: content.length, sha256, lfs: false, content }
}

async function lfsFile(store: Store, { oid, size }: Pointer): Promise<StoredFile> {
  const stored = await objectSize(store.objects, oid)
  if (stored === undefined || stored > maxKeptFile) return { size, sha256: oid, lfs: true }
  return { size, sha256: oid, lfs: true, content: await readFile(objectPath(store.objects, oid)) }
}

function evict<V>(map: Map<string, V>, limit: number): void {
  for (const oldest of map.keys()) {
    if (map.size < limit) return
    map.delete(oldest)
  }
}
