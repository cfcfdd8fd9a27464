import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Change, commitChanges, initRepo, resolveRevision } from './git-repo.ts'
import type { ObjectStore } from './object-store.ts'
import type { RepoKey, RepoKind } from './stand-in.ts'

/** Who a token stands for. */
export interface Account {
  readonly username: string
  readonly token: string
  readonly role: 'read' | 'write' | 'admin'
  /** Owners (the user and its organisations) whose repos it may read; with a writing role also write. */
  readonly owners: readonly string[]
}

/** A repo on disk with what the hub knows about it. Fields that a settings call can change are mutable. */
export interface StoredRepo {
  readonly type: RepoKind
  owner: string
  name: string
  /** 24 hex digits, unique on the hub. */
  readonly id: string
  /** Number, unique on the hub. */
  readonly number: number
  readonly gitDir: string
  visibility: 'public' | 'internal' | 'private'
  gated: false | 'auto' | 'manual'
  readonly createdAt: Date
  updatedAt: Date
  /** Whatever else a hub keeps: license, display name, … */
  readonly details: Map<string, string>
}

export interface Store {
  readonly folder: string
  readonly defaultBranch: string
  readonly accounts: readonly Account[]
  readonly objects: ObjectStore
  /** By `type/owner/name` in lower case. */
  readonly repos: Map<string, StoredRepo>
  /** Old key of a moved repo → the repo. */
  readonly moved: Map<string, StoredRepo>
  /** Counters by name, for faults that happen a number of times. */
  readonly counters: Map<string, number>
}

/** What `findRepo` knows: `moved` means that it was asked for by an old name. */
export interface Found {
  readonly repo: StoredRepo
  readonly moved: boolean
}

export interface NewRepo extends RepoKey {
  readonly visibility: StoredRepo['visibility']
  readonly gated?: StoredRepo['gated']
  /** Files of the first commit; none makes a repo without commits. */
  readonly files: readonly Change[]
  readonly message: string
  readonly details?: ReadonlyMap<string, string>
}

/** Makes the folder of a hub under the system's temporary folder. */
export async function createStore(options: {
  readonly name: string
  readonly defaultBranch: string
  readonly accounts: readonly Account[]
  readonly verifyUploads: boolean
}): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), `stand-in-${options.name}-`))
  const { defaultBranch, accounts, verifyUploads } = options
  const objects = { folder: join(folder, 'objects'), verify: verifyUploads, sparse: new Set<string>() }
  const maps = { repos: new Map(), moved: new Map(), counters: new Map() }
  return { folder, defaultBranch, accounts, objects, ...maps }
}

/** Deletes the folder and all in it. */
export async function deleteStore(store: Store): Promise<void> {
  await rm(store.folder, { recursive: true, force: true, maxRetries: 5 })
}

/** Makes a repo, with a first commit if there are files. Throws if the name is taken. */
export async function createRepo(store: Store, repo: NewRepo): Promise<StoredRepo> {
  const key = repoKey(repo)
  if (store.repos.has(key)) throw new Error(`${key} exists`)
  const id = randomBytes(12).toString('hex')
  const now = new Date()
  const stored: StoredRepo = {
    type: repo.type,
    owner: repo.owner,
    name: repo.name,
    id,
    number: count(store, 'repo number'),
    gitDir: join(store.folder, 'repos', `${id}.git`),
    visibility: repo.visibility,
    gated: repo.gated ?? false,
    createdAt: now,
    updatedAt: now,
    details: new Map(repo.details),
  }
  // The name is taken before the first wait: two creations at once cannot both have it.
  store.repos.set(key, stored)
  store.moved.delete(key)
  await initRepo(stored.gitDir, store.defaultBranch)
  if (repo.files.length > 0) {
    const first = {
      branch: store.defaultBranch,
      parent: undefined,
      changes: repo.files,
      message: repo.message,
    }
    await commitChanges(stored.gitDir, first)
  }
  return stored
}

/** A repo by its name, upper and lower case told apart, or by a name it had before. */
export function findRepo(store: Store, wanted: RepoKey): Found | undefined {
  const key = repoKey(wanted)
  const repo = store.repos.get(key)
  if (repo && repo.owner === wanted.owner && repo.name === wanted.name) return { repo, moved: false }
  const old = store.moved.get(key)
  return old && { repo: old, moved: true }
}

/** True if the name is in use, in any spelling of case. */
export function isTaken(store: Store, wanted: RepoKey): boolean {
  return store.repos.has(repoKey(wanted))
}

/** Gives a repo another name; the old one keeps leading to it until it is used again. */
export function moveRepo(store: Store, repo: StoredRepo, owner: string, name: string): void {
  store.repos.delete(repoKey(repo))
  store.moved.set(repoKey(repo), repo)
  repo.owner = owner
  repo.name = name
  store.repos.set(repoKey(repo), repo)
  store.moved.delete(repoKey(repo))
}

/** Deletes a repo and the names that led to it. Its LFS objects stay, as on the hubs. */
export async function deleteRepo(store: Store, repo: StoredRepo): Promise<void> {
  store.repos.delete(repoKey(repo))
  for (const [key, target] of store.moved) if (target === repo) store.moved.delete(key)
  await rm(repo.gitDir, { recursive: true, force: true, maxRetries: 5 })
}

/** Repos of a type in the order they were made. */
export function listRepos(store: Store, type: RepoKind): StoredRepo[] {
  return [...store.repos.values()].filter((repo) => repo.type === type)
}

/** Head commit of the default branch (or another); undefined if there is no commit. */
export function headOf(
  store: Store,
  repo: StoredRepo,
  branch = store.defaultBranch,
): Promise<string | undefined> {
  return resolveRevision(repo.gitDir, `refs/heads/${branch}`)
}

export function accountOf(store: Store, token: string | undefined): Account | undefined {
  return token === undefined ? undefined : store.accounts.find((account) => account.token === token)
}

/** May this account (undefined: anyone) see the repo at all? */
export function mayRead(account: Account | undefined, repo: StoredRepo): boolean {
  return repo.visibility === 'public' || account?.owners.includes(repo.owner) === true
}

/** May this account write in the owner's repos? */
export function mayWrite(account: Account | undefined, owner: string): boolean {
  return account !== undefined && account.role !== 'read' && account.owners.includes(owner)
}

/** Adds one to a counter of the store and answers the new value: 1 the first time. */
export function count(store: Store, name: string): number {
  const value = (store.counters.get(name) ?? 0) + 1
  store.counters.set(name, value)
  return value
}

/** `owner/name`. */
export function fullName(repo: { readonly owner: string; readonly name: string }): string {
  return `${repo.owner}/${repo.name}`
}

function repoKey({ type, owner, name }: RepoKey): string {
  return `${type}/${owner}/${name}`.toLowerCase()
}
