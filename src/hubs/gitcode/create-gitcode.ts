import { hubAdvice } from '../../config/hub-advice.ts'
import type { HubSettings } from '../../config/rule.ts'
import type { Context } from '../../context.ts'
import { SyncError } from '../../model/errors.ts'
import { createHubHttp } from '../create-hub-http.ts'
import type { Hub } from '../hub.ts'
import { createLogin } from './account.ts'
import { gitcodeHub } from './api.ts'
import { gitcodeError } from './errors.ts'
import { gitcodeProfile, v5RequestsPerSecond } from './profile.ts'
import { originsOf } from './urls.ts'

/** GitCode or AtomGit, which are one platform, or a hub that speaks its V5. Sends nothing. */
export function createGitCode(context: Context, settings: HubSettings): Hub {
  const { id, endpoint, token, tokenVariable } = settings
  const { web, api } = originsOf(endpoint)
  const profile = gitcodeProfile(settings)
  const advice = hubAdvice(settings).token
  const httpAt = (requestsPerSecond: number) =>
    createHubHttp(context, settings, { ...profile, requestsPerSecond }, (answer) =>
      gitcodeError(answer, id, advice),
    )
  const v5 = httpAt(v5RequestsPerSecond(settings))
  const login = createLogin(v5, api, id)
  const http = httpAt(profile.requestsPerSecond)
  const hub = gitcodeHub({ id, endpoint: web, profile, http, api, v5, login })
  return token === undefined ? withoutToken(hub, tokenVariable) : hub
}

/** V5 answers nobody who shows no token (400, whatever is asked); public repos are read by git. */
function withoutToken({ findRepo: _find, ...hub }: Hub, variable: string): Hub {
  const refuse = () => {
    throw new SyncError('unauthorized', `${hub.id}: its API answers nobody without a token.`, {
      next: `Set ${variable}.`,
    })
  }
  return {
    ...hub,
    listRepos: refuse,
    createRepo: async () => refuse(),
    importRepo: async () => refuse(),
    whoAmI: async () => refuse(),
  }
}
