import { randomBytes } from 'node:crypto'
import { contentsAt, createFileCache } from '../core/files.ts'
import { linkObject } from '../core/lfs-links.ts'
import { dispatch, type Exchange, HttpError, type Route, sendJson, startServer } from '../core/server.ts'
import type { LoggedRequest, RepoKey, SeedRepo, StandIn } from '../core/stand-in.ts'
import { standardMethods } from '../core/standard.ts'
import { type Storage, startStorage } from '../core/storage.ts'
import {
  type Account,
  createStore,
  deleteStore,
  findRepo,
  fullName,
  headOf,
  listRepos,
  type Store,
} from '../core/store.ts'
import { createGitCodeRepo } from './create.ts'
import { branchOf, findByName, type Hub, keyOf } from './hub.ts'
import { linkCommit } from './lfs-objects.ts'
import { defaultSettings, type GitCodeOptions, type Settings } from './options.ts'
import { startFront } from './raw-path-front.ts'
import { apiRoutes } from './routes.ts'

export type { GitCodeOptions } from './options.ts'

/** A running stand-in with what only this hub has. */
export interface GitCodeStandIn extends StandIn {
  /** Of another user, who has no rights in anything here. */
  readonly strangerToken: string
  /** Resolves when all imports under way are done. */
  imported(): Promise<void>
}

/**
 * Starts a stand-in for GitCode/AtomGit. What live are several hosts (V5 API, hub, openMind routes, git and raw files) is
 * one origin here; LFS objects are on a second one, named `localhost`.
 */
export async function startGitCode(options: GitCodeOptions = {}): Promise<GitCodeStandIn> {
  const settings: Settings = { ...defaultSettings, ...options }
  const tokens = {
    token: settings.token ?? newToken(),
    readToken: newToken(),
    strangerToken: newToken(),
  }
  const { verbose, verifyUploads, username } = settings
  const accounts = accountsOf(settings, tokens)
  const store = await createStore({ name: 'gitcode', defaultBranch: 'main', accounts, verifyUploads })
  const requests: LoggedRequest[] = []
  const serve = { log: requests, verbose }
  const storage = await startObjects(settings, store, serve)
  const foreign = await startServer({
    ...serve,
    name: 'elsewhere',
    handle: ({ res }) => sendJson(res, 200, {}),
  })
  const hub: Hub = {
    store,
    cache: createFileCache(),
    settings,
    storage,
    elsewhere: foreign.origin,
    imports: new Set(),
    stopping: new AbortController(),
    uploads: new Map(),
    window: { started: Date.now(), used: 0 },
  }
  const handle = routed(hub, apiRoutes(hub))
  const api = await startServer({ ...serve, name: 'api', handle })
  const front = await startFront(settings.port, api.port)
  return {
    endpoint: front.origin,
    username,
    ...tokens,
    requests,
    ...seeding(hub),
    imported: async () => {
      await Promise.all(hub.imports)
    },
    close: async () => {
      hub.stopping.abort()
      await Promise.all([front.close(), api.close(), storage.close(), foreign.close(), ...hub.imports])
      await deleteStore(store)
    },
  }
}

/** The storage of LFS objects; what arrives there belongs to the repo it was offered for. */
function startObjects(
  { bandwidth, urlLifetime: lifetime }: Settings,
  store: Store,
  serve: { readonly log: LoggedRequest[]; readonly verbose: boolean },
): Promise<Storage> {
  const onStored = async (name: string, oid: string): Promise<void> => {
    const repo = listRepos(store, 'model').find((known) => fullName(known) === name)
    if (repo) await linkObject(repo, oid)
  }
  return startStorage({ ...serve, store, host: 'localhost', bandwidth, lifetime, onStored })
}

function newToken(): string {
  return randomBytes(12).toString('hex')
}

function accountsOf(
  { username, organizations }: Settings,
  tokens: Pick<GitCodeStandIn, 'token' | 'readToken' | 'strangerToken'>,
): Account[] {
  const owners = [username, ...organizations]
  return [
    { username, token: tokens.token, role: 'write', owners },
    { username, token: tokens.readToken, role: 'read', owners },
    { username: 'stranger', token: tokens.strangerToken, role: 'write', owners: ['stranger'] },
  ]
}

/** Names are one space over the kinds, and an import may bring another default branch. */
function seeding(hub: Hub): Pick<StandIn, 'seed' | 'head' | 'files'> {
  const { store, cache } = hub
  const create = ({ owner, name, ...repo }: SeedRepo, type: RepoKey['type']) => {
    const isPrivate = repo.private ?? (repo.visibility ?? 'public') !== 'public'
    return createGitCodeRepo(hub, { owner, name, type: type === 'studio' ? 'space' : type, isPrivate })
  }
  return {
    seed: async (seeded) => {
      const made = { create: (repo: SeedRepo) => create(repo, seeded.type) }
      const commit = await standardMethods(store, cache, made).seed({ ...seeded, type: 'model' })
      const repo = findRepo(store, keyOf(seeded))?.repo
      if (repo) await linkCommit(store, cache, repo, commit)
      return commit
    },
    head: async (key) => {
      const repo = findByName(store, key)
      return repo && headOf(store, repo, branchOf(repo))
    },
    files: async (key) => {
      const repo = findByName(store, key)
      if (!repo) throw new Error(`no repo ${fullName(key)}`)
      const commit = await headOf(store, repo, branchOf(repo))
      return commit === undefined ? new Map() : contentsAt(store, cache, repo, commit)
    },
  }
}

function routed(hub: Hub, routes: readonly Route[]): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    if (hub.settings.firewall && !exchange.req.headers['user-agent'])
      throw new HttpError(418, '<html>CloudWAF</html>', { 'content-type': 'text/html' })
    if (await dispatch(routes, exchange)) return
    throw new HttpError(404, { error_code: 404, error_code_name: 'NOT_FOUND', error_message: 'Not Found' })
  }
}
