import { bodyFault, faultsOf } from '../core/faults.ts'
import { blobOf } from '../core/files.ts'
import { objectPath, objectSize } from '../core/object-store.ts'
import { sendFile } from '../core/send-file.ts'
import { type Exchange, encodePath, type Params, param, sendText } from '../core/server.ts'
import type { RepoKind } from '../core/stand-in.ts'
import { count, fullName, type StoredRepo } from '../core/store.ts'
import { openRepo, requireGatePassed } from './access.ts'
import { hubError } from './errors.ts'
import type { Hub } from './hub.ts'
import { fileOf } from './revision.ts'

/** `GET|HEAD /{repo}/resolve/{rev}/{path}`: plain files inline, LFS files by a redirect to the storage. */
export async function resolveRoute(
  hub: Hub,
  exchange: Exchange,
  params: Params,
  kind: RepoKind,
): Promise<void> {
  const opened = openRepo(hub, exchange, params, { kind, access: 'read', bucket: 'resolvers' })
  requireGatePassed(opened)
  const { repo } = opened
  const path = param(params, 'path')
  const { commit, file } = await fileOf(hub, repo, param(params, 'revision'), path)
  const shared = { 'x-repo-commit': commit, 'accept-ranges': 'bytes', vary: 'Origin, Accept' }
  if (file.lfs && hub.settings.lfsContent === 'inline') {
    await sendObject(hub, exchange, repo, file.lfs.oid, shared)
    return
  }
  if (file.lfs) {
    const { oid, size } = file.lfs
    const location = hub.storage.downloadUrl(fullName(repo), file.lfs, path.split('/').at(-1))
    const linked = { 'x-linked-size': String(size), 'x-linked-etag': `"${oid}"`, etag: `"${oid}"` }
    const headers = { ...shared, ...linked, location }
    sendText(exchange.res, 302, `Found. Redirecting to ${location}`, headers)
    return
  }
  const etag = { etag: `"${file.oid}"` }
  const cached = exchange.path.startsWith('/api/resolve-cache/')
  if (hub.settings.resolveCache && !cached) {
    const location = `/api/resolve-cache/${kind}s/${fullName(repo)}/${commit}/${encodePath(path)}`
    sendText(exchange.res, 307, `Temporary Redirect. Redirecting to ${location}`, {
      ...shared,
      ...etag,
      location,
    })
    return
  }
  await sendFile(exchange, await blobOf(hub.cache, repo, file.oid), { headers: { ...shared, ...etag } })
}

/** An LFS object in the same answer, as servers without a storage of their own do. */
async function sendObject(
  hub: Hub,
  exchange: Exchange,
  repo: StoredRepo,
  oid: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const faults = faultsOf(repo.name)
  const isStored = (await objectSize(hub.store.objects, oid)) !== undefined
  if (!isStored || faults.has('fault-missing-object')) throw hubError(404, 'Not found')
  const fault = bodyFault(faults, count(hub.store, `inline ${oid} of ${repo.id}`))
  const file = { file: objectPath(hub.store.objects, oid) }
  await sendFile(exchange, file, { headers: { ...headers, etag: `"${oid}"` }, fault })
}

/** `GET|HEAD /{repo}/raw/{rev}/{path}`: the blob, which is the pointer for LFS files. */
export async function rawRoute(hub: Hub, exchange: Exchange, params: Params, kind: RepoKind): Promise<void> {
  const opened = openRepo(hub, exchange, params, { kind, access: 'read', bucket: 'resolvers' })
  requireGatePassed(opened)
  const { commit, file } = await fileOf(hub, opened.repo, param(params, 'revision'), param(params, 'path'))
  const headers = {
    'x-repo-commit': commit,
    etag: `"${file.oid}"`,
    'content-type': 'text/plain; charset=utf-8',
  }
  await sendFile(exchange, await blobOf(hub.cache, opened.repo, file.oid), { headers })
}
