import { randomBytes, randomUUID } from 'node:crypto'
import { createFileCache } from '../core/files.ts'
import { dispatch, type Exchange, HttpError, type Route, sendJson, startServer } from '../core/server.ts'
import type { LoggedRequest, SeedRepo, StandIn } from '../core/stand-in.ts'
import { standardMethods } from '../core/standard.ts'
import { startStorage } from '../core/storage.ts'
import { createStore, deleteStore, type Store, type StoredRepo } from '../core/store.ts'
import { tooMany } from './access.ts'
import { attributesFor } from './commit.ts'
import { hubError } from './errors.ts'
import { defaultSettings, type Hub, type HuggingFaceOptions, type Settings } from './hub.ts'
import { compatibleServer, noSuchRoute, requireRoute, withoutCodes } from './partial.ts'
import { createHubRepo } from './repos.ts'
import { hubRoutes } from './routes.ts'

export type { HuggingFaceOptions } from './hub.ts'

/** Starts a stand-in for the Hugging Face Hub: API, git and LFS on one port, storage on a second. */
export async function startHuggingFace(options: HuggingFaceOptions = {}): Promise<StandIn> {
  const settings: Settings = {
    ...defaultSettings,
    ...(options.compatible ? compatibleServer : {}),
    ...options,
  }
  const tokens = { write: newToken(), read: newToken() }
  const store = await createStore({
    name: 'huggingface',
    defaultBranch: 'main',
    accounts: accountsOf(settings, tokens),
    verifyUploads: settings.verifyUploads ?? true,
  })
  const requests: LoggedRequest[] = []
  const log = { log: requests, verbose: settings.verbose ?? false }
  const storage = await startStorage({
    ...log,
    store,
    bandwidth: settings.bandwidth,
    maxPut: settings.maxPut,
    ...(settings.urlLifetime === undefined ? {} : { lifetime: settings.urlLifetime }),
  })
  const elsewhere = await startServer({
    ...log,
    name: 'elsewhere',
    handle: ({ res }) => sendJson(res, 200, {}),
  })
  const window = { started: Date.now(), used: 0 }
  const hub: Hub = { store, cache: createFileCache(), storage, elsewhere: elsewhere.origin, settings, window }
  const routes = hubRoutes(hub)
  const api = await startServer({
    ...log,
    name: 'api',
    port: settings.port ?? 0,
    handle: (exchange) => handleApi(hub, routes, exchange),
  })
  return {
    endpoint: api.origin,
    token: tokens.write,
    readToken: tokens.read,
    username: settings.username,
    requests,
    ...seeding(hub),
    close: async () => {
      await Promise.all([api.close(), storage.close(), elsewhere.close()])
      await deleteStore(store)
    },
  }
}

function accountsOf(
  settings: Settings,
  tokens: { readonly write: string; readonly read: string },
): Store['accounts'] {
  const account = { username: settings.username, owners: [settings.username, ...settings.organizations] }
  return [
    { ...account, token: tokens.write, role: 'write' },
    { ...account, token: tokens.read, role: 'read' },
  ]
}

/** Clients insist on the prefix. */
function newToken(): string {
  return `hf_${randomBytes(17).toString('hex')}`
}

function seeding(hub: Hub): Pick<StandIn, 'seed' | 'head' | 'files'> {
  const create = (repo: SeedRepo): Promise<StoredRepo> => {
    const hidden = repo.private ?? (repo.visibility !== undefined && repo.visibility !== 'public')
    return createHubRepo(hub, repo, hidden ? 'private' : 'public', [], repo.gated)
  }
  const accompany = (repo: StoredRepo, head: string | undefined, lfsPaths: string[]) =>
    attributesFor(hub, repo, head, [], lfsPaths)
  return standardMethods(hub.store, hub.cache, { create, accompany })
}

async function handleApi(hub: Hub, routes: readonly Route[], exchange: Exchange): Promise<void> {
  exchange.res.setHeader('x-request-id', `Root=${randomUUID()}`)
  try {
    requireRoute(hub.settings, exchange)
    limitRate(hub, exchange)
    if (await dispatch(routes, exchange)) return
    if (hub.settings.missingAnswer !== undefined) throw noSuchRoute(hub.settings)
    throw hubError(404, "Sorry, we can't find the page you are looking for.")
  } catch (error) {
    throw error instanceof HttpError && hub.settings.errorCodes === false ? withoutCodes(error) : error
  }
}

const windowSeconds = 300
const quota = 1000

/** Fixed window over calls of `/api/`, told in the headers of every answer. */
function limitRate({ settings, window }: Hub, { path, res }: Exchange): void {
  if (!path.startsWith('/api/')) return
  const { requests, seconds } = settings.rateLimit ?? { requests: quota, seconds: windowSeconds }
  const now = Date.now()
  if (now >= window.started + seconds * 1000) {
    window.started = now
    window.used = 0
  }
  window.used++
  const rest = Math.max(0, requests - window.used)
  const wait = Math.ceil((window.started + seconds * 1000 - now) / 1000)
  if (settings.rateLimit && window.used > requests) throw tooMany('api', wait)
  res.setHeader('ratelimit', `"api";r=${rest};t=${wait}`)
  res.setHeader('ratelimit-policy', `"fixed window";"api";q=${requests};w=${seconds}`)
}
