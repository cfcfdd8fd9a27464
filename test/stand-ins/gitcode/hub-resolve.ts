import { bodyFault, faultsOf } from '../core/faults.ts'
import { blobOf, filesAt } from '../core/files.ts'
import { objectPath, objectSize } from '../core/object-store.ts'
import { sendFile } from '../core/send-file.ts'
import { type Exchange, type Params, param, sendText } from '../core/server.ts'
import { count, fullName } from '../core/store.ts'
import { openHub } from './access.ts'
import type { Hub } from './hub.ts'
import { commitOf } from './hub-repos.ts'
import { rawPathHeader } from './raw-path-front.ts'
import { repoIn } from './v5-repos.ts'
import { hubError } from './wire.ts'

/** `GET|HEAD /{repo}/resolve/{rev}/{path}`: plain files at once, LFS files by a redirect or as they are. */
export async function resolveRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openHub(hub, exchange, repoIn(params), 'read', 'resolve')
  const path = pathOf(hub, exchange, params)
  const commit = await commitOf(repo, param(params, 'revision'))
  const file = (await filesAt(hub.cache, repo, commit)).get(path)
  if (file?.type !== 'blob') throw hubError(404, 'Entry not found')
  const shared = { 'x-repo-commit': commit, etag: `"${file.lfs?.oid ?? file.oid}"` }
  if (!file.lfs) {
    await sendFile(exchange, await blobOf(hub.cache, repo, file.oid), { headers: shared })
    return
  }
  const { oid, size } = file.lfs
  const headers = { ...shared, 'x-linked-etag': `"${oid}"`, 'x-linked-size': String(size) }
  if (hub.settings.resolve === 'redirect') {
    const location = hub.storage.downloadUrl(fullName(repo), file.lfs, path.split('/').at(-1))
    sendText(exchange.res, 302, 'Found', { ...headers, location })
    return
  }
  const faults = faultsOf(repo.name)
  if (faults.has('fault-missing-object') || (await objectSize(hub.store.objects, oid)) === undefined)
    throw hubError(404, 'LFS object not found')
  const nth = exchange.method === 'GET' ? count(hub.store, `direct download of ${oid} from ${repo.id}`) : 0
  const fault = bodyFault(faults, nth)
  await sendFile(exchange, { file: objectPath(hub.store.objects, oid) }, { headers, fault })
}

/** A non-ASCII path in a folder is found only if it came as raw UTF-8; at the root, percent-encoding works too. */
function pathOf(hub: Hub, exchange: Exchange, params: Params): string {
  const path = param(params, 'path')
  const isEncoded = /%[89a-f]/i.test(exchange.path) && exchange.req.headers[rawPathHeader] === undefined
  if (hub.settings.nonAsciiBug && isEncoded && path.includes('/')) throw hubError(404, 'Entry not found')
  return path
}
