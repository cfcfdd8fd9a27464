import { randomUUID } from 'node:crypto'
import { dispatch, type Exchange, type Params, param, type Route, route } from '../core/server.ts'
import { callerOf } from './access.ts'
import type { Hub, RepoName } from './hub.ts'
import { changeIssue, commentOnIssue, listIssues, openIssue } from './issues.ts'
import { organizationRepos, ownRepos, userRepos } from './lists.ts'
import { oneOwner, ownOrganizations, viewer, whoAmI } from './owners.ts'
import {
  changeRepo,
  createForOrganization,
  createOwn,
  oneRepo,
  removeRepo,
  replaceTopics,
  repoBranches,
  repoByNumber,
  repoTopics,
} from './repos.ts'
import { failure, notFound } from './wire.ts'

/** The REST API, where a GitHub Enterprise has it: below `/api/v3`. */
export function apiRoutes(hub: Hub): Route[] {
  const routes = [...ownerRoutes(hub), ...repoRoutes(hub), ...issueRoutes(hub)]
  return [
    route('POST', '/api/graphql', async (exchange) => {
      tellLimits(hub, exchange)
      await viewer(hub, exchange)
    }),
    route('ALL', '/api/v3/*rest', async (exchange) => {
      tellLimits(hub, exchange)
      if (!(await dispatch(routes, exchange))) throw notFound()
    }),
  ]
}

function ownerRoutes(hub: Hub): Route[] {
  const login = (params: Params): string => param(params, 'login')
  return [
    route('GET', '/api/v3/user', (exchange) => whoAmI(hub, exchange)),
    route('GET', '/api/v3/user/orgs', (exchange) => ownOrganizations(hub, exchange)),
    route('GET', '/api/v3/user/repos', (exchange) => ownRepos(hub, exchange)),
    route('POST', '/api/v3/user/repos', (exchange) => createOwn(hub, exchange)),
    route('GET', '/api/v3/users/:login', (exchange, params) => oneOwner(hub, exchange, login(params))),
    route('GET', '/api/v3/users/:login/repos', (exchange, params) => userRepos(hub, exchange, login(params))),
    route('GET', '/api/v3/orgs/:login/repos', (exchange, params) =>
      organizationRepos(hub, exchange, login(params)),
    ),
    route('POST', '/api/v3/orgs/:login/repos', (exchange, params) =>
      createForOrganization(hub, exchange, login(params)),
    ),
  ]
}

function repoRoutes(hub: Hub): Route[] {
  type Serve = (hub: Hub, exchange: Exchange, wanted: RepoName) => Promise<void> | void
  const at = (method: string, path: string, serve: Serve): Route =>
    route(method, `/api/v3/repos/:owner/:name${path}`, (exchange, params) =>
      serve(hub, exchange, { owner: param(params, 'owner'), name: param(params, 'name') }),
    )
  return [
    at('GET', '', oneRepo),
    at('PATCH', '', changeRepo),
    at('DELETE', '', removeRepo),
    at('GET', '/topics', repoTopics),
    at('PUT', '/topics', replaceTopics),
    at('GET', '/branches', repoBranches),
    route('GET', '/api/v3/repositories/:id', (exchange, params) =>
      repoByNumber(hub, exchange, param(params, 'id')),
    ),
  ]
}

function issueRoutes(hub: Hub): Route[] {
  const issues = '/api/v3/repos/:owner/:name/issues'
  const wanted = (params: Params): RepoName => ({
    owner: param(params, 'owner'),
    name: param(params, 'name'),
  })
  const number = (params: Params): number => Number(param(params, 'number'))
  return [
    route('GET', issues, (exchange, params) => listIssues(hub, exchange, wanted(params))),
    route('POST', issues, (exchange, params) => openIssue(hub, exchange, wanted(params))),
    route('PATCH', `${issues}/:number`, (exchange, params) =>
      changeIssue(hub, exchange, wanted(params), number(params)),
    ),
    route('POST', `${issues}/:number/comments`, (exchange, params) =>
      commentOnIssue(hub, exchange, wanted(params), number(params)),
    ),
  ]
}

/** The headers that every answer carries. Whoever does not say who they are gets none. */
function tellLimits(hub: Hub, exchange: Exchange): void {
  const { req, res } = exchange
  if (req.headers['user-agent'] === undefined)
    throw failure(
      403,
      'Request forbidden by administrative rules. Please make sure your request has a User-Agent header',
    )
  const limit = req.headers.authorization === undefined ? 60 : 5000
  res.setHeader('x-github-request-id', randomUUID())
  res.setHeader('x-ratelimit-limit', String(limit))
  res.setHeader('x-ratelimit-remaining', String(limit - 1))
  res.setHeader('x-ratelimit-used', '1')
  res.setHeader('x-ratelimit-resource', 'core')
  res.setHeader('x-ratelimit-reset', String(Math.floor(Date.now() / 1000) + 3600))
  const caller = callerOf(hub, exchange)
  if (caller?.kind === 'classic') res.setHeader('x-oauth-scopes', caller.scopes.join(', '))
}
