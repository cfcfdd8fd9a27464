import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Exchange, isRecord, parseJson, readBody } from '../core/server.ts'
import {
  type Account,
  createRepo,
  deleteRepo,
  isTaken,
  listRepos,
  mayRead,
  mayWrite,
  type NewRepo,
  type StoredRepo,
} from '../core/store.ts'
import { type Hub, type MsType, type RepoName, toWrite, visibilityOf } from './hub.ts'
import { platformFiles } from './platform-files.ts'
import { codes, failed, type JsonAnswer, ok, refused } from './wire.ts'

/** `POST /api/v1/models` (JSON: Path, Name, …) and `POST /api/v1/datasets` (multipart form: Owner, Name, …). */
export async function createByApi(
  hub: Hub,
  account: Account | undefined,
  type: MsType,
  exchange: Exchange,
): Promise<JsonAnswer> {
  if (!account) return refused(400, 'user not logged in')
  const fields = type === 'model' ? await readJsonFields(exchange) : await readForm(exchange)
  if (!fields) return failed(400, codes.parameter, 'parameter error: unexpected body')
  const { Path, Owner, Name: name, Visibility, License: license, ProtectedMode } = fields
  const owner = type === 'model' ? Path : Owner
  const visibility = visibilityOf(Visibility)
  if (typeof owner !== 'string' || typeof name !== 'string' || !/^[\w.-]+$/.test(name))
    return failed(400, codes.parameter, 'parameter error: owner or Name')
  // Display names such as "Apache License 2.0" are refused.
  if (!visibility || typeof license !== 'string' || !/^[\w.+-]+$/.test(license))
    return failed(400, codes.parameter, 'parameter error: Visibility or License')
  if (!mayWrite(account, owner)) return refused(403, `no permission to create in ${owner}`)
  if (isTaken(hub.store, { type, owner, name }))
    return failed(
      400,
      type === 'model' ? codes.modelExists : codes.datasetExists,
      '该名称已被注册使用，请重新命名',
    )
  const gated = Number(ProtectedMode) === 1 ? ('manual' as const) : (false as const)
  await createMsRepo(hub, { type, owner, name, visibility, gated, details: detailsOf(fields) })
  // What the hub answers has not been seen; no client reads it.
  return ok(null)
}

/** A repo as the hub makes it: with the platform's first commit, and closed to rewritten history. */
export async function createMsRepo(hub: Hub, repo: Omit<NewRepo, 'files' | 'message'>): Promise<StoredRepo> {
  const files = hub.initialFiles === 'template' ? platformFiles() : []
  const stored = await createRepo(hub.store, { ...repo, files, message: 'Initial commit' })
  await appendFile(join(stored.gitDir, 'config'), '[receive]\n\tdenyNonFastForwards = true\n')
  return stored
}

async function readJsonFields(exchange: Exchange): Promise<Record<string, unknown> | undefined> {
  const value = parseJson((await readBody(exchange.req, 1 << 20)).toString('utf8'))
  return isRecord(value) ? value : undefined
}

async function readForm(exchange: Exchange): Promise<Record<string, unknown> | undefined> {
  const type = exchange.req.headers['content-type'] ?? ''
  const body = await readBody(exchange.req, 1 << 20)
  if (!/^multipart\/form-data;/i.test(type)) return undefined
  const form = await new Response(body, { headers: { 'content-type': type } }).formData()
  return Object.fromEntries(form.entries())
}

const kept = ['ChineseName', 'License', 'Description'] as const

function detailsOf(fields: Record<string, unknown>): Map<string, string> {
  return new Map(kept.map((name) => [name, typeof fields[name] === 'string' ? fields[name] : '']))
}

/** `DELETE /api/v1/{type}s/{owner}/{name}`: for tokens of the scope `admin` only. */
export async function deleteByApi(
  hub: Hub,
  account: Account | undefined,
  wanted: RepoName,
): Promise<JsonAnswer> {
  const access = toWrite(hub, account, wanted)
  if (access.kind === 'denied') return access.answer
  if (account?.role !== 'admin')
    return refused(401, 'the current token no longer supports deletion operations')
  await deleteRepo(hub.store, access.repo)
  return ok(null)
}

/** `PUT /api/v1/models/{owner}/{name}`: the whole set of fields; what is left out becomes empty. */
export async function changeModel(
  hub: Hub,
  account: Account | undefined,
  wanted: RepoName,
  exchange: Exchange,
): Promise<JsonAnswer> {
  const access = toWrite(hub, account, wanted)
  if (access.kind === 'denied') return access.answer
  const fields = await readJsonFields(exchange)
  if (!fields || !visibilityOf(fields.Visibility))
    return failed(400, codes.parameter, 'parameter error: Visibility')
  for (const [name, value] of detailsOf(fields)) access.repo.details.set(name, value)
  return changeVisibility(access.repo, fields)
}

/** `PUT /api/v1/datasets/{Id}` with the number of the dataset: `{Visibility, ProtectedMode}`. */
export async function changeDataset(
  hub: Hub,
  account: Account | undefined,
  number: number,
  exchange: Exchange,
): Promise<JsonAnswer> {
  if (!account) return refused(400, 'user not logged in')
  const repo = listRepos(hub.store, 'dataset').find((candidate) => candidate.number === number)
  if (!repo || !mayRead(account, repo)) return failed(404, codes.notFound, 'record not found')
  const access = toWrite(hub, account, { type: 'dataset', owner: repo.owner, name: repo.name })
  if (access.kind === 'denied') return access.answer
  const fields = await readJsonFields(exchange)
  if (!fields || !visibilityOf(fields.Visibility))
    return failed(400, codes.parameter, 'parameter error: Visibility')
  return changeVisibility(repo, fields)
}

function changeVisibility(repo: StoredRepo, fields: Record<string, unknown>): JsonAnswer {
  repo.visibility = visibilityOf(fields.Visibility) ?? repo.visibility
  if (fields.ProtectedMode !== undefined) repo.gated = Number(fields.ProtectedMode) === 1 ? 'manual' : false
  return ok(null)
}
