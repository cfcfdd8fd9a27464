import { faultsOf } from '../core/faults.ts'
import { filesAt } from '../core/files.ts'
import { type Change, commitChanges } from '../core/git-repo.ts'
import { objectSize } from '../core/object-store.ts'
import { formatPointer } from '../core/pointer.ts'
import {
  type Exchange,
  HttpError,
  isRecord,
  type Params,
  param,
  parseJson,
  readBody,
  sendJson,
} from '../core/server.ts'
import { count, fullName, headOf, type StoredRepo } from '../core/store.ts'
import { kindOf, openRepo, prefixOf, requireWritable } from './access.ts'
import { textAt, withTracked } from './attributes.ts'
import { cardErrors } from './card.ts'
import { hubError, revisionNotFound } from './errors.ts'
import type { Hub } from './hub.ts'
import { maxRegularSize } from './preupload.ts'

type Operation =
  | { readonly kind: 'file'; readonly path: string; readonly content: Buffer }
  | { readonly kind: 'lfs'; readonly path: string; readonly oid: string; readonly size: number | undefined }
  | { readonly kind: 'delete-file' | 'delete-folder'; readonly path: string }

interface Request {
  readonly message: string
  readonly parent: string | undefined
  readonly operations: Operation[]
}

/** `POST /api/{type}s/{id}/commit/{branch}`, NDJSON. A head that is not `parentCommit` answers 412. */
export async function commitRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const kind = kindOf(param(params, 'kind'))
  const { repo, account } = openRepo(hub, exchange, params, { kind, access: 'write', bucket: 'api' })
  requireWritable(hub, repo)
  const branch = param(params, 'revision').replace(/^refs\/heads\//, '')
  if (exchange.query.has('create_pr')) throw hubError(400, 'Pull requests are not part of this stand-in')
  const request = parseRequest((await readBody(exchange.req, 1 << 30)).toString('utf8'))
  const before = await headOf(hub.store, repo, branch)
  if (before === undefined) throw revisionNotFound(branch)
  const overtaken = await overtake(hub, repo, branch)
  const compares = hub.settings.comparesParent ?? true
  const isStale = overtaken || (request.parent !== undefined && request.parent !== before)
  if (compares && isStale) throw outdated()
  const head = (overtaken ? await headOf(hub.store, repo, branch) : undefined) ?? before
  const changes = await changesOf(hub, repo, head, request.operations)
  const author = { name: account?.username ?? 'nobody', email: 'user@example.invalid' }
  const { message } = request
  const result = await commitChanges(repo.gitDir, { branch, parent: head, changes, message, author })
  if (result.kind === 'moved') throw outdated()
  repo.updatedAt = new Date()
  failAfterLanding(repo)
  sendJson(exchange.res, 200, {
    success: true,
    commitOid: result.commit,
    commitUrl: `${exchange.origin}/${prefixOf(repo.type)}${fullName(repo)}/commit/${result.commit}`,
    hookOutput: '',
  })
}

function outdated(): HttpError {
  return hubError(412, 'A commit has happened since. Please refresh and try again.')
}

/** fault-stale: somebody else commits just before the first commit or push. True if it happened now. */
export async function overtake(hub: Hub, repo: StoredRepo, branch: string): Promise<boolean> {
  if (!faultsOf(repo.name).has('fault-stale') || count(hub.store, `overtaken ${repo.id}`) > 1) return false
  const changes = [{ path: 'someone-else.txt', content: Buffer.from('Somebody else was faster.\n') }]
  const parent = await headOf(hub.store, repo, branch)
  await commitChanges(repo.gitDir, { branch, parent, changes, message: 'Somebody else was faster' })
  return true
}

function failAfterLanding(repo: StoredRepo): void {
  const faults = faultsOf(repo.name)
  if (faults.has('fault-504-landed'))
    throw new HttpError(504, '<html><body>504 Gateway Time-out</body></html>')
  if (faults.has('fault-500-landed')) throw hubError(500, 'Internal Error')
}

function parseRequest(text: string): Request {
  let message = ''
  let parent: string | undefined
  const operations: Operation[] = []
  for (const line of text.split('\n').filter((row) => row.trim() !== '')) {
    const row = parseJson(line)
    if (!isRecord(row) || !isRecord(row.value)) throw hubError(400, 'Invalid NDJSON line')
    if (row.key !== 'header') operations.push(parseOperation(row.key, row.value))
    else {
      const { summary, description, parentCommit } = row.value
      if (typeof summary !== 'string' || summary === '')
        throw hubError(400, '"summary" is not allowed to be empty')
      message = typeof description === 'string' && description ? `${summary}\n\n${description}` : summary
      parent = typeof parentCommit === 'string' ? parentCommit : undefined
    }
  }
  if (message === '') throw hubError(400, 'Missing commit header')
  return { message, parent, operations }
}

function parseOperation(key: unknown, value: Record<string, unknown>): Operation {
  const { path: given, content, encoding, oid, size } = value
  if (typeof given !== 'string') throw hubError(400, '"path" is required')
  const path = key === 'deletedFolder' ? given.replace(/\/$/, '') : given
  requirePath(path)
  if (key === 'deletedFile') return { kind: 'delete-file', path }
  if (key === 'deletedFolder') return { kind: 'delete-folder', path }
  if (key === 'file' && typeof content === 'string') {
    return { kind: 'file', path, content: Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8') }
  }
  if (key === 'lfsFile' && typeof oid === 'string') {
    return { kind: 'lfs', path, oid, size: typeof size === 'number' ? size : undefined }
  }
  throw hubError(400, `Invalid operation: ${String(key)}`)
}

function requirePath(path: string): void {
  const bad = path
    .split('/')
    .some((part) => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git')
  if (bad) throw hubError(400, `Invalid path: ${path}`)
}

async function changesOf(
  hub: Hub,
  repo: StoredRepo,
  head: string,
  operations: readonly Operation[],
): Promise<Change[]> {
  const present = await filesAt(hub.cache, repo, head)
  const changes: Change[] = []
  const lfsPaths: string[] = []
  for (const operation of operations) {
    const { path } = operation
    if (operation.kind === 'file') changes.push({ path, content: regular(operation.path, operation.content) })
    else if (operation.kind === 'lfs') {
      changes.push({ path, content: await pointerFor(hub, operation.oid, operation.size) })
      lfsPaths.push(path)
    } else {
      const type = operation.kind === 'delete-file' ? 'blob' : 'tree'
      if (present.get(path)?.type !== type)
        throw hubError(404, "A file with this name doesn't exist", 'EntryNotFound')
      changes.push({ path, content: null })
    }
  }
  return [...changes, ...(await attributesFor(hub, repo, head, changes, lfsPaths))]
}

/** The hub keeps every LFS path covered by `.gitattributes`, by itself. */
export async function attributesFor(
  hub: Hub,
  repo: StoredRepo,
  head: string | undefined,
  changes: readonly Change[],
  lfsPaths: readonly string[],
): Promise<Change[]> {
  const given = changes.find(({ path }) => path === '.gitattributes')
  const current = given
    ? (given.content?.toString('utf8') ?? '')
    : await textAt(hub, repo, head, '.gitattributes')
  const extended = withTracked(current, lfsPaths)
  return extended === undefined ? [] : [{ path: '.gitattributes', content: Buffer.from(extended) }]
}

function regular(path: string, content: Buffer): Buffer {
  if (content.length > maxRegularSize) {
    throw hubError(
      400,
      'Your push was rejected because it contains files larger than 10 MiB. Please use LFS.',
    )
  }
  const errors = path === 'README.md' ? cardErrors(content.toString('utf8')) : []
  if (errors.length === 0) return content
  const error = `Invalid metadata in README.md.\n${errors.map((text) => `- ${text}`).join('\n')}`
  const header = error.replaceAll(/[^\x20-\x7e]/g, ' ')
  throw new HttpError(
    400,
    { error, errors: errors.map((message) => ({ message })) },
    { 'x-error-message': header },
  )
}

async function pointerFor(hub: Hub, oid: string, announced: number | undefined): Promise<Buffer> {
  const stored = await objectSize(hub.store.objects, oid)
  const size = stored ?? (hub.storage.isClaimed(oid) ? announced : undefined)
  if (size === undefined || (announced !== undefined && announced !== size)) {
    throw hubError(400, `LFS object ${oid} was not uploaded`)
  }
  return formatPointer({ oid, size })
}
