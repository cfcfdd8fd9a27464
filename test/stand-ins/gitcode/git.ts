import { ServerResponse } from 'node:http'
import { faultsOf } from '../core/faults.ts'
import { type GitPath, isPush, serveGit } from '../core/git-http.ts'
import { type Exchange, HttpError, type Params, type Route, route } from '../core/server.ts'
import { openGit } from './access.ts'
import { overtake } from './commit.ts'
import { branchOf, type Hub } from './hub.ts'
import { batchRoute, nameIn, verifyRoute } from './lfs.ts'

/** Git and LFS at `/{o}/{r}.git`; the owner may have slashes of its own (`hf_mirrors/org`). */
export function gitRoutes(hub: Hub): Route[] {
  const base = '/*owner/:name.git'
  const at = (method: string, path: GitPath): Route =>
    route(method, `${base}/${path}`, (exchange, params) => gitRoute(hub, exchange, params, path))
  const lfs = `${base}/info/lfs/objects`
  return [
    at('GET', 'info/refs'),
    at('POST', 'git-upload-pack'),
    at('POST', 'git-receive-pack'),
    route('POST', `${lfs}/batch`, (exchange, params) => batchRoute(hub, exchange, params)),
    route('POST', `${lfs}/verify`, (exchange, params) => verifyRoute(hub, exchange, params)),
  ]
}

async function gitRoute(hub: Hub, exchange: Exchange, params: Params, path: GitPath): Promise<void> {
  const isWriting = isPush(path, exchange.query)
  const { repo, account } = openGit(hub, exchange, nameIn(params), isWriting ? 'write' : 'read', false)
  const faults = faultsOf(repo.name)
  if (isWriting && faults.has('fault-git-refused'))
    throw new HttpError(403, 'GitCode: You are not allowed to push code')
  const user = account?.username ?? ''
  if (path !== 'git-receive-pack') return serveGit(exchange, repo.gitDir, path, user)
  await overtake(hub, repo, branchOf(repo))
  const status = faults.has('fault-504-landed') ? 504 : faults.has('fault-500-landed') ? 500 : undefined
  // The push is done and its answer thrown away: a response without a socket takes it.
  const sink = status === undefined ? exchange.res : new ServerResponse(exchange.req)
  await serveGit({ ...exchange, res: sink }, repo.gitDir, path, user)
  repo.updatedAt = new Date()
  if (status !== undefined) throw new HttpError(status, '<html><body>Gateway Time-out</body></html>')
}
