import { z } from 'zod'
import { SyncError } from '../../model/errors.ts'
import type { FileEntry, OpenFile, Range } from '../../model/file.ts'
import { parseRepoPath } from '../../model/path.ts'
import { formatRepo, type RepoRef, type Snapshot } from '../../model/repo.ts'
import { listAll } from '../list-all.ts'
import { objectMissing } from '../object-missing.ts'
import { openEmpty } from '../open-empty.ts'
import type { Site } from '../site.ts'
import { parseData } from './envelope.ts'
import { apiUrl, fileUrl, writeUrl } from './urls.ts'

const entrySchema = z.object({
  Type: z.enum(['blob', 'tree', 'commit']),
  Path: z.string(),
  Mode: z.union([z.string(), z.number()]).nullish(),
  Size: z.number().int().nonnegative().nullish(),
  Sha256: z.string().nullish(),
  IsLFS: z.boolean().nullish(),
})
type Entry = z.infer<typeof entrySchema>
const filesSchema = z.object({ Files: z.array(entrySchema).nullish(), TotalCount: z.number().nullish() })

/**
 * All files: of a model in one answer, which ends silently at 3000 entries (then it throws `listing-cut`); of a dataset in pages.
 * An empty list is no proof either: at a revision it does not know the hub was seen to answer 200 with `Files: null`.
 */
export function listFiles(site: Site, at: Snapshot): AsyncGenerator<FileEntry> {
  const entries = at.repo.type === 'model' ? modelEntries(site, at) : datasetEntries(site, at)
  return listAll(entries, (entry) => (entry.Type === 'tree' ? undefined : toFile(entry)))
}

/** `Recursive` counts only with a capital R. */
async function* modelEntries(site: Site, at: Snapshot): AsyncGenerator<Entry> {
  const query = new URLSearchParams({ Revision: at.commit, Recursive: 'True', Root: '' })
  const entries = (await readFiles(site, at, `repo/files?${query}`)).Files ?? []
  yield* entries
  // Folders are entries, too. Neither paging nor a deeper look helps against a flat folder; git lists everything.
  if (entries.length > 0 && entries.length < (site.profile.listingCut ?? Number.POSITIVE_INFINITY)) return
  throw listingCut(at, entries.length)
}

const treePage = 200

/** Pages until one is short and the count, where there is one, is reached. The count may or may not include folders. */
async function* datasetEntries(site: Site, at: Snapshot): AsyncGenerator<Entry> {
  const mostPages = (2 * site.profile.limits.filesPerRepo) / treePage
  let seen = 0
  for (let page = 1; page <= mostPages; page += 1) {
    const query = new URLSearchParams({
      ...{ Revision: at.commit, Root: '/', Recursive: 'True' },
      ...{ PageNumber: `${page}`, PageSize: `${treePage}` },
    })
    const { Files, TotalCount } = await readFiles(site, at, `repo/tree?${query}`)
    const entries = Files ?? []
    yield* entries
    seen += entries.length
    if (entries.length < treePage && seen > 0 && seen >= (TotalCount ?? 0)) return
    if (entries.length === 0) break
  }
  throw listingCut(at, seen)
}

function listingCut(at: Snapshot, entries: number): SyncError {
  return new SyncError(
    'listing-cut',
    `${formatRepo(at.repo)}: the hub lists no more than ${entries} entries.`,
  )
}

async function readFiles(site: Site, at: Snapshot, tail: string) {
  const answer = await site.http.send({ url: `${apiUrl(site.endpoint, at.repo)}/${tail}` })
  return parseData(filesSchema, answer, `Files of ${formatRepo(at.repo)}`)
}

/** File modes of git, told in decimal. */
const modes: ReadonlyMap<number, NonNullable<FileEntry['mode']>> = new Map([
  [0o100755, 'executable'],
  [0o120000, 'symlink'],
  [0o160000, 'submodule'],
])

/** `IsLFS` is only a hint (large files were seen without it). `Sha256` has been seen to hold a 40-digit id: then it is none. */
function toFile(entry: Entry): FileEntry {
  const sha256 = entry.Sha256?.toLowerCase() ?? ''
  const mode = entry.Type === 'commit' ? 'submodule' : modes.get(Number(entry.Mode))
  return {
    path: parseRepoPath(entry.Path),
    ...(entry.Size == null ? {} : { size: entry.Size }),
    storage: entry.IsLFS === true ? 'lfs' : 'git',
    digests: /^[0-9a-f]{64}$/.test(sha256) ? { sha256 } : {},
    ...(mode === undefined ? {} : { mode }),
  }
}

/** Opens the content: in the answer, or behind a redirect to the CDN, where no token goes. */
export async function openFile(site: Site, at: Snapshot, file: FileEntry, range?: Range): Promise<OpenFile> {
  if (file.size === 0) return openEmpty()
  try {
    const url = fileUrl(site.endpoint, at, file.path)
    const opened = await site.http.open({ url, ...(range === undefined ? {} : { range }) })
    if (range !== undefined || opened.size === undefined || opened.size === (file.size ?? opened.size))
      return opened
    opened.close()
    const name = `${JSON.stringify(file.path)} of ${formatRepo(at.repo)}`
    throw new SyncError(
      'truncated',
      `${name} is listed with ${file.size} bytes, the hub sends ${opened.size}.`,
    )
  } catch (error) {
    if (!mayBeMissing(error) || (await isStored(site, at.repo, file))) throw error
    throw objectMissing(at, file, error)
  }
}

/** A missing object shows as 404, 500 or an empty body (modelscope#1692, #1365). */
function mayBeMissing(error: unknown): boolean {
  return error instanceof SyncError && ['not-found', 'unavailable', 'truncated'].includes(error.code)
}

const batchSchema = z.object({
  objects: z.array(z.object({ actions: z.object({ download: z.unknown().optional() }).nullish() })).nullish(),
})

/**
 * Whether the hub can hand out the object: only then does a download batch name a download action. A small plain file is
 * never asked for: it has no object, and its failure is what it says.
 */
async function isStored(site: Site, repo: RepoRef, file: FileEntry): Promise<boolean> {
  const { sha256 } = file.digests
  if (sha256 === undefined || file.size === undefined) return true
  if (file.storage === 'git' && file.size <= site.profile.limits.plainFileBytes) return true
  const answer = await site.http.send({
    url: `${writeUrl(site.endpoint, repo)}/info/lfs/objects/batch`,
    method: 'POST',
    purpose: 'lfs',
    json: { operation: 'download', objects: [{ oid: sha256, size: file.size }] },
    idempotent: true,
  })
  const { objects } = parseData(batchSchema, answer, formatRepo(repo))
  return objects?.some((object) => object.actions?.download !== undefined) ?? false
}
