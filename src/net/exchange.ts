import type { Readable } from 'node:stream'
import { type Dispatcher, errors, request as undiciRequest } from 'undici'
import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import type { HubAdvice } from '../model/hub-advice.ts'
import type { Purpose } from '../model/profile.ts'
import { isLoopbackHost } from './address.ts'
import type { Credentials } from './credentials.ts'
import { checkLiteralAddress, createDispatcher } from './dispatcher.ts'
import { createRate } from './rate.ts'
import { describeRequest } from './status-error.ts'

export interface ExchangeOptions {
  /** Id of the hub, for messages. */
  readonly hub: string
  readonly endpoint: string | URL
  readonly credentials: Credentials
  /** PEM certificates to trust instead of the built-in ones. */
  readonly ca?: string
  /** True lets plain http go elsewhere than to loopback. */
  readonly insecureHttp: boolean
  readonly advice?: HubAdvice
  /** To one host; Infinity does not space requests. */
  readonly requestsPerSecond: number
}

/** One request to one URL: no redirect is followed, no status is an error here. */
export interface Hop {
  readonly url: URL
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'
  readonly purpose: Purpose
  /** Lower-case names. An `authorization` here means: no credentials of ours. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | Readable
  /** Milliseconds until the answer's header; 0: the caller watches. */
  readonly headersTimeout: number
  readonly signal?: AbortSignal
}

export interface Response {
  readonly status: number
  /** Lower-case names; repeated lines joined by commas. */
  readonly headers: Readonly<Record<string, string>>
  readonly stream: Dispatcher.ResponseData['body']
  /** Hub, method and path, for messages. */
  readonly where: string
  /** What a failure while reading the body means. */
  readonly toError: (failure: unknown) => SyncError
}

export interface Exchange {
  readonly hub: string
  readonly endpoint: URL
  hop(hop: Hop): Promise<Response>
}

/** The way out to one hub: checks the address, paces, adds credentials, and turns network failures into SyncErrors. */
export function createExchange(context: Context, options: ExchangeOptions): Exchange {
  const endpoint = new URL(options.endpoint)
  const dispatcher = createDispatcher(context, {
    endpoint,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  })
  const rate = createRate(context, options.requestsPerSecond)
  return {
    hub: options.hub,
    endpoint,
    async hop(hop) {
      const where = describeRequest(options.hub, hop.method, hop.url, endpoint)
      checkUrl(hop.url, endpoint, options.insecureHttp, where)
      if (context.signal.aborted) throw stopped(where)
      const toError = (failure: unknown) =>
        networkError(failure, where, {
          signal: context.signal,
          // Other hosts are named by the hub.
          next: hop.url.host === endpoint.host ? options.advice?.endpoint : undefined,
        })
      try {
        await rate.turn(hop.url.host)
        const sentAt = context.clock.now()
        const answer = await dispatch(dispatcher, hop, options.credentials, context.signal)
        const headers = plainHeaders(answer.headers)
        rate.note(hop.url.host, answer.statusCode, headers)
        if (hop.purpose === 'api')
          context.onAnswer?.({ hub: options.hub, headers, sentAt, receivedAt: context.clock.now() })
        // Whoever reads the body sees its failure; one that is closed unread must not end the process.
        answer.body.on('error', () => undefined)
        return { status: answer.statusCode, headers, stream: answer.body, where, toError }
      } catch (failure) {
        throw toError(failure)
      }
    },
  }
}

function dispatch(dispatcher: Dispatcher, hop: Hop, credentials: Credentials, signal: AbortSignal) {
  const own = 'authorization' in hop.headers ? {} : credentials.headersFor(hop.url, hop.purpose)
  return undiciRequest(hop.url, {
    dispatcher,
    method: hop.method,
    // Sizes and hashes are of the content as it is: no compression on the way.
    headers: { 'user-agent': 'model-hub-sync', 'accept-encoding': 'identity', ...own, ...hop.headers },
    body: hop.body ?? null,
    headersTimeout: hop.headersTimeout,
    bodyTimeout: 300_000,
    highWaterMark: 256 * 1024,
    signal: hop.signal === undefined ? signal : AbortSignal.any([signal, hop.signal]),
  })
}

function checkUrl(url: URL, endpoint: URL, insecureHttp: boolean, where: string): void {
  const plain = url.protocol === 'http:'
  if (!plain && url.protocol !== 'https:') {
    throw new SyncError('refused', `${where}: only https addresses are used.`)
  }
  if (plain && !insecureHttp && !isLoopbackHost(url.hostname)) {
    throw new SyncError('refused', `${where}: plain http is only used on loopback.`, {
      next: 'Use https, or allow plain http for this hub in the configuration.',
    })
  }
  if (url.username !== '' || url.password !== '') {
    throw new SyncError('refused', `${where}: an address must not hold credentials.`)
  }
  checkLiteralAddress(url, endpoint)
}

function plainHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return plain
}

function networkError(
  failure: unknown,
  where: string,
  { signal, next }: { readonly signal: AbortSignal; readonly next: string | undefined },
): SyncError {
  const known = knownError(failure)
  if (known !== undefined) return known
  if (signal.aborted) return stopped(where)
  if (failure instanceof errors.BodyTimeoutError) {
    return new SyncError('stalled', `${where}: the answer stood still for too long.`, { cause: failure })
  }
  if (failure instanceof errors.HeadersTimeoutError) {
    return new SyncError('network', `${where}: no answer in time.`, { cause: failure })
  }
  const { code, message } = reasonOf(failure)
  const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_TLS/.test(code)
  return new SyncError('network', `${where}: ${message}${code === '' ? '' : ` (${code})`}.`, {
    cause: failure,
    ...(untrusted
      ? { retryable: false, next: 'Check the certificate, or name its CA in the configuration.' }
      : neverReached.has(code) && next !== undefined
        ? { next }
        : {}),
  })
}

/** What a wrong address leads to. Source: Node.js, "Errors", common system errors; dns error codes. */
const neverReached: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** A SyncError of ours that passed through the client: from the address check or the body that was being sent. */
function knownError(failure: unknown): SyncError | undefined {
  for (let at = failure; at instanceof Error; at = at.cause) {
    if (at instanceof SyncError) return at
  }
  return undefined
}

function reasonOf(failure: unknown): { code: string; message: string } {
  if (!(failure instanceof Error)) return { code: '', message: String(failure) }
  const first: unknown = failure instanceof AggregateError ? failure.errors[0] : failure
  const error = first instanceof Error ? first : failure
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return { code, message: error.message.slice(0, 300) }
}

function stopped(where: string): SyncError {
  return new SyncError('stopped', `${where}: the run was stopped.`)
}
