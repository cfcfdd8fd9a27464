import type { Context } from '../context.ts'
import type { Environment } from './options.ts'

/** The proxies that the environment names; as with curl, lower-case names win. */
export function proxySettings(env: Environment): Context['proxy'] {
  const named = (name: string): string | undefined => env[name.toLowerCase()] || env[name] || undefined
  const [https, http, none] = [named('HTTPS_PROXY'), named('HTTP_PROXY'), named('NO_PROXY')]
  return { ...(https && { https }), ...(http && { http }), ...(none && { none }) }
}

/** Variables without which no program starts or finds its temporary folder; nothing else of our environment reaches git. */
const passedOn = ['PATH', 'SystemRoot', 'TMPDIR', 'TEMP', 'TMP']

/** What child processes get of the environment. */
export function inheritedVariables(env: Environment): Record<string, string> {
  return Object.fromEntries(passedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}
