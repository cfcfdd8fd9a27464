import { faultsOf } from '../core/faults.ts'
import { blobOf, type FileEntry } from '../core/files.ts'
import { type Change, commitChanges, resolveRevision } from '../core/git-repo.ts'
import { parsePointer } from '../core/pointer.ts'
import { type Exchange, HttpError, isRecordList } from '../core/server.ts'
import { count, fullName, type StoredRepo } from '../core/store.ts'
import { openRepo } from './access.ts'
import { isTracked, withTracked } from './attributes.ts'
import { type Hub, originOf, type RepoName } from './hub.ts'
import { isSensitive, refusalOfMessage, refusalOfReadme } from './push-rules.ts'
import { filesOf } from './tree.ts'
import { failure, jsonBody, sendOk, textOf } from './wire.ts'

/** `POST /api/v1/file/license_check` `{content}` (base64 of a README): true or false. Needs no token. */
export async function checkLicense(exchange: Exchange): Promise<void> {
  const { content } = await jsonBody(exchange)
  const text = Buffer.from(textOf(content), 'base64').toString('utf8')
  sendOk(exchange, refusalOfReadme(text) === undefined)
}

/** `POST /api/v1/file/{owner}/{name}/pre_upload` `{branch, files: [{path, size, sha}]}`: which of them are LFS. */
export async function preUpload(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  const { repo } = openRepo(hub, exchange, wanted, 'write')
  const body = await jsonBody(exchange)
  const files = isRecordList(body.files) ? body.files : []
  if (files.length === 0 || files.length > 100)
    throw failure('no_file_or_too_many_files', 'no file or too many files')
  refuseNames(files.map(({ path }) => textOf(path)))
  const attributes = await attributesOf(hub, repo, await filesOf(hub, repo, textOf(body.branch)))
  const answers = files.map(({ path, size }) => {
    const isLfs = Number(size) > hub.settings.maxRegularSize || isTracked(attributes, textOf(path))
    return { path, type: isLfs && Number(size) > 0 ? 'lfs' : 'regular' }
  })
  sendOk(exchange, { files: answers })
}

async function attributesOf(
  hub: Hub,
  repo: StoredRepo,
  { files }: { readonly files: ReadonlyMap<string, FileEntry> },
): Promise<string> {
  const entry = files.get('.gitattributes')
  return entry?.type === 'blob' ? (await blobOf(hub.cache, repo, entry.oid)).toString('utf8') : ''
}

/** What the firewall before the hub does with names that look like backups and dumps. The status is a guess. */
function refuseNames(paths: readonly string[]): void {
  if (!paths.some((path) => /\.(?:bak|old|sql|swp|tmp)$/i.test(path))) return
  throw new HttpError(418, '<html><body>The request has been blocked.</body></html>', {
    'content-type': 'text/html',
  })
}

/** `POST /api/v1/file/{owner}/{name}/upload` `{files: [{operation, path, content}], ref, title}`: one commit. */
export async function commitByApi(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  const { repo } = openRepo(hub, exchange, wanted, 'write')
  const body = await jsonBody(exchange, 512 << 20)
  if (faultsOf(repo.name).has('fault-api-commit-refused')) throw failure('no_permission', 'no permission')
  const branch = textOf(body.ref) || hub.store.defaultBranch
  await sneakIn(hub, repo, branch)
  const commit = await apply(hub, repo, branch, body)
  repo.updatedAt = new Date()
  const faults = faultsOf(repo.name)
  if (faults.has('fault-500-landed')) throw failure('system_error', 'context canceled')
  if (faults.has('fault-504-landed'))
    throw new HttpError(504, '<html><h1>504 Gateway Time-out</h1></html>', { 'content-type': 'text/html' })
  const url = `${originOf(hub, exchange)}/${fullName(repo)}/commit/${commit}`
  sendOk(exchange, [{ commit_url: url, commit_oid: commit }])
}

/** No parent is named, so the commit goes on top of whatever is there. */
async function apply(
  hub: Hub,
  repo: StoredRepo,
  branch: string,
  body: Record<string, unknown>,
): Promise<string> {
  const given = readChanges(hub, body)
  const message = textOf(body.title)
  for (let attempt = 0; attempt < 5; attempt++) {
    const parent = await resolveRevision(repo.gitDir, `refs/heads/${branch}`)
    if (parent === undefined) throw failure('ref_not_exist', 'ref does not exist')
    const now = await filesOf(hub, repo, parent)
    const changes = [...given, ...(await linesFor(hub, repo, now, given))]
    await refuseIdle(hub, repo, now.files, changes)
    const result = await commitChanges(repo.gitDir, { branch, parent, changes, message })
    if (result.kind === 'committed') return result.commit
  }
  throw failure('concurrent_updating', 'concurrent updating')
}

function readChanges({ settings }: Hub, body: Record<string, unknown>): Change[] {
  const files = isRecordList(body.files) ? body.files : []
  if (files.length === 0 || files.length > settings.maxFilesPerCommit)
    throw failure('no_file_or_too_many_files', 'no file or too many files')
  const creates = files.filter(({ operation }) => operation === 'create')
  refuseNames(creates.map(({ path }) => textOf(path)))
  const words = files.map(({ path }) => textOf(path)).concat(textOf(body.title))
  const tooLong = refusalOfMessage(settings, textOf(body.title))
  if (words.some((text) => isSensitive(settings, text)))
    throw failure('sensitive_not_pass', 'sensitive data found')
  if (tooLong) throw failure('bad_request_param', tooLong)
  return files.map((file) => readChange(settings.maxRegularSize, file))
}

function readChange(maxSize: number, { operation, path, content }: Record<string, unknown>): Change {
  if (typeof path !== 'string' || path === '') throw failure('empty_file_path', 'file path is empty')
  if (path.split('/').some((part) => ['', '.', '..', '.git'].includes(part)))
    throw failure('bad_request_param', 'invalid path')
  if (operation === 'delete') return { path, content: null }
  if (operation !== 'create') throw failure('bad_request_param', 'unknown operation')
  const bytes = Buffer.from(textOf(content), 'base64')
  if (bytes.length > maxSize) throw failure('bad_request_param', 'file is too large')
  const refusal = path === 'README.md' ? refusalOfReadme(bytes.toString('utf8')) : undefined
  if (refusal) throw failure('bad_request_param', refusal)
  return { path, content: bytes }
}

/** Pointers that no line of `.gitattributes` covers get one. A commit that brings its own `.gitattributes` keeps it. */
async function linesFor(
  hub: Hub,
  repo: StoredRepo,
  now: { readonly files: ReadonlyMap<string, FileEntry> },
  changes: readonly Change[],
): Promise<Change[]> {
  if (changes.some(({ path }) => path === '.gitattributes')) return []
  const pointers = changes.filter(({ content }) => content !== null && parsePointer(content) !== undefined)
  const paths = pointers.map(({ path }) => path)
  const text = withTracked(await attributesOf(hub, repo, now), paths)
  return text === undefined ? [] : [{ path: '.gitattributes', content: Buffer.from(text) }]
}

/** Deleting what is not there, and writing nothing but what is. */
async function refuseIdle(
  hub: Hub,
  repo: StoredRepo,
  files: ReadonlyMap<string, FileEntry>,
  changes: readonly Change[],
): Promise<void> {
  let changed = false
  for (const { path, content } of changes) {
    const entry = files.get(path)
    if (content === null && entry?.type !== 'blob') throw failure('file_not_found', 'file not found')
    const old =
      entry?.type === 'blob' && entry.size === content?.length && (await blobOf(hub.cache, repo, entry.oid))
    if (!old || !content?.equals(old)) changed = true
  }
  if (!changed) throw failure('file_content_is_not_changed', 'file content is not changed')
}

/** fault-stale: once per repo, somebody else commits just before ours. */
export async function sneakIn(hub: Hub, repo: StoredRepo, branch: string): Promise<void> {
  if (!faultsOf(repo.name).has('fault-stale') || count(hub.store, `sneaked into ${repo.id}`) > 1) return
  const parent = await resolveRevision(repo.gitDir, `refs/heads/${branch}`)
  const changes = [{ path: 'someone-else.txt', content: Buffer.from('Somebody else was faster.\n') }]
  await commitChanges(repo.gitDir, { branch, parent, changes, message: 'Another writer was faster' })
}
