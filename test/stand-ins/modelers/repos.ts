import type { Exchange } from '../core/server.ts'
import { type Account, deleteRepo, mayRead, mayWrite, type StoredRepo } from '../core/store.ts'
import { openRepo, userOf, writerOf } from './access.ts'
import { createModelersRepo, findByName, type Hub, type Kind, type RepoName } from './hub.ts'
import { licenses } from './push-rules.ts'
import { failure, jsonBody, sendOk, textOf } from './wire.ts'

/** `GET /api/v1/user`. */
export function whoAmI(hub: Hub, exchange: Exchange): void {
  const { username } = userOf(hub, exchange)
  const times = { created_at: 1_700_000_000, updated_at: 1_700_000_000 }
  const names = { account: username, fullname: username, email: `${username}@example.invalid`, phone: '' }
  const flags = { type: 0, request_delete: false, is_disable_admin: false }
  sendOk(exchange, { id: '1', ...names, avatar_id: '', description: '', ...times, ...flags })
}

/** `GET /api/v1/{kind}/{owner}/{name}`. What is there but hidden looks absent. */
export function repoInfo(hub: Hub, exchange: Exchange, kind: Kind, wanted: RepoName): void {
  const absent = `${kind}_not_found`
  const { repo } = openRepo(hub, exchange, wanted, 'read', { absent })
  if (repo.type !== kind) throw failure(absent, 'not found')
  sendOk(exchange, infoOf(repo))
}

function infoOf(repo: StoredRepo): object {
  const license = repo.details.get('license') ?? ''
  return {
    ...itemOf(repo),
    owner_type: 0,
    labels: {
      task: '',
      others: [],
      license: [license],
      frameworks: [],
      library_name: '',
      hardwares: [],
      language: [],
    },
    liked: false,
    usage: '',
    avatar_id: '',
    is_discussion_disabled: false,
    deploy: [],
  }
}

/** A repo as lists show it. Times are Unix seconds. */
export function itemOf(repo: StoredRepo): Record<string, unknown> {
  return {
    id: String(repo.number),
    name: repo.name,
    owner: repo.owner,
    fullname: repo.details.get('fullname') ?? '',
    desc: repo.details.get('desc') ?? '',
    created_at: Math.floor(repo.createdAt.getTime() / 1000),
    updated_at: Math.floor(repo.updatedAt.getTime() / 1000),
    visibility: repo.visibility,
    like_count: 0,
    download_count: 0,
    disable: false,
    disable_reason: '',
  }
}

/** `POST /api/v1/{kind}`: a new repo always has a first commit. Answers the id. */
export async function createByApi(hub: Hub, exchange: Exchange, kind: Kind): Promise<void> {
  const account = writerOf(hub, exchange)
  const body = await jsonBody(exchange)
  const [owner, name, license] = [textOf(body.owner), textOf(body.name), textOf(body.license)]
  if (!/^[a-zA-Z0-9_.-]{1,100}$/.test(name) || name.endsWith('.git'))
    throw failure('bad_request_param', 'invalid name')
  if (!/^[a-zA-Z](?:[-_.]?[a-zA-Z0-9])*$/.test(owner) || owner.length < 3 || owner.length > 40)
    throw failure('bad_request_param', 'invalid owner')
  if (!licenses.includes(license)) throw failure('bad_request_param', 'unsupported license')
  const visibility = visibilityIn(body)
  if (!visibility) throw failure('bad_request_param', 'unknown visibility')
  if (kind === 'space' && !(body.sdk && body.hardware && body.base_image))
    throw failure('bad_request_param', 'sdk, hardware and base_image are required')
  if (!mayWrite(account, owner)) throw failure('no_permission', 'no permission')
  // The misspelling is the hub's.
  if (findByName(hub.store, { owner, name })) throw failure('duplicate_creating', 'dulicate creating')
  const details = new Map(describe(body))
  const created = { type: kind, owner, name, visibility, license, details }
  const repo = await createModelersRepo(hub.store, hub.settings, created)
  sendOk(exchange, String(repo.number))
}

function visibilityIn({ visibility }: Record<string, unknown>): 'public' | 'private' | undefined {
  return visibility === 'public' || visibility === 'private' ? visibility : undefined
}

/** Texts of a repo that the request gives. */
function describe(body: Record<string, unknown>): [string, string][] {
  const limits = { desc: 1000, fullname: 100 }
  return Object.entries(limits).flatMap(([key, limit]): [string, string][] => {
    const value = body[key]
    if (value === undefined || value === null) return []
    if (typeof value !== 'string' || value.length > limit)
      throw failure('bad_request_param', `invalid ${key}`)
    return [[key, value]]
  })
}

/** `PUT /api/v1/{kind}/{id}` `{visibility?, desc?, fullname?}`. */
export async function updateByApi(hub: Hub, exchange: Exchange, kind: Kind, id: string): Promise<void> {
  const account = writerOf(hub, exchange)
  const body = await jsonBody(exchange)
  const repo = byId(hub, kind, id)
  if (!repo || !mayWrite(account, repo.owner)) throw failure(`${kind}_not_found`, 'not found')
  const visibility = visibilityIn(body)
  if (body.visibility !== undefined && !visibility) throw failure('bad_request_param', 'unknown visibility')
  for (const [key, value] of describe(body)) repo.details.set(key, value)
  repo.visibility = visibility ?? repo.visibility
  sendOk(exchange, null)
}

/** `DELETE /api/v1/{kind}/{id}` with a JSON body, be it empty. An id nobody has is as good as deleted. */
export async function deleteByApi(hub: Hub, exchange: Exchange, kind: Kind, id: string): Promise<void> {
  const account = writerOf(hub, exchange)
  if (hub.settings.bodylessDelete === 'refused') await jsonBody(exchange)
  const repo = byId(hub, kind, id)
  if (repo && mayRead(account, repo)) await deleteOwn(hub, account, repo)
  sendOk(exchange, null)
}

async function deleteOwn(hub: Hub, account: Account, repo: StoredRepo): Promise<void> {
  if (!mayWrite(account, repo.owner)) throw failure('no_permission', 'no permission')
  await deleteRepo(hub.store, repo)
}

function byId(hub: Hub, kind: Kind, id: string): StoredRepo | undefined {
  return [...hub.store.repos.values()].find((repo) => repo.type === kind && String(repo.number) === id)
}
