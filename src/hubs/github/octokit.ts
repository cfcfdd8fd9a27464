import { Octokit } from '@octokit/rest'
import type { Logger } from '../../context.ts'
import { SyncError } from '../../model/errors.ts'
import { printable } from '../../model/printable.ts'
import type { Answer, Http, Request } from '../../net/http.ts'

/** What Octokit hands to a `fetch` (@octokit/request, fetch-wrapper). */
export interface FetchInit {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** What Octokit reads of the Response of a `fetch`. */
export interface FetchAnswer {
  readonly status: number
  /** The address that answered, after redirects. */
  readonly url: string
  readonly headers: Headers
  text(): Promise<string>
  arrayBuffer(): Promise<ArrayBuffer>
}

/**
 * Octokit over the hub's own HTTP client, which alone paces, retries, follows redirects and gives credentials. Its calls throw
 * SyncErrors.
 */
export function createOctokit(http: Http, apiUrl: string, log: Logger): Octokit {
  const quiet = () => undefined
  const octokitLog = {
    debug: quiet,
    info: quiet,
    warn: (message: string) => log.debug(printable(message)),
    // An error is logged where it becomes a result.
    error: quiet,
  }
  const octokit = new Octokit({
    baseUrl: apiUrl,
    log: octokitLog,
    request: { fetch: fetchOver(http, apiUrl), log: octokitLog },
  })
  octokit.hook.error('request', (error) => {
    throw error.cause instanceof SyncError ? error.cause : error
  })
  // Answers change their shape between versions: this is the one we read (docs.github.com, "API Versions").
  octokit.hook.before('request', (options) => {
    options.headers['x-github-api-version'] = '2022-11-28'
  })
  return octokit
}

/** A `fetch` as Octokit calls it. It answers with successes only, and goes nowhere but to the API: `Link` may say anything. */
export function fetchOver(
  http: Http,
  apiUrl: string,
): (url: string, init: FetchInit) => Promise<FetchAnswer> {
  const { origin } = new URL(apiUrl)
  return async (text, init) => {
    const url = new URL(text)
    if (url.origin !== origin) {
      throw new SyncError('bad-answer', `${url.host}${printable(url.pathname)}: the next page is elsewhere.`)
    }
    const method = methodOf(init.method)
    const { body, headers } = init
    return fetchAnswer(
      await http.send({
        url,
        method,
        headers,
        // What the API is told by PUT may be said twice.
        idempotent: method === 'GET' || method === 'HEAD' || method === 'PUT',
        ...(body === undefined ? {} : { body }),
      }),
    )
  }
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH'] as const

function methodOf(text: string): NonNullable<Request['method']> {
  const method = methods.find((name) => name === text)
  if (method === undefined) throw new SyncError('internal', `Octokit asks for the method ${text}.`)
  return method
}

function fetchAnswer({ status, url, headers, body }: Answer): FetchAnswer {
  return {
    status,
    url: url.href,
    headers: new Headers(headers),
    text: async () => body.toString('utf8'),
    arrayBuffer: async () => new Uint8Array(body).buffer,
  }
}
