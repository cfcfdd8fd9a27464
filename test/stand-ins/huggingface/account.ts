import { type Exchange, sendJson } from '../core/server.ts'
import type { Account } from '../core/store.ts'
import { identify } from './access.ts'
import { hubError } from './errors.ts'
import type { Hub } from './hub.ts'

/** `GET /api/whoami-v2`. */
export function whoAmI(hub: Hub, exchange: Exchange): void {
  const account = identify(hub, exchange)
  if (!account) throw hubError(401, 'Invalid username or password.')
  const { whoami } = hub.settings
  if (whoami === 'short') {
    sendJson(exchange.res, 200, { type: 'user', name: account.username, orgs: [] })
    return
  }
  if (whoami === 'other') {
    sendJson(exchange.res, 200, { user: { login: account.username } })
    return
  }
  sendJson(exchange.res, 200, {
    type: 'user',
    id: idOf(account.username),
    name: account.username,
    fullname: account.username,
    isPro: false,
    orgs: organizations(account),
    auth: {
      type: 'access_token',
      accessToken: {
        displayName: `stand-in ${account.role}`,
        role: account.role,
        createdAt: '2026-01-01T00:00:00.000Z',
      },
    },
  })
}

function organizations({ username, owners, role }: Account): object[] {
  const names = owners.filter((owner) => owner !== username)
  return names.map((name) => ({ type: 'org', id: idOf(name), name, fullname: name, roleInOrg: role }))
}

/** 24 hex digits made of a name, so that they stay the same. */
function idOf(name: string): string {
  return Buffer.from(name.padEnd(12, '.')).toString('hex').slice(0, 24)
}
