import { createHash } from 'node:crypto'
import type { NewCommit } from '../../src/model/commit.ts'
import { commitMessage } from '../../src/model/commit.ts'
import type { LfsObject } from '../../src/model/file.ts'
import { formatRepo, type RepoRef } from '../../src/model/repo.ts'
import { digestOf } from './digest.ts'

/** A file of a commit: the bytes, or the object that a pointer names. */
export type MemoryFile = Buffer | LfsObject

export interface MemoryCommit {
  readonly id: string
  readonly message: string
  readonly files: ReadonlyMap<string, MemoryFile>
}

export interface MemoryRepo {
  readonly ref: RepoRef
  readonly visibility: 'public' | 'private'
  readonly gated: boolean
  /** Newest first. */
  readonly commits: MemoryCommit[]
}

/** All that a hub in memory holds, whoever looks at it. */
export interface MemoryStore {
  readonly repos: Map<string, MemoryRepo>
  /** By oid. */
  readonly objects: Map<string, Buffer>
}

export function createMemoryStore(): MemoryStore {
  return { repos: new Map(), objects: new Map() }
}

export type SeedFile = Buffer | { readonly lfs: Buffer }

/** Makes the repo if it is absent, and a commit that adds these files. Answers its id. */
export function seedMemory(
  store: MemoryStore,
  ref: RepoRef,
  files: Readonly<Record<string, SeedFile>>,
  { private: hidden = false, gated = false } = {},
): string {
  const visibility = hidden ? ('private' as const) : ('public' as const)
  const repo = store.repos.get(formatRepo(ref)) ?? { ref, visibility, gated, commits: [] }
  store.repos.set(formatRepo(ref), repo)
  const next = new Map(repo.commits[0]?.files)
  for (const [path, content] of Object.entries(files)) {
    if (Buffer.isBuffer(content)) next.set(path, content)
    else next.set(path, keepObject(store, content.lfs))
  }
  return addCommit(repo, 'Seed', next)
}

function keepObject(store: MemoryStore, content: Buffer): LfsObject {
  const oid = digestOf(content)
  store.objects.set(oid, content)
  return { oid, size: content.length }
}

/** Puts a commit on top of the repo's head, which is looked at when all content has been read. */
export async function commitToMemory(
  repo: MemoryRepo,
  commit: NewCommit,
  assertHead: (head: string | undefined) => void = () => undefined,
): Promise<string> {
  const content = new Map<string, MemoryFile | undefined>()
  for (const change of commit.changes) {
    if (change.kind === 'delete') content.set(change.path, undefined)
    else content.set(change.path, change.kind === 'lfs' ? change.object : Buffer.from(await change.read()))
  }
  assertHead(repo.commits[0]?.id)
  const next = new Map(repo.commits[0]?.files)
  for (const [path, file] of content) {
    if (file === undefined) next.delete(path)
    else next.set(path, file)
  }
  return addCommit(repo, commitMessage(commit), next)
}

function addCommit(repo: MemoryRepo, message: string, files: ReadonlyMap<string, MemoryFile>): string {
  const id = createHash('sha1')
    .update(`${formatRepo(repo.ref)} ${repo.commits.length} ${message}`)
    .digest('hex')
  repo.commits.unshift({ id, message, files })
  return id
}
