import { type Exchange, HttpError, type Params, param, readJson, sendJson } from '../core/server.ts'
import {
  type Account,
  deleteRepo,
  isTaken,
  listRepos,
  mayRead,
  mayWrite,
  type StoredRepo,
} from '../core/store.ts'
import { openV5, v5Account } from './access.ts'
import { createGitCodeRepo, pushConfigOf, setPushConfig } from './create.ts'
import { type Hub, keyOf, type RepoName, repositoryTypes, typeOf } from './hub.ts'
import { startImport } from './import-worker.ts'
import { namespaceOf, v5Item } from './v5-item.ts'
import { v5Error } from './wire.ts'

/** `GET /api/v5/user`. The bare token in Authorization will do here. */
export function userRoute(hub: Hub, exchange: Exchange): void {
  const { username } = v5Account(hub, exchange)
  sendJson(exchange.res, 200, {
    id: '0123456789abcdef01234567',
    login: username,
    name: username,
    email: `${username}@example.invalid`,
    type: 'User',
    html_url: `${exchange.origin}/${username}`,
    avatar_url: '',
  })
}

/** `GET /api/v5/user/namespaces`. */
export function namespacesRoute(hub: Hub, exchange: Exchange): void {
  const account = v5Account(hub, exchange)
  const rows = account.owners.map((owner) => namespaceOf(owner, exchange.origin, account))
  sendJson(exchange.res, 200, rows)
}

/** `GET /api/v5/user/repos`: all that the caller may write to. */
export function userReposRoute(hub: Hub, exchange: Exchange): void {
  const account = v5Account(hub, exchange)
  const { query } = exchange
  if (query.has('affiliation') && query.has('type'))
    throw v5Error(422, 'PARAMETER_ERROR', 'affiliation and type exclude each other')
  const repos = listRepos(hub.store, 'model').filter(({ owner }) => account.owners.includes(owner))
  sendPage(hub, exchange, account, repos.filter(hasType(query, 'all')))
}

/** `GET /api/v5/orgs/{org}/repos`: without `repo_type`, code repos only. */
export function orgReposRoute(hub: Hub, exchange: Exchange, params: Params): void {
  const account = v5Account(hub, exchange)
  const org = param(params, 'org')
  if (!knownOwners(hub, account).has(org)) throw v5Error(404, 'UN_KNOW', 'Group not found')
  const repos = listRepos(hub.store, 'model').filter((repo) => repo.owner === org && mayRead(account, repo))
  const visibility = exchange.query.get('type') ?? 'all'
  const seen = repos.filter((repo) => visibility === 'all' || repo.visibility === visibility)
  sendPage(hub, exchange, account, seen.filter(hasType(exchange.query, 'code')))
}

/** `GET /api/v5/users/{user}/repos`: public ones. */
export function publicReposRoute(hub: Hub, exchange: Exchange, params: Params): void {
  const account = v5Account(hub, exchange)
  const repos = listRepos(hub.store, 'model').filter(({ owner }) => owner === param(params, 'user'))
  sendPage(
    hub,
    exchange,
    account,
    repos.filter(({ visibility }) => visibility === 'public'),
  )
}

function knownOwners({ store }: Hub, account: Account): Set<string> {
  return new Set([...account.owners, ...listRepos(store, 'model').map(({ owner }) => owner)])
}

function hasType(query: URLSearchParams, byDefault: string): (repo: StoredRepo) => boolean {
  const wanted = query.get('repo_type') ?? byDefault
  return (repo) => wanted === 'all' || typeOf(repo) === wanted
}

function sendPage(hub: Hub, exchange: Exchange, account: Account, repos: readonly StoredRepo[]): void {
  const page = Math.max(1, Number(exchange.query.get('page') ?? 1) || 1)
  const size = Math.min(100, Math.max(1, Number(exchange.query.get('per_page') ?? 20) || 20))
  const rows = repos.slice((page - 1) * size, page * size)
  const headers = { total_count: String(repos.length), total_page: String(Math.ceil(repos.length / size)) }
  const items = rows.map((repo) => v5Item(repo, exchange, account, hub.settings.numbersAsFlags))
  sendJson(exchange.res, 200, items, headers)
}

/** `POST /api/v5/user/repos` and `POST /api/v5/orgs/{org}/repos`, with `import_url` also an import. */
export async function createRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const account = v5Account(hub, exchange)
  const body = await readJson(exchange.req)
  const owner = params.org ?? account.username
  const { name, repository_type: type = 'code', description, import_url: source } = body
  if (typeof name !== 'string' || name === '')
    throw v5Error(400, 'PARAMETER_ERROR', 'name must not be blank', {}, 1000)
  const path = typeof body.path === 'string' && body.path !== '' ? body.path : name
  if (!/^[A-Za-z0-9_.-]+$/.test(path)) throw v5Error(400, 'PARAMETER_ERROR', 'path is invalid', {}, 1000)
  const known = repositoryTypes.find((kind) => kind === type)
  if (!known) throw v5Error(400, 'PARAMETER_ERROR', 'repository_type is invalid', {}, 1000)
  if (!mayWrite(account, owner)) throw v5Error(403, 'UN_KNOW', 'CH.00000403 apig token has not permission')
  if (isTaken(hub.store, keyOf({ owner, name: path })))
    throw v5Error(409, 'UN_KNOW', 'Project path already exist, 项目路径已存在')
  const text = typeof description === 'string' ? description : ''
  const isPrivate = isPrivateIn(body, params.org !== undefined)
  const wanted = { owner, name: path, type: known, isPrivate, description: text }
  if (typeof source === 'string' && source !== '') {
    const repo = await startImport(hub, wanted, source)
    return sendJson(exchange.res, 200, v5Item(repo, exchange, account, false))
  }
  const readme = { path: 'README.md', content: Buffer.from(`# ${name}\n`) }
  const files = body.auto_init === true ? [readme] : []
  const repo = await createGitCodeRepo(hub, { ...wanted, files })
  sendJson(exchange.res, 201, v5Item(repo, exchange, account, false))
}

/** The user's route knows `private`, the organisation's `public` (0 private, 1 open, 2 internal) and takes `private` too. */
function isPrivateIn(body: Record<string, unknown>, isOrg: boolean): boolean {
  if (isOrg && body.public !== undefined) return Number(body.public) !== 1
  return body.private === undefined ? true : body.private === true || body.private === 1
}

/** `GET /api/v5/repos/{o}/{r}`. */
export function repoRoute(hub: Hub, exchange: Exchange, params: Params): void {
  const { repo, account } = openV5(hub, exchange, repoIn(params), 'read')
  sendJson(exchange.res, 200, v5Item(repo, exchange, account, false))
}

/** `PATCH /api/v5/repos/{o}/{r}`: visibility, description, default branch. */
export async function patchRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo, account } = openV5(hub, exchange, repoIn(params), 'write')
  const { private: isPrivate, description, default_branch: branch } = await readJson(exchange.req)
  if (typeof isPrivate === 'boolean') repo.visibility = isPrivate ? 'private' : 'public'
  if (typeof description === 'string') repo.details.set('description', description)
  if (typeof branch === 'string') repo.details.set('branch', branch)
  sendJson(exchange.res, 200, v5Item(repo, exchange, account, false))
}

/** `DELETE /api/v5/repos/{o}/{r}`. */
export async function deleteRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openV5(hub, exchange, repoIn(params), 'write')
  await deleteRepo(hub.store, repo)
  exchange.res.writeHead(204).end()
}

/** `PUT …/project_labels`: replaces all. */
export async function labelsRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openV5(hub, exchange, repoIn(params), 'write')
  const { project_labels: labels } = await readJson(exchange.req)
  if (!Array.isArray(labels))
    throw v5Error(400, 'PARAMETER_ERROR', 'project_labels must not be blank', {}, 1000)
  repo.details.set('labels', labels.join(','))
  sendJson(exchange.res, 200, labels)
}

/** `GET` and `PUT …/push_config`. */
export async function pushConfigRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const isReading = exchange.method !== 'PUT'
  const { repo } = openV5(hub, exchange, repoIn(params), isReading ? 'read' : 'write')
  const fixed = { reject_not_signed_by_gpg: false, skip_rule_for_owner: false, commit_message_regex: '' }
  if (!isReading) {
    const given = await readJson(exchange.req)
    const { deny_force_push: deny, max_file_size: size } = given
    const old = pushConfigOf(hub, repo)
    await setPushConfig(hub, repo, {
      deny_force_push: typeof deny === 'boolean' ? deny : old.deny_force_push,
      max_file_size: typeof size === 'number' ? size : old.max_file_size,
    })
  }
  sendJson(exchange.res, 200, { ...pushConfigOf(hub, repo), ...fixed })
}

/** The old API: reading works in part, writing not at all. */
export function v4Route(_hub: Hub, { method }: Exchange): void {
  if (method === 'GET') throw v5Error(404, 'NOT_FOUND', '404 Not Found')
  throw new HttpError(403, { message: '当前 /api/v4 接口已禁用，请使用 /api/v5 接口' })
}

export function repoIn(params: Params): RepoName {
  return { owner: param(params, 'owner'), name: param(params, 'name') }
}
