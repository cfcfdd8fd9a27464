import { faultsOf } from '../core/faults.ts'
import { type Exchange, HttpError } from '../core/server.ts'
import { type Account, count, fullName, type StoredRepo } from '../core/store.ts'
import { gitCaller, hubCaller, loginWanted, v5Caller } from './credentials.ts'
import { accessTo, type Hub, type RepoName } from './hub.ts'
import { hubError, openMindError, v5Error } from './wire.ts'

export interface Opened {
  readonly repo: StoredRepo
  readonly account: Account | undefined
}

type Need = 'read' | 'write'

/** A repo by V5. Without a token the answer is 400, whatever is asked for. */
export function openV5(hub: Hub, exchange: Exchange, wanted: RepoName, need: Need): Opened {
  const account = v5Account(hub, exchange)
  const access = accessTo(hub.store, account, wanted, need)
  redirectElsewhere(hub, exchange, wanted)
  if (access.kind === 'granted') {
    injectFaults(hub, access.repo, 'api')
    return { repo: access.repo, account }
  }
  if (access.kind === 'forbidden') throw v5Error(403, 'UN_KNOW', 'CH.00000403 apig token has not permission')
  throw v5Error(404, 'UN_KNOW', `Project not found, path is ${fullName(wanted)}`)
}

/** The caller of V5; nobody gets 400. */
export function v5Account(hub: Hub, exchange: Exchange): Account {
  limitRate(hub)
  const account = v5Caller(hub.store, exchange)
  if (!account) throw v5Error(400, 'BAD_REQUEST', '403 Forbidden')
  return account
}

/** A repo by the hub host. `bucket` tells the faults reading of files from calls of the API. */
export function openHub(
  hub: Hub,
  exchange: Exchange,
  wanted: RepoName,
  need: Need,
  bucket: Bucket = 'api',
): Opened {
  const account = hubCaller(hub.store, exchange)
  redirectElsewhere(hub, exchange, wanted)
  const access = accessTo(hub.store, account, wanted, need)
  if (access.kind === 'granted') {
    injectFaults(hub, access.repo, bucket)
    return { repo: access.repo, account }
  }
  if (access.kind === 'login') throw hubError(401, 'Repository not found or login required')
  if (access.kind === 'forbidden') throw hubError(403, 'You have no right to write to this repository')
  throw hubError(404, 'Repository not found')
}

/** A repo by git or LFS. */
export function openGit(hub: Hub, exchange: Exchange, wanted: RepoName, need: Need, isLfs: boolean): Opened {
  const account = gitCaller(hub.store, exchange, isLfs)
  redirectElsewhere(hub, exchange, wanted)
  const access = accessTo(hub.store, account, wanted, need)
  if (access.kind === 'granted') {
    if (isLfs) injectFaults(hub, access.repo, 'api')
    return { repo: access.repo, account }
  }
  if (access.kind === 'login') throw loginWanted('HTTP Basic: Access denied')
  if (access.kind === 'forbidden') throw new HttpError(403, 'GitCode: You are not allowed to push code')
  throw new HttpError(404, 'The project you were looking for could not be found.')
}

/** A repo by the openMind routes. */
export function openOpenMind(hub: Hub, exchange: Exchange, wanted: RepoName, need: Need): Opened {
  const account = hubCaller(hub.store, exchange)
  redirectElsewhere(hub, exchange, wanted)
  const access = accessTo(hub.store, account, wanted, need)
  if (access.kind === 'granted') {
    injectFaults(hub, access.repo, 'api')
    return { repo: access.repo, account }
  }
  if (need === 'write' && access.kind === 'login')
    throw openMindError(401, 'access_token_invalid', 'token is missing')
  if (access.kind === 'forbidden') throw openMindError(403, 'no_permission', 'no permission')
  throw openMindError(404, 'repo_not_found', 'repo not found')
}

type Bucket = 'api' | 'resolve'
const failing = { api: 2, resolve: 1 }

function redirectElsewhere(hub: Hub, { req }: Exchange, wanted: RepoName): void {
  if (!faultsOf(wanted.name).has('fault-redirect-elsewhere')) return
  throw new HttpError(307, 'Redirecting', { location: hub.elsewhere + (req.url ?? '/') })
}

/** fault-429 and fault-500: the first requests for a repo fail. */
function injectFaults(hub: Hub, repo: StoredRepo, bucket: Bucket): void {
  const faults = faultsOf(repo.name)
  const status = faults.has('fault-429') ? 429 : faults.has('fault-500') ? 500 : undefined
  if (status === undefined || count(hub.store, `${status} of ${bucket} ${repo.id}`) > failing[bucket]) return
  throw status === 429 ? tooMany(1) : v5Error(500, 'FAIL', '系统错误')
}

function tooMany(seconds: number): HttpError {
  return v5Error(429, 'TOO_MANY_REQUESTS', 'Too many requests', { 'retry-after': String(seconds) })
}

function limitRate({ settings, window }: Hub): void {
  if (!settings.rateLimit) return
  const { requests, seconds } = settings.rateLimit
  const now = Date.now()
  if (now >= window.started + seconds * 1000) {
    window.started = now
    window.used = 0
  }
  window.used++
  if (window.used > requests) throw tooMany(Math.ceil((window.started + seconds * 1000 - now) / 1000))
}
