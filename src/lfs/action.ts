import { asSyncError, SyncError } from '../model/errors.ts'
import type { Purpose } from '../model/profile.ts'
import { isLoopbackHost } from '../net/address.ts'

/** Where and how to send a request of a batch answer. */
export interface Action {
  readonly href: string
  /** Header lines to send along: allow-listed names, lower-case. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * What to send it as, and so whether the hub's own credentials go along where a rule covers the address: the likelier way, then
   * the other, where the answer leaves it open.
   */
  readonly purposes: readonly [Purpose, Purpose?]
}

/**
 * One action of a batch answer, or undefined if there is none. Throws `bad-answer` for an address that is none, is not https (http
 * only where the store itself is plain http or on loopback), or holds credentials. `header: null`, `expires_at` of any kind and
 * foreign header lines are taken without complaint: an address is used at once, and one that died is asked for again. `purpose` is
 * what the action is if it wants the caller's credentials.
 */
export function parseAction(value: unknown, lfsUrl: string, purpose: Purpose): Action | undefined {
  if (typeof value !== 'object' || value === null || !('href' in value)) return undefined
  const href = checkedHref(value.href, lfsUrl)
  const headers = Object.fromEntries(headerLines(value).filter(([name, line]) => isAllowed(name, line)))
  return { href, headers, purposes: purposesOf(href, headers, purpose) }
}

/** Header lines of an action as they came, names in lower case. The key is `header`; Modelers' own dialect says `headers`. */
export function headerLines(action: object): [name: string, line: string][] {
  const header = 'header' in action ? action.header : 'headers' in action ? action.headers : undefined
  const lines = typeof header === 'object' && header !== null ? Object.entries(header) : []
  return lines.map(([name, line]) => [name.toLowerCase(), String(line)])
}

/** The address, absolute. Throws as `parseAction`. */
export function checkedHref(href: unknown, lfsUrl: string): string {
  if (typeof href !== 'string' || !URL.canParse(href, lfsUrl)) throw badAction('is no address')
  const url = new URL(href, lfsUrl)
  const store = new URL(lfsUrl)
  const isPlainFine = store.protocol === 'http:' || isLoopbackHost(store.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isPlainFine)) throw badAction('is not https')
  if (url.username !== '' || url.password !== '') throw badAction('holds credentials')
  return url.href
}

/** `bad-answer`, as the end of a sentence about an address of a batch answer. */
export function badAction(what: string): SyncError {
  return new SyncError('bad-answer', `An address in the LFS batch answer ${what}.`)
}

/**
 * Sends a request as the action seems to want it and, refused with 401 or 403, the other way round. Only for what can be sent twice.
 * Throws the first refusal if neither way works.
 */
export async function eitherWay<T>(action: Action, send: (purpose: Purpose) => Promise<T>): Promise<T> {
  const [first, second] = action.purposes
  try {
    return await send(first)
  } catch (thrown) {
    const refusal = asSyncError(thrown)
    if (second === undefined || !isRefusal(refusal)) throw thrown
    return send(second).catch((again: unknown) => {
      throw asSyncError(again).retryable ? again : refusal
    })
  }
}

/** True for what another address or other credentials may mend. */
export function isRefusal(error: SyncError): boolean {
  return error.code === 'unauthorized' || error.code === 'forbidden'
}

/**
 * An Authorization of the action's own settles it. Without one the caller's credentials are wanted, unless the query looks like a
 * signature: some hosts answer 401 or 403 to both at once. Seen on independent servers: docs/hubs.md, "Any git host".
 */
function purposesOf(href: string, headers: Action['headers'], purpose: Purpose): Action['purposes'] {
  if ('authorization' in headers) return ['signed']
  const isSigned = [...new URL(href).searchParams.keys()].some((name) => signatures.test(name))
  return isSigned ? ['signed', purpose] : [purpose, 'signed']
}

/** Query names of S3, OSS, OBS, COS, GCS, Azure and CloudFront signatures, and what small hosts call their tokens. */
const signatures =
  /^(x-[a-z]+-(signature|credential|security-token)|(q-)?sign(ature)?|sig|hmac|policy|key-pair-id|[a-z]*accesskeyid|[a-z]*accessid|auth(_key|orization)?|jwt|([a-z]+[-_])?token)$/i

/** Names a store needs: its own authorization, content description, and the signed lines of the big object stores. */
const allowedNames =
  /^(authorization|accept|content-type|content-md5|cache-control|x-(amz|goog|ms|oss|obs|cos|tos|bce|hub|hf)-[a-z0-9-]+)$/

function isAllowed(name: string, line: string): boolean {
  return allowedNames.test(name) && line.length <= 8192 && /^[\x20-\x7e\t]*$/.test(line)
}
