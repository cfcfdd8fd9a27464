import { type Exchange, sendJson } from '../core/server.ts'
import type { StoredRepo } from '../core/store.ts'
import { callerOf, personOf, readerIn } from './access.ts'
import { findOwner, type Hub, visibleRepos } from './hub.ts'
import { repoItem } from './repo-item.ts'
import { notFound, pageOf } from './wire.ts'

/** `GET /user/repos`: all that the user owns or belongs to the owner of, private ones too; `affiliation=owner` narrows it. */
export async function ownRepos(hub: Hub, exchange: Exchange): Promise<void> {
  const caller = personOf(hub, exchange)
  const { username, owners } = caller.account
  const isOwned = exchange.query.get('affiliation') === 'owner'
  const wanted = isOwned ? [username] : owners
  const repos = visibleRepos(hub, readerIn(caller)).filter((repo) => wanted.includes(repo.owner))
  await sendList(hub, exchange, repos)
}

/** `GET /orgs/{org}/repos`: private ones for members. */
export async function organizationRepos(hub: Hub, exchange: Exchange, login: string): Promise<void> {
  const owner = findOwner(hub, login)
  if (owner?.isOrganization !== true) throw notFound()
  const repos = visibleRepos(hub, readerIn(callerOf(hub, exchange)))
  await sendList(
    hub,
    exchange,
    repos.filter((repo) => repo.owner === owner.login),
  )
}

/** `GET /users/{user}/repos`: public ones, whoever asks. */
export async function userRepos(hub: Hub, exchange: Exchange, login: string): Promise<void> {
  callerOf(hub, exchange)
  const owner = findOwner(hub, login)
  if (owner === undefined) throw notFound()
  const repos = visibleRepos(hub, undefined).filter((repo) => repo.owner === owner.login)
  await sendList(hub, exchange, repos)
}

async function sendList(hub: Hub, exchange: Exchange, repos: readonly StoredRepo[]): Promise<void> {
  const { query } = exchange
  const isDescending = query.get('direction') !== 'asc'
  const ordered = repos.toSorted((a, b) => (isDescending ? b.number - a.number : a.number - b.number))
  const page = pageOf(exchange, ordered, hub.settings.maxPerPage)
  const account = readerIn(callerOf(hub, exchange))
  const rows = await Promise.all(page.rows.map((repo) => repoItem(hub, exchange, account, repo)))
  sendJson(exchange.res, 200, rows, page.headers)
}
