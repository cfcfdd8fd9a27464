import type { FileCache } from '../core/files.ts'
import type { RepoKey } from '../core/stand-in.ts'
import type { Storage } from '../core/storage.ts'
import { type Account, findRepo, mayRead, mayWrite, type Store, type StoredRepo } from '../core/store.ts'
import type { Settings } from './options.ts'

/** What all handlers share. */
export interface Hub {
  readonly store: Store
  readonly cache: FileCache
  readonly settings: Settings
  readonly storage: Storage
  /** Origin of a server that nobody should send credentials to. */
  readonly elsewhere: string
  /** Imports under way, and what stops them. */
  readonly imports: Set<Promise<void>>
  readonly stopping: AbortController
  /** Uploads in parts by the openMind routes, by upload id. */
  readonly uploads: Map<string, OpenMindUpload>
  readonly window: { started: number; used: number }
}

export interface OpenMindUpload {
  readonly complete: string
  readonly oid: string
}

export const repositoryTypes = ['code', 'model', 'dataset', 'space'] as const
/** GitCode's `repository_type`: names are one space over all of them. */
export type RepositoryType = (typeof repositoryTypes)[number]

export interface RepoName {
  readonly owner: string
  readonly name: string
}

/** All repos are kept under one kind, since their names are one space. */
export function keyOf({ owner, name }: RepoName): RepoKey {
  return { type: 'model', owner, name }
}

/** A repo by its name; `org/ns/name` is `org-ns/name` to the hub host. */
export function findByName(store: Store, wanted: RepoName): StoredRepo | undefined {
  const found = findRepo(store, keyOf(wanted))?.repo
  if (found) return found
  return [...store.repos.values()].find(({ owner, name }) => {
    return owner.includes('/') && owner.replaceAll('/', '-') === wanted.owner && name === wanted.name
  })
}

export type Access =
  | { readonly kind: 'granted'; readonly repo: StoredRepo }
  | { readonly kind: 'absent' | 'login' | 'forbidden' }

/** What an account may do to a repo: hidden repos look absent; whoever shows nothing is asked to log in. */
export function accessTo(
  store: Store,
  account: Account | undefined,
  wanted: RepoName,
  need: 'read' | 'write',
): Access {
  const repo = findByName(store, wanted)
  const isVisible = repo !== undefined && mayRead(account, repo)
  if (!account && (need === 'write' || !isVisible)) return { kind: 'login' }
  if (!repo || !isVisible) return { kind: 'absent' }
  if (need === 'write' && !mayWrite(account, repo.owner)) return { kind: 'forbidden' }
  return { kind: 'granted', repo }
}

export function typeOf(repo: StoredRepo): RepositoryType {
  return repositoryTypes.find((type) => type === repo.details.get('type')) ?? 'code'
}

/** The default branch: `main`, or what an import brought. */
export function branchOf(repo: StoredRepo): string {
  return repo.details.get('branch') ?? 'main'
}
