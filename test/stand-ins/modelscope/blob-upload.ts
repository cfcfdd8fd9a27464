import { faultsOf } from '../core/faults.ts'
import { isPointer } from '../core/lfs-standard.ts'
import { receiveObject } from '../core/object-store.ts'
import type { Pointer } from '../core/pointer.ts'
import { type Exchange, type Params, param } from '../core/server.ts'
import { count, fullName } from '../core/store.ts'
import { throttled } from '../core/throttle.ts'
import { writerOf } from './credentials.ts'
import { type Hub, type RepoName, toWrite } from './hub.ts'
import { type JsonAnswer, ok, refused } from './wire.ts'

/**
 * `PUT /api/v1/repos/{type}s/{id}/blobs/{sha256}/{size}` on the upload host: one PUT for the whole object, with both
 * credentials and a Content-Length (411 without). Wrong length or hash: 400 and nothing is kept.
 */
export async function putBlob(
  hub: Hub,
  exchange: Exchange,
  wanted: RepoName,
  params: Params,
): Promise<JsonAnswer> {
  const { req } = exchange
  const access = toWrite(hub, writerOf(hub.store, req.headers), wanted)
  if (access.kind === 'denied') return access.answer
  const object: Pointer = { oid: param(params, 'oid'), size: Number(param(params, 'size')) }
  if (!isPointer(object)) return refused(400, 'invalid sha256 or size')
  const length = req.headers['content-length']
  if (length === undefined) return refused(411, 'Content-Length is required')
  if (Number(length) !== object.size)
    return refused(400, `Content-Length ${length} is not the size ${object.size}`)
  const repo = fullName(access.repo)
  const faults = faultsOf(access.repo.name)
  if (faults.has('fault-storage-500') && count(hub.store, `put of ${object.oid} to ${repo}`) === 1)
    return refused(500, 'internal error')
  const isLost = faults.has('fault-lost-object')
  const body = throttled(req as AsyncIterable<Buffer>, hub.throttle)
  const received = await receiveObject(hub.store.objects, object, body, !isLost)
  if (received.kind === 'wrong') return refused(400, 'sha256 mismatch')
  if (isLost) hub.claimed.add(`${repo} ${object.oid}`)
  return ok({})
}
