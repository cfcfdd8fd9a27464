import { randomBytes, randomUUID } from 'node:crypto'
import { createFileCache, type FileCache, filesAt } from '../core/files.ts'
import { linkObject } from '../core/lfs-links.ts'
import { objectSize } from '../core/object-store.ts'
import {
  dispatch,
  type Exchange,
  type Handler,
  type Params,
  type Route,
  route,
  sendJson,
  startServer,
} from '../core/server.ts'
import type { LoggedRequest, RepoKey, SeedRepo, StandIn } from '../core/stand-in.ts'
import { standardMethods } from '../core/standard.ts'
import { type Account, createStore, deleteStore, findRepo } from '../core/store.ts'
import { createThrottle } from '../core/throttle.ts'
import { batchRoute } from './batch.ts'
import { createPlainRepo, gitRoutes, notServed } from './git.ts'
import type { Host } from './host.ts'
import { locksRoute } from './locks.ts'
import { getObject, putObject, verifyObject } from './objects.ts'
import { defaultSettings, type PlainGitOptions, type Settings } from './options.ts'

export type { CredentialForm, PlainGitOptions } from './options.ts'

export interface PlainGitStandIn extends StandIn {
  /** Password of the user, for the credential form `user-password`. */
  readonly password: string
  /** Address of a repo, whether it exists or not. */
  gitUrl(repo: Pick<RepoKey, 'owner' | 'name'>): string
}

/**
 * Starts a git host with standard LFS and no other API: repos at `/{owner}/{name}.git`, LFS at `…/info/lfs`. How it
 * behaves where hosts differ is told by the options (see git-hosts.md); kinds of repos mean nothing here.
 */
export async function startPlainGit(options: PlainGitOptions = {}): Promise<PlainGitStandIn> {
  const settings: Settings = { ...defaultSettings, ...options }
  const tokens = { token: settings.token ?? `pg-${randomUUID()}`, readToken: `pg-${randomUUID()}` }
  const { username, defaultBranch, verifyUploads, verbose } = settings
  const accounts = accountsOf(settings, tokens)
  const store = await createStore({ name: 'plain-git', defaultBranch, accounts, verifyUploads })
  const requests: LoggedRequest[] = []
  const serve = { log: requests, verbose }
  const foreign = await startServer({
    ...serve,
    name: 'elsewhere',
    handle: ({ res }) => sendJson(res, 200, {}),
  })
  const host: Host = {
    store,
    settings,
    password: randomUUID(),
    key: randomBytes(32),
    objectOrigin: () => objects.origin,
    elsewhere: foreign.origin,
    throttle: createThrottle(settings.bandwidth),
    spoilt: new Set(),
    locks: [],
  }
  const objects = await startServer({
    ...serve,
    name: 'storage',
    host: 'localhost',
    handle: routed(host, objectRoutes(host)),
  })
  const routes = [...lfsRoutes(host), ...objectRoutes(host), ...gitRoutes(host)]
  const api = await startServer({ ...serve, name: 'api', port: settings.port, handle: routed(host, routes) })
  return {
    endpoint: api.origin,
    username,
    ...tokens,
    password: host.password,
    requests,
    gitUrl: ({ owner, name }) => `${api.origin}/${owner}/${name}.git`,
    ...seeding(host, createFileCache()),
    close: async () => {
      await Promise.all([api.close(), objects.close(), foreign.close()])
      await deleteStore(store)
    },
  }
}

function accountsOf(
  { username, organizations }: Settings,
  { token, readToken }: Pick<StandIn, 'token' | 'readToken'>,
): Account[] {
  const owners = [username, ...organizations]
  return [
    { username, token, role: 'write', owners },
    { username, token: readToken, role: 'read', owners },
  ]
}

/** Kinds mean nothing here, and seeded LFS objects belong to the repo they are seeded into. */
function seeding(host: Host, cache: FileCache): Pick<StandIn, 'seed' | 'head' | 'files'> {
  const isPrivate = (repo: SeedRepo): boolean => repo.private ?? (repo.visibility ?? 'public') !== 'public'
  const create = (repo: SeedRepo) => createPlainRepo(host, repo, isPrivate(repo) ? 'private' : 'public')
  const standard = standardMethods(host.store, cache, { create })
  const plain = <Key extends RepoKey>(key: Key): Key => ({ ...key, type: 'model' })
  return {
    seed: async (seeded) => {
      const commit = await standard.seed(plain(seeded))
      const repo = findRepo(host.store, plain(seeded))?.repo
      const files = repo ? [...(await filesAt(cache, repo, commit)).values()] : []
      for (const { lfs } of files) {
        const isStored = lfs && (await objectSize(host.store.objects, lfs.oid)) !== undefined
        if (repo && isStored) await linkObject(repo, lfs.oid)
      }
      return commit
    },
    head: (key) => standard.head(plain(key)),
    files: (key) => standard.files(plain(key)),
  }
}

type HostRoute = (host: Host, exchange: Exchange, params: Params) => Promise<void>

/** The batch and locking APIs. */
export function lfsRoutes(host: Host): Route[] {
  const lfs = '/:owner/:name/info/lfs'
  return [
    route('POST', `${lfs}/objects/batch`, withHost(host, batchRoute)),
    route('GET', `${lfs}/locks`, withHost(host, locksRoute)),
    route('POST', `${lfs}/locks`, withHost(host, locksRoute)),
    route('POST', `${lfs}/locks/*rest`, withHost(host, locksRoute)),
  ]
}

/** Addresses of LFS objects. */
export function objectRoutes(host: Host): Route[] {
  const lfs = '/:owner/:name/info/lfs'
  return [
    route('GET', `${lfs}/objects/:oid/:size`, withHost(host, getObject)),
    route('PUT', `${lfs}/objects/:oid/:size`, withHost(host, putObject)),
    route('POST', `${lfs}/verify/:oid/:size`, withHost(host, verifyObject)),
  ]
}

function withHost(host: Host, handle: HostRoute): Handler {
  return (exchange, params) => handle(host, exchange, params)
}

function routed(host: Host, routes: readonly Route[]): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    if (!(await dispatch(routes, exchange))) throw notServed(host)
  }
}
