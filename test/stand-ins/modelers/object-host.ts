import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { bodyFault, faultsOf } from '../core/faults.ts'
import { objectPath, objectSize } from '../core/object-store.ts'
import type { Pointer } from '../core/pointer.ts'
import { sendFile } from '../core/send-file.ts'
import {
  dispatch,
  type Exchange,
  HttpError,
  type Params,
  param,
  type RunningServer,
  route,
  startServer,
} from '../core/server.ts'
import type { LoggedRequest } from '../core/stand-in.ts'
import { count, type Store } from '../core/store.ts'
import { type Throttle, throttled } from '../core/throttle.ts'
import { receivePart, type Uploads } from './multipart.ts'
import type { Settings } from './options.ts'

/** The second host: objects to read and parts to write, behind signed addresses. `repo` is `owner/name`. */
export interface ObjectHost {
  downloadUrl(repo: string, object: Pointer, filename: string): string
  partUrl(repo: string, oid: string, upload: string, index: number): string
  close(): Promise<void>
}

export interface ObjectHostOptions {
  readonly store: Store
  readonly uploads: Uploads
  readonly settings: Settings
  readonly throttle: Throttle
  readonly log: LoggedRequest[]
}

interface State extends ObjectHostOptions {
  readonly key: Buffer
}

/** Starts the host, on `localhost`: another name than the API's, as cookies and credentials go by names. */
export async function startObjectHost(options: ObjectHostOptions): Promise<ObjectHost> {
  const state: State = { ...options, key: randomBytes(32) }
  const routes = [
    route('GET', '/objects/:oid', (exchange, params) => getObject(state, exchange, params)),
    route('PUT', '/parts/:upload/:index', (exchange, params) => putPart(state, exchange, params)),
  ]
  const { log, settings } = options
  const handle = async (exchange: Exchange): Promise<void> => {
    refuseCredentials(state, exchange)
    checkSignature(state, exchange)
    if (!(await dispatch(routes, exchange))) throw xmlError(404, 'NoSuchKey', 'No such key')
  }
  const server: RunningServer = await startServer({
    name: 'storage',
    host: 'localhost',
    log,
    verbose: settings.verbose,
    handle,
  })
  const origin = settings.publicOrigins?.storage ?? server.origin
  return {
    downloadUrl: (repo, { oid }, filename) =>
      origin + sign(state, `/objects/${oid}`, { repo, filename, counted: oid }),
    partUrl: (repo, oid, upload, index) =>
      origin + sign(state, `/parts/${upload}/${index}`, { repo, counted: `part ${index} of ${oid}` }),
    close: () => server.close(),
  }
}

interface Signed {
  readonly repo: string
  readonly filename?: string
  /** What fault-expired-url counts the addresses of. */
  readonly counted: string
}

function sign(state: State, path: string, { repo, filename, counted }: Signed): string {
  const isDead =
    faultsOf(repo).has('fault-expired-url') && count(state.store, `address of ${repo} ${counted}`) === 1
  const expires = Math.floor(Date.now() / 1000) + (isDead ? -60 : state.settings.urlLifetime)
  const query = new URLSearchParams({ repo, expires: String(expires), ...(filename && { filename }) })
  return `${path}?${query}&signature=${signature(state, path, query)}`
}

function signature({ key }: State, path: string, query: URLSearchParams): string {
  return createHmac('sha256', key).update(`${path}?${query}`).digest('hex')
}

function refuseCredentials({ settings }: State, { req }: Exchange): void {
  const { authorization, cookie } = req.headers
  if (settings.storageCredentials === 'ignored') return
  if (authorization === undefined && cookie === undefined) return
  throw xmlError(400, 'InvalidArgument', 'Only one auth mechanism allowed')
}

function checkSignature(state: State, { path, query }: Exchange): void {
  const given = Buffer.from(query.get('signature') ?? '')
  const signed = new URLSearchParams(query)
  signed.delete('signature')
  const wanted = Buffer.from(signature(state, path, signed))
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
    throw xmlError(403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match')
  if (Number(query.get('expires')) < Date.now() / 1000)
    throw xmlError(403, 'AccessDenied', 'Request has expired')
}

async function getObject({ store, throttle }: State, exchange: Exchange, params: Params): Promise<void> {
  const oid = param(params, 'oid')
  const repo = exchange.query.get('repo') ?? ''
  const faults = faultsOf(repo)
  if ((await objectSize(store.objects, oid)) === undefined || faults.has('fault-missing-object'))
    throw xmlError(404, 'NoSuchKey', 'The specified key does not exist.')
  const nth = exchange.method === 'GET' ? count(store, `download of ${oid} from ${repo}`) : 0
  const headers = {
    etag: `"${oid}"`,
    'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent(exchange.query.get('filename') ?? oid)}`,
  }
  const fault = bodyFault(faults, nth)
  await sendFile(exchange, { file: objectPath(store.objects, oid) }, { headers, fault, throttle })
}

async function putPart(
  { store, uploads, throttle }: State,
  exchange: Exchange,
  params: Params,
): Promise<void> {
  const { req, res, query } = exchange
  const [upload, index] = [param(params, 'upload'), Number(param(params, 'index'))]
  const repo = query.get('repo') ?? ''
  if (req.headers['content-length'] === undefined)
    throw xmlError(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.')
  const faults = faultsOf(repo)
  if (faults.has('fault-upload-gone') && count(store, `gone ${repo}`) === 1) uploads.delete(upload)
  if (faults.has('fault-storage-500') && count(store, `put of ${upload} ${index}`) === 1)
    throw xmlError(500, 'InternalError', 'We encountered an internal error. Please try again.')
  const body = throttled(req as AsyncIterable<Buffer>, throttle)
  const etag = await receivePart(uploads, upload, index, body)
  if (etag === undefined) throw xmlError(404, 'NoSuchUpload', 'The specified upload does not exist.')
  res.writeHead(200, { etag: `"${etag}"`, 'content-length': '0' }).end()
}

function xmlError(status: number, code: string, message: string): HttpError {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`
  return new HttpError(status, body, { 'content-type': 'application/xml' })
}
