import { hubAdvice } from '../../config/hub-advice.ts'
import type { HubSettings } from '../../config/rule.ts'
import type { Context } from '../../context.ts'
import { createHubHttp } from '../create-hub-http.ts'
import type { Hub } from '../hub.ts'
import { modelScopeHub } from './api.ts'
import { modelScopeError } from './errors.ts'
import { modelScopeProfile } from './profile.ts'

/** ModelScope, its international site, or a hub that speaks its API. Sends nothing. */
export function createModelScope(context: Context, settings: HubSettings): Hub {
  const { id, endpoint } = settings
  const profile = modelScopeProfile(settings)
  const advice = hubAdvice(settings).token
  const http = createHubHttp(context, settings, profile, (answer) => modelScopeError(answer, id, advice))
  return modelScopeHub({ id, endpoint, profile, http })
}
