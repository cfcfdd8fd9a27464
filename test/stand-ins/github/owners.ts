import { type Exchange, sendJson } from '../core/server.ts'
import { personOf, userOf } from './access.ts'
import { findOwner, type Hub } from './hub.ts'
import { failure, jsonBody, notFound, pageOf } from './wire.ts'

/** `GET /user`. */
export function whoAmI(hub: Hub, exchange: Exchange): void {
  const { account } = personOf(hub, exchange)
  sendJson(exchange.res, 200, ownerItem(exchange, account.username, false))
}

/** `POST /graphql`, of which only the question who is asking is known; apps are somebody here. */
export async function viewer(hub: Hub, exchange: Exchange): Promise<void> {
  const { account } = userOf(hub, exchange)
  const { query } = await jsonBody(exchange)
  if (typeof query !== 'string' || !/^query ?{ ?viewer ?{ ?login ?} ?}$/.test(query))
    return sendJson(exchange.res, 200, { errors: [{ message: 'The stand-in knows viewer.login only' }] })
  sendJson(exchange.res, 200, { data: { viewer: { login: account.username } } })
}

/** `GET /user/orgs`: nothing for fine-grained tokens, and 403 for classic ones without the scope. */
export function ownOrganizations(hub: Hub, exchange: Exchange): void {
  const { account, kind, scopes } = personOf(hub, exchange)
  if (kind === 'classic' && !scopes.includes('read:org') && !scopes.includes('user'))
    throw failure(403, 'You need at least read:org scope or user scope to list your organizations.')
  const logins = account.owners.filter((owner) => hub.settings.organizations.includes(owner))
  const rows = kind === 'fine-grained' ? [] : logins.map((login) => ownerItem(exchange, login, true))
  const page = pageOf(exchange, rows, hub.settings.maxPerPage)
  sendJson(exchange.res, 200, page.rows, page.headers)
}

/** `GET /users/{login}`, for organisations too. */
export function oneOwner(hub: Hub, exchange: Exchange, login: string): void {
  const owner = findOwner(hub, login)
  if (owner === undefined) throw notFound()
  sendJson(exchange.res, 200, ownerItem(exchange, owner.login, owner.isOrganization))
}

/** An account as all answers show it. */
export function ownerItem({ origin }: Exchange, login: string, isOrganization: boolean): object {
  return {
    login,
    id: [...login].reduce((sum, letter) => sum * 31 + (letter.codePointAt(0) ?? 0), 7) % 1_000_000_007,
    node_id: Buffer.from(`User:${login}`).toString('base64'),
    avatar_url: `${origin}/avatars/${login}`,
    url: `${origin}/api/v3/users/${login}`,
    html_url: `${origin}/${login}`,
    repos_url: `${origin}/api/v3/users/${login}/repos`,
    type: isOrganization ? 'Organization' : login.endsWith('[bot]') ? 'Bot' : 'User',
    site_admin: false,
  }
}
