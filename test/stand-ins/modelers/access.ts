import { faultsOf } from '../core/faults.ts'
import { credentialsOf, type Exchange, HttpError } from '../core/server.ts'
import { type Account, accountOf, count, mayRead, mayWrite, type StoredRepo } from '../core/store.ts'
import { findByName, findVisible, type Hub, type RepoName } from './hub.ts'
import { failure } from './wire.ts'

export interface Opened {
  readonly repo: StoredRepo
  readonly account: Account | undefined
}

type Need = 'read' | 'write'

/** Who calls the API, if anybody. A token that is not known is refused even where none is needed. */
export function callerOf(hub: Hub, { req }: Exchange): Account | undefined {
  const { authorization } = req.headers
  if (authorization === undefined) return undefined
  // The prefix is exact: `bearer` will not do.
  const token = authorization.startsWith('Bearer ') ? authorization.slice('Bearer '.length) : undefined
  const account = accountOf(hub.store, token)
  if (!account) throw failure('access_token_invalid', 'invalid token')
  return account
}

/** Who calls the API; nobody gets 401. */
export function userOf(hub: Hub, exchange: Exchange): Account {
  const account = callerOf(hub, exchange)
  if (!account) throw failure('access_token_invalid', 'no token found')
  return account
}

/** Who calls the API with a token that may write. */
export function writerOf(hub: Hub, exchange: Exchange): Account {
  const account = userOf(hub, exchange)
  if (account.role === 'read') throw failure('no_permission', 'no permission')
  return account
}

/** A repo by the API. Hidden ones look absent; `absent` is the code of that. */
export function openRepo(
  hub: Hub,
  exchange: Exchange,
  wanted: RepoName,
  need: Need,
  { absent = 'repo_not_found', bucket = 'api' }: { absent?: string; bucket?: keyof typeof failing } = {},
): Opened {
  redirectElsewhere(hub, exchange, wanted)
  const account = need === 'write' ? writerOf(hub, exchange) : callerOf(hub, exchange)
  const repo = findVisible(hub.store, account, wanted)
  if (!repo) throw failure(absent, 'not found')
  injectFaults(hub, repo, bucket)
  if (need === 'write' && !mayWrite(account, repo.owner)) throw failure('no_permission', 'no permission')
  return { repo, account }
}

/** A repo by git. (gitea fork; the realm and the texts are those of upstream) */
export function openGit(hub: Hub, exchange: Exchange, wanted: RepoName, need: Need): Opened {
  redirectElsewhere(hub, exchange, wanted)
  const account = gitUserOf(hub, exchange)
  const repo = findVisible(hub.store, account, wanted)
  if (!account && (need === 'write' || !repo)) throw login('Basic realm="Gitea"')
  if (!repo) throw new HttpError(404, 'Repository not found')
  if (need === 'write' && account?.role === 'read') throw new HttpError(403, 'Forbidden')
  if (need === 'write' && !mayWrite(account, repo.owner)) throw new HttpError(404, 'Repository not found')
  return { repo, account }
}

/** A repo by LFS: whoever lacks the right is asked for credentials, a token that lacks the scope is refused. */
export function openLfs(hub: Hub, exchange: Exchange, wanted: RepoName, need: Need): Opened {
  redirectElsewhere(hub, exchange, wanted)
  const account = gitUserOf(hub, exchange)
  const repo = findByName(hub.store, wanted)
  if (!repo) throw new HttpError(404, { Message: 'Not Found' })
  const isWriter = account?.owners.includes(repo.owner) === true
  if (need === 'write' ? !isWriter : !mayRead(account, repo)) throw login('Basic realm=gitea-lfs')
  if (need === 'write' && account?.role === 'read') throw new HttpError(403, { Message: 'Forbidden' })
  injectFaults(hub, repo, 'api')
  return { repo, account }
}

/** Basic with the token as password; what the user is called does not matter. */
function gitUserOf(hub: Hub, { req }: Exchange): Account | undefined {
  const given = credentialsOf(req)
  if (given.kind === 'none') return undefined
  const account = given.kind === 'basic' && given.user ? accountOf(hub.store, given.password) : undefined
  if (!account) throw login('Basic realm="Gitea"')
  return account
}

function login(challenge: string): HttpError {
  return new HttpError(401, { Message: 'Unauthorized' }, { 'www-authenticate': challenge })
}

function redirectElsewhere(hub: Hub, { req }: Exchange, { name }: RepoName): void {
  if (!faultsOf(name).has('fault-redirect-elsewhere')) return
  throw new HttpError(307, 'Redirecting', { location: hub.elsewhere + (req.url ?? '/') })
}

/** Requests that fail first, as on a busy day. */
const failing = { api: 2, download: 1 }

/** fault-429 and fault-500: the first requests for a repo fail. The hub has not been seen to send Retry-After. */
function injectFaults(hub: Hub, repo: StoredRepo, bucket: keyof typeof failing): void {
  const faults = faultsOf(repo.name)
  const status = faults.has('fault-429') ? 429 : faults.has('fault-500') ? 500 : undefined
  if (status === undefined || count(hub.store, `${status} of ${bucket} ${repo.id}`) > failing[bucket]) return
  throw status === 429
    ? failure('rate_limit_over', 'too many requests')
    : failure('system_error', 'context canceled')
}
