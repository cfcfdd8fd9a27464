import { z } from 'zod'
import { SyncError } from '../../model/errors.ts'
import type { FileEntry, OpenFile, Range } from '../../model/file.ts'
import { parseRepoPath } from '../../model/path.ts'
import { formatRepo, type Snapshot } from '../../model/repo.ts'
import { listAll } from '../list-all.ts'
import { objectMissing } from '../object-missing.ts'
import { openEmpty } from '../open-empty.ts'
import { parseAnswer } from '../parse-answer.ts'
import { noRoute, tryAnswer, tryPages } from './ask.ts'
import { saysSomethingMissing } from './errors.ts'
import { readInfo } from './find-repo.ts'
import { resolveRevision } from './revisions.ts'
import type { HuggingFaceSite } from './site.ts'
import { apiUrl, resolveUrl } from './urls.ts'

const treeSchema = z.array(
  z.object({
    type: z.enum(['file', 'directory', 'unknown']),
    // Folders come with an empty one on some servers.
    path: z.string(),
    oid: z.string().nullish(),
    size: z.number().int().nonnegative().nullish(),
    lfs: z.object({ oid: z.hex().length(64), size: z.number().int().nonnegative() }).nullish(),
  }),
)

type Row = z.infer<typeof treeSchema>[number]

/** All files of a snapshot. Throws `listing-cut` after the last one where a folder was named and nothing in it. */
export function listFiles(site: HuggingFaceSite, at: Snapshot): AsyncGenerator<FileEntry> {
  return listAll(fileRows(site, at), toFile)
}

async function* fileRows(site: HuggingFaceSite, at: Snapshot): AsyncGenerator<Row> {
  const url = `${apiUrl(site.endpoint, at.repo)}/tree/${at.commit}?recursive=true&expand=false`
  const folders = new Set<string>()
  const filled = new Set<string>()
  for await (const page of tryPages(site, url)) {
    if (page === undefined) throw await noListing(site, at)
    for (const row of parseAnswer(treeSchema, page, `Files of ${formatRepo(at.repo)}`)) {
      if (row.type === 'directory') {
        if (row.path !== '') folders.add(row.path.replace(/\/+$/, ''))
        continue
      }
      for (const folder of foldersOf(row.path)) filled.add(folder)
      yield row
    }
  }
  // Git has no empty folders: this listing does not go into all of them.
  for (const folder of folders) if (!filled.has(folder)) throw cut(at, folder)
}

function* foldersOf(path: string): Generator<string> {
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) yield path.slice(0, end)
}

function cut(at: Snapshot, folder: string): SyncError {
  return new SyncError(
    'listing-cut',
    `The listing of ${formatRepo(at.repo)} names the folder ${JSON.stringify(folder)}, and nothing in it.`,
  )
}

async function noListing(site: HuggingFaceSite, at: Snapshot): Promise<SyncError> {
  if ((await readInfo(site, at.repo)) !== undefined) return noRoute(site, at.repo, 'list files')
  return new SyncError('not-found', `${formatRepo(at.repo)} does not exist any more.`)
}

function toFile(entry: Row): FileEntry {
  const path = parseRepoPath(entry.path)
  // "unknown" is what is neither blob nor tree: a submodule.
  if (entry.type === 'unknown') return { path, storage: 'git', digests: {}, mode: 'submodule' }
  if (entry.lfs) {
    return { path, size: entry.lfs.size, storage: 'lfs', digests: { sha256: entry.lfs.oid.toLowerCase() } }
  }
  const oid = entry.oid ?? ''
  const digests = /^[0-9a-f]{40}$/.test(oid) ? { gitBlob: oid } : {}
  return { path, ...(typeof entry.size === 'number' ? { size: entry.size } : {}), storage: 'git', digests }
}

/** The content of a file: by a redirect to a storage, or in the same answer. */
export async function openFile(
  site: HuggingFaceSite,
  at: Snapshot,
  file: FileEntry,
  range?: Range,
): Promise<OpenFile> {
  if (file.size === 0) return openEmpty()
  const url = resolveUrl(site.endpoint, at, file.path)
  try {
    return await site.http.open({ url, ...(range === undefined ? {} : { range }) })
  } catch (error) {
    if (!(error instanceof SyncError) || error.code !== 'not-found') throw error
    throw await missing(site, at, file, error)
  }
}

/** What a 404 for a listed file means: no such object, no such commit any more, or no such route. */
async function missing(
  site: HuggingFaceSite,
  at: Snapshot,
  file: FileEntry,
  error: SyncError,
): Promise<SyncError> {
  if (!(await saysWhatIsMissing(site, at))) {
    return (await readInfo(site, at.repo)) === undefined ? error : noRoute(site, at.repo, 'serve this file')
  }
  if (file.storage !== 'lfs' || (await resolveRevision(site, at.repo, at.commit)) === undefined) return error
  // The commit is still there and lists the file: then it is the object that is not.
  return objectMissing(at, file, error)
}

/** Whether this server names what is missing (`X-Error-Code`), seen by asking for a file that no repo has. */
async function saysWhatIsMissing(site: HuggingFaceSite, at: Snapshot): Promise<boolean> {
  const url = resolveUrl(site.endpoint, at, '.no-such-file-of-model-hub-sync')
  const answer = await tryAnswer(site, { url, accept: [401, 403] })
  return answer !== undefined && saysSomethingMissing(answer)
}
