import type { FileCache } from '../core/files.ts'
import type { Exchange } from '../core/server.ts'
import {
  type Account,
  createRepo,
  mayRead,
  type NewRepo,
  type Store,
  type StoredRepo,
} from '../core/store.ts'
import type { Throttle } from '../core/throttle.ts'
import { initialAttributes } from './attributes.ts'
import type { Uploads } from './multipart.ts'
import type { ObjectHost } from './object-host.ts'
import type { Settings } from './options.ts'
import { installHook } from './pre-receive.ts'
import type { LastCommit } from './tree.ts'

export const kinds = ['model', 'dataset', 'space'] as const
/** Kinds of repo; one owner's names are one space over all three. */
export type Kind = (typeof kinds)[number]

/** What all handlers share. */
export interface Hub {
  readonly store: Store
  readonly cache: FileCache
  readonly settings: Settings
  /** Second host: downloads of LFS objects and parts of uploads. */
  readonly objectHost: ObjectHost
  readonly uploads: Uploads
  /** Rate of all LFS transfers together. */
  readonly throttle: Throttle
  /** Origin of a server that nobody should send credentials to. */
  readonly elsewhere: string
  /** Last commit of each path, by repo id and commit. */
  readonly lastCommits: Map<string, Promise<Map<string, LastCommit>>>
}

export interface RepoName {
  readonly owner: string
  readonly name: string
}

/** A repo of any kind by its name, in any spelling of case. */
export function findByName(store: Store, { owner, name }: RepoName): StoredRepo | undefined {
  const found = kinds.map((kind) => store.repos.get(`${kind}/${owner}/${name}`.toLowerCase()))
  return found.find((repo) => repo !== undefined)
}

/** A repo that the account (undefined: anyone) may know of. */
export function findVisible(
  store: Store,
  account: Account | undefined,
  wanted: RepoName,
): StoredRepo | undefined {
  const repo = findByName(store, wanted)
  return repo && mayRead(account, repo) ? repo : undefined
}

/** Address of the API as the client knows it. */
export function originOf(hub: Hub, exchange: Exchange): string {
  return hub.settings.publicOrigins?.api ?? exchange.origin
}

/** A repo as the hub makes it: README with the license in its front matter, `.gitattributes`, and rules for pushes. */
export async function createModelersRepo(
  store: Store,
  settings: Settings,
  repo: Omit<NewRepo, 'files' | 'message' | 'details'> & {
    readonly license: string
    readonly details?: NewRepo['details']
  },
): Promise<StoredRepo> {
  const { license, ...rest } = repo
  const files = [
    { path: '.gitattributes', content: Buffer.from(initialAttributes()) },
    { path: 'README.md', content: Buffer.from(`---\nlicense: ${license}\n---\n`) },
  ]
  const details = new Map([...(repo.details ?? []), ['license', license] as const])
  const stored = await createRepo(store, { ...rest, files, message: 'Initial commit', details })
  await installHook(stored.gitDir, settings)
  return stored
}
