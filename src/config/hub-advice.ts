import type { HubAdvice } from '../model/hub-advice.ts'
import { builtInHubs } from './built-in-hubs.ts'
import type { HubSettings } from './rule.ts'

/** Names the variables and keys by which a user gives this hub its token and its address. Holds no value of them. */
export function hubAdvice(settings: Pick<HubSettings, 'id' | 'token' | 'tokenVariable'>): HubAdvice {
  const { id } = settings
  const variable = builtInHubs.get(id)?.endpointVariable
  const key = builtInHubs.has(id) ? `hubs.${id}.endpoint` : 'endpoint of its entry in `hubs`'
  return {
    token: tokenAdvice(settings),
    endpoint: `Check the network and the address of this hub: ${variable === undefined ? key : `${variable}, or ${key}`}.`,
  }
}

function tokenAdvice({
  id,
  token,
  tokenVariable,
}: Pick<HubSettings, 'id' | 'token' | 'tokenVariable'>): string {
  if (token !== undefined) return `Check the token in ${tokenVariable}: it may have expired.`
  // The variable of a hub that is not built in counts only where an entry says so.
  return builtInHubs.has(id)
    ? `Set ${tokenVariable} to a token that may do this.`
    : `Give the hub a token by an entry in \`hubs\` of the configuration: token: \${${tokenVariable}}.`
}
