import { faultsOf } from '../core/faults.ts'
import { isPointer, parseBatch } from '../core/lfs-standard.ts'
import { objectSize } from '../core/object-store.ts'
import type { Pointer } from '../core/pointer.ts'
import { encodePath } from '../core/server.ts'
import { fullName, type StoredRepo } from '../core/store.ts'
import { type Hub, type MsType, segments } from './hub.ts'
import { codes, failed, type JsonAnswer, ok } from './wire.ts'

/** How an object stands with the hub. `claimed`: its upload was confirmed, but it was thrown away (fault-lost-object). */
export type Presence = 'stored' | 'claimed' | 'missing'

/** An object is known by its id and size together, in all repos of the hub at once. */
export async function presenceOf(hub: Hub, repo: StoredRepo, object: Pointer): Promise<Presence> {
  if ((await objectSize(hub.store.objects, object.oid)) === object.size) return 'stored'
  const isClaimed = hub.claimed.has(`${fullName(repo)} ${object.oid}`) || hub.storage.isClaimed(object.oid)
  return isClaimed ? 'claimed' : 'missing'
}

/** True if the object can be read through this repo. */
export async function isReadable(hub: Hub, repo: StoredRepo, object: Pointer): Promise<boolean> {
  if (faultsOf(repo.name).has('fault-missing-object')) return false
  return (await presenceOf(hub, repo, object)) === 'stored'
}

/**
 * `POST /api/v1/repos/{type}s/{id}/info/lfs/objects/batch`. Upload: what is stored is left out of the answer.
 * Download: what is missing comes with an `upload` action and without a `download` one.
 */
export async function answerMsBatch(
  hub: Hub,
  repo: StoredRepo,
  type: MsType,
  body: unknown,
): Promise<JsonAnswer> {
  const request = parseBatch(body)
  if (!request?.objects.every(isPointer)) return failed(400, codes.parameter, 'invalid batch request')
  const objects: object[] = []
  for (const object of request.objects) {
    const isThere =
      request.operation === 'download'
        ? await isReadable(hub, repo, object)
        : (await presenceOf(hub, repo, object)) !== 'missing'
    if (!isThere) objects.push({ ...object, actions: { upload: uploadAction(hub, repo, type, object) } })
    else if (request.operation === 'download')
      objects.push({
        ...object,
        actions: { download: { href: hub.storage.downloadUrl(fullName(repo), object) } },
      })
  }
  return ok({ objects, 'reused-objects': [] })
}

function uploadAction(hub: Hub, repo: StoredRepo, type: MsType, { oid, size }: Pointer): object {
  const path = encodePath(`/api/v1/repos/${segments[type]}/${fullName(repo)}/blobs/${oid}/${size}`)
  const parameters = { upload_header: { Range: 'bytes=0-' }, upload_parameters: {} }
  return { href: hub.uploadUrl() + path, offset: 0, ...parameters }
}
