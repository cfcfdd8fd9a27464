import { type Exchange, HttpError, type Params, param, type Route, route } from '../core/server.ts'
import { createBranch, deleteBranch } from './branches.ts'
import { type Hub, type Kind, kinds, type RepoName } from './hub.ts'
import { wrappedBatchRoute } from './lfs-batch.ts'
import { wrappedVerifyRoute } from './lfs-upload.ts'
import { listByApi, listForSite } from './lists.ts'
import { createByApi, deleteByApi, repoInfo, updateByApi, whoAmI } from './repos.ts'
import { fileInfo, listFolder, sendMedia } from './tree.ts'
import { checkLicense, commitByApi, preUpload } from './upload.ts'

/** All routes but git's. */
export function apiRoutes(hub: Hub): Route[] {
  return [
    route('GET', '/api/v1/user', (exchange) => whoAmI(hub, exchange)),
    ...kinds.flatMap((kind) => repoRoutes(hub, kind)),
    ...fileRoutes(hub),
  ]
}

function repoRoutes(hub: Hub, kind: Kind): Route[] {
  const at = `/api/v1/${kind}`
  const branch = `/api/v1/branch/${kind}/:owner/:name`
  return [
    route('GET', at, (exchange) => listByApi(hub, exchange, kind)),
    route('GET', `/server/${kind}`, (exchange) => listForSite(hub, exchange, kind)),
    route('POST', at, (exchange) => createByApi(hub, exchange, kind)),
    route('GET', `${at}/:owner/:name`, (exchange, params) => repoInfo(hub, exchange, kind, nameIn(params))),
    route('PUT', `${at}/:id`, (exchange, params) => updateByApi(hub, exchange, kind, param(params, 'id'))),
    route('DELETE', `${at}/:id`, (exchange, params) => deleteByApi(hub, exchange, kind, param(params, 'id'))),
    route('POST', branch, (exchange, params) => createBranch(hub, exchange, nameIn(params))),
    route('DELETE', `${branch}/:branch`, (exchange, params) =>
      deleteBranch(hub, exchange, nameIn(params), param(params, 'branch')),
    ),
  ]
}

/** Routes of the file service, which knows no kinds of repo. */
function fileRoutes(hub: Hub): Route[] {
  const base = '/api/v1/file/:owner/:name'
  const at = (
    method: string,
    path: string,
    serve: (wanted: RepoName, exchange: Exchange, params: Params) => Promise<void>,
  ) => route(method, base + path, (exchange, params) => serve(nameIn(params), exchange, params))
  const media = (wanted: RepoName, exchange: Exchange, params: Params) =>
    sendMedia(hub, exchange, { ...wanted, revision: param(params, 'revision'), path: param(params, 'path') })
  return [
    route('POST', '/api/v1/file/license_check', (exchange) => checkLicense(exchange)),
    at('GET', '', (wanted, exchange) => listFolder(hub, exchange, wanted)),
    at('GET', '/info', (wanted, exchange) => fileInfo(hub, exchange, wanted)),
    at('GET', '/:revision/media/*path', media),
    route('GET', '/coderepo/web/v1/file/:owner/:name/:revision/media/*path', (exchange, params) =>
      media(nameIn(params), exchange, params),
    ),
    at('POST', '/pre_upload', (wanted, exchange) => preUpload(hub, exchange, wanted)),
    at('POST', '/info/lfs/objects/batch', (wanted, exchange) => wrappedBatchRoute(hub, exchange, wanted)),
    at('POST', '/info/lfs/multipart-verify', (wanted, exchange) => wrappedVerifyRoute(hub, exchange, wanted)),
    at('POST', '/upload', (wanted, exchange) => commitByApi(hub, exchange, wanted)),
  ]
}

function nameIn(params: Params): RepoName {
  return { owner: param(params, 'owner'), name: param(params, 'name') }
}

/** What the hub says of an address it does not serve: a web page, as it is a web site too. */
export function notServed(): HttpError {
  return new HttpError(404, '<!doctype html><title>404</title>', { 'content-type': 'text/html' })
}
