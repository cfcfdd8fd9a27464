import { ServerResponse } from 'node:http'
import { faultsOf } from '../core/faults.ts'
import { type GitPath, isPush, serveGit } from '../core/git-http.ts'
import { type Exchange, HttpError, type Params, param, type Route, route, sendJson } from '../core/server.ts'
import { openGit, openLfs } from './access.ts'
import type { Hub, RepoName } from './hub.ts'
import { batchRoute } from './lfs-batch.ts'
import { multipartVerifyRoute, putObjectRoute, verifyRoute } from './lfs-upload.ts'
import { sneakIn } from './upload.ts'

/** Git and LFS at `/{owner}/{name}.git`, whatever the kind of the repo; git may leave out the `.git`. */
export function gitRoutes(hub: Hub): Route[] {
  return ['/:owner/:name.git', '/:owner/:name'].flatMap((base) => routesAt(hub, base))
}

type Serve = (hub: Hub, exchange: Exchange, wanted: RepoName, params: Params) => Promise<void>

function routesAt(hub: Hub, base: string): Route[] {
  const at = (method: string, path: string, serve: Serve): Route =>
    route(method, `${base}/${path}`, (exchange, params) => serve(hub, exchange, nameIn(params), params))
  const git = (method: string, path: GitPath): Route =>
    at(method, path, (_, exchange, wanted) => gitRoute(hub, exchange, wanted, path))
  return [
    git('GET', 'info/refs'),
    git('POST', 'git-upload-pack'),
    git('POST', 'git-receive-pack'),
    at('POST', 'info/lfs/objects/batch', batchRoute),
    at('PUT', 'info/lfs/objects/:oid/:size', putObjectRoute),
    at('POST', 'info/lfs/verify', verifyRoute),
    at('POST', 'info/lfs/multipart-verify', multipartVerifyRoute),
    at('POST', 'info/lfs/locks/verify', noLocks),
  ]
}

async function gitRoute(hub: Hub, exchange: Exchange, wanted: RepoName, path: GitPath): Promise<void> {
  const isWriting = isPush(path, exchange.query)
  const { repo, account } = openGit(hub, exchange, wanted, isWriting ? 'write' : 'read')
  const faults = faultsOf(repo.name)
  if (isWriting && faults.has('fault-git-refused')) throw new HttpError(403, 'Forbidden')
  const user = account?.username ?? ''
  if (path !== 'git-receive-pack') return serveGit(exchange, repo.gitDir, path, user)
  await sneakIn(hub, repo, hub.store.defaultBranch)
  const status = faults.has('fault-504-landed') ? 504 : faults.has('fault-500-landed') ? 500 : undefined
  // The push is done and its answer thrown away: a response without a socket takes it.
  const sink = status === undefined ? exchange.res : new ServerResponse(exchange.req)
  await serveGit({ ...exchange, res: sink }, repo.gitDir, path, user)
  repo.updatedAt = new Date()
  if (status !== undefined) throw new HttpError(status, '<html><body>Gateway Time-out</body></html>')
}

async function noLocks(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  openLfs(hub, exchange, wanted, 'write')
  exchange.req.resume()
  sendJson(exchange.res, 200, { ours: [], theirs: [] })
}

function nameIn(params: Params): RepoName {
  return { owner: param(params, 'owner'), name: param(params, 'name') }
}
