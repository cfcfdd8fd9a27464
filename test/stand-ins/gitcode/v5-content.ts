import { blobOf, type FileEntry, filesAt } from '../core/files.ts'
import { type Change, listHistory, listRefs, resolveRevision, setRef } from '../core/git-repo.ts'
import { sendFile } from '../core/send-file.ts'
import { type Exchange, encodePath, type Params, param, readJson, sendJson } from '../core/server.ts'
import { fullName, type StoredRepo } from '../core/store.ts'
import { openHub, openV5 } from './access.ts'
import { checkSizes, isPlainPath, land, overtake } from './commit.ts'
import { pushConfigOf } from './create.ts'
import { branchOf, type Hub } from './hub.ts'
import { repoIn } from './v5-repos.ts'
import { v5Error } from './wire.ts'

/** `GET …/commits/{ref}`. */
export async function commitInfoRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openV5(hub, exchange, repoIn(params), 'read')
  const sha = await commitOf(repo, param(params, 'ref'))
  const [entry] = await listHistory(repo.gitDir, sha, { limit: 1 })
  const by = { name: entry?.author, email: entry?.email, date: entry?.date.toISOString() }
  sendJson(exchange.res, 200, { sha, commit: { message: entry?.title, author: by, committer: by } })
}

/** `GET …/branches` and `GET …/branches/{b}`. */
export async function branchesRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openV5(hub, exchange, repoIn(params), 'read')
  const refs = (await listRefs(repo.gitDir)).filter(({ ref }) => ref.startsWith('refs/heads/'))
  const rows = refs.map(({ ref, commit }) => {
    const name = ref.slice('refs/heads/'.length)
    return { name, commit: { id: commit, sha: commit }, default: name === branchOf(repo) }
  })
  if (params.branch === undefined) return sendJson(exchange.res, 200, rows)
  const row = rows.find(({ name }) => name === params.branch)
  if (!row) throw v5Error(404, 'UN_KNOW', 'Branch not found')
  sendJson(exchange.res, 200, row)
}

/** `POST …/branches` `{branch_name, refs}`. */
export async function createBranchRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openV5(hub, exchange, repoIn(params), 'write')
  const { branch_name: name, refs } = await readJson(exchange.req)
  if (typeof name !== 'string' || name === '')
    throw v5Error(400, 'PARAMETER_ERROR', 'branch_name must not be blank', {}, 1000)
  const commit = await commitOf(repo, typeof refs === 'string' && refs ? refs : branchOf(repo))
  if (!(await setRef(repo.gitDir, `refs/heads/${name}`, commit, '0'.repeat(40))))
    throw v5Error(400, 'BAD_REQUEST', 'Branch already exists')
  sendJson(exchange.res, 201, { name, commit: { id: commit, sha: commit } })
}

/** `GET …/git/trees/{ref}?recursive=&page=&per_page=&file_path=`: neither sizes nor LFS oids. */
export async function treesRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openV5(hub, exchange, repoIn(params), 'read')
  const { query } = exchange
  const files = await filesAt(hub.cache, repo, await commitOf(repo, param(params, 'ref')))
  const folder = query.get('file_path') ?? ''
  const prefix = folder === '' ? '' : `${folder.replace(/\/$/, '')}/`
  const isDeep = query.get('recursive') === '1' || query.get('recursive') === 'true'
  const inside = [...files.values()].filter(
    ({ path }) => path.startsWith(prefix) && (isDeep || !path.slice(prefix.length).includes('/')),
  )
  const page = Math.max(1, Number(query.get('page') ?? 1) || 1)
  const size = Math.min(100, Math.max(1, Number(query.get('per_page') ?? 20) || 20))
  const tree = inside.slice((page - 1) * size, page * size).map(({ mode, type, path, oid }) => {
    return { mode, type, name: path.split('/').at(-1), path, sha: oid, md5: null }
  })
  sendJson(exchange.res, 200, { tree }, { total_count: String(inside.length) })
}

/** `GET …/file_list?ref_name=`: paths. */
export async function fileListRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openV5(hub, exchange, repoIn(params), 'read')
  const commit = await commitOf(repo, exchange.query.get('ref_name') ?? branchOf(repo))
  const files = [...(await filesAt(hub.cache, repo, commit)).values()].filter(({ type }) => type === 'blob')
  sendJson(
    exchange.res,
    200,
    files.map(({ path }) => path),
  )
}

/** `GET …/contents/{path}?ref=`: the blob, which is the pointer for LFS files; a list for folders. */
export async function contentsRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openV5(hub, exchange, repoIn(params), 'read')
  const path = (params.path ?? '').replace(/\/+$/, '')
  const ref = exchange.query.get('ref') ?? branchOf(repo)
  const files = await filesAt(hub.cache, repo, await commitOf(repo, ref))
  const entry = files.get(path)
  const described = (file: FileEntry): object => describe(exchange, repo, ref, file)
  if (entry?.type === 'blob') {
    const content = (await blobOf(hub.cache, repo, entry.oid)).toString('base64')
    return sendJson(exchange.res, 200, { ...described(entry), encoding: 'base64', content })
  }
  if (path !== '' && !entry) throw v5Error(404, 'UN_KNOW', 'File not found')
  const prefix = path === '' ? '' : `${path}/`
  const inside = [...files.values()].filter(
    (file) => file.path.startsWith(prefix) && !file.path.slice(prefix.length).includes('/'),
  )
  sendJson(exchange.res, 200, inside.map(described))
}

function describe({ origin }: Exchange, repo: StoredRepo, ref: string, file: FileEntry): object {
  const { path, oid, size, type } = file
  const raw = `${origin}/${fullName(repo)}/raw/${encodeURIComponent(ref)}/${encodePath(path)}`
  return {
    type: type === 'tree' ? 'dir' : 'file',
    name: path.split('/').at(-1),
    path,
    size,
    sha: oid,
    download_url: type === 'tree' ? null : raw,
    html_url: `${origin}/${fullName(repo)}/blob/${ref}/${path}`,
  }
}

/** `POST` (new), `PUT` (with `sha`) and `DELETE …/contents/{path}` `{content, message, branch, sha}`. */
export async function writeContentsRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openV5(hub, exchange, repoIn(params), 'write')
  const { method } = exchange
  const path = param(params, 'path')
  const body = await readJson(exchange.req)
  if (!isPlainPath(path)) throw v5Error(400, 'PARAMETER_ERROR', 'path is invalid', {}, 1000)
  const { message, content } = body
  if (typeof message !== 'string' || message === '')
    throw v5Error(400, 'PARAMETER_ERROR', 'message must not be blank', {}, 1000)
  const branch = typeof body.branch === 'string' ? body.branch : branchOf(repo)
  const head = await resolveRevision(repo.gitDir, `refs/heads/${branch}`)
  const old = head && (await filesAt(hub.cache, repo, head)).get(path)
  if (method === 'POST' && old) throw v5Error(400, 'BAD_REQUEST', 'A file with this name already exists')
  if (method !== 'POST' && !old) throw v5Error(404, 'UN_KNOW', 'File not found')
  if (method !== 'POST' && old && body.sha !== old.oid)
    throw v5Error(400, 'BAD_REQUEST', 'sha does not match')
  if (method !== 'DELETE' && typeof content !== 'string')
    throw v5Error(400, 'PARAMETER_ERROR', 'content must not be blank', {}, 1000)
  const bytes = method === 'DELETE' ? null : Buffer.from(String(content), 'base64')
  const changes: Change[] = [{ path, content: bytes }]
  checkSizes(changes, pushConfigOf(hub, repo).max_file_size, (text) => v5Error(400, 'BAD_REQUEST', text))
  await overtake(hub, repo, branch)
  const sha = await land(repo, { branch, parent: head, changes, message })
  if (sha === undefined) throw v5Error(409, 'UN_KNOW', 'The branch has changed')
  sendJson(exchange.res, method === 'POST' ? 201 : 200, { content: { path }, commit: { sha, message } })
}

/** `GET /api/v5/repos/{o}/{r}/raw/{path}?ref=` and `GET /{o}/{r}/raw/{ref}/{path}`: the blob as it is. */
export async function rawRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  // The raw host reads public repos for anybody; V5 wants a token for everything.
  const open = params.ref === undefined ? openV5 : openHub
  const { repo } = open(hub, exchange, repoIn(params), 'read')
  const ref = params.ref ?? exchange.query.get('ref') ?? branchOf(repo)
  const entry = (await filesAt(hub.cache, repo, await commitOf(repo, ref))).get(param(params, 'path'))
  if (entry?.type !== 'blob') throw v5Error(404, 'UN_KNOW', 'File not found')
  await sendFile(exchange, await blobOf(hub.cache, repo, entry.oid))
}

async function commitOf(repo: StoredRepo, ref: string): Promise<string> {
  const commit = await resolveRevision(repo.gitDir, ref)
  if (commit === undefined) throw v5Error(404, 'UN_KNOW', 'Ref not found')
  return commit
}
