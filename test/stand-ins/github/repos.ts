import { type Exchange, sendJson } from '../core/server.ts'
import { deleteRepo, fullName, headOf, mayRead, moveRepo, type StoredRepo } from '../core/store.ts'
import { callerOf, openForWriting, openRepo, personOf, readerIn, requireWriter, userOf } from './access.ts'
import {
  createGitHubRepo,
  findByName,
  findOwner,
  type Hub,
  type RepoName,
  setTopics,
  topicsOf,
} from './hub.ts'
import { repoItem } from './repo-item.ts'
import { failure, jsonBody, notFound, pageOf, unprocessable } from './wire.ts'

/** `GET /repos/{owner}/{repo}`. */
export async function oneRepo(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  await sendRepo(hub, exchange, 200, openRepo(hub, exchange, wanted))
}

/** `GET /repositories/{id}`: where moved repos are redirected to. */
export async function repoByNumber(hub: Hub, exchange: Exchange, number: string): Promise<void> {
  const account = readerIn(callerOf(hub, exchange))
  const repo = [...hub.store.repos.values()].find((one) => String(one.number) === number)
  if (repo === undefined || !mayRead(account, repo)) throw notFound()
  await sendRepo(hub, exchange, 200, repo)
}

/** `POST /user/repos`. */
export async function createOwn(hub: Hub, exchange: Exchange): Promise<void> {
  const { account } = personOf(hub, exchange)
  await create(hub, exchange, account.username)
}

/** `POST /orgs/{org}/repos`. */
export async function createForOrganization(hub: Hub, exchange: Exchange, login: string): Promise<void> {
  userOf(hub, exchange)
  const owner = findOwner(hub, login)
  if (owner?.isOrganization !== true) throw notFound()
  await create(hub, exchange, owner.login)
}

async function create(hub: Hub, exchange: Exchange, owner: string): Promise<void> {
  requireWriter(userOf(hub, exchange), owner)
  const body = await jsonBody(exchange)
  const { name } = body
  if (typeof name !== 'string' || !/^[\w.-]{1,100}$/.test(name) || /^\.{1,2}$/.test(name))
    throw unprocessable('Repository', 'name', 'name is invalid')
  if (findByName(hub, { owner, name })?.moved === false)
    throw unprocessable('Repository', 'name', 'name already exists on this account')
  const repo = await createGitHubRepo(
    hub.store,
    hub.settings,
    { owner, name },
    visibilityIn(body) ?? 'public',
  )
  await sendRepo(hub, exchange, 201, repo)
}

/** `PATCH /repos/{owner}/{repo}`: name, visibility, archived, has_issues. */
export async function changeRepo(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  const repo = openForWriting(hub, exchange, wanted)
  const body = await jsonBody(exchange)
  const { name, archived, has_issues: hasIssues } = body
  repo.visibility = visibilityIn(body) ?? repo.visibility
  if (typeof archived === 'boolean') repo.details.set('archived', String(archived))
  if (typeof hasIssues === 'boolean') repo.details.set('has_issues', String(hasIssues))
  if (typeof name === 'string' && name !== repo.name) {
    if (findByName(hub, { owner: repo.owner, name })?.moved === false)
      throw unprocessable('Repository', 'name', 'name already exists on this account')
    moveRepo(hub.store, repo, repo.owner, name)
  }
  await sendRepo(hub, exchange, 200, repo)
}

/** `DELETE /repos/{owner}/{repo}`: classic tokens need a scope of its own for it. */
export async function removeRepo(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  const { kind, scopes } = userOf(hub, exchange)
  const repo = openForWriting(hub, exchange, wanted)
  if (kind === 'classic' && !scopes.includes('delete_repo'))
    throw failure(403, 'Must have admin rights to Repository.')
  await deleteRepo(hub.store, repo)
  exchange.res.writeHead(204).end()
}

/** `GET /repos/{owner}/{repo}/topics`. */
export function repoTopics(hub: Hub, exchange: Exchange, wanted: RepoName): void {
  sendJson(exchange.res, 200, { names: topicsOf(openRepo(hub, exchange, wanted)) })
}

/** `PUT /repos/{owner}/{repo}/topics`: those named and no others. */
export async function replaceTopics(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  const repo = openForWriting(hub, exchange, wanted)
  const { names } = await jsonBody(exchange)
  const given: readonly unknown[] | undefined = Array.isArray(names) ? names : undefined
  const topics = given?.filter((name) => typeof name === 'string' && /^[a-z0-9][a-z0-9-]{0,49}$/.test(name))
  if (topics === undefined || topics.length !== given?.length)
    throw failure(422, 'Validation Failed', {
      errors: [{ resource: 'Topic', code: 'invalid', field: 'names' }],
    })
  setTopics(repo, topics.map(String))
  sendJson(exchange.res, 200, { names: topicsOf(repo) })
}

/** `GET /repos/{owner}/{repo}/branches`: none of an empty repo. */
export async function repoBranches(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  const repo = openRepo(hub, exchange, wanted)
  const head = await headOf(hub.store, repo)
  const url = `${exchange.origin}/api/v3/repos/${fullName(repo)}/commits/${head}`
  const rows =
    head === undefined
      ? []
      : [{ name: hub.store.defaultBranch, commit: { sha: head, url }, protected: false }]
  const page = pageOf(exchange, rows, hub.settings.maxPerPage)
  sendJson(exchange.res, 200, page.rows, page.headers)
}

async function sendRepo(hub: Hub, exchange: Exchange, status: number, repo: StoredRepo): Promise<void> {
  const account = readerIn(callerOf(hub, exchange))
  sendJson(exchange.res, status, await repoItem(hub, exchange, account, repo))
}

function visibilityIn({
  visibility,
  private: hidden,
}: Record<string, unknown>): StoredRepo['visibility'] | undefined {
  if (visibility === 'public' || visibility === 'private') return visibility
  if (visibility === 'internal')
    throw failure(422, 'Only organizations associated with an enterprise can set visibility to internal')
  return typeof hidden === 'boolean' ? (hidden ? 'private' : 'public') : undefined
}
