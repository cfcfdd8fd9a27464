import { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { faultsOf } from '../core/faults.ts'
import { type GitPath, isPush, serveGit } from '../core/git-http.ts'
import { type Change, commitChanges, git, initRepo } from '../core/git-repo.ts'
import { type Exchange, HttpError, type Params, type Route, route } from '../core/server.ts'
import type { RepoKey } from '../core/stand-in.ts'
import { count, createRepo, findRepo, headOf, type StoredRepo } from '../core/store.ts'
import { admit } from './access.ts'
import { type Host, keyIn, refusal } from './host.ts'

/** Smart HTTP at `/{owner}/{name}.git` and at `/{owner}/{name}`. */
export function gitRoutes(host: Host): Route[] {
  const at = (method: string, path: GitPath): Route =>
    route(method, `/:owner/:name/${path}`, (exchange, params) => gitRoute(host, exchange, params, path))
  return [at('GET', 'info/refs'), at('POST', 'git-upload-pack'), at('POST', 'git-receive-pack')]
}

async function gitRoute(host: Host, exchange: Exchange, params: Params, path: GitPath): Promise<void> {
  const key = keyIn(params)
  const isWriting = isPush(path, exchange.query)
  const { repo: found, account } = admit(host, exchange, key, isWriting ? 'write' : 'read')
  limitProtocol(host, exchange)
  const repo = found ?? (await createOnPush(host, key, path, isWriting))
  const user = account?.username ?? ''
  if (repo === 'preview') return serveGit(exchange, await emptyRepo(host), path, user)
  if (path !== 'git-receive-pack') return serveGit(exchange, repo.gitDir, path, user)
  await overtake(host, repo)
  const faults = faultsOf(repo.name)
  const status = faults.has('fault-504-landed') ? 504 : faults.has('fault-500-landed') ? 500 : undefined
  // The push is done and its answer thrown away: a response without a socket takes it.
  const sink = status === undefined ? exchange.res : new ServerResponse(exchange.req)
  await serveGit({ ...exchange, res: sink }, repo.gitDir, path, user)
  repo.updatedAt = new Date()
  if (status !== undefined) throw refusal(host, status, 'The gateway gave up waiting')
}

/** The repo that this request makes; `preview`: it would be made by the push itself. */
async function createOnPush(
  host: Host,
  key: RepoKey,
  path: GitPath,
  isWriting: boolean,
): Promise<StoredRepo | 'preview'> {
  const { createOn } = host.settings
  if (!isWriting || createOn === 'never') throw refusal(host, 404, 'Repository not found')
  if (path === 'info/refs' && createOn === 'push') return 'preview'
  const withFiles = path === 'info/refs'
  return findRepo(host.store, key)?.repo ?? createPlainRepo(host, key, 'private', withFiles)
}

/** A new repo, with the first commit that the settings give it; a push to a new one brings its own. */
export async function createPlainRepo(
  host: Host,
  { owner, name }: RepoKey,
  visibility: StoredRepo['visibility'],
  withFiles = true,
): Promise<StoredRepo> {
  const { store, settings } = host
  const attributes: Change = { path: '.gitattributes', content: Buffer.from(firstAttributes) }
  const repo = await createRepo(store, {
    type: 'model',
    owner,
    name,
    visibility,
    files: withFiles && settings.newRepo === 'attributes' ? [attributes] : [],
    message: 'Initial commit',
  })
  if (!settings.filter) await git(repo.gitDir, ['config', 'uploadpack.allowFilter', 'false'])
  return repo
}

const firstAttributes = '*.bin filter=lfs diff=lfs merge=lfs -text\n'

/** What a push to a repo that is not there yet sees. */
async function emptyRepo({ store, settings }: Host): Promise<string> {
  const gitDir = join(store.folder, 'empty.git')
  if (count(store, 'empty repo') === 1) await initRepo(gitDir, settings.defaultBranch)
  return gitDir
}

/** An older server does not know the header by which clients ask for a newer protocol. */
function limitProtocol({ settings }: Host, { req }: Exchange): void {
  const wanted = Number(/version=(\d)/.exec(String(req.headers['git-protocol'] ?? ''))?.[1] ?? 0)
  if (wanted > settings.gitProtocol) delete req.headers['git-protocol']
}

/** fault-stale: somebody else commits just before the first push. */
async function overtake({ store }: Host, repo: StoredRepo): Promise<void> {
  if (!faultsOf(repo.name).has('fault-stale') || count(store, `overtaken ${repo.id}`) > 1) return
  const changes = [{ path: 'someone-else.txt', content: Buffer.from('Somebody else was faster.\n') }]
  const parent = await headOf(store, repo)
  const message = 'Somebody else was faster'
  await commitChanges(repo.gitDir, { branch: store.defaultBranch, parent, changes, message })
}

/** What is said of paths that this host does not serve. */
export function notServed(host: Host): HttpError {
  if (host.settings.unservedPath === 'not-found') return refusal(host, 404, 'Not found')
  const page = '<!doctype html><html><title>Git</title><body><div id="app"></div></body></html>'
  return new HttpError(200, page, { 'content-type': 'text/html; charset=utf-8' })
}
