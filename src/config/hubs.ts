import { SyncError } from '../model/errors.ts'
import { Secret } from '../model/secret.ts'
import { type BuiltInHub, builtInHubs } from './built-in-hubs.ts'
import { endpointProblem, normalEndpoint } from './endpoint.ts'
import type { KnownHubs } from './names.ts'
import type { HubSettings } from './rule.ts'
import type { HubEntry } from './schema.ts'
import { parseRequestRate } from './units.ts'

/** The environment as it was read once; nothing in here looks at the process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Text of a file, or undefined if there is none. */
export type ReadText = (path: string) => string | undefined

/** A hub's section of the configuration, as written and with the environment's values in place. */
export interface ConfiguredHub {
  readonly written: HubEntry
  readonly endpoint: string | undefined
  readonly token: Secret | undefined
  readonly username: string | undefined
}

/**
 * Everything needed to talk to each hub, built-in ones and those of the configuration. A token of the environment goes to the
 * built-in origin or to one the environment set; a hub with another endpoint in the configuration has only its own token.
 * Throws `config` for an endpoint or file that cannot be used.
 */
export function resolveHubs(
  configured: ReadonlyMap<string, ConfiguredHub>,
  env: Environment,
  readText: ReadText,
): ReadonlyMap<string, HubSettings> {
  const ids = new Set([...builtInHubs.keys(), ...configured.keys()])
  return new Map([...ids].map((id) => [id, resolveHub(id, configured.get(id), env, readText)]))
}

/** Ids, types and web hosts of all hubs a name may speak of. */
export function knownHubs(configured: ReadonlyMap<string, ConfiguredHub>, env: Environment): KnownHubs {
  const hosts = new Map([...builtInHubs].flatMap(([id, hub]) => hub.hosts.map((host) => [host, id] as const)))
  const types = new Map([...builtInHubs].map(([id, hub]) => [id, hub.type] as const))
  for (const [id, hub] of builtInHubs) addHost(hosts, id, fromEnvironment(hub, env))
  for (const [id, { written, endpoint }] of configured) {
    addHost(hosts, id, endpoint)
    if (written.type !== undefined) types.set(id, written.type)
  }
  return { ids: [...new Set([...builtInHubs.keys(), ...configured.keys()])], types, hosts }
}

function resolveHub(
  id: string,
  configured: ConfiguredHub | undefined,
  env: Environment,
  readText: ReadText,
): HubSettings {
  const builtIn = builtInHubs.get(id)
  const type = builtIn?.type ?? configured?.written.type
  const ofEnvironment = builtIn === undefined ? undefined : fromEnvironment(builtIn, env)
  const chosen = configured?.endpoint ?? ofEnvironment ?? builtIn?.endpoint
  if (type === undefined || chosen === undefined)
    throw new SyncError('config', `hubs.${id}: type and endpoint are needed.`)
  const insecureHttp = configured?.written['insecure-http'] ?? false
  const problem = endpointProblem(chosen, insecureHttp, type)
  if (problem !== undefined) {
    const place = configured?.endpoint === undefined ? builtIn?.endpointVariable : `hubs.${id}.endpoint`
    throw new SyncError('config', `${place}: ${problem}.`)
  }
  const endpoint = normalEndpoint(chosen)
  const mayUseEnvironment = [builtIn?.endpoint, ofEnvironment].some(
    (known) => known !== undefined && new URL(known).origin === endpoint,
  )
  const rate = configured?.written['rate-limit']
  return {
    id,
    type,
    endpoint,
    token:
      configured?.token ??
      (builtIn !== undefined && mayUseEnvironment ? environmentToken(builtIn, env, readText) : undefined),
    tokenVariable: builtIn?.tokenVariables[0] ?? ownVariable(id, configured?.written.token),
    username: configured?.username,
    rateLimit: rate === undefined ? undefined : parseRequestRate(rate),
    concurrency: configured?.written.concurrency,
    ca: authority(id, configured?.written['ca-file'], readText),
    insecureHttp,
    licenses: licenses(configured?.written),
    ...gitKeys(configured?.written),
  }
}

/** What only hubs of type git have. */
function gitKeys(written: HubEntry | undefined): Pick<HubSettings, 'lfsEndpoint' | 'auth'> {
  const { auth, 'lfs-endpoint': lfsEndpoint } = written ?? {}
  return { ...(lfsEndpoint === undefined ? {} : { lfsEndpoint }), ...(auth === undefined ? {} : { auth }) }
}

function licenses(written: HubEntry | undefined): HubSettings['licenses'] {
  if (written?.licenses === undefined) return undefined
  return { allow: written.licenses.allow, map: written.licenses.map ?? {} }
}

function authority(id: string, path: string | undefined, readText: ReadText): string | undefined {
  if (path === undefined) return undefined
  const text = readText(path)
  if (text?.includes('-----BEGIN CERTIFICATE-----') !== true) {
    throw new SyncError(
      'config',
      `hubs.${id}.ca-file: ${path} ${text === undefined ? 'does not exist' : 'holds no PEM certificate'}.`,
    )
  }
  return text
}

/** A token of the environment, or for Hugging Face the file that `hf auth login` wrote (huggingface_hub: constants.py, HF_TOKEN_PATH). */
function environmentToken(hub: BuiltInHub, env: Environment, readText: ReadText): Secret | undefined {
  for (const name of hub.tokenVariables) {
    const value = present(env[name])
    if (value !== undefined) return toSecret(value, name)
  }
  if (hub.type !== 'huggingface') return undefined
  const path = tokenPath(env)
  const stored = path === undefined ? undefined : present(readText(path))
  return stored === undefined ? undefined : toSecret(stored, 'the token file of hf auth login')
}

function tokenPath(env: Environment): string | undefined {
  const explicit = present(env.HF_TOKEN_PATH)
  if (explicit !== undefined) return explicit
  const hfHome = present(env.HF_HOME)
  if (hfHome !== undefined) return `${hfHome}/token`
  const cache = present(env.XDG_CACHE_HOME)
  if (cache !== undefined) return `${cache}/huggingface/token`
  const home = present(env.HOME) ?? present(env.USERPROFILE)
  return home === undefined ? undefined : `${home}/.cache/huggingface/token`
}

/** The environment variable that `token` speaks of, or one that it could. */
function ownVariable(id: string, token: string | undefined): string {
  const [, name] = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/.exec(token ?? '') ?? []
  return name ?? tokenVariableFor(id)
}

/** What the environment variable of a hub's token is called unless something says otherwise. */
export function tokenVariableFor(hub: string): string {
  const name = `${hub.replace(/[^a-z0-9]/g, '_').toUpperCase()}_TOKEN`
  // A variable may not begin with a digit, and a host's address does.
  return /^\d/.test(name) ? `HUB_${name}` : name
}

/** A token goes into a header line: white space or a control character inside would end it or begin another. */
export function toSecret(value: string, place: string): Secret {
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw new SyncError('config', `${place}: the token holds white space or characters that no token has.`)
  }
  return new Secret(value)
}

function present(value: string | undefined): string | undefined {
  const trimmed = value?.trim()
  return trimmed === '' ? undefined : trimmed
}

function fromEnvironment({ endpointVariable }: BuiltInHub, env: Environment): string | undefined {
  return endpointVariable === undefined ? undefined : present(env[endpointVariable])
}

/** By host and path: hubs of type git may share a host. */
function addHost(hosts: Map<string, string>, id: string, endpoint: string | undefined): void {
  const trimmed = present(endpoint)
  if (trimmed !== undefined && URL.canParse(trimmed))
    hosts.set(normalEndpoint(trimmed).replace(/^.*?:\/\//, ''), id)
}
