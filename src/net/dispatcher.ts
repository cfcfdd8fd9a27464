import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici'
import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import { bareHost, isLoopbackHost, mayReach, type Reach, reachOf } from './address.ts'
import { recyclingConnector } from './recycling-connector.ts'

/** What decides where connections may go. */
export interface Reachable {
  /** The hub's own endpoint: the configuration names it, so it may be anywhere. */
  readonly endpoint: URL
  /** PEM certificates to trust instead of the built-in ones. */
  readonly ca?: string
}

/**
 * Connections to one hub and its storage: HTTP/1.1 only (ModelScope's storage takes uploads 2.6 times slower over HTTP/2), through
 * the proxies of the environment, and only to addresses that the endpoint's own reach allows. Behind a proxy the proxy resolves names.
 */
export function createDispatcher(context: Context, reachable: Reachable): Dispatcher {
  if (context.dispatcher !== undefined) return context.dispatcher
  const agent = createAgent(context, reachable)
  // What is on its way ends by its own signal; idle connections would outlive the context, and a service has many contexts.
  context.signal.addEventListener('abort', () => void agent.close(), { once: true })
  return agent
}

function createAgent(context: Context, reachable: Reachable): Dispatcher {
  const tls = reachable.ca === undefined ? {} : { ca: reachable.ca }
  const connect = { ...tls, lookup: checkedLookup(reachable.endpoint), timeout: 30_000 }
  const { http, https, none } = context.proxy
  if (http === undefined && https === undefined) {
    return new Agent({ allowH2: false, connect: recyclingConnector({ allowH2: false, ...connect }) })
  }
  return new EnvHttpProxyAgent({
    allowH2: false,
    connect,
    requestTls: tls,
    httpProxy: http ?? '',
    httpsProxy: https ?? '',
    noProxy: none ?? '',
  })
}

/** Throws `refused` for an IP address in a URL that the hub's reach does not allow; names are checked when they are resolved. */
export function checkLiteralAddress(url: URL, endpoint: URL): void {
  const host = bareHost(url.hostname)
  if (url.hostname === endpoint.hostname) return
  const literal = isLoopbackHost(url.hostname) ? '127.0.0.1' : host
  if (!/^[\d.]+$|:/.test(literal)) return
  const own = bareHost(endpoint.hostname)
  const hub = isLoopbackHost(endpoint.hostname) ? 'loopback' : reachOf(own)
  if (!mayReach(literal, hub)) throw addressRefused(url.hostname)
}

function checkedLookup(endpoint: URL): LookupFunction {
  const own = bareHost(endpoint.hostname)
  return (hostname, options, callback) => {
    const fail = (error: NodeJS.ErrnoException) => callback(error, '')
    resolveAll(hostname, options, (error, addresses) => {
      if (error !== null) return fail(error)
      if (hostname === own) return answer(addresses, options, callback)
      reachOfHost(own, (failed, hub) => {
        if (failed !== null) return fail(failed)
        const allowed = addresses.filter(({ address }) => mayReach(address, hub))
        if (allowed.length === 0) return fail(addressRefused(hostname))
        answer(allowed, options, callback)
      })
    })
  }
}

type Resolved = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void

function resolveAll(hostname: string, options: LookupOptions, done: Resolved): void {
  dnsLookup(hostname, { family: options.family, hints: options.hints, all: true }, done)
}

function answer(
  addresses: readonly LookupAddress[],
  options: LookupOptions,
  callback: Parameters<LookupFunction>[2],
): void {
  const [first] = addresses
  if (options.all === true || first === undefined) callback(null, [...addresses])
  else callback(null, first.address, first.family)
}

function reachOfHost(host: string, done: (error: NodeJS.ErrnoException | null, reach: Reach) => void): void {
  dnsLookup(host, { all: true }, (error, addresses) => {
    done(error, widest(addresses?.map(({ address }) => reachOf(address)) ?? []))
  })
}

/** The reach that allows least: an endpoint with one public address is a public hub. */
function widest(reaches: readonly Reach[]): Reach {
  const order: readonly Reach[] = ['public', 'other', 'private', 'loopback']
  return order.find((reach) => reaches.includes(reach)) ?? 'public'
}

function addressRefused(host: string): SyncError {
  return new SyncError('refused', `An answer led to ${host}, which is not a public address.`, {
    next: 'Only a hub that is itself private may use private addresses.',
    retryable: false,
  })
}
