import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { LoggedRequest } from './stand-in.ts'

/** One request being answered. */
export interface Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly method: string
  /** Path as sent, still percent-encoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** `http://host:port` as the client addressed us. */
  readonly origin: string
}

/** Decoded values of the `:name` and `*name` parts of a route. */
export type Params = Readonly<Record<string, string>>
export type Handler = (exchange: Exchange, params: Params) => Promise<void> | void

export interface Route {
  readonly method: string
  readonly pattern: RegExp
  readonly names: readonly string[]
  readonly handle: Handler
}

export interface RunningServer {
  /** `http://127.0.0.1:port`, or with the host name that was asked for. */
  readonly origin: string
  readonly port: number
  close(): Promise<void>
}

export interface ServerOptions {
  readonly handle: (exchange: Exchange) => Promise<void> | void
  /** Name of this server in the log of requests. */
  readonly name: LoggedRequest['server']
  readonly log: LoggedRequest[]
  /** Host name in `origin`; the server itself listens on the loopback addresses only. */
  readonly host?: '127.0.0.1' | 'localhost'
  readonly port?: number
  readonly verbose?: boolean
}

/** An answer other than success, thrown by handlers and sent as it is. */
export class HttpError extends Error {
  readonly status: number
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
  constructor(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(`HTTP ${status}`)
    this.status = status
    this.body = body
    this.headers = headers
  }
}

/** Starts a server on a loopback port (0: any free one). Uncaught errors answer 500 and go to stderr. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 30_000 }, (req, res) => {
    void answer(options, req, res)
  })
  server.timeout = 0
  const host = options.host ?? '127.0.0.1'
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { origin: `http://${host}:${address.port}`, port: address.port, close: () => closeServer(server) }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

async function answer(options: ServerOptions, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const target = req.url ?? '/'
  const cut = target.indexOf('?')
  const path = cut < 0 ? target : target.slice(0, cut)
  const method = req.method ?? 'GET'
  const entry: LoggedRequest = {
    server: options.name,
    method,
    path,
    authorization: req.headers.authorization !== undefined,
    cookie: req.headers.cookie !== undefined,
  }
  options.log.push(entry)
  res.on('close', () => {
    entry.status = res.statusCode
    if (options.verbose) process.stderr.write(`${options.name} ${method} ${path} ${res.statusCode}\n`)
  })
  // A client that goes away ends the exchange; there is nobody left to tell.
  res.on('error', () => undefined)
  req.on('error', () => undefined)
  const query = new URLSearchParams(cut < 0 ? '' : target.slice(cut + 1))
  const exchange = { req, res, method, path, query, origin: `http://${req.headers.host ?? ''}` }
  try {
    await options.handle(exchange)
  } catch (error) {
    sendFailure(exchange, error)
  }
}

function sendFailure({ req, res, path }: Exchange, error: unknown): void {
  if (res.headersSent || res.destroyed) {
    res.destroy()
    return
  }
  // The rest of the body is not wanted: drain it, or the client never reads the answer.
  req.resume()
  if (error instanceof HttpError) {
    if (typeof error.body === 'string') sendText(res, error.status, error.body, error.headers)
    else sendJson(res, error.status, error.body, error.headers)
    return
  }
  process.stderr.write(`stand-in: ${path}: ${error instanceof Error ? error.stack : String(error)}\n`)
  sendJson(res, 500, { error: 'Internal Error - We are working hard to fix this as soon as possible!' })
}

/**
 * A route. In the template `:name` is one path segment, `*name` the rest of the path; both are decoded.
 * `ALL` matches every method; a GET route answers HEAD too.
 */
export function route(method: string, template: string, handle: Handler): Route {
  const names: string[] = []
  const source = template.replace(/[.+?^${}()|[\]\\]|([:*])(\w+)/g, (text, kind?: string, name?: string) => {
    if (kind === undefined || name === undefined) return `\\${text}`
    names.push(name)
    return kind === ':' ? '([^/]+)' : '(.*)'
  })
  return { method, pattern: new RegExp(`^${source}$`), names, handle }
}

/** Runs the first route that fits; answers false if none does. Throws a 400 for a broken encoding. */
export async function dispatch(routes: readonly Route[], exchange: Exchange): Promise<boolean> {
  for (const { method, pattern, names, handle } of routes) {
    const fits =
      method === 'ALL' || method === exchange.method || (method === 'GET' && exchange.method === 'HEAD')
    const match = fits ? pattern.exec(exchange.path) : null
    if (!match) continue
    const values = names.map((name, index) => [name, decode(match[index + 1] ?? '')])
    await handle(exchange, Object.fromEntries(values))
    return true
  }
  return false
}

/** Percent-decodes a part of a path; a broken encoding is the client's fault. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    if (cause instanceof URIError) throw new HttpError(400, { error: 'Bad request' })
    throw cause
  }
}

/** Percent-encodes a path and keeps its slashes. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

/** A named part of the path. Throws if the route has no such part. */
export function param(params: Params, name: string): string {
  const value = params[name]
  if (value === undefined) throw new Error(`route has no ${name}`)
  return value
}

export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body)
  const all = { 'content-type': 'application/json; charset=utf-8', ...headers }
  sendText(res, status, text, all)
}

export function sendText(
  res: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(text)
  const type = { 'content-type': 'text/plain; charset=utf-8' }
  res.writeHead(status, { ...type, ...headers, 'content-length': String(bytes.length) })
  res.end(bytes)
}

/** Whole body of a request. Answers 413 above `cap` bytes. */
export async function readBody(req: IncomingMessage, cap = 256 << 20): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > cap) throw new HttpError(413, { error: 'Payload too large' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

/** Body as a JSON object. Answers 400 if it is none. */
export async function readJson(req: IncomingMessage, cap?: number): Promise<Record<string, unknown>> {
  const text = (await readBody(req, cap)).toString('utf8')
  const value = parseJson(text)
  if (isRecord(value)) return value
  throw new HttpError(400, { error: 'Invalid JSON body' })
}

/** JSON value, or undefined if the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined
    throw cause
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isRecordList(value: unknown): value is Record<string, unknown>[] {
  return Array.isArray(value) && value.every(isRecord)
}

/** What the Authorization header holds: a bearer token, or user and password. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'other' }

export function credentialsOf(req: IncomingMessage): Credentials {
  const header = req.headers.authorization
  if (header === undefined) return { kind: 'none' }
  const [, scheme = '', value = ''] = /^(\S+)\s+(.*)$/.exec(header) ?? []
  if (scheme.toLowerCase() === 'bearer') return { kind: 'bearer', token: value }
  if (scheme.toLowerCase() !== 'basic') return { kind: 'other' }
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(Buffer.from(value, 'base64').toString()) ?? []
  return { kind: 'basic', user, password }
}
