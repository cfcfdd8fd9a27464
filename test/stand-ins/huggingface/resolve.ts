import { blobOf } from '../core/files.ts'
import { sendFile } from '../core/send-file.ts'
import { type Exchange, encodePath, type Params, param, sendText } from '../core/server.ts'
import type { RepoKind } from '../core/stand-in.ts'
import { fullName } from '../core/store.ts'
import { openRepo, requireGatePassed } from './access.ts'
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
