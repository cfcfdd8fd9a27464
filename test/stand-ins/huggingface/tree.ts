import { type FileEntry, filesAt } from '../core/files.ts'
import { listHistory } from '../core/git-repo.ts'
import { type Exchange, isRecord, type Params, param, parseJson, readBody, sendJson } from '../core/server.ts'
import type { StoredRepo } from '../core/store.ts'
import { kindOf, openRepo } from './access.ts'
import { hubError } from './errors.ts'
import type { Hub } from './hub.ts'
import { pageOf } from './paging.ts'
import { commitOf } from './revision.ts'

const maxPaths = 1000
const expandedPageSize = 50

/** `GET /api/{type}s/{id}/tree/{rev}[/{path}]?recursive=&expand=`. */
export async function treeRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const kind = kindOf(param(params, 'kind'))
  const { repo } = openRepo(hub, exchange, params, { kind, access: 'read', bucket: 'api' })
  const revision = param(params, 'revision')
  const commit = await commitOf(repo, revision)
  const files = await filesAt(hub.cache, repo, commit)
  const folder = (params.path ?? '').replace(/\/+$/, '')
  if (folder !== '' && files.get(folder)?.type !== 'tree') {
    throw hubError(404, `${folder} does not exist on "${revision}"`, 'EntryNotFound')
  }
  const prefix = folder === '' ? '' : `${folder}/`
  const recursive = hub.settings.recursive !== false && isTrue(exchange.query.get('recursive'))
  const expand = isTrue(exchange.query.get('expand'))
  const inside = [...files.values()]
    .filter(({ path }) => path.startsWith(prefix) && (recursive || !path.slice(prefix.length).includes('/')))
    .filter(({ type }) => type !== 'commit')
  const size = expand ? Math.min(expandedPageSize, hub.settings.treePageSize) : hub.settings.treePageSize
  const { rows, headers } = pageOf(
    exchange,
    inside,
    hub.settings.treePages === false ? Number.POSITIVE_INFINITY : size,
  )
  const entries = await entriesOf(repo, commit, rows, expand)
  const isNameless = hub.settings.folderPaths === 'empty'
  const shown = entries.map((entry) =>
    isNameless && 'type' in entry && entry.type === 'directory' ? { ...entry, path: '' } : entry,
  )
  sendJson(exchange.res, 200, shown, headers)
}

/** `POST /api/{type}s/{id}/paths-info/{rev}`, JSON or form. Paths that do not exist are left out. */
export async function pathsInfoRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const kind = kindOf(param(params, 'kind'))
  const { repo } = openRepo(hub, exchange, params, { kind, access: 'read', bucket: 'api' })
  const commit = await commitOf(repo, param(params, 'revision'))
  const { paths, expand } = parsePaths(
    exchange.req.headers['content-type'] ?? '',
    await readBody(exchange.req),
  )
  if (paths.length > maxPaths) throw hubError(413, 'too many parameters')
  const files = await filesAt(hub.cache, repo, commit)
  const found = paths.map((path) => files.get(path)).filter((entry) => entry !== undefined)
  sendJson(exchange.res, 200, await entriesOf(repo, commit, found, expand))
}

function parsePaths(type: string, body: Buffer): { readonly paths: string[]; readonly expand: boolean } {
  const text = body.toString('utf8')
  if (!type.startsWith('application/json')) {
    const form = new URLSearchParams(text)
    return { paths: form.getAll('paths'), expand: isTrue(form.get('expand')) }
  }
  const value = parseJson(text)
  if (!isRecord(value)) throw hubError(400, 'Invalid JSON body')
  const list = Array.isArray(value.paths) ? value.paths : [value.paths]
  return { paths: list.filter((path) => typeof path === 'string'), expand: value.expand === true }
}

async function entriesOf(
  repo: StoredRepo,
  commit: string,
  entries: readonly FileEntry[],
  expand: boolean,
): Promise<object[]> {
  const rows: object[] = []
  for (const entry of entries) {
    rows.push(
      expand ? { ...entryOf(entry), ...(await lastCommit(repo, commit, entry.path)) } : entryOf(entry),
    )
  }
  return rows
}

function entryOf({ type, oid, size, path, lfs }: FileEntry): object {
  if (type === 'tree') return { type: 'directory', oid, size: 0, path }
  if (!lfs) return { type: 'file', oid, size, path }
  return { type: 'file', oid, size: lfs.size, lfs: { oid: lfs.oid, size: lfs.size, pointerSize: size }, path }
}

async function lastCommit(repo: StoredRepo, commit: string, path: string): Promise<object> {
  const [last] = await listHistory(repo.gitDir, commit, { limit: 1, path })
  return last ? { lastCommit: { id: last.id, title: last.title, date: last.date.toISOString() } } : {}
}

function isTrue(value: string | null): boolean {
  return value === 'true' || value === 'True' || value === '1'
}
