import { randomUUID } from 'node:crypto'
import { createFileCache } from '../core/files.ts'
import { dispatch, type Route, type RunningServer, sendJson, startServer } from '../core/server.ts'
import type { LoggedRequest, SeedRepo, StandIn } from '../core/stand-in.ts'
import { standardMethods } from '../core/standard.ts'
import { type Storage, startStorage } from '../core/storage.ts'
import { type Account, createStore, deleteStore, type StoredRepo } from '../core/store.ts'
import { createThrottle } from '../core/throttle.ts'
import { gitRoutes } from './git.ts'
import type { Hub } from './hub.ts'
import { createMsRepo } from './manage.ts'
import { apiRoutes, notServed, uploadRoutes } from './routes.ts'

export interface ModelScopeOptions {
  readonly username?: string
  /** Organisations the user writes for, beside itself. */
  readonly organizations?: readonly string[]
  /** Token to accept for the user; made up if absent. */
  readonly token?: string
  /** Port of the API host; any free one by default. */
  readonly port?: number
  /** Entries after which a model's file list ends silently; the hub's own number is 3000. */
  readonly fileListLimit?: number
  /** First commit of a new repo: the platform's `.gitattributes` and README, or none at all. */
  readonly initialFiles?: 'template' | 'none'
  /** False skips hashing of uploads: only for benchmarks. */
  readonly verifyUploads?: boolean
  /** Bytes per second of all transfers together; no limit by default. */
  readonly bandwidth?: number
  /** Seconds that a signed address works. */
  readonly urlLifetime?: number
  /** One line per request on stderr. */
  readonly verbose?: boolean
}

/** A running stand-in with the tokens only this hub tells apart. */
export interface ModelScopeStandIn extends StandIn {
  /** Of the scope `admin`: the only one that may delete repos. */
  readonly adminToken: string
  /** Of another user, who has no rights in anything here. */
  readonly strangerToken: string
}

/**
 * Starts a stand-in for ModelScope: API and git on 127.0.0.1, uploads on another port, downloads of LFS objects from
 * `localhost` (another host *name*, so that cookies that stray there are seen). All is kept in a temporary folder.
 */
export async function startModelScope(options: ModelScopeOptions = {}): Promise<ModelScopeStandIn> {
  const { username = 'alice', organizations = ['my-org'], verbose = false } = options
  const tokens = tokensOf(options)
  const requests: LoggedRequest[] = []
  const serve = { log: requests, verbose }
  const store = await createStore({
    name: 'modelscope',
    defaultBranch: 'master',
    accounts: accountsOf(username, organizations, tokens),
    verifyUploads: options.verifyUploads ?? true,
  })
  const { bandwidth, urlLifetime: lifetime = 1200 } = options
  const storage = await startStorage({ ...serve, store, host: 'localhost', bandwidth, lifetime })
  const foreign = await startServer({
    ...serve,
    name: 'elsewhere',
    handle: ({ res }) => sendJson(res, 200, {}),
  })
  const hub = hubOf(options, { store, storage, elsewhere: foreign.origin, uploadUrl: () => upload.origin })
  const upload = await startServer({ ...serve, name: 'upload', handle: routed(uploadRoutes(hub)) })
  const routes = [...apiRoutes(hub), ...gitRoutes(hub)]
  const api = await startServer({ ...serve, name: 'api', port: options.port ?? 0, handle: routed(routes) })
  return {
    endpoint: api.origin,
    username,
    ...tokens,
    requests,
    ...standardMethods(store, hub.cache, { create: (repo) => createSeeded(hub, repo) }),
    close: () => closeAll(hub, [api, upload, storage, foreign]),
  }
}

function hubOf(
  options: ModelScopeOptions,
  origins: Pick<Hub, 'store' | 'storage' | 'elsewhere' | 'uploadUrl'>,
): Hub {
  return {
    ...origins,
    cache: createFileCache(),
    fileListLimit: options.fileListLimit ?? 3000,
    initialFiles: options.initialFiles ?? 'template',
    throttle: createThrottle(options.bandwidth),
    claimed: new Set(),
    busy: new Set(),
    digests: new Map(),
    lastCommits: new Map(),
  }
}

type Tokens = Pick<ModelScopeStandIn, 'token' | 'readToken' | 'adminToken' | 'strangerToken'>

function tokensOf({ token = newToken() }: ModelScopeOptions): Tokens {
  return { token, readToken: newToken(), adminToken: newToken(), strangerToken: newToken() }
}

function newToken(): string {
  return `ms-${randomUUID()}`
}

function accountsOf(username: string, organizations: readonly string[], tokens: Tokens): Account[] {
  const owners = [username, ...organizations]
  return [
    { username, token: tokens.token, role: 'write', owners },
    { username, token: tokens.readToken, role: 'read', owners },
    { username, token: tokens.adminToken, role: 'admin', owners },
    { username: 'stranger', token: tokens.strangerToken, role: 'admin', owners: ['stranger'] },
  ]
}

function routed(routes: readonly Route[]): Parameters<typeof startServer>[0]['handle'] {
  return async (exchange) => {
    if (!(await dispatch(routes, exchange))) throw notServed()
  }
}

/** The gate of this hub works on private repos only, so a gated one is private too. */
async function createSeeded(hub: Hub, repo: SeedRepo): Promise<StoredRepo> {
  const { type, owner, name } = repo
  if (type !== 'model' && type !== 'dataset') throw new Error(`no ${type} here: models and datasets only`)
  const isClosed = repo.private === true || repo.gated === true
  const visibility = repo.visibility ?? (isClosed ? 'private' : 'public')
  const gated = repo.gated ? ('manual' as const) : (false as const)
  const details = new Map([['License', 'apache-2.0']])
  return createMsRepo(hub, { type, owner, name, visibility, gated, details })
}

async function closeAll(hub: Hub, servers: readonly (RunningServer | Storage)[]): Promise<void> {
  await Promise.all(servers.map((server) => server.close()))
  await deleteStore(hub.store)
}
