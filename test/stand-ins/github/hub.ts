import { type FileCache, filesAt } from '../core/files.ts'
import { git } from '../core/git-repo.ts'
import { type Account, createRepo, headOf, mayRead, type Store, type StoredRepo } from '../core/store.ts'
import type { Host } from '../plain-git/host.ts'
import type { Settings } from './options.ts'
import { installHook } from './pre-receive.ts'

/**
 * `classic` has scopes and says them; `fine-grained` has permissions; `app` is an installation's, as a workflow has one, and
 * stands for no user.
 */
export type TokenKind = 'classic' | 'fine-grained' | 'app'

/** What all handlers share. */
export interface Hub {
  readonly store: Store
  readonly cache: FileCache
  readonly settings: Settings
  /** Git and LFS, which are those of any host of git. */
  readonly host: Host
  /** Issues by number of their repo, in the order they were opened. */
  readonly issues: Map<number, StoredIssue[]>
  /** Kind and scopes of each token. */
  readonly tokens: ReadonlyMap<string, { readonly kind: TokenKind; readonly scopes: readonly string[] }>
}

export interface StoredIssue {
  readonly number: number
  readonly author: string
  isPull: boolean
  title: string
  body: string
  state: 'open' | 'closed'
  readonly comments: { readonly author: string; readonly body: string }[]
}

export interface RepoName {
  readonly owner: string
  readonly name: string
}

/** A repo by its name in any spelling of case, or by one it had before. GitHub knows no kinds: all are kept as models. */
export function findByName({ store }: Hub, { owner, name }: RepoName) {
  const key = `model/${owner}/${name}`.toLowerCase()
  const repo = store.repos.get(key)
  if (repo !== undefined) return { repo, moved: false }
  const old = store.moved.get(key)
  return old && { repo: old, moved: true }
}

/** Repos that the account (undefined: anyone) may see, in the order they were made. */
export function visibleRepos({ store }: Hub, account: Account | undefined): StoredRepo[] {
  return [...store.repos.values()].filter((repo) => mayRead(account, repo))
}

/** Users and organisations there are, as they are spelled: those of the accounts, and of all repos. */
export function findOwner(hub: Hub, login: string): { login: string; isOrganization: boolean } | undefined {
  const { accounts, repos } = hub.store
  const logins = [
    ...accounts.flatMap(({ owners }) => owners),
    ...[...repos.values()].map(({ owner }) => owner),
  ]
  const spelled = logins.find((one) => one.toLowerCase() === login.toLowerCase())
  return spelled === undefined
    ? undefined
    : { login: spelled, isOrganization: hub.settings.organizations.includes(spelled) }
}

export function topicsOf(repo: StoredRepo): string[] {
  return (repo.details.get('topics') ?? '').split(' ').filter((topic) => topic !== '')
}

export function setTopics(repo: StoredRepo, topics: readonly string[]): void {
  repo.details.set('topics', [...new Set(topics)].join(' '))
}

/** A new repo: empty, with GitHub's rules for pushes. */
export async function createGitHubRepo(
  store: Store,
  settings: Settings,
  { owner, name }: RepoName,
  visibility: StoredRepo['visibility'],
): Promise<StoredRepo> {
  const repo = await createRepo(store, {
    type: 'model',
    owner,
    name,
    visibility,
    files: [],
    message: 'Initial commit',
  })
  await installHook(repo, settings)
  return repo
}

/** What a file called LICENSE is taken for; `NOASSERTION` if it is none that is known. */
export async function licenseOf(hub: Hub, repo: StoredRepo): Promise<string | undefined> {
  const head = await headOf(hub.store, repo)
  const files = head === undefined ? undefined : await filesAt(hub.cache, repo, head)
  const file = files?.get('LICENSE')
  if (file === undefined) return undefined
  const text = (await git(repo.gitDir, ['cat-file', 'blob', file.oid])).toString()
  if (text.startsWith('MIT License')) return 'MIT'
  return /^\s*Apache License/.test(text) ? 'Apache-2.0' : 'NOASSERTION'
}
