import { blobOf, type FileEntry, filesAt } from '../core/files.ts'
import { listHistory, resolveRevision } from '../core/git-repo.ts'
import { sendFile } from '../core/send-file.ts'
import { type Exchange, type Params, param, sendJson, sendText } from '../core/server.ts'
import { fullName, type StoredRepo } from '../core/store.ts'
import { openOpenMind } from './access.ts'
import { branchOf, type Hub } from './hub.ts'
import { repoIn } from './v5-repos.ts'
import { openMindError, openMindOk } from './wire.ts'

/** `GET /api/v1/file/{o}/{r}?path=&ref=`: one level. */
export async function openMindTreeRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openOpenMind(hub, exchange, repoIn(params), 'read')
  const commit = await commitOf(repo, exchange.query.get('ref'))
  const files = await filesAt(hub.cache, repo, commit)
  const folder = (exchange.query.get('path') ?? '').replace(/^\/+|\/+$/g, '')
  if (folder !== '' && files.get(folder)?.type !== 'tree')
    throw openMindError(404, 'branch_or_path_not_found', 'path not found')
  const prefix = folder === '' ? '' : `${folder}/`
  const inside = [...files.values()].filter(
    ({ path }) => path.startsWith(prefix) && !path.slice(prefix.length).includes('/'),
  )
  const last = await commitShape(repo, commit)
  const tree = inside.map((entry) => ({ ...entryShape(entry), commit: last }))
  sendJson(exchange.res, 200, openMindOk({ tree, last_commit: { commit: last } }))
}

/** `GET /api/v1/file/{o}/{r}/info?ref=&path=`. */
export async function openMindFileInfoRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openOpenMind(hub, exchange, repoIn(params), 'read')
  const commit = await commitOf(repo, exchange.query.get('ref'))
  const entry = await fileOf(hub, repo, commit, exchange.query.get('path') ?? '')
  const last = await commitShape(repo, commit)
  const data = { ...entryShape(entry), branch_last_commit: commit, commit: last }
  sendJson(exchange.res, 200, openMindOk(data))
}

/** `GET /api/v1/file/{o}/{r}/{rev}/media/{path}`: plain files at once, LFS files by a redirect. */
export async function openMindMediaRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openOpenMind(hub, exchange, repoIn(params), 'read')
  const commit = await commitOf(repo, param(params, 'revision'))
  const entry = await fileOf(hub, repo, commit, param(params, 'path'))
  if (!entry.lfs) {
    await sendFile(exchange, await blobOf(hub.cache, repo, entry.oid))
    return
  }
  const location = hub.storage.downloadUrl(fullName(repo), entry.lfs)
  sendText(exchange.res, 302, 'Found', { location })
}

async function fileOf(hub: Hub, repo: StoredRepo, commit: string, path: string): Promise<FileEntry> {
  const entry = (await filesAt(hub.cache, repo, commit)).get(path)
  if (!entry) throw openMindError(404, 'branch_or_path_not_found', 'path not found')
  if (entry.type !== 'blob') throw openMindError(404, 'not_file', 'not a file')
  return entry
}

function entryShape({ type, path, oid, size, lfs }: FileEntry): object {
  const name = path.split('/').at(-1)
  if (type === 'tree') return { type: 'dir', path, name, size: 0, etag: '', is_lfs: false }
  const isLfs = lfs !== undefined
  return { type: 'file', path, name, size: lfs?.size ?? size, etag: lfs?.oid ?? oid, is_lfs: isLfs }
}

async function commitShape(repo: StoredRepo, commit: string): Promise<object> {
  const [entry] = await listHistory(repo.gitDir, commit, { limit: 1 })
  return { commit_sha: commit, message: entry?.title ?? '', created: entry?.date.toISOString() ?? '' }
}

async function commitOf(repo: StoredRepo, ref: string | null): Promise<string> {
  const commit = await resolveRevision(repo.gitDir, ref || branchOf(repo))
  if (commit === undefined) throw openMindError(404, 'ref_not_exist', 'ref does not exist')
  return commit
}
