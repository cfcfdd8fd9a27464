import { SyncError } from '../model/errors.ts'
import { isLoopbackHost } from '../net/address.ts'

/** Where and how to move an object's bytes, as a batch answer says. */
export interface Action {
  readonly href: string
  /** Header lines to send along: allow-listed names, lower-case. */
  readonly headers: Readonly<Record<string, string>>
  /** Hugging Face's multipart dialect: sizes in bytes, one signed address per part in order. */
  readonly parts?: { readonly size: number; readonly hrefs: readonly string[] }
}

/**
 * One action of a batch answer, or undefined if there is none. Throws `bad-answer` for an address that is none, is not https (http
 * only where the store itself is plain http or on loopback), or holds credentials. `header: null`, `expires_at` of any kind and
 * foreign header lines are taken without complaint: an address is used at once, and one that died is asked for again.
 */
export function parseAction(value: unknown, lfsUrl: string): Action | undefined {
  if (typeof value !== 'object' || value === null || !('href' in value)) return undefined
  const href = checkedHref(value.href, lfsUrl)
  const header =
    'header' in value && typeof value.header === 'object' && value.header !== null ? value.header : {}
  const lines = Object.entries(header).map(([name, line]): [string, string] => [
    name.toLowerCase(),
    String(line),
  ])
  const parts = partsOf(lines, lfsUrl)
  return {
    href,
    headers: Object.fromEntries(lines.filter(([name, line]) => isAllowed(name, line))),
    ...(parts === undefined ? {} : { parts }),
  }
}

/** Names a store needs: its own authorization, content description, and the signed lines of the big object stores. */
const allowedNames =
  /^(authorization|accept|content-type|content-md5|cache-control|x-(amz|goog|ms|oss|obs|cos|tos|bce|hub|hf)-[a-z0-9-]+)$/

function isAllowed(name: string, line: string): boolean {
  return allowedNames.test(name) && line.length <= 8192 && /^[\x20-\x7e\t]*$/.test(line)
}

function checkedHref(href: unknown, lfsUrl: string): string {
  if (typeof href !== 'string' || !URL.canParse(href, lfsUrl)) throw badHref('is no address')
  const url = new URL(href, lfsUrl)
  const store = new URL(lfsUrl)
  const isPlainFine = store.protocol === 'http:' || isLoopbackHost(store.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isPlainFine)) throw badHref('is not https')
  if (url.username !== '' || url.password !== '') throw badHref('holds credentials')
  return url.href
}

/** `chunk_size` and `00001`, `00002` … in the header of an upload action. Source: huggingface_hub lfs.py. */
function partsOf(lines: readonly (readonly [string, string])[], lfsUrl: string): Action['parts'] {
  const size = Number(lines.find(([name]) => name === 'chunk_size')?.[1])
  if (!Number.isSafeInteger(size) || size <= 0) return undefined
  const numbered = lines
    .filter(([name]) => /^\d{1,6}$/.test(name))
    .map(([name, href]) => [Number(name), href] as const)
  numbered.sort(([a], [b]) => a - b)
  if (numbered.some(([number], index) => number !== index + 1)) throw badHref('leaves out parts')
  return { size, hrefs: numbered.map(([, href]) => checkedHref(href, lfsUrl)) }
}

function badHref(what: string): SyncError {
  return new SyncError('bad-answer', `An address in the LFS batch answer ${what}.`)
}
