import { faultsOf } from '../core/faults.ts'
import { credentialsOf, type Exchange, HttpError } from '../core/server.ts'
import {
  type Account,
  accountOf,
  count,
  fullName,
  mayRead,
  mayWrite,
  type StoredRepo,
} from '../core/store.ts'
import { findByName, type Hub, type RepoName, type TokenKind } from './hub.ts'
import { failure, notFound } from './wire.ts'

export interface Caller {
  readonly account: Account
  readonly kind: TokenKind
  readonly scopes: readonly string[]
}

/** Who calls the API, if anybody: by `Bearer`, `token`, or Basic with the token as password. An unknown token is refused anywhere. */
export function callerOf(hub: Hub, { req }: Exchange): Caller | undefined {
  const token = tokenIn(req)
  if (token === undefined) return undefined
  const account = accountOf(hub.store, token)
  const known = hub.tokens.get(token)
  if (account === undefined || known === undefined) throw failure(401, 'Bad credentials')
  return { account, ...known }
}

function tokenIn(req: Exchange['req']): string | undefined {
  const given = credentialsOf(req)
  if (given.kind === 'bearer') return given.token
  if (given.kind === 'basic') return given.password
  if (given.kind === 'none') return undefined
  return /^token +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? ''
}

/** Who calls the API; nobody gets 401. */
export function userOf(hub: Hub, exchange: Exchange): Caller {
  const caller = callerOf(hub, exchange)
  if (caller === undefined) throw failure(401, 'Requires authentication')
  return caller
}

/** The caller as a user: an app's token stands for none. */
export function personOf(hub: Hub, exchange: Exchange): Caller {
  const caller = userOf(hub, exchange)
  if (caller.kind === 'app') throw failure(403, 'Resource not accessible by integration')
  return caller
}

/** What the caller may see and write as: a classic token without the scope `repo` sees what everybody sees. */
export function readerIn(caller: Caller | undefined): Account | undefined {
  return caller?.kind === 'classic' && !caller.scopes.includes('repo') ? undefined : caller?.account
}

/** Throws unless the caller's token may create or change repos of the owner. */
export function requireWriter(caller: Caller, owner: string): void {
  const { account, kind } = caller
  if (readerIn(caller) !== undefined && mayWrite(account, owner)) return
  throw failure(403, kind === 'classic' ? 'Must have admin rights to Repository.' : notAccessible(kind))
}

function notAccessible(kind: TokenKind): string {
  return `Resource not accessible by ${kind === 'app' ? 'integration' : 'personal access token'}`
}

/** A repo that the caller may see. Hidden ones look absent, moved ones are redirected to by number. */
export function openRepo(hub: Hub, exchange: Exchange, wanted: RepoName): StoredRepo {
  redirectElsewhere(hub, exchange, wanted)
  const account = readerIn(callerOf(hub, exchange))
  const found = findByName(hub, wanted)
  if (found === undefined || !mayRead(account, found.repo)) throw notFound()
  const { repo } = found
  injectFaults(hub, repo)
  if (!found.moved) return repo
  const url = `${exchange.origin}/api/v3/repositories/${repo.number}`
  const isReading = exchange.method === 'GET' || exchange.method === 'HEAD'
  const message = isReading ? 'Moved Permanently' : 'Temporary Redirect'
  throw new HttpError(
    isReading ? 301 : 307,
    { message, url, documentation_url: 'https://docs.github.com/rest' },
    { location: url },
  )
}

/** A repo that the caller may change. */
export function openForWriting(hub: Hub, exchange: Exchange, wanted: RepoName): StoredRepo {
  const caller = userOf(hub, exchange)
  const repo = openRepo(hub, exchange, wanted)
  requireWriter(caller, repo.owner)
  return repo
}

/** fault-redirect-elsewhere: everything of the repo is said to be on a foreign host. */
function redirectElsewhere({ host }: Hub, { req }: Exchange, { name }: RepoName): void {
  if (!faultsOf(name).has('fault-redirect-elsewhere')) return
  throw new HttpError(307, 'Redirecting', { location: host.elsewhere + (req.url ?? '/') })
}

/** Calls of a repo that fail first, as on a busy day. */
const failing = 2

/** fault-rate-limit: the hour's quota is used up (403); fault-429: too fast; fault-500: GitHub's unicorn. */
function injectFaults({ store }: Hub, repo: StoredRepo): void {
  const faults = faultsOf(repo.name)
  const fault = (['fault-rate-limit', 'fault-429', 'fault-500'] as const).find((name) => faults.has(name))
  if (fault === undefined || count(store, `${fault} of ${fullName(repo)}`) > failing) return
  if (fault === 'fault-500') throw failure(502, 'Server Error')
  if (fault === 'fault-429') {
    const message =
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
    throw failure(429, message, { headers: { 'retry-after': '1' } })
  }
  const reset = String(Math.ceil(Date.now() / 1000) + 1)
  throw failure(403, 'API rate limit exceeded for user ID 1.', {
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
  })
}
