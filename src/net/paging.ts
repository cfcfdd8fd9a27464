import LinkHeader from 'http-link-header'
import { SyncError } from '../model/errors.ts'
import type { Answer, Request } from './http.ts'

/**
 * GETs page after page along `Link: <…>; rel="next"` (RFC 8288). Stays on the origin of the first page; a page seen before, or
 * more than 10,000 pages, throws `bad-answer`.
 */
export async function* followPages(
  send: (request: Request) => Promise<Answer>,
  first: Request,
): AsyncGenerator<Answer, void, undefined> {
  const origin = new URL(first.url).origin
  const seen = new Set<string>()
  for (let url: URL | undefined = new URL(first.url); url !== undefined; ) {
    if (seen.has(url.href) || seen.size === maxPages) throw badPaging(url, 'the paging does not end')
    seen.add(url.href)
    const answer: Answer = await send({ ...first, url })
    yield answer
    url = nextOf(answer)
    if (url !== undefined && url.origin !== origin) throw badPaging(url, 'the next page is on another origin')
  }
}

const maxPages = 10_000

function nextOf(answer: Answer): URL | undefined {
  const header = answer.headers.link
  if (header === undefined) return undefined
  const uri = parseLink(header, answer.url).rel('next')[0]?.uri
  if (uri === undefined) return undefined
  if (!URL.canParse(uri, answer.url.href)) throw badPaging(answer.url, 'the address of the next page is none')
  return new URL(uri, answer.url)
}

function parseLink(header: string, url: URL): LinkHeader {
  try {
    return LinkHeader.parse(header)
  } catch (cause) {
    throw badPaging(url, 'the Link header cannot be read', cause)
  }
}

function badPaging(url: URL, what: string, cause?: unknown): SyncError {
  return new SyncError('bad-answer', `Listing ${url.host}${url.pathname}: ${what}.`, { cause })
}
