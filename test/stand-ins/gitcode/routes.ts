import { type Exchange, type Params, type Route, route } from '../core/server.ts'
import { gitRoutes } from './git.ts'
import type { Hub } from './hub.ts'
import { commitRoute, preuploadRoute, validateYamlRoute } from './hub-commit.ts'
import { hubCreateRoute, hubDeleteRoute, modelRoute, revisionRoute, treeRoute } from './hub-repos.ts'
import { resolveRoute } from './hub-resolve.ts'
import { openMindFileInfoRoute, openMindMediaRoute, openMindTreeRoute } from './openmind-files.ts'
import {
  openMindBranchRoute,
  openMindCreateRoute,
  openMindDeleteRoute,
  openMindInfoRoute,
  openMindListRoute,
  openMindUserRoute,
} from './openmind-repos.ts'
import {
  openMindBatchRoute,
  openMindLicenseRoute,
  openMindPreUploadRoute,
  openMindUploadRoute,
  openMindVerifyRoute,
} from './openmind-upload.ts'
import * as content from './v5-content.ts'
import * as v5 from './v5-repos.ts'

type HubRoute = (hub: Hub, exchange: Exchange, params: Params) => Promise<void> | void

/** All routes; the hosts that serve them live are one origin here. */
export function apiRoutes(hub: Hub): Route[] {
  const on = (method: string, template: string, handle: HubRoute): Route =>
    route(method, template, (exchange, params) => handle(hub, exchange, params))
  return [...v5Routes(on), ...contentRoutes(on), ...hubRoutes(on), ...openMindRoutes(on), ...gitRoutes(hub)]
}

type On = (method: string, template: string, handle: HubRoute) => Route

function v5Routes(on: On): Route[] {
  const base = '/api/v5'
  const repo = `${base}/repos/:owner/:name`
  return [
    on('ALL', '/api/v4/*rest', v5.v4Route),
    on('GET', `${base}/user`, v5.userRoute),
    on('GET', `${base}/user/namespaces`, v5.namespacesRoute),
    on('GET', `${base}/user/repos`, v5.userReposRoute),
    on('POST', `${base}/user/repos`, v5.createRoute),
    on('GET', `${base}/orgs/:org/repos`, v5.orgReposRoute),
    on('POST', `${base}/orgs/:org/repos`, v5.createRoute),
    on('GET', `${base}/users/:user/repos`, v5.publicReposRoute),
    on('GET', repo, v5.repoRoute),
    on('PATCH', repo, v5.patchRoute),
    on('DELETE', repo, v5.deleteRoute),
    on('PUT', `${repo}/project_labels`, v5.labelsRoute),
    on('GET', `${repo}/push_config`, v5.pushConfigRoute),
    on('PUT', `${repo}/push_config`, v5.pushConfigRoute),
  ]
}

function contentRoutes(on: On): Route[] {
  const repo = '/api/v5/repos/:owner/:name'
  return [
    on('GET', `${repo}/commits/*ref`, content.commitInfoRoute),
    on('GET', `${repo}/branches`, content.branchesRoute),
    on('POST', `${repo}/branches`, content.createBranchRoute),
    on('GET', `${repo}/branches/*branch`, content.branchesRoute),
    on('GET', `${repo}/git/trees/*ref`, content.treesRoute),
    on('GET', `${repo}/file_list`, content.fileListRoute),
    on('GET', `${repo}/contents`, content.contentsRoute),
    on('GET', `${repo}/contents/*path`, content.contentsRoute),
    ...['POST', 'PUT', 'DELETE'].map((method) =>
      on(method, `${repo}/contents/*path`, content.writeContentsRoute),
    ),
    on('GET', `${repo}/raw/*path`, content.rawRoute),
  ]
}

function hubRoutes(on: On): Route[] {
  const kinds = ['models', 'datasets'].map((kind) => `/api/${kind}/:owner/:name`)
  return [
    on('POST', '/api/repos/create', hubCreateRoute),
    on('DELETE', '/api/repos/delete', hubDeleteRoute),
    on('POST', '/api/validate-yaml', validateYamlRoute),
    ...kinds.flatMap((repo) => [
      on('GET', repo, modelRoute),
      on('GET', `${repo}/revision/*revision`, revisionRoute),
      on('GET', `${repo}/tree/:revision`, treeRoute),
      on('GET', `${repo}/tree/:revision/*path`, treeRoute),
      on('POST', `${repo}/preupload/*revision`, preuploadRoute),
      on('POST', `${repo}/commit/*revision`, commitRoute),
    ]),
    on('GET', '/datasets/:owner/:name/resolve/:revision/*path', resolveRoute),
    on('GET', '/:owner/:name/resolve/:revision/*path', resolveRoute),
    on('GET', '/:owner/:name/raw/:ref/*path', content.rawRoute),
  ]
}

function openMindRoutes(on: On): Route[] {
  const file = '/api/v1/file/:owner/:name'
  const kinds = (['model', 'dataset', 'space'] as const).flatMap((type) => {
    const base = `/api/v1/${type}`
    return [
      on('GET', base, (hub, exchange) => openMindListRoute(hub, exchange, type)),
      on('POST', base, (hub, exchange) => openMindCreateRoute(hub, exchange, type)),
      on('DELETE', `${base}/:id`, openMindDeleteRoute),
      on('GET', `${base}/:owner/:name`, openMindInfoRoute),
      on('POST', `/api/v1/branch/${type}/:owner/:name`, openMindBranchRoute),
      on('DELETE', `/api/v1/branch/${type}/:owner/:name/:branch`, openMindBranchRoute),
    ]
  })
  return [
    on('GET', '/api/v1/user', openMindUserRoute),
    ...kinds,
    on('POST', '/api/v1/file/license_check', openMindLicenseRoute),
    on('GET', file, openMindTreeRoute),
    on('GET', `${file}/info`, openMindFileInfoRoute),
    on('GET', `${file}/:revision/media/*path`, openMindMediaRoute),
    on('POST', `${file}/pre_upload`, openMindPreUploadRoute),
    on('POST', `${file}/info/lfs/objects/batch`, openMindBatchRoute),
    on('POST', `${file}/info/lfs/verify`, openMindVerifyRoute),
    on('POST', `${file}/upload`, openMindUploadRoute),
  ]
}
