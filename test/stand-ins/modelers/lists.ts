import type { Exchange } from '../core/server.ts'
import { type Account, listRepos, mayRead, type StoredRepo } from '../core/store.ts'
import { callerOf } from './access.ts'
import type { Hub, Kind } from './hub.ts'
import { itemOf } from './repos.ts'
import { sendOk } from './wire.ts'

/** `GET /api/v1/{kind}?owner=&name=&license=&sort_by=&page_num=&count_per_page=&count=true`. */
export function listByApi(hub: Hub, exchange: Exchange, kind: Kind): void {
  sendList(hub, exchange, kind, callerOf(hub, exchange))
}

/** `GET /server/{kind}`: the same for the web site's visitors. */
export function listForSite(hub: Hub, exchange: Exchange, kind: Kind): void {
  sendList(hub, exchange, kind, undefined)
}

/** A page is of 1 to 100 repos, whatever is asked for; `total` is 0 unless `count=true`; no repos are `null`. */
function sendList(hub: Hub, exchange: Exchange, kind: Kind, account: Account | undefined): void {
  const { query } = exchange
  const found = listRepos(hub.store, kind).filter((repo) => mayRead(account, repo) && isWanted(repo, query))
  const sorted = found.toSorted(orders[query.get('sort_by') ?? ''] ?? byNumber)
  const asked = Number(query.get('count_per_page'))
  const size = asked >= 1 && asked <= 100 ? asked : 100
  const start = (Math.max(1, Number(query.get('page_num')) || 1) - 1) * size
  const page = sorted.slice(start, start + size).map((repo) => ({ ...itemOf(repo), ...labelsOf(repo) }))
  const total = query.get('count') === 'true' ? found.length : 0
  sendOk(exchange, { total, [`${kind}s`]: page.length > 0 ? page : null })
}

/** A repo called README is an organisation's card and no repo of the list. */
function isWanted(repo: StoredRepo, query: URLSearchParams): boolean {
  const [owner, name, license] = ['owner', 'name', 'license'].map((key) => query.get(key) ?? '')
  return (
    repo.name !== 'README' &&
    (!owner || repo.owner.toLowerCase() === owner.toLowerCase()) &&
    (!name || repo.name.toLowerCase().includes(name.toLowerCase())) &&
    (!license || license.split(',').includes(repo.details.get('license') ?? ''))
  )
}

function labelsOf(repo: StoredRepo): object {
  return { task: '', license: [repo.details.get('license') ?? ''], frameworks: [] }
}

type Order = (a: StoredRepo, b: StoredRepo) => number

const byNumber: Order = (a, b) => a.number - b.number

const orders: Readonly<Record<string, Order>> = {
  alphabetical: (a, b) => (a.name < b.name ? -1 : 1),
  recently_updated: (a, b) => b.updatedAt.getTime() - a.updatedAt.getTime(),
  recently_created: (a, b) => b.number - a.number,
}
