import { filesAt } from '../core/files.ts'
import { countHistory, listHistory, listRefs, setRef } from '../core/git-repo.ts'
import { type Exchange, type Params, param, readJson, sendJson } from '../core/server.ts'
import { fullName, headOf, listRepos, mayRead, type StoredRepo } from '../core/store.ts'
import { identify, kindOf, type Opened, openRepo, requireGatePassed } from './access.ts'
import { textAt } from './attributes.ts'
import { cardData } from './card.ts'
import { hubError } from './errors.ts'
import type { Hub } from './hub.ts'
import { pageOf } from './paging.ts'
import { commitOf } from './revision.ts'

/** `GET /api/{type}s`: repos the asker may see. */
export async function listRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { query } = exchange
  const account = identify(hub, exchange)
  const author = query.get('author')
  const search = query.get('search')?.toLowerCase()
  const limit = Math.min(Number(query.get('limit') ?? hub.settings.listPageSize), hub.settings.listPageSize)
  if (!(limit >= 1)) throw hubError(400, '"limit" must be greater than 0')
  const repos = listRepos(hub.store, kindOf(param(params, 'kind')))
    .filter((repo) => mayRead(account, repo))
    .filter(({ owner }) => author === null || owner === author || hub.settings.filtersOwner === false)
    .filter((repo) => search === undefined || fullName(repo).toLowerCase().includes(search))
  sortRepos(repos, query)
  const { rows, headers } = pageOf(exchange, repos, limit)
  const items = rows.map((repo) => listItem(hub, repo, query))
  sendJson(exchange.res, 200, await Promise.all(items), headers)
}

function sortRepos(repos: StoredRepo[], query: URLSearchParams): void {
  const sort = query.get('sort')
  const sign = query.get('direction') === '1' ? 1 : -1
  if (sort === 'lastModified' || sort === 'last_modified')
    repos.sort((a, b) => sign * (+a.updatedAt - +b.updatedAt))
  if (sort === 'createdAt' || sort === 'created_at')
    repos.sort((a, b) => sign * (+a.createdAt - +b.createdAt))
}

async function listItem(hub: Hub, repo: StoredRepo, query: URLSearchParams): Promise<object> {
  const expand = expandOf(hub, query)
  if (expand.length > 0) return picked(await describe(hub, repo, await headOf(hub.store, repo)), expand)
  const full = query.get('full') === 'true' || query.get('full') === '1'
  if (full) return describe(hub, repo, await headOf(hub.store, repo))
  const {
    _id,
    id,
    modelId,
    likes,
    downloads,
    private: hidden,
    tags,
    createdAt,
  } = await describe(hub, repo, undefined)
  return { _id, id, ...(modelId ? { modelId } : {}), likes, downloads, private: hidden, tags, createdAt }
}

function expandOf({ settings }: Hub, query: URLSearchParams): string[] {
  if (settings.expands === false) return []
  return [...query.getAll('expand'), ...query.getAll('expand[]')]
}

function picked(item: Record<string, unknown>, fields: readonly string[]): object {
  const wanted = ['_id', 'id', ...fields].filter((field) => item[field] !== undefined)
  return Object.fromEntries(wanted.map((field) => [field, item[field]]))
}

/** `GET /api/{type}s/{id}[/revision/{rev}]`. */
export async function infoRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = open(hub, exchange, params)
  const revision = params.revision
  const commit = revision === undefined ? await headOf(hub.store, repo) : await commitOf(repo, revision)
  const expand = expandOf(hub, exchange.query)
  const blobs = exchange.query.get('blobs') === 'true' || exchange.query.get('blobs') === '1'
  const item = await describe(hub, repo, commit, blobs)
  sendJson(exchange.res, 200, expand.length > 0 ? picked(item, expand) : item)
}

async function describe(
  hub: Hub,
  repo: StoredRepo,
  commit: string | undefined,
  blobs = false,
): Promise<Record<string, unknown>> {
  const card = cardData(await textAt(hub, repo, commit, 'README.md'))
  const license = typeof card.license === 'string' ? [`license:${card.license}`] : []
  const item = {
    _id: repo.id,
    id: fullName(repo),
    ...(repo.type === 'model' ? { modelId: fullName(repo) } : {}),
    author: repo.owner,
    sha: commit,
    lastModified: repo.updatedAt.toISOString(),
    createdAt: repo.createdAt.toISOString(),
    private: repo.visibility !== 'public',
    gated: repo.gated === false && repo.name.startsWith('gated-') ? 'auto' : repo.gated,
    disabled: false,
    downloads: 0,
    likes: 0,
    tags: [...license, 'region:us'],
    cardData: card,
    siblings: commit === undefined ? [] : await siblings(hub, repo, commit, blobs),
    usedStorage: 0,
  }
  const missing: ReadonlySet<string> = new Set(hub.settings.missingFields)
  return Object.fromEntries(Object.entries(item).filter(([field]) => !missing.has(field)))
}

async function siblings(hub: Hub, repo: StoredRepo, commit: string, blobs: boolean): Promise<object[]> {
  const files = [...(await filesAt(hub.cache, repo, commit)).values()].filter(({ type }) => type === 'blob')
  if (!blobs) return files.map(({ path }) => ({ rfilename: path }))
  return files.map(({ path, oid, size, lfs }) => ({
    rfilename: path,
    blobId: oid,
    size: lfs?.size ?? size,
    ...(lfs ? { lfs: { sha256: lfs.oid, size: lfs.size, pointerSize: size } } : {}),
  }))
}

/** `GET /api/{type}s/{id}/refs`. */
export async function refsRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = open(hub, exchange, params)
  const refs = await listRefs(repo.gitDir)
  const under = (prefix: string): object[] =>
    refs
      .filter(({ ref }) => ref.startsWith(prefix))
      .map(({ ref, commit }) => ({ name: ref.slice(prefix.length), ref, targetCommit: commit }))
  const pulls = exchange.query.has('include_prs') ? { pullRequests: under('refs/pr/') } : {}
  const all = {
    branches: under('refs/heads/'),
    tags: under('refs/tags/'),
    converts: under('refs/convert/'),
    ...pulls,
  }
  sendJson(exchange.res, 200, all)
}

/** `GET /api/{type}s/{id}/commits/{rev}?p=&limit=`. */
export async function commitsRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = open(hub, exchange, params)
  const commit = await commitOf(repo, param(params, 'revision'))
  const total = await countHistory(repo.gitDir, commit)
  const page = Number(exchange.query.get('p') ?? 0)
  const limit = Math.min(Number(exchange.query.get('limit') ?? 50), 100)
  if (!(page >= 0) || !(limit >= 1)) throw hubError(400, 'Invalid page')
  const history = await listHistory(repo.gitDir, commit, { skip: page * limit, limit })
  const query = new URLSearchParams(exchange.query)
  query.set('p', String(page + 1))
  const next = `<${exchange.origin}${exchange.path}?${query}>; rel="next"`
  const link: Record<string, string> = (page + 1) * limit < total ? { link: next } : {}
  const rows = history.map(({ id, title, body, author, date }) => {
    return { id, title, message: body, authors: [{ user: author, avatar: '' }], date: date.toISOString() }
  })
  sendJson(exchange.res, 200, rows, { 'x-total-count': String(total), ...link })
}

/** `GET /api/{type}s/{id}/auth-check`. */
export function authCheckRoute(hub: Hub, exchange: Exchange, params: Params): void {
  requireGatePassed(open(hub, exchange, params))
  sendJson(exchange.res, 200, {})
}

/** `POST …/branch/{name}` and `POST …/tag/{revision}`; an existing one answers 409. */
export async function createRefRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = open(hub, exchange, params, 'write')
  const body = await readJson(exchange.req)
  const branch = params.branch
  const tag = typeof body.tag === 'string' ? body.tag : ''
  if (branch === undefined && tag === '') throw hubError(400, '"tag" is required')
  const start = typeof body.startingPoint === 'string' ? body.startingPoint : hub.store.defaultBranch
  const commit = await commitOf(repo, branch === undefined ? param(params, 'revision') : start)
  const ref = branch === undefined ? `refs/tags/${tag}` : `refs/heads/${branch}`
  const old = body.overwrite === true ? undefined : '0'.repeat(40)
  if (!(await setRef(repo.gitDir, ref, commit, old))) throw hubError(409, `Reference already exists: ${ref}`)
  sendJson(exchange.res, 200, {})
}

/** `DELETE …/branch/{name}` and `DELETE …/tag/{tag}`. */
export async function deleteRefRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = open(hub, exchange, params, 'write')
  const branch = params.branch
  if (branch === hub.store.defaultBranch) throw hubError(403, 'Cannot delete the default branch')
  const ref = branch === undefined ? `refs/tags/${param(params, 'tag')}` : `refs/heads/${branch}`
  await commitOf(repo, ref)
  await setRef(repo.gitDir, ref, undefined)
  exchange.res.writeHead(204).end()
}

function open(hub: Hub, exchange: Exchange, params: Params, access: 'read' | 'write' = 'read'): Opened {
  return openRepo(hub, exchange, params, { kind: kindOf(param(params, 'kind')), access, bucket: 'api' })
}
