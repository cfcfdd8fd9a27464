import { blobOf, filesAt } from '../core/files.ts'
import { resolveRevision } from '../core/git-repo.ts'
import { sendFile } from '../core/send-file.ts'
import { type Exchange, HttpError } from '../core/server.ts'
import { fullName, type StoredRepo } from '../core/store.ts'
import type { Hub } from './hub.ts'
import { isReadable } from './lfs-batch.ts'
import { codes, failed, type JsonAnswer } from './wire.ts'

export interface WantedFile {
  readonly path: string
  readonly revision: string
}

/**
 * A file of a repo: plain ones come at once, LFS ones by 302 from the storage host. HEAD never redirects. A Range of a
 * plain file is answered with the bytes asked for, a right Content-Range, and the status 200. A pointer without an
 * object: 500.
 */
export async function sendRepoFile(
  hub: Hub,
  repo: StoredRepo,
  wanted: WantedFile,
  exchange: Exchange,
): Promise<void> {
  const commit = await resolveRevision(repo.gitDir, wanted.revision || 'master')
  const entry = commit === undefined ? undefined : (await filesAt(hub.cache, repo, commit)).get(wanted.path)
  if (entry?.type !== 'blob') throw httpError(failed(404, codes.noSuchFile, 'file not found'))
  if (!entry.lfs) {
    const headers = { 'x-request-id': 'stand-in' }
    await sendFile(exchange, await blobOf(hub.cache, repo, entry.oid), { headers, partialStatus: 200 })
    return
  }
  if (!(await isReadable(hub, repo, entry.lfs))) throw httpError(failed(500, 10990101999, 'internal error'))
  const { res, method } = exchange
  if (method === 'HEAD') {
    const size = { 'content-length': String(entry.lfs.size) }
    res.writeHead(200, { 'content-type': 'application/octet-stream', ...size }).end()
    return
  }
  const name = wanted.path.slice(wanted.path.lastIndexOf('/') + 1)
  const location = hub.storage.downloadUrl(fullName(repo), entry.lfs, name)
  res.writeHead(302, { location, 'content-length': '0' }).end()
}

/** An answer to be thrown from where only streams are sent. */
export function httpError({ status, body, headers }: JsonAnswer): HttpError {
  return new HttpError(status, body, headers)
}
