import { SyncError } from '../../model/errors.ts'
import { printable } from '../../model/printable.ts'
import type { FailedAnswer } from '../../net/status-error.ts'
import { failedFields } from '../failed-body.ts'

/** What an error of GitHub means depends on who asks and when. */
export interface Asking {
  /** Id of the hub, for messages. */
  readonly hub: string
  readonly hasToken: boolean
  readonly tokenVariable: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * What only GitHub's own words and headers tell, as an error; undefined leaves it to the status. Source: docs.github.com, "Rate
 * limits for the REST API" and "Troubleshooting the REST API".
 */
export function gitHubError(answer: FailedAnswer, asking: Asking): SyncError | undefined {
  const { status } = answer
  const says = `${asking.hub}: the hub answered ${status}: ${wordsOf(answer)}`
  const wait = secondsToWait(answer, asking.now)
  if (wait !== undefined) {
    const next = asking.hasToken
      ? 'Run again later, or set rate-limit: of this hub lower.'
      : `Set ${asking.tokenVariable}: without a token GitHub answers 60 requests an hour.`
    const mayHelp = asking.hasToken ? {} : { retryable: false }
    return new SyncError('rate-limited', says, { status, retryAfter: wait, next, ...mayHelp })
  }
  if (status === 401) {
    const next = asking.hasToken
      ? `Check the token in ${asking.tokenVariable}: it may have expired.`
      : `Set ${asking.tokenVariable} to a token that may do this.`
    return new SyncError('unauthorized', says, { status, next })
  }
  if (status === 403 && 'x-github-sso' in answer.headers) {
    const next = 'Authorize the token for the single sign-on of the organisation.'
    return new SyncError('forbidden', says, { status, next })
  }
  return status === 422 ? new SyncError('refused', says, { status }) : undefined
}

/**
 * Seconds to wait where a limit was met, which GitHub says by 403 or 429: `Retry-After`, else until a quota of which nothing is
 * left is filled again, else the minute that the documentation asks for.
 */
function secondsToWait(answer: FailedAnswer, now: number): number | undefined {
  const { status, headers } = answer
  if (status !== 403 && status !== 429) return undefined
  const after = headers['retry-after']?.trim() ?? ''
  if (/^\d{1,9}$/.test(after)) return Number(after)
  const reset = headers['x-ratelimit-reset']?.trim() ?? ''
  if (headers['x-ratelimit-remaining'] === '0' && /^\d{1,12}$/.test(reset))
    return Math.max(1, Number(reset) - Math.floor(now / 1000))
  return status === 429 || /secondary rate limit/i.test(wordsOf(answer)) ? 60 : undefined
}

/** `message`, and what each of `errors` says: "Validation Failed" alone tells nobody anything. */
function wordsOf({ body }: FailedAnswer): string {
  // A page of a proxy holds no words of GitHub's.
  const fields = failedFields(body) ?? {}
  const errors: readonly unknown[] = Array.isArray(fields.errors) ? fields.errors : []
  const all = [fields.message, ...errors.map(errorText)].filter((text) => typeof text === 'string')
  const words = all.length === 0 ? 'no reason given' : all.join(': ')
  return printable(words.slice(0, 300))
}

function errorText(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'message' in error ? error.message : error
}
