import { createHmac, timingSafeEqual } from 'node:crypto'
import { faultsOf } from '../core/faults.ts'
import type { Pointer } from '../core/pointer.ts'
import type { Exchange } from '../core/server.ts'
import { count } from '../core/store.ts'
import { identify } from './access.ts'
import { type Host, refusal } from './host.ts'

/** What one action allows. */
export interface Permit {
  readonly operation: 'download' | 'upload' | 'verify'
  /** `owner/name`. */
  readonly repo: string
  readonly object: Pointer
}

/** How an action is told in a batch. */
export interface WrittenAction {
  readonly href: string
  readonly header?: Readonly<Record<string, string>> | null
  readonly expires_in?: number
  readonly expires_at?: string
}

const lifetime = 3600
const earlyLifetime = 60
const earlyPromise = 900

/** An action as the settings want it. */
export function writeAction(host: Host, exchange: Exchange, permit: Permit): WrittenAction {
  const { settings } = host
  const origin = settings.objectHost === 'same' ? exchange.origin : host.objectOrigin()
  const { oid, size } = permit.object
  const verb = permit.operation === 'verify' ? 'verify' : 'objects'
  const href = `${origin}/${permit.repo}.git/info/lfs/${verb}/${oid}/${size}`
  const seal = sealOf(host, permit)
  switch (settings.actionHeader) {
    case 'none':
      return { href, ...expiryOf(host) }
    case 'caller': {
      const { authorization } = exchange.req.headers
      const header = authorization === undefined ? {} : { header: { Authorization: authorization } }
      return { href, ...header, ...expiryOf(host) }
    }
    case 'own-bearer':
      return { href, header: { Authorization: `Bearer ${seal}` }, ...expiryOf(host) }
    case 'query':
      return { href: `${href}?token=${seal}`, ...expiryOf(host) }
    case 'null':
      return { href: `${href}?token=${seal}`, header: null, ...expiryOf(host) }
  }
}

/** Throws unless the request may do what it wants to. */
export function checkPermit(host: Host, exchange: Exchange, permit: Permit): void {
  const { actionHeader, strayAuthorization } = host.settings
  const given = authorizationsOf(exchange)
  const expected = actionHeader === 'query' || actionHeader === 'null' ? 0 : 1
  if (given.length > expected && strayAuthorization !== 'ignored')
    throw refusal(host, strayAuthorization, 'Only one way to authorize, please')
  if (actionHeader === 'none' || actionHeader === 'caller') {
    // Whether they suffice is for the route to say: reading a public repo needs none.
    identify(host, exchange.req)
    return
  }
  const bearers = given.map((value) => /^Bearer (\S+)$/.exec(value)?.[1] ?? '')
  const seals = actionHeader === 'own-bearer' ? bearers : [exchange.query.get('token') ?? '']
  if (!seals.some((seal) => isGenuine(host, permit, seal)))
    throw refusal(host, host.settings.expiredStatus, 'The signature is wrong or has expired')
}

/** Node keeps the first of several Authorization headers only; the raw ones are all there. */
function authorizationsOf({ req }: Exchange): string[] {
  return req.rawHeaders.filter((_, index) => {
    return index % 2 === 1 && req.rawHeaders[index - 1]?.toLowerCase() === 'authorization'
  })
}

function expiryOf({ settings }: Host): Pick<WrittenAction, 'expires_in' | 'expires_at'> {
  switch (settings.expiry) {
    case 'none':
      return {}
    case 'expires-in':
      return { expires_in: settings.urlLifetime ?? lifetime }
    case 'zero-date':
      return { expires_at: '0001-01-01T00:00:00Z' }
    case 'early':
      return { expires_in: earlyPromise }
  }
}

/** `<time of death in ms>.<signature>`. With fault-expired-url the first one of each object is dead already. */
function sealOf(host: Host, permit: Permit): string {
  const { expiry, urlLifetime } = host.settings
  const isMortal = expiry === 'expires-in' || expiry === 'early'
  const seconds = urlLifetime ?? (expiry === 'early' ? earlyLifetime : lifetime)
  const { repo, operation, object } = permit
  const isFaulty = faultsOf(repo).has('fault-expired-url') && operation !== 'verify'
  const isDead = isFaulty && count(host.store, `seal of ${operation} ${object.oid} ${repo}`) === 1
  const death = isDead ? 1 : isMortal ? Date.now() + seconds * 1000 : Number.MAX_SAFE_INTEGER
  return `${death}.${signatureOf(host, permit, death)}`
}

function isGenuine(host: Host, permit: Permit, seal: string): boolean {
  const [death = '', signature = ''] = seal.split('.')
  const wanted = Buffer.from(signatureOf(host, permit, Number(death)))
  const given = Buffer.from(signature)
  return given.length === wanted.length && timingSafeEqual(given, wanted) && Number(death) > Date.now()
}

function signatureOf(host: Host, { operation, repo, object }: Permit, death: number): string {
  const text = [operation, repo, object.oid, object.size, death].join(' ')
  return createHmac('sha256', host.key).update(text).digest('hex')
}
