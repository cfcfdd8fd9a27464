import { faultsOf } from '../core/faults.ts'
import { type GitPath, isPush, serveGit } from '../core/git-http.ts'
import { answerBatch, lfsMediaType, type Offer, parseBatch } from '../core/lfs-standard.ts'
import type { Pointer } from '../core/pointer.ts'
import { type Exchange, HttpError, param, type Route, readJson, route, sendJson } from '../core/server.ts'
import { type Account, findRepo, fullName, mayRead, mayWrite, type StoredRepo } from '../core/store.ts'
import { sneakIn } from './commit.ts'
import { gitUserOf } from './credentials.ts'
import type { Hub, MsType } from './hub.ts'
import { isReadable, presenceOf } from './lfs-batch.ts'

/** Git over HTTP and the LFS address stock git-lfs derives: `/{o}/{n}.git`, `/models/{o}/{n}.git`, `/datasets/{o}/{n}.git`. */
export function gitRoutes(hub: Hub): Route[] {
  const bases: [string, MsType][] = [
    ['/models/:owner/:name.git', 'model'],
    ['/datasets/:owner/:name.git', 'dataset'],
    ['/:owner/:name.git', 'model'],
  ]
  return bases.flatMap(([base, type]) => routesOf(hub, base, type))
}

function routesOf(hub: Hub, base: string, type: MsType): Route[] {
  const at = (method: string, path: GitPath): Route =>
    route(method, `${base}/${path}`, async (exchange, params) => {
      const wanted = { type, owner: param(params, 'owner'), name: param(params, 'name') }
      await handleGit(hub, exchange, wanted, path)
    })
  const batch = route('POST', `${base}/info/lfs/objects/batch`, async (exchange, params) => {
    await handleBatch(hub, exchange, { type, owner: param(params, 'owner'), name: param(params, 'name') })
  })
  return [at('GET', 'info/refs'), at('POST', 'git-upload-pack'), at('POST', 'git-receive-pack'), batch]
}

interface Wanted {
  readonly type: MsType
  readonly owner: string
  readonly name: string
}

async function handleGit(hub: Hub, exchange: Exchange, wanted: Wanted, path: GitPath): Promise<void> {
  if (!/^git\//.test(exchange.req.headers['user-agent'] ?? ''))
    throw new HttpError(421, 'Misdirected Request')
  const isWrite = isPush(path, exchange.query)
  const { repo, account } = admit(hub, exchange, wanted, isWrite)
  if (faultsOf(repo.name).has('fault-redirect-elsewhere'))
    throw new HttpError(302, 'Found', { location: hub.elsewhere + (exchange.req.url ?? '/') })
  if (isWrite && faultsOf(repo.name).has('fault-git-refused')) throw new HttpError(403, 'Push is not allowed')
  if (path === 'git-receive-pack') await sneakIn(hub, repo, hub.store.defaultBranch)
  await serveGit(exchange, repo.gitDir, path, account?.username ?? '')
  if (path === 'git-receive-pack') repo.updatedAt = new Date()
}

async function handleBatch(hub: Hub, exchange: Exchange, wanted: Wanted): Promise<void> {
  const body = await readJson(exchange.req)
  const request = parseBatch(body)
  if (!request) throw new HttpError(422, { message: 'Invalid batch request' })
  const { repo } = admit(hub, exchange, wanted, request.operation === 'upload')
  const offer = request.operation === 'upload' ? offerUpload : offerDownload
  const answer = await answerBatch(request, 'basic', (object) => offer(hub, repo, object))
  sendJson(exchange.res, 200, answer, { 'content-type': lfsMediaType })
}

async function offerUpload(hub: Hub, repo: StoredRepo, object: Pointer): Promise<Offer> {
  if ((await presenceOf(hub, repo, object)) !== 'missing') return { kind: 'present' }
  const href = hub.storage.uploadUrl(fullName(repo), object)
  return { kind: 'actions', actions: { upload: { href, expires_in: 3600 } } }
}

async function offerDownload(hub: Hub, repo: StoredRepo, object: Pointer): Promise<Offer> {
  if (!(await isReadable(hub, repo, object)))
    return { kind: 'error', code: 404, message: 'Object does not exist' }
  const href = hub.storage.downloadUrl(fullName(repo), object)
  return { kind: 'actions', actions: { download: { href, expires_in: 1200 } } }
}

interface Admitted {
  readonly repo: StoredRepo
  readonly account: Account | undefined
}

/** Wrong credentials are refused even where none are needed, and hidden repos look absent. */
function admit(hub: Hub, { req }: Exchange, wanted: Wanted, isWrite: boolean): Admitted {
  const account = gitUserOf(hub.store, req.headers)
  if (!account && req.headers.authorization !== undefined) throw unauthorized()
  const repo = findRepo(hub.store, wanted)?.repo
  const isVisible = repo !== undefined && mayRead(account, repo)
  if (!account && (isWrite || !isVisible)) throw unauthorized()
  if (!repo || !isVisible) throw new HttpError(404, { message: 'Repository not found' })
  if (isWrite && !mayWrite(account, repo.owner))
    throw new HttpError(403, { message: 'No permission to write' })
  return { repo, account }
}

function unauthorized(): HttpError {
  const headers = { 'www-authenticate': 'Basic realm="ModelScope"' }
  return new HttpError(401, { message: 'Credentials needed' }, headers)
}
