import type { HubSettings } from '../../config/rule.ts'
import type { Context } from '../../context.ts'
import { createHubHttp } from '../create-hub-http.ts'
import type { Hub } from '../hub.ts'
import { modelersHub } from './api.ts'
import { modelersError } from './errors.ts'
import { modelersProfile } from './profile.ts'

/** Modelers, or a hub that speaks its API. Sends nothing. */
export function createModelers(context: Context, settings: HubSettings): Hub {
  const { id, endpoint, tokenVariable } = settings
  const account = { hasToken: settings.token !== undefined, tokenVariable, endpoint }
  const profile = modelersProfile(settings)
  const http = createHubHttp(context, settings, profile, (answer) => modelersError(answer, id, account))
  return modelersHub({ id, endpoint, account, profile, http })
}
