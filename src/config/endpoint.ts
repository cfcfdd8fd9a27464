import ipaddr from 'ipaddr.js'
import type { HubType } from '../model/profile.ts'

/**
 * Why an endpoint cannot be used, or undefined. Plain http needs loopback or the hub's `insecure-http`; only hubs of type git may lie
 * below a path.
 */
export function endpointProblem(endpoint: string, insecureHttp: boolean, type?: HubType): string | undefined {
  const problem = addressProblem(endpoint, insecureHttp, 'an endpoint')
  if (problem !== undefined) return problem
  const { pathname } = new URL(endpoint)
  if (type !== 'git')
    return pathname === '/' ? undefined : 'an endpoint is an origin, without a path, query or fragment'
  if (/\.git\/*$/.test(pathname)) return 'an endpoint is what all repos are below, not the address of one'
  return /^(\/[A-Za-z0-9._~-]+)*\/?$/.test(pathname)
    ? undefined
    : 'the path of an endpoint holds letters, digits, ".", "_", "~" and "-" only'
}

/** As settings hold it: without a trailing slash. The endpoint must be a good one. */
export function normalEndpoint(endpoint: string): string {
  const url = new URL(endpoint)
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

/** Why an address of LFS, with `{owner}` and `{name}` where a repo's are, cannot be used, or undefined. */
export function lfsEndpointProblem(template: string, insecureHttp: boolean): string | undefined {
  if (/[{}]/.test(template.replace(/\{(owner|name)\}/g, ''))) return 'only {owner} and {name} may stand in it'
  const problem = addressProblem(template, insecureHttp, 'an address of LFS')
  if (problem !== undefined) return problem
  // A blank in the host would let a name choose where the token goes.
  return /^https?:\/\/[^/\\{}]+(\/|$)/i.test(template)
    ? undefined
    : '{owner} and {name} may stand in the path only'
}

function addressProblem(address: string, insecureHttp: boolean, what: string): string | undefined {
  if (!URL.canParse(address)) return 'expected an address such as https://hub.example.org'
  const url = new URL(address)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'expected an https address'
  if (url.username !== '' || url.password !== '')
    return `${what} may not hold a user name or token: use token`
  if (url.search !== '' || url.hash !== '')
    return what === 'an endpoint'
      ? 'an endpoint is an origin, without a path, query or fragment'
      : `${what} has no query and no fragment`
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !insecureHttp)
    return 'plain http beyond loopback needs insecure-http: true'
  return undefined
}

/** True for `localhost`, names below it (RFC 6761) and loopback addresses. `hostname` as URL.hostname has it. */
function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  return ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback'
}
