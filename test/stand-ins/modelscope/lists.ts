import { filesAt } from '../core/files.ts'
import { type Account, fullName, headOf, listRepos, mayRead, type StoredRepo } from '../core/store.ts'
import type { Hub, MsType } from './hub.ts'
import { isThin } from './platform-files.ts'
import { legacyItem, openItem } from './repo-info.ts'
import { codes, failed, type JsonAnswer, ok, openFailed, openOk } from './wire.ts'

/** Most models the old list puts on a page, whatever is asked. */
const legacyModelPage = 50
const openPage = 50
const openWindow = 3000

/** `PUT /api/v1/models/` with `{Path, PageNumber, PageSize}`. */
export async function listModels(hub: Hub, account: Account | undefined, body: unknown): Promise<JsonAnswer> {
  const { Path, PageNumber, PageSize } = (body ?? {}) as Record<string, unknown>
  const repos = await listed(hub, 'model', (repo) => mayRead(account, repo) && isOf(repo, Path))
  const page = { number: positive(PageNumber, 1), size: Math.min(positive(PageSize, 10), legacyModelPage) }
  return ok({ Models: pageOf(repos, page).map(legacyItem), TotalCount: repos.length })
}

/** `GET /api/v1/datasets?owner=&PageNumber=&PageSize=`: the items stand on the top level. */
export async function listDatasets(
  hub: Hub,
  account: Account | undefined,
  query: URLSearchParams,
): Promise<JsonAnswer> {
  const owner = query.get('owner') ?? undefined
  const repos = await listed(hub, 'dataset', (repo) => mayRead(account, repo) && isOf(repo, owner))
  const page = { number: positive(query.get('PageNumber'), 1), size: positive(query.get('PageSize'), 10) }
  const from = (page.number - 1) * page.size
  if (from > 0 && from >= repos.length)
    return failed(400, codes.parameter, `fromIndex(${from}) > toIndex(${repos.length})`)
  const numbers = { TotalCount: repos.length, PageNumber: page.number, PageSize: page.size }
  return ok(pageOf(repos, page).map(legacyItem), numbers)
}

/** `GET /openapi/v1/{type}s?owner=&search=&page_number=&page_size=`: its index knows public repos only. */
export async function openList(hub: Hub, type: MsType, query: URLSearchParams): Promise<JsonAnswer> {
  const page = { number: positive(query.get('page_number'), 1), size: positive(query.get('page_size'), 10) }
  if (page.size > openPage) return openFailed(400, 'InputParameterError', `page_size is at most ${openPage}`)
  if (page.number * page.size > openWindow)
    return openFailed(400, 'InputParameterError', `page_number × page_size is at most ${openWindow}`)
  const owner = query.get('owner') ?? query.get('author') ?? undefined
  const search = (query.get('search') ?? '').toLowerCase()
  const found = (repo: StoredRepo): boolean =>
    repo.visibility === 'public' && isOf(repo, owner) && fullName(repo).toLowerCase().includes(search)
  const repos = await listed(hub, type, found)
  const items = pageOf(repos, page).map(openItem)
  const numbers = { total_count: repos.length, page_number: page.number, page_size: page.size }
  return openOk({ [`${type}s`]: items, ...numbers })
}

/** Lists leave out what holds nothing of its own, so that missing from a list is not absence. */
async function listed(hub: Hub, type: MsType, wanted: (repo: StoredRepo) => boolean): Promise<StoredRepo[]> {
  const repos: StoredRepo[] = []
  for (const repo of listRepos(hub.store, type)) {
    if (!wanted(repo)) continue
    const head = await headOf(hub.store, repo)
    if (head === undefined) continue
    const entries = [...(await filesAt(hub.cache, repo, head)).values()].filter(
      (entry) => entry.type === 'blob',
    )
    if (
      !isThin(
        type,
        repo.name,
        entries.map((entry) => entry.path),
      )
    )
      repos.push(repo)
  }
  return repos
}

function isOf(repo: StoredRepo, owner: unknown): boolean {
  return owner === undefined || owner === '' || repo.owner === owner
}

function pageOf<T>(items: readonly T[], page: { readonly number: number; readonly size: number }): T[] {
  return items.slice((page.number - 1) * page.size, page.number * page.size)
}

/** A positive whole number, or the default for anything else. */
export function positive(value: unknown, otherwise: number): number {
  const number = Number(value)
  return Number.isSafeInteger(number) && number > 0 ? number : otherwise
}
