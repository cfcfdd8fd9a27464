import ipaddr from 'ipaddr.js'
import { SyncError } from '../model/errors.ts'
import type { HubType } from '../model/profile.ts'
import { Secret } from '../model/secret.ts'
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

interface BuiltInHub {
  readonly type: HubType
  readonly endpoint: string
  readonly endpointVariable: string
  readonly tokenVariables: readonly string[]
  /** Hosts whose web addresses mean this hub. */
  readonly hosts: readonly string[]
}

/** Variables: interface of the project, "Tokens"; HF_* as huggingface_hub reads them (docs: environment variables). */
export const builtInHubs: ReadonlyMap<string, BuiltInHub> = new Map([
  [
    'huggingface',
    {
      type: 'huggingface',
      endpoint: 'https://huggingface.co',
      endpointVariable: 'HF_ENDPOINT',
      tokenVariables: ['HF_TOKEN'],
      hosts: ['huggingface.co', 'www.huggingface.co', 'hf.co'],
    },
  ],
  [
    'modelscope',
    {
      type: 'modelscope',
      endpoint: 'https://www.modelscope.cn',
      endpointVariable: 'MODELSCOPE_ENDPOINT',
      tokenVariables: ['MODELSCOPE_TOKEN', 'MODELSCOPE_API_TOKEN'],
      hosts: ['modelscope.cn', 'www.modelscope.cn'],
    },
  ],
  [
    'modelscope-ai',
    {
      type: 'modelscope',
      endpoint: 'https://www.modelscope.ai',
      endpointVariable: 'MODELSCOPE_AI_ENDPOINT',
      tokenVariables: ['MODELSCOPE_AI_TOKEN'],
      hosts: ['modelscope.ai', 'www.modelscope.ai'],
    },
  ],
])

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

/** Ids and web hosts of all hubs a name may speak of. */
export function knownHubs(configured: ReadonlyMap<string, ConfiguredHub>, env: Environment): KnownHubs {
  const hosts = new Map([...builtInHubs].flatMap(([id, hub]) => hub.hosts.map((host) => [host, id] as const)))
  for (const [id, hub] of builtInHubs) addHost(hosts, id, env[hub.endpointVariable])
  for (const [id, hub] of configured) addHost(hosts, id, hub.endpoint)
  return { ids: [...new Set([...builtInHubs.keys(), ...configured.keys()])], hosts }
}

/** Why an endpoint cannot be used, or undefined. Plain http needs loopback or the hub's `insecure-http`. */
export function endpointProblem(endpoint: string, insecureHttp: boolean): string | undefined {
  if (!URL.canParse(endpoint)) return 'expected an address such as https://hub.example.org'
  const url = new URL(endpoint)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'expected an https address'
  if (url.username !== '' || url.password !== '')
    return 'an endpoint may not hold a user name or token: use token'
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    return 'an endpoint is an origin, without a path, query or fragment'
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !insecureHttp) {
    return 'plain http beyond loopback needs insecure-http: true'
  }
  return undefined
}

function resolveHub(
  id: string,
  configured: ConfiguredHub | undefined,
  env: Environment,
  readText: ReadText,
): HubSettings {
  const builtIn = builtInHubs.get(id)
  const type = builtIn?.type ?? configured?.written.type
  const fromEnvironment = builtIn === undefined ? undefined : present(env[builtIn.endpointVariable])
  const chosen = configured?.endpoint ?? fromEnvironment ?? builtIn?.endpoint
  if (type === undefined || chosen === undefined)
    throw new SyncError('config', `hubs.${id}: type and endpoint are needed.`)
  const insecureHttp = configured?.written['insecure-http'] ?? false
  const problem = endpointProblem(chosen, insecureHttp)
  if (problem !== undefined) {
    const place = configured?.endpoint === undefined ? builtIn?.endpointVariable : `hubs.${id}.endpoint`
    throw new SyncError('config', `${place}: ${problem}.`)
  }
  const endpoint = new URL(chosen).origin
  const mayUseEnvironment = [builtIn?.endpoint, fromEnvironment].some(
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
    tokenVariable:
      builtIn?.tokenVariables[0] ??
      variablesIn(configured?.written.token)[0] ??
      `${id.replace(/[^a-z0-9]/g, '_').toUpperCase()}_TOKEN`,
    username: configured?.username,
    rateLimit: rate === undefined ? undefined : parseRequestRate(rate),
    concurrency: configured?.written.concurrency,
    ca: authority(id, configured?.written['ca-file'], readText),
    insecureHttp,
    licenses: licenses(configured?.written),
  }
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

/** Names of the environment variables that a value of the configuration speaks of. */
function variablesIn(text: string | undefined): readonly string[] {
  return [...(text ?? '').matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g)].map((match) => match[1] ?? '')
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

function addHost(hosts: Map<string, string>, id: string, endpoint: string | undefined): void {
  const trimmed = present(endpoint)
  if (trimmed !== undefined && URL.canParse(trimmed)) hosts.set(new URL(trimmed).host, id)
}

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  return ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback'
}
