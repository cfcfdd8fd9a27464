import { type ErrorCode, SyncError } from '../model/errors.ts'
import type { HubAdvice } from '../model/hub-advice.ts'
import { printable } from '../model/printable.ts'
import { retryAfterSeconds } from './retry-after.ts'

export interface FailedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/**
 * The general SyncError of an answer that is none of those asked for. `where` is hub, method and path (`describeRequest`);
 * `now` in milliseconds since 1970, for a Retry-After that is a date.
 */
export function statusError(where: string, answer: FailedAnswer, now: number, advice?: HubAdvice): SyncError {
  const code = codeOf(answer.status)
  const said = excerpt(answer)
  const retryAfter = retryAfterSeconds(answer.headers, now)
  return new SyncError(code, `${where} answered ${answer.status}${said === '' ? '.' : `: ${said}`}`, {
    status: answer.status,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...nextOf(code, isWebPage(answer.headers), advice),
  })
}

/** Hub, method and address of a request, for people: without the query, which may be a secret. */
export function describeRequest(hub: string, method: string, url: URL, endpoint: URL): string {
  const path = printable(url.pathname.slice(0, 200))
  return `${hub}: ${method} ${url.host === endpoint.host ? path : `${url.host}${path}`}`
}

/** What a small error body says, in one printable line of 300 characters at most; empty for web pages and binary bodies. */
function excerpt(answer: Pick<FailedAnswer, 'headers' | 'body'>): string {
  const text = answer.body.subarray(0, 16_384).toString('utf8').trim()
  if (isWebPage(answer.headers) || /^<(!doctype|html|\?xml)/i.test(text)) return '(a web page)'
  const said = messageField(text) ?? text
  const line = printable(said.replace(/\s+/g, ' ').trim())
  return line.length > 300 ? `${line.slice(0, 299)}…` : line
}

export function isWebPage(headers: Readonly<Record<string, string>>): boolean {
  return /^\s*text\/html\b/i.test(headers['content-type'] ?? '')
}

function codeOf(status: number): ErrorCode {
  if (status >= 500 || status === 408 || status === 425) return 'unavailable'
  return codes.get(status) ?? (status < 400 || status === 421 ? 'bad-answer' : 'refused')
}

const codes: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [410, 'not-found'],
  [409, 'conflict'],
  [412, 'conflict'],
  [413, 'too-large'],
  [422, 'refused'],
  [429, 'rate-limited'],
])

function nextOf(code: ErrorCode, isPage: boolean, advice: HubAdvice | undefined): { next?: string } {
  if (code === 'unauthorized') return { next: advice?.token ?? 'Check the token of this hub.' }
  // An API says so in words of its own; a page is what another site has.
  if (code === 'not-found' && isPage && advice !== undefined) return { next: advice.endpoint }
  if (code === 'forbidden') return { next: 'Check what the token of this hub is allowed to do.' }
  return {}
}

function messageField(text: string): string | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body !== 'object' || body === null) return undefined
    const fields = new Map(Object.entries(body))
    const found = ['error', 'message', 'Message', 'detail', 'msg'].map((name) => fields.get(name))
    return found.find((value) => typeof value === 'string' && value !== '')
  } catch {
    // Not JSON after all (or cut at the cap): the text itself is shown.
    return undefined
  }
}
