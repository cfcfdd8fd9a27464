import { faultsOf } from '../core/faults.ts'
import { type BatchRequest, isPointer, lfsMediaType, parseBatch } from '../core/lfs-standard.ts'
import type { Pointer } from '../core/pointer.ts'
import { type Exchange, parseJson, readBody, sendJson } from '../core/server.ts'
import { fullName } from '../core/store.ts'
import { type Opened, openLfs, openRepo } from './access.ts'
import { type Hub, originOf, type RepoName } from './hub.ts'
import { findForUpload, ownSize } from './lfs-objects.ts'
import { openUpload, type Part, partsOf } from './multipart.ts'
import { failure, jsonBody, lfsError } from './wire.ts'

const expiresIn = 10_800

interface Asked extends Opened {
  readonly hub: Hub
  readonly exchange: Exchange
  /** Where to verify an upload in parts; the id and size of the object are added. */
  readonly verifyAt: string
  /** By the API a stored object is offered parts too, each with its etag; by git it has no actions. */
  readonly partsOfStored: boolean
}

/** `POST /{owner}/{name}.git/info/lfs/objects/batch`. With `multipart` among the transfers the answer is the hub's own. */
export async function batchRoute(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  const { req, res } = exchange
  // (services/lfs/server.go CheckAcceptMediaType)
  if ((req.headers.accept ?? '').split(';')[0] !== lfsMediaType) throw lfsError(415, 'Unsupported Media Type')
  const batch = parseBatch(parseJson((await readBody(req)).toString('utf8')))
  const opened = openLfs(hub, exchange, wanted, batch?.operation === 'upload' ? 'write' : 'read')
  if (!batch) throw lfsError(400, 'Bad Request')
  const base = `${originOf(hub, exchange)}/${fullName(opened.repo)}.git/info/lfs`
  const asked = { ...opened, hub, exchange, verifyAt: `${base}/multipart-verify`, partsOfStored: false }
  const isMultipart = batch.transfers.includes('multipart')
  const answer = isMultipart ? multipartAnswer : basicAnswer
  const objects = await answerEach(asked, batch, answer)
  const headers = { 'content-type': lfsMediaType }
  sendJson(res, 200, isMultipart ? { transfer: 'multipart', objects } : { objects }, headers)
}

/** `POST /api/v1/file/{owner}/{name}/info/lfs/objects/batch`: uploads in parts, in the envelope of the API. */
export async function wrappedBatchRoute(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  const opened = openRepo(hub, exchange, wanted, 'write')
  const batch = parseBatch(await jsonBody(exchange))
  if (batch?.operation !== 'upload' || batch.objects.length > 100)
    throw failure('bad_request_body', 'invalid batch')
  const base = `${originOf(hub, exchange)}/api/v1/file/${fullName(opened.repo)}/info/lfs`
  const asked = { ...opened, hub, exchange, verifyAt: `${base}/multipart-verify`, partsOfStored: true }
  const objects = await answerEach(asked, batch, multipartAnswer)
  // `actions` is there beside an error, too.
  const filled = objects.map((object) => ({ actions: {}, ...object }))
  sendJson(exchange.res, 200, { code: '', msg: '', data: { objects: filled } })
}

type Answer = (asked: Asked, object: Pointer, operation: BatchRequest['operation']) => Promise<object>

async function answerEach(asked: Asked, batch: BatchRequest, answer: Answer): Promise<object[]> {
  const objects: object[] = []
  for (const object of batch.objects) {
    const more = isPointer(object)
      ? await answer(asked, object, batch.operation)
      : { error: { code: 422, message: 'Oid or size are invalid' } }
    objects.push({ ...object, ...more })
  }
  return objects
}

async function basicAnswer(asked: Asked, object: Pointer, operation: string): Promise<object> {
  const { hub, exchange, repo, account } = asked
  if (operation === 'download') return downloadAnswer(asked, object, 'header')
  const wanted = await findForUpload(hub, account, repo, object)
  if (wanted.kind === 'error') return { error: { code: 422, message: wanted.message } }
  if (wanted.kind === 'stored') return {}
  const base = `${originOf(hub, exchange)}/${fullName(repo)}.git/info/lfs`
  // The caller's own Authorization comes back in the actions, as they are on the same host.
  const header = authorizationOf(exchange)
  const upload = { href: `${base}/objects/${object.oid}/${object.size}`, header }
  return {
    actions: { upload, verify: { href: `${base}/verify`, header: { ...header, Accept: lfsMediaType } } },
  }
}

async function downloadAnswer(
  { hub, repo }: Asked,
  object: Pointer,
  headerKey: 'header' | 'headers',
): Promise<object> {
  const size = await ownSize(hub, repo, object.oid)
  if (size === undefined || faultsOf(repo.name).has('fault-missing-object'))
    return { error: { code: 404, message: 'Not Found' } }
  if (size !== object.size)
    return { error: { code: 422, message: `Object ${object.oid} is not ${object.size} bytes` } }
  const href = hub.objectHost.downloadUrl(fullName(repo), object, object.oid)
  return { actions: { download: { href, [headerKey]: {} } } }
}

async function multipartAnswer(asked: Asked, object: Pointer, operation: string): Promise<object> {
  const { hub, exchange, repo, account } = asked
  if (operation === 'download') return downloadAnswer(asked, object, 'headers')
  const wanted = await findForUpload(hub, account, repo, object)
  if (wanted.kind === 'error') return { error: { code: 422, message: wanted.message } }
  const isStored = wanted.kind === 'stored'
  if (isStored && !asked.partsOfStored) return { actions: {} }
  const { settings, store, uploads } = hub
  const upload = isStored ? undefined : await openUpload(uploads, store.objects, object, settings.partSize)
  const parts = partsOf(object, upload?.partSize ?? settings.partSize).map((part) => {
    const etag = upload ? upload.parts.get(part.index)?.etag : object.oid.slice(0, 32)
    return etag === undefined
      ? { ...part, ...hrefOf(asked, object, upload?.id ?? '', part) }
      : { ...part, etag }
  })
  const id = upload?.id ?? '0'.repeat(32)
  const href = `${asked.verifyAt}?${new URLSearchParams({ oid: object.oid, size: String(object.size) })}`
  const headers = { ...authorizationOf(exchange), Accept: lfsMediaType }
  const verify = {
    href,
    method: 'POST',
    headers,
    params: { upload_id: id },
    aggregation_params: { upload_id: id },
  }
  return { actions: { parts, verify } }
}

function hrefOf({ hub, repo }: Asked, { oid }: Pointer, upload: string, { index }: Part): object {
  const href = hub.objectHost.partUrl(fullName(repo), oid, upload, index)
  return { href, method: 'PUT', headers: {}, expires_in: expiresIn }
}

function authorizationOf({ req }: Exchange): Record<string, string> {
  return req.headers.authorization === undefined ? {} : { Authorization: req.headers.authorization }
}
