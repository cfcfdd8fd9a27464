import type { Change } from '../core/git-repo.ts'
import {
  type Exchange,
  HttpError,
  isRecordList,
  type Params,
  param,
  readJson,
  sendJson,
} from '../core/server.ts'
import type { RepoKey, RepoKind } from '../core/stand-in.ts'
import {
  type Account,
  createRepo,
  deleteRepo,
  findRepo,
  fullName,
  isTaken,
  mayRead,
  mayWrite,
  moveRepo,
  type StoredRepo,
} from '../core/store.ts'
import { identify, kindOf, openRepo, prefixOf } from './access.ts'
import { initialAttributes } from './attributes.ts'
import { hubError, repoNotFound } from './errors.ts'
import type { Hub } from './hub.ts'

/** `POST /api/repos/create`. A taken name answers 409 with the `url` of the repo. */
export async function createRoute(hub: Hub, exchange: Exchange): Promise<void> {
  const account = requireAccount(hub, exchange)
  const body = await readJson(exchange.req)
  const key = keyOf(body, account)
  requireName(key.name)
  requireOwner(account, key, 'create')
  const url = `${exchange.origin}/${prefixOf(key.type)}${fullName(key)}`
  if (isTaken(hub.store, key) && hub.settings.existingRepo === 200) {
    sendJson(exchange.res, 200, { url, name: fullName(key) })
    return
  }
  if (isTaken(hub.store, key)) {
    const message = `You already created this ${key.type} repo`
    throw new HttpError(409, { error: message, url, name: fullName(key) }, { 'x-error-message': message })
  }
  if (key.type === 'space' && typeof body.sdk !== 'string') throw hubError(400, '"sdk" is required')
  const repo = await createHubRepo(hub, key, visibilityFor(hub, key, body), [
    ...givenFiles(body),
    ...madeFiles(key.type, body),
  ])
  sendJson(exchange.res, 200, { url, name: fullName(repo), id: repo.id })
}

function visibilityFor(
  hub: Hub,
  { owner }: RepoKey,
  body: Record<string, unknown>,
): StoredRepo['visibility'] {
  const { privateOwners, createKey } = hub.settings
  if (privateOwners !== undefined) return privateOwners.includes(owner) ? 'private' : 'public'
  const { visibility: _unread, ...rest } = body
  return visibilityOf(createKey === 'private' ? rest : body) ?? 'public'
}

/** A repo as the hub makes it: with `.gitattributes` in its first commit. */
export function createHubRepo(
  hub: Hub,
  key: RepoKey,
  visibility: StoredRepo['visibility'],
  files: readonly Change[] = [],
  gated = false,
): Promise<StoredRepo> {
  const attributes = { path: '.gitattributes', content: Buffer.from(initialAttributes(key.type)) }
  const given = files.some(({ path }) => path === '.gitattributes') ? files : [attributes, ...files]
  const { type, owner, name } = key
  const mode = gated ? 'auto' : false
  return createRepo(hub.store, {
    type,
    owner,
    name,
    visibility,
    gated: mode,
    files: given,
    message: 'initial commit',
  })
}

/** `DELETE /api/repos/delete` with a JSON body. */
export async function deleteRoute(hub: Hub, exchange: Exchange): Promise<void> {
  const account = requireAccount(hub, exchange)
  const key = keyOf(await readJson(exchange.req), account)
  const found = findRepo(hub.store, key)
  if (!found || found.moved || !mayRead(account, found.repo)) throw repoNotFound(false)
  requireOwner(account, key, 'delete')
  await deleteRepo(hub.store, found.repo)
  sendJson(exchange.res, 200, {})
}

/** `POST /api/repos/move` `{fromRepo, toRepo, type}`. */
export async function moveRoute(hub: Hub, exchange: Exchange): Promise<void> {
  const account = requireAccount(hub, exchange)
  const { fromRepo, toRepo, type } = await readJson(exchange.req)
  const from = keyOf({ name: fromRepo, type }, account)
  const to = keyOf({ name: toRepo, type }, account)
  requireName(to.name)
  const found = findRepo(hub.store, from)
  if (!found || found.moved || !mayRead(account, found.repo)) throw repoNotFound(false)
  requireOwner(account, from, 'move')
  requireOwner(account, to, 'create')
  if (isTaken(hub.store, to)) throw hubError(409, `A repository named ${fullName(to)} already exists`)
  moveRepo(hub.store, found.repo, to.owner, to.name)
  sendJson(exchange.res, 200, { url: `${exchange.origin}/${prefixOf(to.type)}${fullName(to)}` })
}

/** `PUT /api/{type}s/{id}/settings`. */
export async function settingsRoute(hub: Hub, exchange: Exchange, params: Params): Promise<void> {
  const kind = kindOf(param(params, 'kind'))
  const { repo } = openRepo(hub, exchange, params, { kind, access: 'write', bucket: 'api' })
  const body = await readJson(exchange.req)
  const { gated } = body
  if (gated !== undefined && gated !== false && gated !== 'auto' && gated !== 'manual') {
    throw hubError(400, '"gated" must be one of [auto, manual, false]')
  }
  repo.visibility = visibilityOf(body) ?? repo.visibility
  repo.gated = gated ?? repo.gated
  sendJson(exchange.res, 200, { private: repo.visibility !== 'public', gated: repo.gated })
}

function requireAccount(hub: Hub, exchange: Exchange): Account {
  const account = identify(hub, exchange)
  if (!account) throw hubError(401, 'Invalid username or password.')
  return account
}

function keyOf(body: Record<string, unknown>, account: Account): RepoKey {
  const { name, organization, type = 'model' } = body
  if (type !== 'model' && type !== 'dataset' && type !== 'space') {
    throw hubError(400, '"type" must be one of [model, dataset, space]')
  }
  if (typeof name !== 'string' || name === '') throw hubError(400, '"name" is required')
  const slash = name.indexOf('/')
  if (slash >= 0) return { type, owner: name.slice(0, slash), name: name.slice(slash + 1) }
  return { type, owner: typeof organization === 'string' ? organization : account.username, name }
}

/** Rules of huggingface_hub utils/_validators.py. */
function requireName(name: string): void {
  const good = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?$/.test(name)
  if (good && !name.includes('--') && !name.includes('..') && !name.endsWith('.git')) return
  throw hubError(400, `Invalid repo name: ${name} - repo name must be 1-96 of [A-Za-z0-9_.-]`)
}

function requireOwner(account: Account, { type, owner }: RepoKey, verb: string): void {
  if (mayWrite(account, owner)) return
  const text =
    account.role === 'read'
      ? "You don't have the required permissions to perform this operation: use a token with write access"
      : `You don't have the rights to ${verb} a ${type} under the namespace "${owner}"`
  throw hubError(403, text)
}

function visibilityOf(body: Record<string, unknown>): StoredRepo['visibility'] | undefined {
  const { visibility, private: hidden } = body
  if (visibility === 'public' || visibility === 'private') return visibility
  // Only Spaces can be protected: app public, files not.
  if (visibility === 'protected') return 'private'
  if (visibility !== undefined && visibility !== null)
    throw hubError(400, '"visibility" must be one of [public, private]')
  return typeof hidden === 'boolean' ? (hidden ? 'private' : 'public') : undefined
}

function givenFiles(body: Record<string, unknown>): Change[] {
  if (!isRecordList(body.files)) return []
  return body.files.map(({ path, content, encoding }) => {
    if (typeof path !== 'string' || typeof content !== 'string') throw hubError(400, '"files" is not valid')
    return { path, content: Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8') }
  })
}

/** README.md that the hub writes itself: with a license, and for Spaces. */
function madeFiles(kind: RepoKind, { license, sdk }: Record<string, unknown>): Change[] {
  const lines = [
    ...(typeof license === 'string' ? [`license: ${license}`] : []),
    ...(kind === 'space' && typeof sdk === 'string' ? [`sdk: ${sdk}`] : []),
  ]
  if (lines.length === 0) return []
  return [{ path: 'README.md', content: Buffer.from(`---\n${lines.join('\n')}\n---\n`) }]
}
