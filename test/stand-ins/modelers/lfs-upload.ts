import { faultsOf } from '../core/faults.ts'
import { linkObject } from '../core/lfs-links.ts'
import { isPointer, lfsMediaType } from '../core/lfs-standard.ts'
import { objectSize, receiveObject } from '../core/object-store.ts'
import {
  type Exchange,
  isRecord,
  isRecordList,
  type Params,
  param,
  parseJson,
  readBody,
  sendJson,
} from '../core/server.ts'
import { count } from '../core/store.ts'
import { throttled } from '../core/throttle.ts'
import { type Opened, openLfs, openRepo } from './access.ts'
import type { Hub, RepoName } from './hub.ts'
import { isAccessible, ownSize } from './lfs-objects.ts'
import { completeUpload } from './multipart.ts'
import { failure, lfsError, sendOk } from './wire.ts'

/** `PUT /{owner}/{name}.git/info/lfs/objects/{oid}/{size}`: the bytes go through the hub, which checks their hash. */
export async function putObjectRoute(
  hub: Hub,
  exchange: Exchange,
  wanted: RepoName,
  params: Params,
): Promise<void> {
  const object = { oid: param(params, 'oid'), size: Number(param(params, 'size')) }
  if (!isPointer(object)) throw lfsError(422, 'Unprocessable Entity')
  const { repo } = openLfs(hub, exchange, wanted, 'write')
  const faults = faultsOf(repo.name)
  // The storage behind the hub refuses longer ones, which the hub has no words for.
  const isTooLong = Number(exchange.req.headers['content-length'] ?? object.size) > hub.settings.maxBasicSize
  const isBusy =
    faults.has('fault-storage-500') && count(hub.store, `put of ${object.oid} to ${repo.id}`) === 1
  if (isTooLong || isBusy) throw lfsError(500, 'Internal Server Error')
  const body = throttled(exchange.req as AsyncIterable<Buffer>, hub.throttle)
  const keep = !faults.has('fault-lost-object')
  const received = await receiveObject(hub.store.objects, object, body, keep)
  if (received.kind === 'wrong') {
    const isShort = received.size !== object.size
    throw lfsError(422, isShort ? 'content size does not match' : 'content hash does not match OID')
  }
  await linkObject(repo, object.oid)
  sendJson(exchange.res, 200, { Message: 'OK' }, { 'content-type': lfsMediaType })
}

/** `POST /{owner}/{name}.git/info/lfs/verify` `{oid, size}`. */
export async function verifyRoute(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  const body = parseJson((await readBody(exchange.req, 1 << 20)).toString('utf8'))
  const oid = isRecord(body) && typeof body.oid === 'string' ? body.oid : ''
  if (!isPointer({ oid, size: 0 })) throw lfsError(422, 'Oid or size are invalid')
  const { repo } = openLfs(hub, exchange, wanted, 'write')
  const isLost = faultsOf(repo.name).has('fault-lost-object')
  if (!isLost && (await ownSize(hub, repo, oid)) === undefined) throw lfsError(404, 'Not Found')
  sendJson(exchange.res, 200, { Message: 'OK' }, { 'content-type': lfsMediaType })
}

/** `POST …/info/lfs/multipart-verify?oid=&size=` by git: puts the parts together. */
export async function multipartVerifyRoute(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  const status = await finish(hub, exchange, openLfs(hub, exchange, wanted, 'write'))
  if (status !== 200) throw lfsError(status, status === 404 ? 'Not Found' : 'Internal Server Error')
  sendJson(exchange.res, 200, { Message: 'OK' }, { 'content-type': lfsMediaType })
}

/** The same by the API. */
export async function wrappedVerifyRoute(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  const status = await finish(hub, exchange, openRepo(hub, exchange, wanted, 'write'))
  if (status === 404) throw failure('file_not_found', 'object not found')
  if (status !== 200) throw failure('system_error', 'failed to commit the object')
  sendOk(exchange, null)
}

/** An upload that nobody knows is fine if the object is there; what does not have the right size is not found. */
async function finish(hub: Hub, exchange: Exchange, { repo, account }: Opened): Promise<200 | 404 | 500> {
  const { query, req } = exchange
  const body = parseJson((await readBody(req, 8 << 20)).toString('utf8'))
  const object = { oid: query.get('oid') ?? '', size: Number(query.get('size')) }
  const stored = await objectSize(hub.store.objects, object.oid)
  if (stored === object.size && isAccessible(hub, account, object.oid)) return 200
  const parts = isRecord(body) && isRecordList(body.part_ids) ? body.part_ids : []
  const id = isRecord(body) && typeof body.upload_id === 'string' ? body.upload_id : ''
  if (parts.length === 0) return 500
  const keep = !faultsOf(repo.name).has('fault-lost-object')
  const completed = await completeUpload(hub.uploads, hub.store.objects, { id, parts, keep })
  if (completed === 'parts') return 500
  if (completed !== 'stored') return 404
  await linkObject(repo, object.oid)
  return 200
}
