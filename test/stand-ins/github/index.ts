import { randomBytes } from 'node:crypto'
import { createFileCache, filesAt } from '../core/files.ts'
import { linkObject } from '../core/lfs-links.ts'
import { objectSize } from '../core/object-store.ts'
import {
  decode,
  dispatch,
  type Exchange,
  HttpError,
  type Route,
  sendJson,
  startServer,
} from '../core/server.ts'
import type { LoggedRequest, RepoKey, SeedRepo, StandIn } from '../core/stand-in.ts'
import { standardMethods } from '../core/standard.ts'
import { type Account, createStore, deleteStore, fullName } from '../core/store.ts'
import { createThrottle } from '../core/throttle.ts'
import { gitRoutes } from '../plain-git/git.ts'
import type { Host } from '../plain-git/host.ts'
import { lfsRoutes, objectRoutes } from '../plain-git/index.ts'
import { defaultSettings as plainSettings } from '../plain-git/options.ts'
import { createGitHubRepo, findByName, type Hub, type StoredIssue, setTopics, topicsOf } from './hub.ts'
import { defaultSettings, type GitHubOptions, type Settings } from './options.ts'
import { apiRoutes } from './routes.ts'
import { notFound } from './wire.ts'

export type { StoredIssue } from './hub.ts'
export type { GitHubOptions } from './options.ts'

export interface GitHubStandIn extends StandIn {
  /** A classic token of the user with the scope `read:org` alone: it sees what everybody sees, and writes nothing. */
  readonly weakToken: string
  /** An installation's, as a workflow has one: it may write, and stands for no user. */
  readonly appToken: string
  /** A classic token of another user, who has no rights in anything here. */
  readonly strangerToken: string
  /** Issues and pull requests of a repo as they stand, in the order they were opened. */
  issues(owner: string, name: string): readonly StoredIssue[]
}

/**
 * Starts a stand-in for GitHub Enterprise: the REST API below `/api/v3`, git and LFS on 127.0.0.1, LFS objects on `localhost`
 * (another host name, which refuses credentials). `token` is a classic one with the scopes it takes, `readToken` a fine-grained one.
 */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHubStandIn> {
  const settings: Settings = { ...defaultSettings, ...options }
  const tokens = {
    token: settings.token ?? newToken('ghp_'),
    readToken: newToken('github_pat_'),
    weakToken: newToken('ghp_'),
    appToken: newToken('ghs_'),
    strangerToken: newToken('ghp_'),
  }
  const requests: LoggedRequest[] = []
  const serve = { log: requests, verbose: settings.verbose }
  const store = await createStore({
    name: 'github',
    defaultBranch: settings.defaultBranch,
    accounts: accountsOf(settings, tokens),
    verifyUploads: settings.verifyUploads,
  })
  const foreign = await startServer({
    ...serve,
    name: 'elsewhere',
    handle: ({ res }) => sendJson(res, 200, {}),
  })
  const host: Host = {
    store,
    settings: { ...plainSettings, ...gitBehaviour, defaultBranch: settings.defaultBranch },
    password: newToken(''),
    key: randomBytes(32),
    objectOrigin: () => objects.origin,
    elsewhere: foreign.origin,
    throttle: createThrottle(settings.bandwidth),
    spoilt: new Set(),
    locks: [],
  }
  const hub: Hub = {
    ...{ store, cache: createFileCache(), settings, host },
    issues: new Map(),
    tokens: kindsOf(tokens),
  }
  const objects = await startServer({
    ...serve,
    name: 'storage',
    host: 'localhost',
    handle: routed(objectRoutes(host)),
  })
  const routes = [...apiRoutes(hub), ...lfsRoutes(host), ...gitRoutes(host)]
  const api = await startServer({
    ...serve,
    name: 'api',
    port: settings.port,
    handle: routed(routes, (exchange) => redirectMoved(hub, exchange)),
  })
  return {
    endpoint: api.origin,
    username: settings.username,
    ...tokens,
    requests,
    ...seeding(hub),
    issues: (owner, name) => hub.issues.get(findByName(hub, { owner, name })?.repo.number ?? 0) ?? [],
    close: async () => {
      await Promise.all([api.close(), objects.close(), foreign.close()])
      await deleteStore(store)
    },
  }
}

/** Where hosts of git differ, this is GitHub: any user name, signed addresses on another host, locks. */
const gitBehaviour = {
  credentialForms: ['any-user-token', 'token-as-user'],
  actionHeader: 'query',
  objectHost: 'other',
  strayAuthorization: 403,
  expiry: 'expires-in',
  locks: 'served',
} as const

function newToken(prefix: string): string {
  return `${prefix}${randomBytes(18).toString('hex')}`
}

type Tokens = Pick<GitHubStandIn, 'token' | 'readToken' | 'weakToken' | 'appToken' | 'strangerToken'>

function accountsOf({ username, organizations }: Settings, tokens: Tokens): Account[] {
  const owners = [username, ...organizations]
  return [
    { username, token: tokens.token, role: 'write', owners },
    { username, token: tokens.readToken, role: 'read', owners },
    { username, token: tokens.weakToken, role: 'read', owners: [] },
    { username: 'github-actions[bot]', token: tokens.appToken, role: 'write', owners },
    { username: 'stranger', token: tokens.strangerToken, role: 'write', owners: ['stranger'] },
  ]
}

function kindsOf({ token, readToken, weakToken, appToken, strangerToken }: Tokens): Hub['tokens'] {
  return new Map([
    [token, { kind: 'classic', scopes: ['delete_repo', 'read:org', 'repo'] }],
    [readToken, { kind: 'fine-grained', scopes: [] }],
    [weakToken, { kind: 'classic', scopes: ['read:org'] }],
    [appToken, { kind: 'app', scopes: [] }],
    [strangerToken, { kind: 'classic', scopes: ['repo'] }],
  ])
}

function routed(
  routes: readonly Route[],
  before: (exchange: Exchange) => void = () => undefined,
): Parameters<typeof startServer>[0]['handle'] {
  return async (exchange) => {
    before(exchange)
    if (!(await dispatch(routes, exchange))) throw notFound()
  }
}

/** Git is sent on from the old name of a repo to its present one. Who may not see it is sent nowhere, and finds nothing there. */
function redirectMoved(hub: Hub, { method, path, origin, query, req }: Exchange): void {
  const [, owner, name] = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/info\/refs$/.exec(path) ?? []
  if (method !== 'GET' || owner === undefined || name === undefined) return
  const found = findByName(hub, { owner: decode(owner), name: decode(name) })
  if (found?.moved !== true) return
  if (found.repo.visibility !== 'public' && req.headers.authorization === undefined) return
  const location = `${origin}/${fullName(found.repo)}.git/info/refs?${query}`
  throw new HttpError(301, 'Moved Permanently', { location })
}

/** A seeded repo has its type as a topic, and the LFS objects seeded into it are its own. */
function seeding(hub: Hub): Pick<StandIn, 'seed' | 'head' | 'files'> {
  const { store, cache, settings } = hub
  const standard = standardMethods(store, cache, {
    create: (repo) => createGitHubRepo(store, settings, repo, visibilityOf(repo)),
  })
  const plain = <Key extends RepoKey>(key: Key): Key => ({ ...key, type: 'model' })
  return {
    seed: async (seeded) => {
      const commit = await standard.seed(plain(seeded))
      const repo = findByName(hub, seeded)?.repo
      if (repo === undefined) throw new Error(`no repo ${seeded.owner}/${seeded.name}`)
      const others = topicsOf(repo).filter((topic) => topic !== 'model' && topic !== 'dataset')
      setTopics(repo, [...others, seeded.type])
      for (const { lfs } of (await filesAt(cache, repo, commit)).values()) {
        const isStored = lfs && (await objectSize(store.objects, lfs.oid)) !== undefined
        if (isStored) await linkObject(repo, lfs.oid)
      }
      return commit
    },
    head: (key) => standard.head(plain(key)),
    files: (key) => standard.files(plain(key)),
  }
}

function visibilityOf(repo: SeedRepo): 'public' | 'internal' | 'private' {
  return repo.visibility ?? (repo.private ? 'private' : 'public')
}
