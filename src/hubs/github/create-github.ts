import type { HubSettings } from '../../config/rule.ts'
import type { Context } from '../../context.ts'
import { createHubHttp } from '../create-hub-http.ts'
import type { Hub } from '../hub.ts'
import { gitHubHub } from './api.ts'
import { gitHubError } from './errors.ts'
import { createOctokit } from './octokit.ts'
import { githubProfile } from './profile.ts'
import { apiUrl } from './urls.ts'

/** GitHub, or a GitHub Enterprise. Sends nothing. */
export function createGitHub(context: Context, settings: HubSettings): Hub {
  const { id, endpoint, tokenVariable } = settings
  const hasToken = settings.token !== undefined
  const profile = githubProfile(settings)
  const http = createHubHttp(context, settings, profile, (answer) =>
    gitHubError(answer, { hub: id, hasToken, tokenVariable, now: context.clock.now() }),
  )
  const octokit = createOctokit(http, apiUrl(endpoint), context.log)
  return gitHubHub({ id, endpoint, profile, http, octokit, hasToken })
}
