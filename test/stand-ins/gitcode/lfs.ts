import { faultsOf } from '../core/faults.ts'
import { answerBatch, isPointer, lfsMediaType, type Offer, parseBatch } from '../core/lfs-standard.ts'
import type { Pointer } from '../core/pointer.ts'
import { type Exchange, HttpError, type Params, param, readJson, sendJson } from '../core/server.ts'
import { fullName, type StoredRepo } from '../core/store.ts'
import { openGit } from './access.ts'
import type { Hub, RepoName } from './hub.ts'
import { checkQuota, presenceOf } from './lfs-objects.ts'

const expiresIn = 3600

/** `POST /{o}/{r}.git/info/lfs/objects/batch`, on the git hosts and on the hub host alike. */
export async function batchRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const batch = parseBatch(await readJson(exchange.req))
  const isUpload = batch?.operation === 'upload'
  const { repo } = openGit(hub, exchange, nameIn(params), isUpload ? 'write' : 'read', true)
  if (!batch) throw new HttpError(422, { message: 'Invalid batch request' })
  if (isUpload) await checkQuota(hub, repo, batch.objects.filter(isPointer))
  const inParts = ({ size }: Pointer): boolean =>
    batch.transfers.includes('multipart') && size > hub.settings.multipartThreshold
  const transfer = isUpload && batch.objects.some(inParts) ? 'multipart' : 'basic'
  const answer = await answerBatch(batch, transfer, (object) =>
    isUpload ? offerUpload(hub, exchange, repo, object, inParts(object)) : offerDownload(hub, repo, object),
  )
  sendJson(exchange.res, 200, answer, { 'content-type': lfsMediaType })
}

async function offerDownload(hub: Hub, repo: StoredRepo, object: Pointer): Promise<Offer> {
  const isThere = (await presenceOf(hub, repo, object)) === 'present'
  if (!isThere || faultsOf(repo.name).has('fault-missing-object'))
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
  if ((await presenceOf(hub, repo, object)) !== 'absent') return { kind: 'present' }
  const name = fullName(repo)
  const upload = inParts
    ? await multipartAction(hub, name, object)
    : { href: hub.storage.uploadUrl(name, object), expires_in: expiresIn }
  if (!hub.settings.lfsVerify) return { kind: 'actions', actions: { upload } }
  const href = `${exchange.origin}/${name}.git/info/lfs/objects/verify`
  return { kind: 'actions', actions: { upload, verify: { href, expires_in: expiresIn } } }
}

/** As on the hub that this API imitates: part addresses travel as headers named by the part's number. */
async function multipartAction(hub: Hub, name: string, object: Pointer) {
  const { partSize } = hub.settings
  const { parts, complete } = await hub.storage.multipartUrls(name, object, partSize)
  const numbered = parts.map((url, index) => [String(index + 1).padStart(5, '0'), url])
  const header = { chunk_size: String(partSize), ...Object.fromEntries(numbered) } as Record<string, string>
  return { href: complete, header, expires_in: expiresIn }
}

/** `POST …/info/lfs/objects/verify` `{oid, size}`. */
export async function verifyRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { oid, size } = await readJson(exchange.req)
  const { repo } = openGit(hub, exchange, nameIn(params), 'write', true)
  const object = { oid: typeof oid === 'string' ? oid : '', size: typeof size === 'number' ? size : -1 }
  if (!isPointer(object)) throw new HttpError(422, { message: 'Invalid oid or size' })
  if ((await presenceOf(hub, repo, object)) === 'absent')
    throw new HttpError(404, { message: 'Object not found' })
  sendJson(exchange.res, 200, {}, { 'content-type': lfsMediaType })
}

export function nameIn(params: Params): RepoName {
  return { owner: param(params, 'owner'), name: param(params, 'name') }
}
