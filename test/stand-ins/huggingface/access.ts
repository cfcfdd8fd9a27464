import { faultsOf } from '../core/faults.ts'
import { credentialsOf, type Exchange, HttpError, type Params, param } from '../core/server.ts'
import type { RepoKind } from '../core/stand-in.ts'
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
import { hubError, repoNotFound } from './errors.ts'
import type { Hub } from './hub.ts'

const kinds: ReadonlyMap<string, RepoKind> = new Map([
  ['models', 'model'],
  ['datasets', 'dataset'],
  ['spaces', 'space'],
])

/** `models` → `model`; answers 404 for any other word. */
export function kindOf(plural: string): RepoKind {
  const kind = kinds.get(plural)
  if (!kind) throw hubError(404, "Sorry, we can't find the page you are looking for.")
  return kind
}

/** Part of a web address before the repo: nothing for models. */
export function prefixOf(kind: RepoKind): string {
  return kind === 'model' ? '' : `${kind}s/`
}

/** Who is asking. Undefined: nobody. A token that is unknown answers 401. */
export function identify(hub: Hub, { req }: Exchange): Account | undefined {
  const given = credentialsOf(req)
  if (given.kind === 'none') return undefined
  const tokens =
    given.kind === 'bearer' ? [given.token] : given.kind === 'basic' ? [given.password, given.user] : []
  const account = tokens.map((token) => accountOf(hub.store, token)).find((known) => known !== undefined)
  if (account) return account
  throw hubError(401, 'Invalid credentials in Authorization header', undefined, {
    'www-authenticate': 'Bearer realm="Authentication required", charset="UTF-8"',
  })
}

/** A repo that the asker may read, and the asker. */
export interface Opened {
  readonly repo: StoredRepo
  readonly account: Account | undefined
}

export interface OpenOptions {
  readonly kind: RepoKind
  readonly access: 'read' | 'write'
  /** Git and LFS clients send credentials only when asked for them. */
  readonly challenge?: boolean
  /** Bucket of the rate limit that fault-429 and fault-500 work on. */
  readonly bucket: 'api' | 'resolvers' | 'git'
}

/** Finds the repo of a route with `:owner` and `:name`, and checks the rights. Moved repos answer 307. */
export function openRepo(hub: Hub, exchange: Exchange, params: Params, options: OpenOptions): Opened {
  const owner = param(params, 'owner')
  const name = param(params, 'name').replace(/\.git$/, '')
  const account = identify(hub, exchange)
  const found = findRepo(hub.store, { type: options.kind, owner, name })
  if (!found || !mayRead(account, found.repo)) throw repoNotFound(account === undefined, options.challenge)
  const { repo } = found
  if (found.moved) throw movedTo(exchange, params, repo)
  injectFaults(hub, exchange, repo, options.bucket)
  if (options.access === 'write') requireWriter(account, repo, options.challenge)
  return { repo, account }
}

function requireWriter(account: Account | undefined, repo: StoredRepo, challenge = false): void {
  if (!account) throw repoNotFound(true, challenge)
  if (mayWrite(account, repo.owner)) return
  const text =
    account.role === 'read'
      ? 'Forbidden: you must use a write token to upload to a repository.'
      : `Authorization error: you don't have write access to ${fullName(repo)}.`
  throw hubError(403, text)
}

/** What some servers, and the live hub for some owners, refuse although the token may write. */
export function requireWritable({ settings }: Hub, repo: StoredRepo): void {
  if (settings.datasetWrites === 'refused' && repo.type === 'dataset')
    throw hubError(403, 'Datasets cannot be written to')
  if (settings.lockedOwners?.includes(repo.owner)) {
    throw hubError(
      403,
      'Your storage patterns tripped our internal systems! Please contact us to unlock more storage.',
    )
  }
}

function movedTo(exchange: Exchange, params: Params, repo: StoredRepo): HttpError {
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') return repoNotFound(false)
  const old = `/${param(params, 'owner')}/${param(params, 'name')}`
  const suffix = param(params, 'name').endsWith('.git') ? '.git' : ''
  const url = exchange.req.url ?? ''
  const location = url.replace(old, () => `/${fullName(repo)}${suffix}`)
  return new HttpError(307, `Temporary Redirect. Redirecting to ${location}`, { location })
}

const faultyCalls = { api: 2, resolvers: 1, git: 0 }

function injectFaults(hub: Hub, exchange: Exchange, repo: StoredRepo, bucket: OpenOptions['bucket']): void {
  const faults = faultsOf(repo.name)
  if (faults.has('fault-redirect-elsewhere')) {
    const location = hub.elsewhere + (exchange.req.url ?? '/')
    throw new HttpError(bucket === 'resolvers' ? 302 : 307, 'Redirecting', { location })
  }
  const status = faults.has('fault-429') ? 429 : faults.has('fault-500') ? 500 : undefined
  if (status === undefined) return
  if (count(hub.store, `${status} of ${bucket} ${repo.id}`) > faultyCalls[bucket]) return
  if (status === 500)
    throw hubError(500, "Internal Error - We're working hard to fix this as soon as possible!")
  throw tooMany(bucket, 1)
}

/** 429 with all the headers that clients look at. */
export function tooMany(bucket: string, seconds: number): HttpError {
  const text = "We had to rate limit you. If you think it's an error, upgrade to a paid account."
  const rate = { 'retry-after': String(seconds), ratelimit: `"${bucket}";r=0;t=${seconds}` }
  return hubError(429, text, undefined, rate)
}

/** Files of a gated repo are for those who were let in: owners, and nobody if the name starts with `gated-`. */
export function requireGatePassed({ repo, account }: Opened): void {
  const never = repo.name.startsWith('gated-')
  if (repo.gated === false && !never) return
  if (!never && account?.owners.includes(repo.owner)) return
  const about = `Access to ${repo.type} ${fullName(repo)} is restricted`
  if (!account)
    throw hubError(
      401,
      `${about}. You must have access to it and be authenticated to access it. Please log in.`,
      'GatedRepo',
    )
  throw hubError(
    403,
    `${about} and you are not in the authorized list. Visit the repository page to ask for access.`,
    'GatedRepo',
  )
}
