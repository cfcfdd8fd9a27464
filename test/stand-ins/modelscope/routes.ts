import { faultsOf } from '../core/faults.ts'
import {
  type Exchange,
  HttpError,
  type Params,
  param,
  parseJson,
  type Route,
  readBody,
  route,
  sendJson,
} from '../core/server.ts'
import { count, fullName, type StoredRepo } from '../core/store.ts'
import { login, whoAmI } from './account.ts'
import { putBlob } from './blob-upload.ts'
import { commitByApi } from './commit.ts'
import { openApiCaller, readerOf, writerOf } from './credentials.ts'
import { sendRepoFile } from './download.ts'
import { datasetTree, modelFiles } from './file-lists.ts'
import { type Access, type Hub, type MsType, type RepoName, segments, toRead, toWrite } from './hub.ts'
import { answerMsBatch } from './lfs-batch.ts'
import { listDatasets, listModels, openList } from './lists.ts'
import { changeDataset, changeModel, createByApi, deleteByApi } from './manage.ts'
import { commits, createTag, revisions } from './refs.ts'
import { openRepoInfo, repoInfo } from './repo-info.ts'
import { failed, type JsonAnswer, refused } from './wire.ts'

/** All routes of the API host but git's. */
export function apiRoutes(hub: Hub): Route[] {
  return [
    ...accountRoutes(hub),
    ...listRoutes(hub),
    ...repoRoutes(hub, 'model'),
    ...repoRoutes(hub, 'dataset'),
  ]
}

/** Routes of the upload host. */
export function uploadRoutes(hub: Hub): Route[] {
  return (['model', 'dataset'] as const).map((type) =>
    json('PUT', `/api/v1/repos/${segments[type]}/:owner/:name/blobs/:oid/:size`, (exchange, params) =>
      putBlob(hub, exchange, nameIn(type, params), params),
    ),
  )
}

function accountRoutes(hub: Hub): Route[] {
  return [
    json('GET', '/openapi/v1/users/me', ({ req }) => whoAmI(openApiCaller(hub.store, req.headers))),
    json('POST', '/api/v1/login', async ({ req }) => login(hub, await jsonBody(req))),
  ]
}

function listRoutes(hub: Hub): Route[] {
  return [
    json('PUT', '/api/v1/models/', async ({ req }) =>
      listModels(hub, readerOf(hub.store, req.headers), await jsonBody(req)),
    ),
    json('PUT', '/api/v1/models', () => ({
      status: 307,
      body: {},
      headers: { location: '/api/v1/models/' },
    })),
    json('GET', '/api/v1/datasets', ({ req, query }) =>
      listDatasets(hub, readerOf(hub.store, req.headers), query),
    ),
    json('GET', '/openapi/v1/models', ({ query }) => openList(hub, 'model', query)),
    json('GET', '/openapi/v1/datasets', ({ query }) => openList(hub, 'dataset', query)),
    json('PUT', '/api/v1/datasets/:number', (exchange, params) =>
      changeDataset(
        hub,
        writerOf(hub.store, exchange.req.headers),
        Number(param(params, 'number')),
        exchange,
      ),
    ),
  ]
}

function repoRoutes(hub: Hub, type: MsType): Route[] {
  const at = `/api/v1/${segments[type]}/:owner/:name`
  const account = ({ req }: Exchange) => writerOf(hub.store, req.headers)
  const base = [
    json('POST', `/api/v1/${segments[type]}`, (exchange) =>
      createByApi(hub, account(exchange), type, exchange),
    ),
    json('GET', `/openapi/v1/${segments[type]}/:owner/:name`, (exchange, params) =>
      openRepoInfo(hub, openApiCaller(hub.store, exchange.req.headers), nameIn(type, params)),
    ),
    json('GET', at, (exchange, params) => {
      const wanted = nameIn(type, params)
      injectFaults(hub, wanted, exchange, 'api')
      return repoInfo(hub, readerOf(hub.store, exchange.req.headers), wanted)
    }),
    json('DELETE', at, (exchange, params) => deleteByApi(hub, account(exchange), nameIn(type, params))),
  ]
  const settings = json('PUT', at, (exchange, params) =>
    changeModel(hub, account(exchange), nameIn(type, params), exchange),
  )
  return [...base, ...(type === 'model' ? [settings] : []), ...contentRoutes(hub, type, at)]
}

/** Routes below one repo: what is in it, and commits to it. */
function contentRoutes(hub: Hub, type: MsType, at: string): Route[] {
  const inRepos = `/api/v1/repos/${segments[type]}/:owner/:name`
  const listing = type === 'model' ? modelFiles : datasetTree
  return [
    reading(hub, type, `${at}/revisions`, (repo) => revisions(repo)),
    reading(hub, type, `${at}/commits`, (repo, { query }) => commits(repo, query)),
    reading(hub, type, `${at}/repo/${type === 'model' ? 'files' : 'tree'}`, (repo, { query }) =>
      listing(hub, repo, query),
    ),
    writing(hub, type, `${at}/repo/tag`, async (repo, { req }) => createTag(repo, await jsonBody(req))),
    reading(hub, type, `${at}/repo`, (repo, exchange) => {
      const { query } = exchange
      const wanted = { path: query.get('FilePath') ?? '', revision: query.get('Revision') ?? '' }
      return sendRepoFile(hub, repo, wanted, exchange)
    }),
    reading(hub, type, `/${segments[type]}/:owner/:name/resolve/:revision/*path`, (repo, exchange, params) =>
      sendRepoFile(hub, repo, { path: param(params, 'path'), revision: param(params, 'revision') }, exchange),
    ),
    json('GET', `${inRepos}/repo`, () => failed(421, 421, 'mirror self-forwarded loop detected')),
    json('POST', `${inRepos}/info/lfs/objects/batch`, (exchange, params) =>
      batch(hub, type, exchange, params),
    ),
    writing(hub, type, `${inRepos}/commit/*branch`, (repo, exchange, params) =>
      commitByApi(hub, repo, param(params, 'branch'), exchange),
    ),
  ]
}

async function batch(hub: Hub, type: MsType, exchange: Exchange, params: Params): Promise<JsonAnswer> {
  const wanted = nameIn(type, params)
  const body = await jsonBody(exchange.req)
  const isReading = (body as { operation?: unknown } | undefined)?.operation === 'download'
  const { headers } = exchange.req
  const access = isReading
    ? toRead(hub, readerOf(hub.store, headers), wanted)
    : toWrite(hub, writerOf(hub.store, headers), wanted)
  if (access.kind === 'denied') return access.answer
  injectFaults(hub, wanted, exchange, 'api')
  return answerMsBatch(hub, access.repo, type, body)
}

type RepoHandler = (
  repo: StoredRepo,
  exchange: Exchange,
  params: Params,
) => Promise<JsonAnswer | undefined> | Promise<void>

function reading(hub: Hub, type: MsType, template: string, answer: RepoHandler): Route {
  return withRepo('GET', hub, type, template, answer, (wanted, { req }) =>
    toRead(hub, readerOf(hub.store, req.headers), wanted),
  )
}

function writing(hub: Hub, type: MsType, template: string, answer: RepoHandler): Route {
  return withRepo('POST', hub, type, template, answer, (wanted, { req }) =>
    toWrite(hub, writerOf(hub.store, req.headers), wanted),
  )
}

function withRepo(
  method: string,
  hub: Hub,
  type: MsType,
  template: string,
  answer: RepoHandler,
  ask: (wanted: RepoName, exchange: Exchange) => Access,
): Route {
  return json(method, template, async (exchange, params) => {
    const wanted = nameIn(type, params)
    const access = ask(wanted, exchange)
    if (access.kind === 'denied') return access.answer
    injectFaults(hub, wanted, exchange, isDownload(exchange) ? 'download' : 'api')
    return (await answer(access.repo, exchange, params)) ?? undefined
  })
}

/** True for requests that read a file. */
function isDownload({ path, method }: Exchange): boolean {
  return method !== 'POST' && (path.endsWith('/repo') || path.includes('/resolve/'))
}

/** Requests that fail first, as on a busy day. */
const failing = { api: 2, download: 1 }

/** fault-429 and fault-500: the first requests for a repo fail; fault-redirect-elsewhere: all are sent to a foreign host. */
function injectFaults(hub: Hub, wanted: RepoName, exchange: Exchange, bucket: keyof typeof failing): void {
  const faults = faultsOf(wanted.name)
  if (faults.has('fault-redirect-elsewhere'))
    throw new HttpError(302, 'Found', { location: hub.elsewhere + (exchange.req.url ?? '/') })
  const status = faults.has('fault-429') ? 429 : faults.has('fault-500') ? 500 : undefined
  if (status === undefined) return
  if (count(hub.store, `${status} of ${bucket} ${wanted.type} ${fullName(wanted)}`) > failing[bucket]) return
  if (status === 429) throw new HttpError(429, refused(429, 'too many requests').body, { 'retry-after': '1' })
  throw new HttpError(500, '<html>Internal Server Error</html>', { 'content-type': 'text/html' })
}

/** A route that answers JSON, or has sent its answer itself (undefined). */
function json(
  method: string,
  template: string,
  answer: (exchange: Exchange, params: Params) => JsonAnswer | undefined | Promise<JsonAnswer | undefined>,
): Route {
  return route(method, template, async (exchange, params) => {
    const result = await answer(exchange, params)
    if (result === undefined) return
    exchange.req.resume()
    sendJson(exchange.res, result.status, result.body, result.headers)
  })
}

async function jsonBody(req: Exchange['req']): Promise<unknown> {
  return parseJson((await readBody(req, 64 << 20)).toString('utf8'))
}

function nameIn(type: MsType, params: Params): RepoName {
  return { type, owner: param(params, 'owner'), name: param(params, 'name') }
}

/** What the hub says of an address it does not serve: a web page, as it is a web site too. */
export function notServed(): HttpError {
  return new HttpError(404, '<!doctype html><title>404</title>', { 'content-type': 'text/html' })
}
