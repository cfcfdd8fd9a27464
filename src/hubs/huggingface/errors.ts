import { SyncError } from '../../model/errors.ts'
import { printable } from '../../model/printable.ts'
import type { FailedAnswer } from '../../net/status-error.ts'

/** Whether there is a token, and the environment variable it belongs into. */
export interface Account {
  readonly hasToken: boolean
  readonly tokenVariable: string
}

/**
 * What only Hugging Face's own words tell, as an error; undefined leaves it to the status. `what` names the hub or repo.
 * Source: huggingface_hub utils/_http.py (`X-Error-Code`, `X-Error-Message`).
 */
export function huggingFaceError(
  answer: FailedAnswer,
  what: string,
  { hasToken, tokenVariable }: Account,
): SyncError | undefined {
  const { status } = answer
  const says = `${what}: ${hubWords(answer)}`
  if (status === 403 && errorCode(answer) === 'GatedRepo') {
    const next = "Ask for access on the repo's page, with the account that the token belongs to."
    return new SyncError('gated', says, { status, next })
  }
  if (status === 401 && !hasToken) {
    const next = `It is absent or not public: set ${tokenVariable} to a token that may read it.`
    return new SyncError('unauthorized', says, { status, next })
  }
  if (status === 401) {
    return new SyncError('unauthorized', says, {
      status,
      next: `Check the token in ${tokenVariable}: it may have expired.`,
    })
  }
  if (status === 402) {
    return new SyncError('forbidden', says, { status, next: 'The hub asks for a paid plan for this.' })
  }
  if (status === 403 && /storage/i.test(hubWords(answer))) {
    // Commits by git may pass where the API's are locked (hub-docs, storage-limits.md, names no rule): so no code of its own.
    const next = 'The owner is out of storage on this hub: free some, or get more.'
    return new SyncError('forbidden', says, { status, next })
  }
  if (status === 409 && /conflicting operation/i.test(hubWords(answer))) {
    return new SyncError('busy', says, { status, next: 'Run again in a minute.' })
  }
  if (status === 412) {
    const next = 'Run again. If it never ends, the token may lack the right to write to this repo.'
    return new SyncError('conflict', says, { status, next })
  }
  return undefined
}

/** True if the hub itself says that there is no such repo or revision; a 404 without its word can mean anything. */
export function saysAbsent(answer: Pick<FailedAnswer, 'status' | 'headers'>): boolean {
  return answer.status === 404 && ['RepoNotFound', 'RevisionNotFound'].includes(errorCode(answer) ?? '')
}

/** True if the hub names what is missing, whatever it is: a server that does so always does. */
export function saysSomethingMissing(answer: Pick<FailedAnswer, 'status' | 'headers'>): boolean {
  return answer.status === 404 && errorCode(answer) !== undefined
}

/** Statuses by which servers say that they know no such address, or not this method there. */
export const noRouteStatuses: readonly number[] = [404, 405, 410, 501]

/** True for an answer that can come from a server which does not have this route: none of the hub's own words for what is missing. */
export function isNoRoute(answer: Pick<FailedAnswer, 'status' | 'headers'>): boolean {
  return noRouteStatuses.includes(answer.status) && errorCode(answer) === undefined
}

/** `RepoNotFound`, `RevisionNotFound`, `EntryNotFound`, `GatedRepo`, or undefined. */
function errorCode(answer: Pick<FailedAnswer, 'headers'>): string | undefined {
  return answer.headers['x-error-code']
}

/** Status and reason of an answer, in the hub's own words. */
export function hubWords({ status, headers, body }: FailedAnswer): string {
  const fromBody = /"error"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(body.subarray(0, 4096).toString())?.[1]
  const words = headers['x-error-message'] ?? fromBody ?? 'no reason given'
  return `the hub answered ${status}: ${printable(words.slice(0, 300))}`
}
