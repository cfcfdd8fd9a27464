import { createHash } from 'node:crypto'
import { type FileEntry, filesAt } from '../core/files.ts'
import { readBlobs, resolveRevision } from '../core/git-repo.ts'
import type { StoredRepo } from '../core/store.ts'
import { type LastCommit, lastCommits } from './history-of-files.ts'
import type { Hub } from './hub.ts'
import { positive } from './lists.ts'
import { type JsonAnswer, ok } from './wire.ts'

const maxTreePage = 500
/** Commits whose files' last commits are remembered. */
const maxHistories = 100

/**
 * `GET /api/v1/models/{id}/repo/files?Revision=&Recursive=&Root=`: ends at the limit without saying so and knows no
 * pages. Only the spelling `Recursive` counts; the same key in lower case is ignored.
 */
export async function modelFiles(hub: Hub, repo: StoredRepo, query: URLSearchParams): Promise<JsonAnswer> {
  const commit = await resolveRevision(repo.gitDir, query.get('Revision') || 'master')
  if (commit === undefined) return ok({ Files: null, IsVisual: 0, LatestCommitter: null })
  const entries = (await entriesAt(hub, repo, commit, query)).slice(0, hub.fileListLimit)
  const history = await historyOf(hub, repo, commit)
  const latest = { Id: commit, ShortId: commit.slice(0, 8), Name: repo.owner }
  return ok({ Files: await items(hub, repo, entries, history, commit), IsVisual: 0, LatestCommitter: latest })
}

/** `GET /api/v1/datasets/{id}/repo/tree?Revision=&Root=&Recursive=&PageNumber=&PageSize=`: truly paged. */
export async function datasetTree(hub: Hub, repo: StoredRepo, query: URLSearchParams): Promise<JsonAnswer> {
  const number = positive(query.get('PageNumber'), 1)
  const size = Math.min(positive(query.get('PageSize'), 100), maxTreePage)
  const commit = await resolveRevision(repo.gitDir, query.get('Revision') || 'master')
  if (commit === undefined) return ok({ Files: null, TotalCount: 0, PageNumber: number, PageSize: size })
  const entries = await entriesAt(hub, repo, commit, query)
  const page = entries.slice((number - 1) * size, number * size)
  const files = await items(hub, repo, page, await historyOf(hub, repo, commit), commit)
  return ok({ Files: files, TotalCount: entries.length, PageNumber: number, PageSize: size })
}

async function entriesAt(
  hub: Hub,
  repo: StoredRepo,
  commit: string,
  query: URLSearchParams,
): Promise<FileEntry[]> {
  const root = (query.get('Root') ?? '').replace(/^\/+|\/+$/g, '')
  const below = root === '' ? '' : `${root}/`
  const isRecursive = /^true$/i.test(query.get('Recursive') ?? '')
  const isWanted = ({ path, type }: FileEntry): boolean =>
    type !== 'commit' && path.startsWith(below) && (isRecursive || !path.includes('/', below.length))
  return [...(await filesAt(hub.cache, repo, commit)).values()].filter(isWanted)
}

function historyOf(hub: Hub, repo: StoredRepo, commit: string): Promise<Map<string, LastCommit>> {
  const key = `${repo.id}/${commit}`
  const known = hub.lastCommits.get(key)
  if (known) return known
  const history = lastCommits(repo.gitDir, commit)
  for (const oldest of hub.lastCommits.keys()) {
    if (hub.lastCommits.size < maxHistories) break
    hub.lastCommits.delete(oldest)
  }
  hub.lastCommits.set(key, history)
  return history
}

async function items(
  hub: Hub,
  repo: StoredRepo,
  entries: readonly FileEntry[],
  history: ReadonlyMap<string, LastCommit>,
  commit: string,
): Promise<Record<string, unknown>[]> {
  await readDigests(hub, repo, entries)
  return entries.map((entry) => ({
    Type: entry.type,
    Path: entry.path,
    Name: entry.path.slice(entry.path.lastIndexOf('/') + 1),
    Mode: String(Number.parseInt(entry.mode, 8)),
    Size: entry.lfs?.size ?? entry.size,
    Sha256: entry.type === 'tree' ? '' : (entry.lfs?.oid ?? hub.digests.get(entry.oid) ?? ''),
    IsLFS: entry.lfs !== undefined,
    Revision: history.get(entry.path)?.id ?? commit,
    CommitMessage: history.get(entry.path)?.title ?? '',
    CommittedDate: history.get(entry.path)?.time ?? 0,
    CommitterName: history.get(entry.path)?.author ?? '',
    InCheck: false,
  }))
}

/** The hub knows the SHA-256 of plain files too. */
async function readDigests(hub: Hub, repo: StoredRepo, entries: readonly FileEntry[]): Promise<void> {
  const plain = entries.filter(({ type, lfs }) => type === 'blob' && !lfs).map(({ oid }) => oid)
  const unknown = [...new Set(plain)].filter((oid) => !hub.digests.has(oid))
  for (const [oid, content] of await readBlobs(repo.gitDir, unknown))
    hub.digests.set(oid, createHash('sha256').update(content).digest('hex'))
}
