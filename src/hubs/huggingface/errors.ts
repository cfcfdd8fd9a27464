import type { SyncError } from '../../model/errors.ts'
import { printable } from '../../model/printable.ts'
import type { FailedAnswer } from '../../net/status-error.ts'
import { type ErrorRow, errorByTable } from '../error-table.ts'

/** Whether there is a token, and the environment variable it belongs into. */
export interface Account {
  readonly hasToken: boolean
  readonly tokenVariable: string
}

/** By status, `X-Error-Code` and words. Source: huggingface_hub utils/_http.py. */
const rows: readonly ErrorRow<Account>[] = [
  {
    code: 'gated',
    only: 403,
    codes: ['GatedRepo'],
    next: "Ask for access on the repo's page, with the account that the token belongs to.",
  },
  {
    code: 'unauthorized',
    statuses: [401],
    next: ({ hasToken, tokenVariable }) =>
      hasToken
        ? `Check the token in ${tokenVariable}: it may have expired.`
        : `It is absent or not public: set ${tokenVariable} to a token that may read it.`,
  },
  { code: 'forbidden', statuses: [402], next: 'The hub asks for a paid plan for this.' },
  // Commits by git may pass where the API's are locked (hub-docs, storage-limits.md, names no rule): so no code of its own.
  {
    code: 'forbidden',
    only: 403,
    words: /storage/i,
    next: 'The owner is out of storage on this hub: free some, or get more.',
  },
  { code: 'busy', only: 409, words: /conflicting operation/i, next: 'Run again in a minute.' },
  {
    code: 'conflict',
    statuses: [412],
    next: 'Run again. If it never ends, the token may lack the right to write to this repo.',
  },
]

/** What only Hugging Face's own words tell, as an error; undefined leaves it to the status. `what` names the hub or repo. */
export function huggingFaceError(
  answer: FailedAnswer,
  what: string,
  account: Account,
): SyncError | undefined {
  const { status, headers } = answer
  const retryAfter = Number(headers['retry-after'])
  const failure = { status, code: errorCode(answer), message: reasonOf(answer), retryAfter }
  return errorByTable(rows, failure, `${what}: ${hubWords(answer)}`, account)
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
export function hubWords(answer: FailedAnswer): string {
  return `the hub answered ${answer.status}: ${printable(reasonOf(answer).slice(0, 300))}`
}

function reasonOf({ headers, body }: FailedAnswer): string {
  const fromBody = /"error"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(body.subarray(0, 4096).toString())?.[1]
  return headers['x-error-message'] ?? fromBody ?? 'no reason given'
}
