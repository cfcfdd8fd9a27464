import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { bodyFault, faultsOf } from './faults.ts'
import { adoptUpload, createUpload, objectFile, objectSize, receiveObject, writeAt } from './object-store.ts'
import type { Pointer } from './pointer.ts'
import { sendFile } from './send-file.ts'
import {
  dispatch,
  type Exchange,
  HttpError,
  isRecordList,
  type Params,
  param,
  type Route,
  type RunningServer,
  readJson,
  route,
  type ServerOptions,
  startServer,
} from './server.ts'
import { count, type Store } from './store.ts'
import { createThrottle, type Throttle, throttled } from './throttle.ts'

/** The second origin of a hub: object storage behind signed addresses, which refuses any credentials. */
export interface Storage {
  readonly origin: string
  /** Signed address to read an object. `repo` is `owner/name`: its name chooses the faults. */
  downloadUrl(repo: string, object: Pointer, filename?: string): string
  /** Signed address for one PUT of a whole object. */
  uploadUrl(repo: string, object: Pointer): string
  /** Signed addresses for an upload in parts: one per part, and one for the completion. */
  multipartUrls(repo: string, object: Pointer, partSize: number): Promise<MultipartUrls>
  /** True if the object was accepted, though fault-lost-object may have thrown it away. */
  isClaimed(oid: string): boolean
  close(): Promise<void>
}

export interface MultipartUrls {
  readonly parts: readonly string[]
  readonly complete: string
}

export interface StorageOptions extends Pick<ServerOptions, 'log' | 'host' | 'verbose'> {
  readonly store: Store
  /** Bytes per second of all downloads together; undefined: no limit. */
  readonly bandwidth?: number | undefined
  /** Seconds an address works. */
  readonly lifetime?: number
  /** Most bytes of a single PUT. */
  readonly maxPut?: number | undefined
  /** Told of each object that was accepted for a repo (`owner/name`), before the client is. */
  readonly onStored?: (repo: string, oid: string) => Promise<void>
}

interface Upload {
  readonly file: string
  readonly object: Pointer
  readonly partSize: number
  readonly parts: number
  readonly etags: Map<number, string>
}

interface State {
  readonly options: StorageOptions
  readonly store: Store
  readonly key: Buffer
  readonly uploads: Map<string, Upload>
  readonly claimed: Set<string>
  readonly throttle: Throttle
}

export async function startStorage(options: StorageOptions): Promise<Storage> {
  const state: State = {
    options,
    store: options.store,
    key: randomBytes(32),
    uploads: new Map(),
    claimed: new Set(),
    throttle: createThrottle(options.bandwidth),
  }
  const routes = storageRoutes(state)
  const handle = (exchange: Exchange) => handleStorage(state, routes, exchange)
  const server = await startServer({ ...options, name: 'storage', handle })
  const { origin } = server
  return {
    origin,
    downloadUrl: (repo, object, filename) =>
      origin + sign(state, `/objects/${object.oid}`, repo, { filename }),
    uploadUrl: (repo, object) => origin + sign(state, `/uploads/${object.oid}/${object.size}`, repo),
    multipartUrls: (repo, object, partSize) => startMultipart(state, server, repo, object, partSize),
    isClaimed: (oid) => state.claimed.has(oid),
    close: () => server.close(),
  }
}

function storageRoutes(state: State): Route[] {
  return [
    route('GET', '/objects/:oid', (exchange, params) => getObject(state, exchange, params)),
    route('PUT', '/uploads/:oid/:size', (exchange, params) => putObject(state, exchange, params)),
    route('PUT', '/multipart/:upload/:part', (exchange, params) => putPart(state, exchange, params)),
    route('POST', '/multipart/:upload', (exchange, params) => completeUpload(state, exchange, params)),
  ]
}

async function handleStorage(state: State, routes: readonly Route[], exchange: Exchange): Promise<void> {
  const { authorization, cookie } = exchange.req.headers
  // What S3 answers when a signed address and an Authorization header come together.
  if (authorization !== undefined || cookie !== undefined) {
    throw xmlError(400, 'InvalidArgument', 'Only one auth mechanism allowed')
  }
  checkSignature(state, exchange)
  if (!(await dispatch(routes, exchange))) throw xmlError(405, 'MethodNotAllowed', 'Not allowed')
}

interface SignOptions {
  readonly filename?: string | undefined
  /** What the address is for, where the path is another one each time. */
  readonly counted?: string
}

/** Path with expiry and signature. With fault-expired-url the first address of each object is dead already. */
function sign(state: State, path: string, repo: string, options: SignOptions = {}): string {
  const { filename, counted = path } = options
  const faulty = faultsOf(repo).has('fault-expired-url')
  const dead = faulty && count(state.store, `address of ${repo} ${counted}`) === 1
  const lifetime = dead ? -60 : (state.options.lifetime ?? 3600)
  const query = new URLSearchParams({ repo, expires: String(Math.floor(Date.now() / 1000) + lifetime) })
  if (filename !== undefined) query.set('filename', filename)
  return `${path}?${query}&signature=${signature(state, path, query.toString())}`
}

function signature(state: State, path: string, query: string): string {
  return createHmac('sha256', state.key).update(`${path}?${query}`).digest('hex')
}

function checkSignature(state: State, { path, query }: Exchange): void {
  const given = Buffer.from(query.get('signature') ?? '')
  const signed = new URLSearchParams(query)
  signed.delete('signature')
  const wanted = Buffer.from(signature(state, path, signed.toString()))
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw xmlError(403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match')
  }
  if (Number(query.get('expires')) < Date.now() / 1000) {
    throw xmlError(403, 'AccessDenied', 'Request has expired')
  }
}

async function getObject(state: State, exchange: Exchange, params: Params): Promise<void> {
  const oid = param(params, 'oid')
  const repo = exchange.query.get('repo') ?? ''
  const faults = faultsOf(repo)
  const stored = await objectSize(state.store.objects, oid)
  if (stored === undefined || faults.has('fault-missing-object')) {
    throw xmlError(404, 'NoSuchKey', 'The specified key does not exist.')
  }
  const nth = exchange.method === 'GET' ? count(state.store, `download of ${oid} from ${repo}`) : 0
  const filename = exchange.query.get('filename')
  const headers: Record<string, string> = { etag: `"${oid}"` }
  if (filename) headers['content-disposition'] = `inline; filename*=UTF-8''${encodeURIComponent(filename)}`
  const fault = bodyFault(faults, nth)
  await sendFile(exchange, objectFile(state.store.objects, oid), { headers, fault, throttle: state.throttle })
}

async function putObject(state: State, exchange: Exchange, params: Params): Promise<void> {
  const object = { oid: param(params, 'oid'), size: Number(param(params, 'size')) }
  const repo = exchange.query.get('repo') ?? ''
  const length = exchange.req.headers['content-length']
  // S3 knows no chunked PUT.
  if (length === undefined) throw xmlError(411, 'MissingContentLength', 'You must provide Content-Length')
  if (Number(length) > (state.options.maxPut ?? 5 * 1024 ** 3)) {
    throw xmlError(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size')
  }
  failFirstPut(state, repo, object.oid)
  const keep = claim(state, repo, object.oid)
  const body = throttled(exchange.req as AsyncIterable<Buffer>, state.throttle)
  const received = await receiveObject(state.store.objects, object, body, keep)
  if (received.kind === 'wrong') {
    state.claimed.delete(object.oid)
    throw xmlError(400, 'BadDigest', 'The SHA256 you specified did not match the calculated checksum.')
  }
  await state.options.onStored?.(repo, object.oid)
  exchange.res.writeHead(200, { etag: `"${object.oid}"`, 'content-length': '0' }).end()
}

function failFirstPut(state: State, repo: string, what: string): void {
  const faulty = faultsOf(repo).has('fault-storage-500')
  if (faulty && count(state.store, `put of ${what} to ${repo}`) === 1) {
    throw xmlError(500, 'InternalError', 'We encountered an internal error. Please try again.')
  }
}

/** Notes that an object was accepted; false if it is to be lost. */
function claim(state: State, repo: string, oid: string): boolean {
  if (!faultsOf(repo).has('fault-lost-object')) return true
  state.claimed.add(oid)
  return false
}

async function startMultipart(
  state: State,
  server: RunningServer,
  repo: string,
  object: Pointer,
  partSize: number,
): Promise<MultipartUrls> {
  const id = randomUUID()
  const parts = Math.ceil(object.size / partSize)
  const file = await createUpload(state.store.objects)
  state.uploads.set(id, { file, object, partSize, parts, etags: new Map() })
  const numbers = Array.from({ length: parts }, (_, index) => index + 1)
  return {
    parts: numbers.map(
      (number) =>
        server.origin +
        sign(state, `/multipart/${id}/${number}`, repo, { counted: `part ${number} of ${object.oid}` }),
    ),
    complete: server.origin + sign(state, `/multipart/${id}`, repo, { counted: `end of ${object.oid}` }),
  }
}

async function putPart(state: State, exchange: Exchange, params: Params): Promise<void> {
  const upload = uploadOf(state, params)
  const number = Number(param(params, 'part'))
  const offset = (number - 1) * upload.partSize
  const expected = Math.min(upload.partSize, upload.object.size - offset)
  failFirstPut(state, exchange.query.get('repo') ?? '', `${upload.object.oid} part ${number}`)
  if (exchange.req.headers['content-length'] !== String(expected)) {
    throw xmlError(400, 'IncompleteBody', `part ${number} must have ${expected} bytes`)
  }
  const body = throttled(exchange.req as AsyncIterable<Buffer>, state.throttle)
  await writeAt(upload.file, offset, body)
  const etag = `"${randomBytes(16).toString('hex')}"`
  upload.etags.set(number, etag)
  exchange.res.writeHead(200, { etag, 'content-length': '0' }).end()
}

async function completeUpload(state: State, exchange: Exchange, params: Params): Promise<void> {
  const upload = uploadOf(state, params)
  const { oid, parts } = await readJson(exchange.req)
  const given = isRecordList(parts) ? parts : []
  const right = given.every(({ partNumber, etag }, index) => {
    return partNumber === index + 1 && etag === upload.etags.get(index + 1)
  })
  if (oid !== upload.object.oid || given.length !== upload.parts || !right) {
    throw xmlError(400, 'InvalidPart', 'One or more of the specified parts could not be found.')
  }
  state.uploads.delete(param(params, 'upload'))
  const keep = claim(state, exchange.query.get('repo') ?? '', upload.object.oid)
  const adopted = await adoptUpload(state.store.objects, upload.object, upload.file, keep)
  if (adopted.kind === 'wrong') {
    state.claimed.delete(upload.object.oid)
    throw xmlError(400, 'BadDigest', 'The SHA256 you specified did not match the calculated checksum.')
  }
  await state.options.onStored?.(exchange.query.get('repo') ?? '', upload.object.oid)
  exchange.res.writeHead(200, { 'content-length': '0' }).end()
}

function uploadOf(state: State, params: Params): Upload {
  const upload = state.uploads.get(param(params, 'upload'))
  if (!upload) throw xmlError(404, 'NoSuchUpload', 'The specified upload does not exist.')
  return upload
}

function xmlError(status: number, code: string, message: string): HttpError {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`
  return new HttpError(status, body, { 'content-type': 'application/xml' })
}
