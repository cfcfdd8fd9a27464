import type { HubSettings } from '../../config/rule.ts'
import type { Context } from '../../context.ts'
import { createHubHttp } from '../create-hub-http.ts'
import type { Hub } from '../hub.ts'
import { huggingFaceHub } from './api.ts'
import { huggingFaceError } from './errors.ts'
import { huggingFaceProfile } from './profile.ts'

/** Hugging Face, or a hub that speaks its API. Sends nothing. */
export function createHuggingFace(context: Context, settings: HubSettings): Hub {
  const { id, endpoint, tokenVariable } = settings
  const account = { hasToken: settings.token !== undefined, tokenVariable }
  const profile = huggingFaceProfile(settings)
  const http = createHubHttp(context, settings, profile, (answer) => huggingFaceError(answer, id, account))
  return huggingFaceHub({ id, endpoint, account, profile, http })
}
