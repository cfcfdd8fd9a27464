import { SyncError } from '../model/errors.ts'
import { endpointProblem } from './endpoint.ts'
import { tokenVariableFor } from './hubs.ts'
import type { HubSettings, Rule } from './rule.ts'

/** A host of git that only an address names. */
export interface AdHocHub {
  readonly kind: 'hub'
  readonly hub: string
  /** Origin. */
  readonly endpoint: string
}

/**
 * The hub that the origin of a clone address means: its id is the host, with `_` and the port where that is another than 443 or the
 * host is one word, so that it is never the id of a configured hub, and stands in plans and names as any other.
 */
export function adHocHub(origin: string): AdHocHub | { readonly kind: 'wrong'; readonly why: string } {
  const problem = endpointProblem(origin, false)
  if (problem !== undefined) return { kind: 'wrong', why: `${problem} (${entryNeeded})` }
  const url = new URL(origin)
  if (!/^[a-z0-9._-]{1,100}$/.test(url.hostname))
    return { kind: 'wrong', why: `its host is a number: ${entryNeeded}` }
  const port = url.port === '' ? (url.protocol === 'http:' ? '80' : '443') : url.port
  const isPlain = port === '443' && url.hostname.includes('.')
  return { kind: 'hub', hub: isPlain ? url.hostname : `${url.hostname}_${port}`, endpoint: url.origin }
}

/**
 * Settings of the hubs that rules name by addresses alone. They have no token: no variable of the environment may go to a host
 * because a name says so. Throws `usage` where a host is asked for with and without TLS.
 */
export function adHocHubs(rules: readonly Rule[]): ReadonlyMap<string, HubSettings> {
  const hubs = new Map<string, HubSettings>()
  for (const { hub, endpoint } of rules.flatMap(({ from, to }) => [from, to])) {
    if (endpoint === undefined) continue
    const earlier = hubs.get(hub)
    if (earlier !== undefined && earlier.endpoint !== endpoint)
      throw new SyncError(
        'usage',
        `${earlier.endpoint} and ${endpoint} cannot be told apart: ${entryNeeded}.`,
      )
    hubs.set(hub, settingsOf(hub, endpoint))
  }
  return hubs
}

const entryNeeded = 'give the hub an entry of type git in `hubs` of the configuration'

function settingsOf(id: string, endpoint: string): HubSettings {
  return {
    id,
    type: 'git',
    endpoint,
    token: undefined,
    tokenVariable: tokenVariableFor(id),
    username: undefined,
    rateLimit: undefined,
    concurrency: undefined,
    ca: undefined,
    insecureHttp: false,
    licenses: undefined,
  }
}
