import { randomBytes } from 'node:crypto'
import { blobOf, createFileCache, type FileCache, filesAt } from '../core/files.ts'
import type { Change } from '../core/git-repo.ts'
import { dispatch, sendJson, startServer } from '../core/server.ts'
import type { LoggedRequest, RepoKey, SeedRepo, StandIn } from '../core/stand-in.ts'
import { standardMethods } from '../core/standard.ts'
import { type Account, createStore, deleteStore, type Store, type StoredRepo } from '../core/store.ts'
import { createThrottle } from '../core/throttle.ts'
import { withTracked } from './attributes.ts'
import { gitRoutes } from './git.ts'
import { createModelersRepo, findByName, type Hub } from './hub.ts'
import { linkCommit } from './lfs-objects.ts'
import { type ObjectHost, startObjectHost } from './object-host.ts'
import { defaultSettings, type ModelersOptions, type Settings } from './options.ts'
import { apiRoutes, notServed } from './routes.ts'

/** A running stand-in with a token only this hub needs. */
export interface ModelersStandIn extends StandIn {
  /** Of another user, who has no rights in anything here. */
  readonly strangerToken: string
}

/**
 * Starts a stand-in for Modelers: API and git on 127.0.0.1, LFS downloads and parts of uploads on `localhost` (another
 * host name, which refuses credentials). All is kept in a temporary folder.
 */
export async function startModelers(options: ModelersOptions = {}): Promise<ModelersStandIn> {
  const settings: Settings = { ...defaultSettings, ...options }
  const { username, verbose, port } = settings
  const tokens = { token: settings.token ?? newToken(), readToken: newToken(), strangerToken: newToken() }
  const log: LoggedRequest[] = []
  const store = await createStore({
    name: 'modelers',
    defaultBranch: 'main',
    accounts: accountsOf(settings, tokens),
    verifyUploads: settings.verifyUploads,
  })
  const shared = { store, settings, uploads: new Map(), throttle: createThrottle(settings.bandwidth) }
  const objectHost = await startObjectHost({ ...shared, log })
  const foreign = await startServer({
    name: 'elsewhere',
    log,
    verbose,
    handle: ({ res }) => sendJson(res, 200, {}),
  })
  const state = { cache: createFileCache(), lastCommits: new Map() }
  const hub: Hub = { ...shared, ...state, objectHost, elsewhere: foreign.origin }
  const routes = [...apiRoutes(hub), ...gitRoutes(hub)]
  const api = await startServer({
    name: 'api',
    log,
    verbose,
    port,
    handle: async (exchange) => {
      if (!(await dispatch(routes, exchange))) throw notServed()
    },
  })
  return {
    endpoint: api.origin,
    username,
    ...tokens,
    requests: log,
    ...methodsOf(hub),
    close: () => closeAll(store, [api, objectHost, foreign]),
  }
}

/** As the hub's own tokens: 40 hex digits. */
function newToken(): string {
  return randomBytes(20).toString('hex')
}

type Tokens = Pick<ModelersStandIn, 'token' | 'readToken' | 'strangerToken'>

function accountsOf({ username, organizations }: Settings, tokens: Tokens): Account[] {
  const owners = [username, ...organizations]
  return [
    { username, token: tokens.token, role: 'write', owners },
    { username, token: tokens.readToken, role: 'read', owners },
    { username: 'stranger', token: tokens.strangerToken, role: 'write', owners: ['stranger'] },
  ]
}

/** Seeded objects belong to their repos, as uploaded ones do. */
function methodsOf(hub: Hub): Pick<StandIn, 'seed' | 'head' | 'files'> {
  const { store, cache } = hub
  const standard = standardMethods(store, cache, {
    create: (repo) => createSeeded(hub, repo),
    accompany: (repo, head, paths) => attributesFor(cache, repo, head, paths),
  })
  return {
    ...standard,
    seed: async (repo) => {
      const commit = await standard.seed(repo)
      await linkCommit(hub, storedOf(store, repo), commit)
      return commit
    },
  }
}

function storedOf(store: Store, key: RepoKey): StoredRepo {
  const repo = findByName(store, key)
  if (repo?.type !== key.type) throw new Error(`no ${key.type} ${key.owner}/${key.name}`)
  return repo
}

async function createSeeded({ store, settings }: Hub, repo: SeedRepo): Promise<StoredRepo> {
  const { type, owner, name } = repo
  if (findByName(store, repo)) throw new Error(`${owner}/${name} exists as something else than a ${type}`)
  const visibility = repo.private || repo.visibility === 'private' ? 'private' : 'public'
  return createModelersRepo(store, settings, { type, owner, name, visibility, license: 'apache-2.0' })
}

/** The line of `.gitattributes` that an upload by the API would have added. */
async function attributesFor(
  cache: FileCache,
  repo: StoredRepo,
  head: string | undefined,
  paths: readonly string[],
): Promise<Change[]> {
  const entry = head === undefined ? undefined : (await filesAt(cache, repo, head)).get('.gitattributes')
  const old = entry ? (await blobOf(cache, repo, entry.oid)).toString('utf8') : ''
  const text = withTracked(old, paths)
  return text === undefined ? [] : [{ path: '.gitattributes', content: Buffer.from(text) }]
}

async function closeAll(store: Store, servers: readonly Pick<ObjectHost, 'close'>[]): Promise<void> {
  await Promise.all(servers.map((server) => server.close()))
  await deleteStore(store)
}
