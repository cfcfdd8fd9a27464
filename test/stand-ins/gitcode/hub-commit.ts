import { blobOf, filesAt } from '../core/files.ts'
import { type Change, resolveRevision } from '../core/git-repo.ts'
import { formatPointer } from '../core/pointer.ts'
import {
  type Exchange,
  isRecord,
  isRecordList,
  type Params,
  param,
  parseJson,
  readBody,
  readJson,
  sendJson,
} from '../core/server.ts'
import { fullName, type StoredRepo } from '../core/store.ts'
import { initialAttributes, isTracked } from '../huggingface/attributes.ts'
import { openHub } from './access.ts'
import { checkSizes, isPlainPath, land, overtake } from './commit.ts'
import { pushConfigOf } from './create.ts'
import { branchOf, type Hub } from './hub.ts'
import { sizeOf } from './lfs-objects.ts'
import { repoIn } from './v5-repos.ts'
import { hubError } from './wire.ts'

/** `POST /api/models/{repo}/preupload/{rev}`: only `.gitattributes` tells; a huge file it does not name is `regular`. */
export async function preuploadRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openHub(hub, exchange, repoIn(params), 'write')
  const { files } = await readJson(exchange.req)
  if (!isRecordList(files)) throw hubError(400, '"files" is required')
  const head = await headFor(repo, param(params, 'revision'))
  const attributes = await attributesAt(hub, repo, head)
  const rows = files.map(({ path, size }) => {
    const isLfs = Number(size) > 0 && isTracked(attributes, String(path))
    return { path, uploadMode: isLfs ? 'lfs' : 'regular', shouldIgnore: false }
  })
  sendJson(exchange.res, 200, { files: rows })
}

/** The repo's own `.gitattributes`, or the list of patterns that such hubs start from. */
export async function attributesAt(hub: Hub, repo: StoredRepo, head: string | undefined): Promise<string> {
  const entry = head && (await filesAt(hub.cache, repo, head)).get('.gitattributes')
  return entry ? (await blobOf(hub.cache, repo, entry.oid)).toString('utf8') : initialAttributes('model')
}

/** Head of a branch; undefined if the repo is empty. */
async function headFor(repo: StoredRepo, branch: string): Promise<string | undefined> {
  const head = await resolveRevision(repo.gitDir, `refs/heads/${branch}`)
  if (head === undefined && branch !== branchOf(repo)) throw hubError(404, `Revision ${branch} not found`)
  return head
}

/** `POST /api/validate-yaml`: nothing is known to be refused. */
export async function validateYamlRoute(_hub: Hub, exchange: Exchange): Promise<void> {
  await readJson(exchange.req)
  sendJson(exchange.res, 200, { errors: [], warnings: [] })
}

/** `POST /api/models/{repo}/commit/{rev}`, NDJSON. A head that is not `parentCommit` answers 412 (or 409). */
export async function commitRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const { repo } = openHub(hub, exchange, repoIn(params), 'write')
  const branch = param(params, 'revision')
  const lines = (await readBody(exchange.req, 1 << 30)).toString('utf8').split('\n').filter(Boolean)
  const rows = lines.map(parseJson)
  const head = await headFor(repo, branch)
  const { message, parent } = headerOf(rows)
  await overtake(hub, repo, branch)
  if (parent !== undefined && parent !== head) throw moved(hub)
  const existing = head ? await filesAt(hub.cache, repo, head) : new Map<string, unknown>()
  const changes: Change[] = []
  for (const row of rows) {
    if (isRecord(row) && isRecord(row.value) && row.key !== 'header')
      changes.push(await changeOf(hub, repo, existing, String(row.key), row.value))
  }
  const { max_file_size: megabytes } = pushConfigOf(hub, repo)
  checkSizes(changes, megabytes, (text) => hubError(400, text))
  const commit = await land(repo, { branch, parent: head, changes, message })
  if (commit === undefined) throw moved(hub)
  const commitUrl = `${exchange.origin}/${fullName(repo)}/commit/${commit}`
  sendJson(exchange.res, 200, { success: true, commitOid: commit, commitUrl, hookOutput: '' })
}

function moved({ settings }: Hub) {
  return hubError(settings.conflictStatus, 'A commit has happened since. Please refresh and try again.')
}

function headerOf(rows: readonly unknown[]): {
  readonly message: string
  readonly parent: string | undefined
} {
  const header = rows.find((row) => isRecord(row) && row.key === 'header')
  const value = isRecord(header) && isRecord(header.value) ? header.value : {}
  const { summary, description, parentCommit } = value
  if (typeof summary !== 'string' || summary === '') throw hubError(400, '"summary" is required')
  const message = typeof description === 'string' && description ? `${summary}\n\n${description}` : summary
  return { message, parent: typeof parentCommit === 'string' ? parentCommit : undefined }
}

async function changeOf(
  hub: Hub,
  repo: StoredRepo,
  existing: ReadonlyMap<string, unknown>,
  key: string,
  { path, content, encoding, oid, size }: Record<string, unknown>,
): Promise<Change> {
  if (typeof path !== 'string' || !isPlainPath(path)) throw hubError(400, 'Invalid path')
  if (key === 'deletedFile') {
    if (!existing.has(path)) throw hubError(404, "A file with this name doesn't exist")
    return { path, content: null }
  }
  if (key === 'file' && typeof content === 'string')
    return { path, content: Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8') }
  if (key !== 'lfsFile' || typeof oid !== 'string') throw hubError(400, `Invalid operation: ${key}`)
  const stored = (await sizeOf(hub, repo, oid)) ?? (hub.storage.isClaimed(oid) ? Number(size) : undefined)
  if (stored === undefined) throw hubError(400, `LFS object ${oid} was not uploaded`)
  const pointer = formatPointer({ oid, size: stored })
  return { path, content: hub.settings.pointerWithoutLineFeed ? pointer.subarray(0, -1) : pointer }
}
