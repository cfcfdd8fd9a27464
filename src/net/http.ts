import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import type { OpenFile, Range } from '../model/file.ts'
import type { Purpose } from '../model/profile.ts'
import { readBody, readCapped } from './body-reader.ts'
import { createExchange, type Exchange, type ExchangeOptions, type Hop, type Response } from './exchange.ts'
import { openAnswer, rangeHeader } from './open-file.ts'
import { followPages } from './paging.ts'
import { putBody } from './put-body.ts'
import { follow } from './redirects.ts'
import { retry } from './retry.ts'
import { watchStall } from './stall.ts'
import { describeRequest, isWebPage, statusError } from './status-error.ts'

/** One request with a small body and answer. Retried (net/retry.ts) only if `idempotent` (default: GET and HEAD). */
export interface Request {
  readonly url: string | URL
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'
  /** `api` unless said otherwise. */
  readonly purpose?: Purpose
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is; `headers` says what it is. */
  readonly body?: string | Uint8Array
  readonly idempotent?: boolean
  /** Statuses besides 2xx that are answers, not errors. */
  readonly accept?: readonly number[]
  /** Bytes of the answer at the most; default 64 MiB. */
  readonly cap?: number
  /** Milliseconds until the answer's header, default 60 s. */
  readonly headersTimeout?: number
  /** Seconds from the answer's header to its end, default 10 minutes. */
  readonly bodyTimeout?: number
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** The URL that answered, after redirects. */
  readonly url: URL
  /** The body as JSON; throws `bad-answer` if it is none. */
  json(): unknown
}

export interface OpenRequest {
  readonly url: string | URL
  readonly purpose?: Purpose
  readonly headers?: Readonly<Record<string, string>>
  readonly range?: Range
}

/** A streamed PUT: the body is opened by the caller and never sent twice. */
export interface PutRequest {
  readonly url: string | URL
  readonly purpose?: Purpose
  readonly headers?: Readonly<Record<string, string>>
  /** Exact bytes of the body. */
  readonly length: number
  readonly body: AsyncIterable<Uint8Array>
  /** Seconds the server may take nothing of a body that is ready; default 300. */
  readonly stallTimeout?: number
}

/** HTTP to one hub: origins, credentials per hop, rate, time-outs, byte caps, and statuses as SyncErrors. */
export interface Http {
  send(request: Request): Promise<Answer>
  /** GETs page after page along `Link: rel="next"`; stays on the origin; a repeated cursor or endless paging throws `bad-answer`. */
  pages(request: Request): AsyncIterable<Answer>
  /**
   * Opens a GET as a stream, following redirects (credentials asked per hop, https kept, address checked). With a range, the
   * answer must be what was asked for by Content-Range (206, or 200 with a matching Content-Range); a 200 with the whole body
   * is skipped to `start`. Not retried: the caller opens again.
   */
  open(request: OpenRequest): Promise<OpenFile>
  /** Streams a PUT; no redirect is followed. */
  put(request: PutRequest): Promise<Answer>
}

/** Lets a hub make a better SyncError of an answer than its status tells; undefined keeps the general one. */
export type ExplainStatus = (answer: {
  status: number
  headers: Readonly<Record<string, string>>
  body: Buffer
}) => SyncError | undefined

export interface HttpOptions extends ExchangeOptions {
  readonly explain?: ExplainStatus
}

/** The HTTP client of one hub. See `Http` for what its methods promise. */
export function createHttp(context: Context, options: HttpOptions): Http {
  const exchange = createExchange(context, options)
  const fail = (response: Response, body: Buffer) => {
    const answer = { status: response.status, headers: response.headers, body }
    return (
      options.explain?.(answer) ?? statusError(response.where, answer, context.clock.now(), options.advice)
    )
  }
  const send = (request: Request) => {
    const method = request.method ?? 'GET'
    if (!(request.idempotent ?? (method === 'GET' || method === 'HEAD')))
      return sendOnce(exchange, request, fail)
    const label = describeRequest(exchange.hub, method, new URL(request.url), exchange.endpoint)
    return retry(context, () => sendOnce(exchange, request, fail), { label })
  }
  return {
    send,
    pages: (request) => followPages(send, request),
    open: (request) => open(exchange, request, fail),
    put: (request) => put(exchange, request, fail),
  }
}

type Fail = (response: Response, body: Buffer) => SyncError

const defaultCap = 64 * 1024 * 1024
const errorCap = 256 * 1024
const defaultHeadersTimeout = 60_000
const defaultBodyTimeout = 600

async function sendOnce(exchange: Exchange, request: Request, fail: Fail): Promise<Answer> {
  const hop = hopOf(request)
  const accept = request.accept ?? []
  const follows = hop.method === 'GET' || hop.method === 'HEAD'
  const { response, url } = follows
    ? await follow(exchange, hop, { accept, leavesOrigin: false })
    : { response: await exchange.hop(hop), url: hop.url }
  const seconds = request.bodyTimeout ?? defaultBodyTimeout
  const body = await within(response, seconds, async () => {
    if (!isSuccess(response) && !accept.includes(response.status))
      throw fail(response, await errorBody(response))
    return bodyOf(response, request.cap ?? defaultCap)
  })
  if (isSuccess(response) && body.length > 0 && isWebPage(response.headers)) {
    throw new SyncError('bad-answer', `${response.where} answered with a web page.`, {
      status: response.status,
      next: 'Check the endpoint of this hub.',
    })
  }
  return answerOf(response, url, body)
}

/** Ends an answer that drips: each of its bytes is in time, and it would hold the run up for ever. */
async function within<T>(response: Response, seconds: number, read: () => Promise<T>): Promise<T> {
  const watch = watchStall(seconds, () => {
    const what = `${response.where}: the answer was not complete after ${seconds} s.`
    response.stream.destroy(new SyncError('stalled', what))
  })
  watch.waiting()
  try {
    return await read()
  } finally {
    watch.end()
  }
}

async function open(exchange: Exchange, request: OpenRequest, fail: Fail): Promise<OpenFile> {
  const hop: Hop = {
    url: new URL(request.url),
    method: 'GET',
    purpose: request.purpose ?? 'api',
    headers: { ...lowerCase(request.headers), ...rangeHeader(request.range) },
    headersTimeout: defaultHeadersTimeout,
  }
  const { response } = await follow(exchange, hop, { accept: [], leavesOrigin: true })
  if (!isSuccess(response)) throw fail(response, await errorBody(response))
  return openAnswer(response, request.range)
}

async function put(exchange: Exchange, request: PutRequest, fail: Fail): Promise<Answer> {
  const url = new URL(request.url)
  const where = describeRequest(exchange.hub, 'PUT', url, exchange.endpoint)
  const stop = new AbortController()
  const stall = watchStall(request.stallTimeout ?? 300, () => {
    stop.abort(new SyncError('stalled', `${where}: the hub stopped taking the upload.`))
  })
  // Hubs hash what they were sent before they answer: at 20 MB/s here.
  const patience = 60 + request.length / 20e6
  const late = watchStall(patience, () => {
    stop.abort(new SyncError('network', `${where}: no answer ${Math.round(patience)} s after the upload.`))
  })
  const body = putBody(request.body, {
    waiting: stall.waiting,
    moving: stall.moving,
    ended: () => {
      stall.end()
      late.waiting()
    },
  })
  // Its failure reaches us through the request; without a listener it would end the process when it comes before that.
  body.on('error', () => undefined)
  const headers = { ...lowerCase(request.headers), 'content-length': String(request.length) }
  const purpose = request.purpose ?? 'transfer'
  try {
    const hop: Hop = { url, method: 'PUT', purpose, headers, body, headersTimeout: 0, signal: stop.signal }
    const response = await exchange.hop(hop)
    if (!isSuccess(response)) throw fail(response, await errorBody(response))
    return answerOf(response, url, await bodyOf(response, defaultCap))
  } finally {
    stall.end()
    late.end()
    body.destroy()
  }
}

function hopOf(request: Request): Hop {
  const json = request.json === undefined ? undefined : JSON.stringify(request.json)
  const body = json ?? request.body
  return {
    url: new URL(request.url),
    method: request.method ?? 'GET',
    purpose: request.purpose ?? 'api',
    headers: {
      accept: 'application/json',
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...lowerCase(request.headers),
    },
    headersTimeout: request.headersTimeout ?? defaultHeadersTimeout,
    ...(body === undefined ? {} : { body }),
  }
}

function isSuccess(response: Response): boolean {
  return response.status >= 200 && response.status < 300
}

function bodyOf(response: Response, cap: number): Promise<Buffer> {
  const whole = { skip: 0, limit: Number.POSITIVE_INFINITY }
  return readCapped(readBody(response.stream, whole, response.toError), cap, response.where)
}

/** The beginning of an error's body: never more than is worth showing, and never a failure of its own. */
async function errorBody(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  try {
    const window = { skip: 0, limit: errorCap }
    for await (const chunk of readBody(response.stream, window, response.toError)) chunks.push(chunk)
  } catch (error) {
    chunks.push(Buffer.from(` (${error instanceof Error ? error.message : 'cut off'})`))
  }
  return Buffer.concat(chunks)
}

function answerOf(response: Response, url: URL, body: Buffer): Answer {
  return {
    status: response.status,
    headers: response.headers,
    body,
    url,
    json() {
      try {
        const value: unknown = JSON.parse(body.toString('utf8'))
        return value
      } catch (cause) {
        throw new SyncError('bad-answer', `${response.where} answered with something that is not JSON.`, {
          cause,
        })
      }
    },
  }
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
