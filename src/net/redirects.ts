import { SyncError } from '../model/errors.ts'
import { isLoopbackHost } from './address.ts'
import type { Exchange, Hop, Response } from './exchange.ts'

export interface FollowOptions {
  /** Statuses that are answers even if they are redirects. */
  readonly accept: readonly number[]
  /** Whether a redirect may go to another origin (content may, JSON may not). */
  readonly leavesOrigin: boolean
}

/**
 * Sends a GET or HEAD and follows up to five redirects by hand: every hop asks for credentials anew, so a token never leaves the
 * origins of its hub; https stays https. Returns the last answer and the URL that gave it.
 */
export async function follow(
  exchange: Exchange,
  first: Hop,
  options: FollowOptions,
): Promise<{ response: Response; url: URL }> {
  let hop = first
  for (let hops = 0; ; hops++) {
    const response = await exchange.hop(hop)
    const to = redirectOf(response, hop.url, options.accept)
    if (to === undefined) return { response, url: hop.url }
    await response.stream.dump({ limit: 65_536 })
    if (hops === maxRedirects) throw badRedirect(response, `redirects more than ${maxRedirects} times`)
    const problem = problemOf(hop.url, to, options.leavesOrigin)
    if (problem !== undefined) throw badRedirect(response, problem)
    hop = {
      ...hop,
      url: to,
      headers: to.origin === hop.url.origin ? hop.headers : withoutCredentials(hop.headers),
    }
  }
}

const maxRedirects = 5
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

function redirectOf(response: Response, from: URL, accept: readonly number[]): URL | undefined {
  const location = response.headers.location
  if (!redirects.has(response.status) || accept.includes(response.status) || location === undefined)
    return undefined
  if (!URL.canParse(location, from.href)) throw badRedirect(response, 'redirects to an address that is none')
  return new URL(location, from)
}

function problemOf(from: URL, to: URL, leavesOrigin: boolean): string | undefined {
  if (from.protocol === 'https:' && to.protocol === 'http:' && !isLoopbackHost(to.hostname)) {
    return `redirects from https to http (${to.host})`
  }
  if (!leavesOrigin && to.origin !== from.origin) return `redirects to another place (${to.host})`
  return undefined
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name !== 'authorization' && name !== 'cookie'),
  )
}

function badRedirect(response: Response, what: string): SyncError {
  return new SyncError('bad-answer', `${response.where} ${what}, which is not followed.`, {
    status: response.status,
  })
}
