import type { IncomingMessage } from 'node:http'
import { faultsOf } from '../core/faults.ts'
import { credentialsOf, type Exchange, HttpError } from '../core/server.ts'
import type { RepoKey } from '../core/stand-in.ts'
import {
  type Account,
  accountOf,
  count,
  findRepo,
  fullName,
  mayRead,
  mayWrite,
  type StoredRepo,
} from '../core/store.ts'
import { type Host, refusal } from './host.ts'

export interface Admitted {
  readonly account: Account | undefined
  /** Undefined: there is none of this name, and the account could have it. */
  readonly repo: StoredRepo | undefined
}

/** Checks credentials and rights. Hidden repos look absent; whoever shows nothing is asked for credentials first. */
export function admit(host: Host, exchange: Exchange, key: RepoKey, access: 'read' | 'write'): Admitted {
  const account = identify(host, exchange.req)
  redirectElsewhere(host, exchange, key.name)
  const repo = findRepo(host.store, key)?.repo
  const isVisible = repo === undefined ? account !== undefined : mayRead(account, repo)
  if (!account && (access === 'write' || !isVisible)) throw credentialsWanted(host, exchange)
  if (!isVisible) throw refusal(host, 404, 'Repository not found')
  if (access === 'write' && !mayWrite(account, key.owner)) throw refusal(host, 403, 'You may not write here')
  return { account, repo }
}

/** As `admit`, where there must be a repo. */
export function admitTo(
  host: Host,
  exchange: Exchange,
  key: RepoKey,
  access: 'read' | 'write',
): { readonly account: Account | undefined; readonly repo: StoredRepo } {
  const { account, repo } = admit(host, exchange, key, access)
  if (!repo) throw refusal(host, 404, 'Repository not found')
  return { account, repo }
}

/** Who is asking; undefined without credentials. Wrong ones are refused even where none are needed. */
export function identify(host: Host, req: IncomingMessage): Account | undefined {
  if (req.headers.authorization === undefined) return undefined
  const account = accountIn(host, req)
  if (account) return account
  const { wrongCredentials } = host.settings
  const isLfs = req.url?.includes('/info/lfs/') === true
  const challenge = isLfs ? host.settings.challenge : 'basic'
  const headers = wrongCredentials === 401 ? challengeOf(challenge) : {}
  throw refusal(host, wrongCredentials, 'Bad credentials', headers)
}

function accountIn({ store, settings, password }: Host, req: IncomingMessage): Account | undefined {
  const forms = new Set(settings.credentialForms)
  const given = credentialsOf(req)
  if (given.kind === 'bearer') return forms.has('bearer') ? accountOf(store, given.token) : undefined
  if (given.kind !== 'basic') {
    const token = /^token +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1]
    return forms.has('token-scheme') ? accountOf(store, token) : undefined
  }
  const byPassword = accountOf(store, given.password)
  if (byPassword && given.user !== '' && forms.has('any-user-token')) return byPassword
  if (byPassword && given.user === byPassword.username && forms.has('user-token')) return byPassword
  if (byPassword && given.user === 'oauth2' && forms.has('oauth2-token')) return byPassword
  const byUser = accountOf(store, given.user)
  if (byUser && forms.has('token-as-user')) return byUser
  if (!forms.has('user-password') || given.password !== password) return undefined
  return store.accounts.find(({ username, role }) => username === given.user && role === 'write')
}

/** Git itself is asked in git's way: hosts differ in what their LFS API says. */
function credentialsWanted(host: Host, { path }: Exchange): HttpError {
  const challenge = path.includes('/info/lfs/') ? host.settings.challenge : 'basic'
  const status = challenge.startsWith('forbidden') ? 403 : 401
  return refusal(host, status, 'Credentials needed', challengeOf(challenge))
}

function challengeOf(challenge: Host['settings']['challenge']): Record<string, string> {
  const realm = 'Basic realm="plain git"'
  if (challenge === 'forbidden') return {}
  if (challenge === 'lfs-authenticate') return { 'lfs-authenticate': realm }
  return { 'www-authenticate': realm }
}

/** fault-redirect-elsewhere: everything of the repo is said to be on a foreign host. */
function redirectElsewhere(host: Host, exchange: Exchange, name: string): void {
  if (!faultsOf(name).has('fault-redirect-elsewhere')) return
  throw new HttpError(307, 'Redirecting', { location: host.elsewhere + (exchange.req.url ?? '/') })
}

/** fault-429 and fault-500: the first two calls of the LFS API of a repo fail. */
export function failFirstCalls(host: Host, key: RepoKey): void {
  const faults = faultsOf(key.name)
  const status = faults.has('fault-429') ? 429 : faults.has('fault-500') ? 500 : undefined
  if (status === undefined || count(host.store, `${status} of ${fullName(key)}`) > 2) return
  throw refusal(host, status, 'Not now', status === 429 ? { 'retry-after': '1' } : {})
}
