import type { GitPath } from '../core/git-http.ts'
import { type Exchange, type Params, type Route, route } from '../core/server.ts'
import type { RepoKind } from '../core/stand-in.ts'
import { prefixOf } from './access.ts'
import { whoAmI } from './account.ts'
import { commitRoute } from './commit.ts'
import { gitRoute } from './git.ts'
import type { Hub } from './hub.ts'
import {
  authCheckRoute,
  commitsRoute,
  createRefRoute,
  deleteRefRoute,
  infoRoute,
  listRoute,
  refsRoute,
} from './info.ts'
import { batchRoute, verifyRoute } from './lfs.ts'
import { preuploadRoute, validateYamlRoute } from './preupload.ts'
import { createRoute, deleteRoute, moveRoute, settingsRoute } from './repos.ts'
import { rawRoute, resolveRoute } from './resolve.ts'
import { pathsInfoRoute, treeRoute } from './tree.ts'

type HubHandler = (hub: Hub, exchange: Exchange, params: Params) => Promise<void> | void

/** The whole surface of the stand-in, first match wins. */
export function hubRoutes(hub: Hub): Route[] {
  const on = (method: string, template: string, handle: HubHandler): Route =>
    route(method, template, (exchange, params) => handle(hub, exchange, params))
  const repo = '/api/:kind/:owner/:name'
  return [
    on('GET', '/api/whoami-v2', whoAmI),
    on('POST', '/api/repos/create', createRoute),
    on('DELETE', '/api/repos/delete', deleteRoute),
    on('POST', '/api/repos/move', moveRoute),
    on('POST', '/api/validate-yaml', validateYamlRoute),
    route('GET', '/api/resolve-cache/:kind/:owner/:name/:revision/*path', (exchange, params) =>
      resolveRoute(hub, exchange, params, kindsByPlural.get(params.kind ?? '') ?? 'model'),
    ),
    on('GET', `${repo}/revision/:revision`, infoRoute),
    on('GET', `${repo}/refs`, refsRoute),
    on('GET', `${repo}/commits/:revision`, commitsRoute),
    on('GET', `${repo}/auth-check`, authCheckRoute),
    on('GET', `${repo}/tree/:revision`, treeRoute),
    on('GET', `${repo}/tree/:revision/*path`, treeRoute),
    on('POST', `${repo}/paths-info/:revision`, pathsInfoRoute),
    on('POST', `${repo}/preupload/:revision`, preuploadRoute),
    on('POST', `${repo}/commit/:revision`, commitRoute),
    on('PUT', `${repo}/settings`, settingsRoute),
    on('POST', `${repo}/branch/:branch`, createRefRoute),
    on('DELETE', `${repo}/branch/:branch`, deleteRefRoute),
    on('POST', `${repo}/tag/:revision`, createRefRoute),
    on('DELETE', `${repo}/tag/:tag`, deleteRefRoute),
    on('GET', repo, infoRoute),
    on('GET', '/api/:kind', listRoute),
    ...repoRoutes(hub, 'dataset'),
    ...repoRoutes(hub, 'space'),
    ...repoRoutes(hub, 'model'),
  ]
}

const kindsByPlural: ReadonlyMap<string, RepoKind> = new Map([
  ['datasets', 'dataset'],
  ['spaces', 'space'],
])

const gitPaths: readonly (readonly [string, GitPath])[] = [
  ['GET', 'info/refs'],
  ['POST', 'git-upload-pack'],
  ['POST', 'git-receive-pack'],
]

/** Addresses outside the API: files, git and LFS. */
function repoRoutes(hub: Hub, kind: RepoKind): Route[] {
  const repo = `/${prefixOf(kind)}:owner/:name`
  const on = (
    method: string,
    template: string,
    handle: (...args: [...Parameters<HubHandler>, RepoKind]) => Promise<void>,
  ) => route(method, repo + template, (exchange, params) => handle(hub, exchange, params, kind))
  return [
    on('GET', '/resolve/:revision/*path', resolveRoute),
    on('GET', '/raw/:revision/*path', rawRoute),
    on('POST', '/info/lfs/objects/batch', batchRoute),
    on('POST', '/info/lfs/objects/verify', verifyRoute),
    ...gitPaths.map(([method, path]) =>
      route(method, `${repo}/${path}`, (exchange, params) => gitRoute(hub, exchange, params, kind, path)),
    ),
  ]
}
