import { resolveRevision, setRef } from '../core/git-repo.ts'
import { type Exchange, type Params, param, readJson, sendJson } from '../core/server.ts'
import {
  type Account,
  deleteRepo,
  fullName,
  isTaken,
  listRepos,
  mayRead,
  mayWrite,
  type StoredRepo,
} from '../core/store.ts'
import { openOpenMind } from './access.ts'
import { createGitCodeRepo } from './create.ts'
import { hubCaller } from './credentials.ts'
import { branchOf, type Hub, keyOf, type RepositoryType, typeOf } from './hub.ts'
import { repoIn } from './v5-repos.ts'
import { openMindError, openMindOk } from './wire.ts'

/** `GET /api/v1/user`. */
export function openMindUserRoute(hub: Hub, exchange: Exchange): void {
  const { username } = callerOf(hub, exchange)
  const data = { id: '1', account: username, fullname: username, email: `${username}@example.invalid` }
  sendJson(exchange.res, 200, openMindOk(data))
}

function callerOf(hub: Hub, exchange: Exchange): Account {
  const account = hubCaller(hub.store, exchange)
  if (!account) throw openMindError(401, 'access_token_invalid', 'token is missing')
  return account
}

/** `POST /api/v1/{model|dataset|space}` `{name, owner, license, visibility}`: makes a first commit. */
export async function openMindCreateRoute(hub: Hub, exchange: Exchange, type: RepositoryType): Promise<void> {
  const account = callerOf(hub, exchange)
  const { name, owner, license, visibility, desc } = await readJson(exchange.req)
  if (typeof name !== 'string' || typeof owner !== 'string' || typeof license !== 'string')
    throw openMindError(400, 'bad_request_body', 'name, owner and license are required')
  if (!/^[a-zA-Z0-9_.-]{1,100}$/.test(name)) throw openMindError(400, 'bad_request_param', 'invalid name')
  if (!mayWrite(account, owner)) throw openMindError(403, 'no_permission', 'no permission')
  if (isTaken(hub.store, keyOf({ owner, name })))
    throw openMindError(400, 'duplicate_creating', 'dulicate creating')
  const readme = { path: 'README.md', content: Buffer.from(`---\nlicense: ${license}\n---\n`) }
  const isPrivate = visibility !== 'public'
  const description = typeof desc === 'string' ? desc : ''
  const repo = await createGitCodeRepo(hub, { owner, name, type, isPrivate, description, files: [readme] })
  repo.details.set('license', license)
  sendJson(exchange.res, 201, openMindOk(String(repo.number)))
}

/** `GET /api/v1/{type}?owner=&page_num=&count_per_page=&count=`; the list is null when empty. */
export function openMindListRoute(hub: Hub, exchange: Exchange, type: RepositoryType): void {
  const account = hubCaller(hub.store, exchange)
  const { query } = exchange
  const owner = query.get('owner')
  const size = Number(query.get('count_per_page') ?? 100)
  const perPage = size >= 1 && size <= 100 ? size : 100
  const from = (Math.max(1, Number(query.get('page_num') ?? 1)) - 1) * perPage
  const seen = listRepos(hub.store, 'model').filter(
    (repo) => typeOf(repo) === type && mayRead(account, repo) && (!owner || repo.owner === owner),
  )
  const rows = seen.slice(from, from + perPage).map(openMindItem)
  const total = query.get('count') === 'true' ? seen.length : 0
  const list = { [`${type}s`]: rows.length > 0 ? rows : null }
  sendJson(exchange.res, 200, openMindOk({ total, ...list }))
}

/** `GET /api/v1/{type}/{owner}/{name}`. */
export function openMindInfoRoute(hub: Hub, exchange: Exchange, params: Params): void {
  const { repo } = openOpenMind(hub, exchange, repoIn(params), 'read')
  sendJson(exchange.res, 200, openMindOk(openMindItem(repo)))
}

function openMindItem(repo: StoredRepo): object {
  return {
    id: String(repo.number),
    name: repo.name,
    owner: repo.owner,
    fullname: fullName(repo),
    desc: repo.details.get('description') ?? '',
    created_at: Math.floor(repo.createdAt.getTime() / 1000),
    updated_at: Math.floor(repo.updatedAt.getTime() / 1000),
    visibility: repo.visibility,
    labels: { task: '', license: [repo.details.get('license') ?? ''], frameworks: [] },
    download_count: 0,
    disable: false,
  }
}

/** `DELETE /api/v1/{type}/{id}`: an unknown id is 204, too. */
export async function openMindDeleteRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const account = callerOf(hub, exchange)
  const id = Number(param(params, 'id'))
  const repo = listRepos(hub.store, 'model').find(({ number }) => number === id)
  if (repo && !mayWrite(account, repo.owner)) throw openMindError(403, 'no_permission', 'no permission')
  if (repo) await deleteRepo(hub.store, repo)
  exchange.res.writeHead(204).end()
}

/** `POST /api/v1/branch/{type}/{o}/{r}` `{branch, base_branch}` and `DELETE …/{branch}`. */
export async function openMindBranchRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openOpenMind(hub, exchange, repoIn(params), 'write')
  if (exchange.method === 'DELETE') {
    const ref = `refs/heads/${param(params, 'branch')}`
    if (!(await resolveRevision(repo.gitDir, ref)))
      throw openMindError(404, 'branch_not_exist', 'branch does not exist')
    await setRef(repo.gitDir, ref, undefined)
    exchange.res.writeHead(204).end()
    return
  }
  const { branch, base_branch: base } = await readJson(exchange.req)
  if (typeof branch !== 'string' || !/^[a-zA-Z0-9_-]{1,100}$/.test(branch))
    throw openMindError(400, 'bad_request_param', 'invalid branch')
  const from = typeof base === 'string' && base ? base : branchOf(repo)
  const commit = await resolveRevision(repo.gitDir, `refs/heads/${from}`)
  if (!commit) throw openMindError(404, 'base_branch_not_found', 'base branch not found')
  if (!(await setRef(repo.gitDir, `refs/heads/${branch}`, commit, '0'.repeat(40))))
    throw openMindError(400, 'branch_exist', 'branch exists')
  sendJson(exchange.res, 201, openMindOk({ branch_name: branch }))
}
