import { type FileEntry, filesAt } from '../core/files.ts'
import { resolveRevision } from '../core/git-repo.ts'
import { type Exchange, HttpError, type Params, param, readJson, sendJson } from '../core/server.ts'
import { deleteRepo, fullName, isTaken, mayWrite, type StoredRepo } from '../core/store.ts'
import { openHub } from './access.ts'
import { createGitCodeRepo } from './create.ts'
import { hubCaller } from './credentials.ts'
import { branchOf, findByName, type Hub, keyOf, typeOf } from './hub.ts'
import { repoIn } from './v5-repos.ts'
import { hubError } from './wire.ts'

/**
 * `POST /api/repos/create` `{name, organization, private, type}`. Two live bugs, unless `strictHubCreate` is off: datasets
 * are refused with 401, and the repo stays private whatever was asked for.
 */
export async function hubCreateRoute(hub: Hub, exchange: Exchange): Promise<void> {
  const account = hubCaller(hub.store, exchange)
  if (!account) throw hubError(401, 'Login required')
  const { name, organization, type = 'model', private: hidden } = await readJson(exchange.req)
  const { strictHubCreate } = hub.settings
  if (type !== 'model' && type !== 'dataset' && type !== 'space')
    throw hubError(400, '"type" must be one of [model, dataset, space]')
  if (type === 'dataset' && strictHubCreate) throw hubError(401, 'Unauthorized')
  if (typeof name !== 'string' || !/^[A-Za-z0-9_.-]+$/.test(name)) throw hubError(400, '"name" is invalid')
  const owner = typeof organization === 'string' && organization ? organization : account.username
  const prefix = type === 'model' ? '' : `${type}s/`
  const url = `${exchange.origin}/${prefix}${owner}/${name}`
  if (isTaken(hub.store, keyOf({ owner, name })))
    throw new HttpError(409, { error: 'You already created this repo', url })
  if (!mayWrite(account, owner)) throw hubError(403, `You have no right to create under ${owner}`)
  await createGitCodeRepo(hub, { owner, name, type, isPrivate: strictHubCreate || hidden === true })
  sendJson(exchange.res, 200, { url })
}

/** `DELETE /api/repos/delete` `{name, organization}`. */
export async function hubDeleteRoute(hub: Hub, exchange: Exchange): Promise<void> {
  const account = hubCaller(hub.store, exchange)
  const { name, organization } = await readJson(exchange.req)
  const owner = typeof organization === 'string' && organization ? organization : (account?.username ?? '')
  const { repo } = openHub(hub, exchange, { owner, name: String(name) }, 'write')
  await deleteRepo(hub.store, repo)
  sendJson(exchange.res, 200, {})
}

/** `GET /api/models/{repo}`: 404 even for repos that exist, or the default branch. */
export function modelRoute(hub: Hub, exchange: Exchange, params: Params): void {
  const isKnown = findByName(hub.store, repoIn(params)) !== undefined
  if (hub.settings.modelInfo === 'not-found' && isKnown) throw hubError(404, 'Repository not found')
  const { repo } = openHub(hub, exchange, repoIn(params), 'read')
  sendJson(exchange.res, 200, { id: fullName(repo), default_branch: branchOf(repo) })
}

/** `GET /api/models/{repo}/revision/{rev}`: the one probe for existence that works. */
export async function revisionRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openHub(hub, exchange, repoIn(params), 'read')
  const sha = await commitOf(repo, param(params, 'revision'))
  const files = [...(await filesAt(hub.cache, repo, sha)).values()].filter(({ type }) => type === 'blob')
  sendJson(exchange.res, 200, {
    id: `${repo.owner.replaceAll('/', '-')}/${repo.name}`,
    sha,
    private: repo.visibility !== 'public',
    lastModified: repo.updatedAt.toISOString(),
    tags: [],
    repo_type: typeOf(repo),
    siblings: files.map(({ path }) => ({ rfilename: path })),
  })
}

/** `GET /api/models/{repo}/tree/{rev}[/{path}]?recursive=`: one page, however long. */
export async function treeRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openHub(hub, exchange, repoIn(params), 'read')
  const files = await filesAt(hub.cache, repo, await commitOf(repo, param(params, 'revision')))
  const folder = (params.path ?? '').replace(/\/+$/, '')
  if (folder !== '' && files.get(folder)?.type !== 'tree') throw hubError(404, 'Entry not found')
  const prefix = folder === '' ? '' : `${folder}/`
  const isDeep = /^(true|1)$/i.test(exchange.query.get('recursive') ?? '')
  const inside = [...files.values()].filter(
    ({ path }) => path.startsWith(prefix) && (isDeep || !path.slice(prefix.length).includes('/')),
  )
  const rows = inside.map((entry) => treeEntry(entry, hub.settings.treeLfs))
  sendJson(exchange.res, 200, rows)
}

function treeEntry({ type, path, oid, size, lfs }: FileEntry, withLfs: boolean): object {
  if (type === 'tree') return { type: 'directory', path, oid, size: 0 }
  if (!lfs) return { type: 'file', path, oid, size }
  const linked = { lfs: { oid: lfs.oid, size: lfs.size, pointerSize: size } }
  return { type: 'file', path, oid, size: lfs.size, ...(withLfs ? linked : {}) }
}

/** The commit a revision stands for; 404 if there is none. */
export async function commitOf(repo: StoredRepo, revision: string): Promise<string> {
  const commit = await resolveRevision(repo.gitDir, revision)
  if (commit === undefined) throw hubError(404, `Revision ${revision} not found`)
  return commit
}
