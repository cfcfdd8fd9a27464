import { z } from 'zod'
import { SyncError } from '../../model/errors.ts'
import type { FileEntry, OpenFile, Range } from '../../model/file.ts'
import { isRepoPath, parseRepoPath } from '../../model/path.ts'
import { formatRepo, type RepoRef, type Snapshot } from '../../model/repo.ts'
import { listAll } from '../list-all.ts'
import { objectMissing } from '../object-missing.ts'
import { openEmpty } from '../open-empty.ts'
import { parseData } from './envelope.ts'
import { modelersError, saysNoFolder, saysRevisionAbsent } from './errors.ts'
import type { ModelersSite } from './repos.ts'
import { fileServiceUrl, mediaUrl } from './urls.ts'

const entrySchema = z.object({
  type: z.string(),
  path: z.string(),
  size: z.number().int().nonnegative().nullish(),
  etag: z.string().nullish(),
  is_lfs: z.boolean().nullish(),
})
type Entry = z.infer<typeof entrySchema>
const folderSchema = z.object({ tree: z.array(entrySchema).nullish() })
/** Folders asked for at a time: the hub lists one level in an answer, and holds callers to a few requests a second. */
const atOnce = 4

/** All files, folder by folder. */
export function listFiles(site: ModelersSite, at: Snapshot): AsyncGenerator<FileEntry> {
  return listAll(fileEntries(site, at), toFile)
}

async function* fileEntries(site: ModelersSite, at: Snapshot): AsyncGenerator<Entry> {
  const waiting = ['']
  while (waiting.length > 0) {
    const folders = waiting.splice(0, atOnce)
    const levels = await Promise.all(folders.map((folder) => readFolder(site, at, folder)))
    for (const entry of levels.flat()) {
      // One that no path may hold is not walked, but told like a file: all in it would be refused.
      if (entry.type === 'dir' && isRepoPath(entry.path)) waiting.push(entry.path)
      else yield entry
    }
  }
}

async function readFolder(site: ModelersSite, at: Snapshot, folder: string): Promise<Entry[]> {
  const answer = await askFolder(site, at.repo, at.commit, folder)
  const what = `Files of ${formatRepo(at.repo)}`
  // Listed as a folder and none: a submodule.
  if (folder !== '' && saysNoFolder(answer)) return [{ type: 'submodule', path: folder }]
  if (answer.status === 404) throw modelersError(answer, what, site.account) ?? notListed(what)
  const entries = parseData(folderSchema, answer, what).tree ?? []
  const prefix = folder === '' ? '' : `${folder}/`
  const stray = entries.find(({ path }) => !isDirectlyIn(path, prefix))
  // A folder that lists itself, or one above it, would be walked for ever.
  if (stray !== undefined)
    throw new SyncError(
      'bad-answer',
      `${what}: ${JSON.stringify(stray.path)} is listed in ${JSON.stringify(folder)}.`,
    )
  return entries
}

function askFolder(site: ModelersSite, repo: RepoRef, revision: string, folder: string) {
  const query = new URLSearchParams({ path: folder, ref: revision })
  return site.http.send({ url: `${fileServiceUrl(site.endpoint, repo)}?${query}`, accept: [404] })
}

function notListed(what: string): SyncError {
  return new SyncError('not-found', `${what}: the hub answered 404.`, {
    status: 404,
    next: 'Check the endpoint of this hub, and what the token may read.',
  })
}

function isDirectlyIn(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && !path.slice(prefix.length).includes('/')
}

/** Of an LFS file the etag is the SHA-256 of its content, of any other git's id. Source: openmind_hub file_download.py. */
function toFile({ type, path, size, etag, is_lfs }: Entry): FileEntry {
  const isLfs = is_lfs === true
  const digest = etag?.toLowerCase() ?? ''
  const mode = type === 'symlink' || type === 'submodule' ? type : undefined
  return {
    path: parseRepoPath(path),
    ...(size == null || mode === 'submodule' ? {} : { size }),
    storage: isLfs ? 'lfs' : 'git',
    digests: digestsOf(digest, isLfs),
    ...(mode === undefined ? {} : { mode }),
  }
}

function digestsOf(etag: string, isLfs: boolean): FileEntry['digests'] {
  if (/^[0-9a-f]{64}$/.test(etag)) return { sha256: etag }
  return !isLfs && /^[0-9a-f]{40}$/.test(etag) ? { gitBlob: etag } : {}
}

/** Opens the content: in the answer, or behind a redirect to the storage, where no token goes. */
export async function openFile(
  site: ModelersSite,
  at: Snapshot,
  file: FileEntry,
  range?: Range,
): Promise<OpenFile> {
  if (file.size === 0) return openEmpty()
  const url = mediaUrl(site.endpoint, at, file.path)
  try {
    return await site.http.open({ url, ...(range === undefined ? {} : { range }) })
  } catch (error) {
    const gone = error instanceof SyncError && error.code === 'not-found' && file.storage === 'lfs'
    // The commit is still there and lists the file: then it is the object that is not.
    if (!gone || !(await hasCommit(site, at))) throw error
    throw objectMissing(at, file, error)
  }
}

async function hasCommit(site: ModelersSite, { repo, commit }: Snapshot): Promise<boolean> {
  const answer = await askFolder(site, repo, commit, '')
  if (saysRevisionAbsent(answer)) return false
  if (answer.status === 404) throw notListed(`${commit} of ${formatRepo(repo)}`)
  return true
}
