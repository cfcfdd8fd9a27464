import { hubAdvice } from '../config/hub-advice.ts'
import type { HubSettings } from '../config/rule.ts'
import type { Context } from '../context.ts'
import type { Profile } from '../model/profile.ts'
import { type Credentials, createCredentials } from '../net/credentials.ts'
import { createHttp, type ExplainStatus, type Http } from '../net/http.ts'

/** The one HTTP client of a hub: its token, rate and certificate in one place. */
export function createHubHttp(
  context: Context,
  settings: HubSettings,
  profile: Profile,
  explain: ExplainStatus,
): Http {
  return createHttp(context, {
    hub: settings.id,
    endpoint: settings.endpoint,
    credentials: hubCredentials(settings, profile),
    ...(settings.ca === undefined ? {} : { ca: settings.ca }),
    insecureHttp: settings.insecureHttp,
    requestsPerSecond: profile.requestsPerSecond,
    explain,
    advice: hubAdvice(settings),
  })
}

/** Where the hub's token may go; git is given its header from here, too. */
export function hubCredentials(settings: HubSettings, profile: Profile): Credentials {
  return createCredentials(profile.credentials, settings.token, settings.username ?? profile.gitUsername)
}
