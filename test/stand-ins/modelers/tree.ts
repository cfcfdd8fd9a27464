import { blobOf, type FileEntry, filesAt } from '../core/files.ts'
import { git, resolveRevision } from '../core/git-repo.ts'
import { isLinked } from '../core/lfs-links.ts'
import { sendFile } from '../core/send-file.ts'
import type { Exchange } from '../core/server.ts'
import { fullName, type StoredRepo } from '../core/store.ts'
import { openRepo } from './access.ts'
import type { Hub, RepoName } from './hub.ts'
import { failure, sendOk } from './wire.ts'

/** The commit that changed a path last, as answers show it. */
export interface LastCommit {
  readonly commit_sha: string
  readonly message: string
  /** ISO time. */
  readonly created: string
}

/** `GET /api/v1/file/{owner}/{name}?path=&ref=`: one level of the tree. */
export async function listFolder(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  const { query } = exchange
  const { repo } = openRepo(hub, exchange, wanted, 'read')
  const { commit, files } = await filesOf(hub, repo, query.get('ref'))
  const folder = (query.get('path') ?? '').replace(/^\/+|\/+$/g, '')
  const own = files.get(folder)
  if (folder && !own) throw failure('branch_or_path_not_found', 'path not found')
  if (own && own.type !== 'tree') throw failure('not_dir', 'not a folder')
  const last = await lastCommitsOf(hub, repo, commit)
  const prefix = folder ? `${folder}/` : ''
  const level = [...files.values()].filter(({ path }) => isDirectlyIn(path, prefix))
  const tree = level.map((entry) => ({ ...entryOf(entry), commit: last.get(entry.path) }))
  sendOk(exchange, { tree, last_commit: { commit: last.get(folder) } })
}

function isDirectlyIn(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && !path.slice(prefix.length).includes('/')
}

/** An LFS file shows the SHA-256 and size of its content, a plain one its git blob id. Folders have no size. */
function entryOf({ path, type, oid, size, lfs }: FileEntry): Record<string, unknown> {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (type !== 'blob') return { type: 'dir', path, name, size: 0, etag: '', is_lfs: false }
  const content = lfs ? { size: lfs.size, etag: lfs.oid } : { size, etag: oid }
  return { type: 'file', path, name, ...content, is_lfs: lfs !== undefined }
}

/** `GET /api/v1/file/{owner}/{name}/info?path=&ref=`: one file. */
export async function fileInfo(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  const { query } = exchange
  const { repo } = openRepo(hub, exchange, wanted, 'read')
  const { commit, files } = await filesOf(hub, repo, query.get('ref'))
  const path = query.get('path') ?? ''
  const entry = path ? files.get(path) : undefined
  if (path === '' || entry?.type === 'tree') throw failure('not_file', 'not a file')
  if (!entry) throw failure('branch_or_path_not_found', 'path not found')
  const last = await lastCommitsOf(hub, repo, commit)
  sendOk(exchange, { branch_last_commit: commit, ...entryOf(entry), commit: last.get(path) })
}

/**
 * `GET /api/v1/file/{owner}/{name}/{rev}/media/{path}`: plain files come at once, LFS ones by 302 from the second host.
 * Whether the hub redirects plain files as well is not known.
 */
export async function sendMedia(
  hub: Hub,
  exchange: Exchange,
  wanted: RepoName & { readonly revision: string; readonly path: string },
): Promise<void> {
  const { repo } = openRepo(hub, exchange, wanted, 'read', { bucket: 'download' })
  const { files } = await filesOf(hub, repo, wanted.revision)
  const entry = files.get(wanted.path)
  if (entry?.type !== 'blob') throw failure('file_not_found', 'file not found')
  if (!entry.lfs) return sendFile(exchange, await blobOf(hub.cache, repo, entry.oid))
  if (!isLinked(repo, entry.lfs.oid)) throw failure('file_not_found', 'object not found')
  const name = wanted.path.slice(wanted.path.lastIndexOf('/') + 1)
  const location = hub.objectHost.downloadUrl(fullName(repo), entry.lfs, name)
  exchange.res.writeHead(302, { location, 'content-length': '0' }).end()
}

/** Files of a revision. Throws `ref_not_exist`. */
export async function filesOf(
  hub: Pick<Hub, 'cache' | 'store'>,
  repo: StoredRepo,
  revision: string | null,
): Promise<{ commit: string; files: Map<string, FileEntry> }> {
  const commit = await resolveRevision(repo.gitDir, revision || hub.store.defaultBranch)
  if (commit === undefined) throw failure('ref_not_exist', 'ref does not exist')
  return { commit, files: await filesAt(hub.cache, repo, commit) }
}

function lastCommitsOf(hub: Hub, repo: StoredRepo, commit: string): Promise<Map<string, LastCommit>> {
  const key = `${repo.id}/${commit}`
  const known = hub.lastCommits.get(key)
  if (known) return known
  const commits = readLastCommits(repo.gitDir, commit)
  commits.catch(() => hub.lastCommits.delete(key))
  hub.lastCommits.set(key, commits)
  return commits
}

/** Last commit of each file and folder (the root is `''`) as of `commit`, by one walk along first parents. */
async function readLastCommits(gitDir: string, commit: string): Promise<Map<string, LastCommit>> {
  const shape = '--format=%x01%H%x02%B%x02%cI'
  const args = ['log', '-z', '-m', '--first-parent', '--name-only', '--no-renames', shape, commit]
  const last = new Map<string, LastCommit>()
  for (const block of (await git(gitDir, args)).toString('utf8').split('\x01').slice(1)) {
    const [head = '', ...names] = block.split('\0')
    const [sha = '', message = '', created = ''] = head.split('\x02')
    const own = { commit_sha: sha, message: message.trim(), created: created.trim().replace('+00:00', 'Z') }
    for (const name of names.map((text) => text.replace(/^\n/, '')).filter(Boolean))
      for (const path of withFolders(name)) if (!last.has(path)) last.set(path, own)
    // An empty commit is the last one of the root, too.
    if (!last.has('')) last.set('', own)
  }
  return last
}

function withFolders(path: string): string[] {
  const parts = path.split('/')
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/')).concat('')
}
