import { faultsOf } from '../core/faults.ts'
import {
  type Action,
  answerBatch,
  isPointer,
  lfsMediaType,
  type Offer,
  parseBatch,
} from '../core/lfs-standard.ts'
import { objectSize } from '../core/object-store.ts'
import type { Pointer } from '../core/pointer.ts'
import { type Exchange, HttpError, type Params, readJson, sendJson } from '../core/server.ts'
import type { RepoKind } from '../core/stand-in.ts'
import { fullName, type StoredRepo } from '../core/store.ts'
import { openRepo, prefixOf, requireGatePassed } from './access.ts'
import { hubError } from './errors.ts'
import type { Hub } from './hub.ts'

const expiresIn = 3600

/** `POST /{repo}.git/info/lfs/objects/batch`: for stock git-lfs, and with parts for clients that know them. */
export async function batchRoute(
  hub: Hub,
  exchange: Exchange,
  params: Params,
  kind: RepoKind,
): Promise<void> {
  const type = exchange.req.headers['content-type'] ?? ''
  if (!type.startsWith(lfsMediaType) && !type.startsWith('application/json')) {
    throw hubError(415, 'Unsupported media type')
  }
  const batch = parseBatch(await readJson(exchange.req))
  const access = batch?.operation === 'upload' ? 'write' : 'read'
  const opened = openRepo(hub, exchange, params, { kind, access, challenge: true, bucket: 'api' })
  if (!batch) throw hubError(422, 'Invalid batch request')
  const { repo } = opened
  if (batch.operation === 'download') requireGatePassed(opened)
  const multipart = batch.transfers.includes('multipart')
  const inParts = ({ size }: Pointer): boolean => multipart && size > hub.settings.multipartThreshold
  const transfer = batch.operation === 'upload' && batch.objects.some(inParts) ? 'multipart' : 'basic'
  const answer = await answerBatch(batch, transfer, (object) => {
    if (batch.operation === 'download') return offerDownload(hub, repo, object)
    return offerUpload(hub, exchange, repo, object, inParts(object))
  })
  sendJson(exchange.res, 200, answer, { 'content-type': lfsMediaType })
}

async function offerDownload(hub: Hub, repo: StoredRepo, object: Pointer): Promise<Offer> {
  const stored = await objectSize(hub.store.objects, object.oid)
  const missing = faultsOf(repo.name).has('fault-missing-object')
  if (stored === undefined || missing)
    return { kind: 'error', code: 404, message: 'Object does not exist on the server' }
  const href = hub.storage.downloadUrl(fullName(repo), object)
  return { kind: 'actions', actions: { download: { href, expires_in: expiresIn } } }
}

async function offerUpload(
  hub: Hub,
  exchange: Exchange,
  repo: StoredRepo,
  object: Pointer,
  inParts: boolean,
): Promise<Offer> {
  const stored = await objectSize(hub.store.objects, object.oid)
  if (stored === object.size || (stored === undefined && hub.storage.isClaimed(object.oid)))
    return { kind: 'present' }
  const name = `${prefixOf(repo.type)}${fullName(repo)}`
  const verify = { href: `${exchange.origin}/${name}.git/info/lfs/objects/verify`, expires_in: expiresIn }
  const upload = inParts
    ? await multipartAction(hub, repo, object)
    : { href: hub.storage.uploadUrl(fullName(repo), object), expires_in: expiresIn }
  return { kind: 'actions', actions: { upload, verify } }
}

/** Part addresses travel as headers named by the part's number, beside `chunk_size`. */
async function multipartAction(hub: Hub, repo: StoredRepo, object: Pointer): Promise<Action> {
  const { partSize } = hub.settings
  const { parts, complete } = await hub.storage.multipartUrls(fullName(repo), object, partSize)
  const width = Math.max(5, String(parts.length).length)
  const numbered = parts.map((url, index) => [String(index + 1).padStart(width, '0'), url])
  return {
    href: complete,
    header: { chunk_size: String(partSize), ...Object.fromEntries(numbered) },
    expires_in: expiresIn,
  }
}

/** `POST …/info/lfs/objects/verify` `{oid, size}`. */
export async function verifyRoute(
  hub: Hub,
  exchange: Exchange,
  params: Params,
  kind: RepoKind,
): Promise<void> {
  const { oid, size } = await readJson(exchange.req)
  openRepo(hub, exchange, params, { kind, access: 'write', challenge: true, bucket: 'git' })
  const object = { oid: typeof oid === 'string' ? oid : '', size: typeof size === 'number' ? size : -1 }
  if (!isPointer(object)) throw hubError(422, 'Invalid oid or size')
  const stored = await objectSize(hub.store.objects, object.oid)
  const good = stored === undefined ? hub.storage.isClaimed(object.oid) : stored === object.size
  if (!good) throw new HttpError(404, { message: 'Object not found' }, { 'content-type': lfsMediaType })
  sendJson(exchange.res, 200, {}, { 'content-type': lfsMediaType })
}
