import { type ErrorCode, SyncError } from '../model/errors.ts'
import { printable } from '../model/printable.ts'
import type { FailedAnswer } from '../net/status-error.ts'
import { failedFields, pageWords } from './failed-body.ts'

/** What a hub said with a failure, whatever its envelope. */
export interface Failure {
  readonly status: number
  /** The hub's own code for it, where there is one. */
  readonly code: number | string | undefined
  readonly message: string
  /** Seconds; NaN or 0 where the hub did not say. */
  readonly retryAfter: number
}

/** What a failure means: that of `only` this status, if given, and of any of these statuses, codes or words. `next` may depend on who asks. */
export interface ErrorRow<Asker> {
  readonly code: ErrorCode
  readonly only?: number
  readonly statuses?: readonly number[]
  readonly codes?: readonly (number | string)[]
  readonly words?: RegExp
  readonly next?: string | ((asker: Asker) => string)
  readonly retryable?: boolean
}

/** The fields of the hub's envelope by `read`; of what is no JSON, as from a proxy or firewall, its own words. */
export function readFailure(
  { status, headers, body }: FailedAnswer,
  read: (fields: Readonly<Record<string, unknown>>) => Pick<Failure, 'code' | 'message'>,
): Failure {
  const fields = failedFields(body)
  const said = fields === undefined ? { code: undefined, message: pageWords(body) } : read(fields)
  return { ...said, status, retryAfter: Number(headers['retry-after']) }
}

/** `the hub answered 404 (code 7): No such repo.` `label` stands before the code. */
export function failureWords({ status, code, message }: Failure, label: string): string {
  const named = code === undefined ? '' : ` (${label}${printable(String(code).slice(0, 100))})`
  return `the hub answered ${status}${named}: ${printable(message.slice(0, 300)) || 'no reason given'}.`
}

/** The failure as the first row has it that matches; undefined leaves it to the status. `says` is the error's message. */
export function errorByTable<Asker>(
  rows: readonly ErrorRow<Asker>[],
  failure: Failure,
  says: string,
  asker: Asker,
): SyncError | undefined {
  const row = rows.find((one) => matches(one, failure))
  if (row === undefined) return undefined
  const { next, retryable } = row
  return new SyncError(row.code, says, {
    status: failure.status,
    ...(next === undefined ? {} : { next: typeof next === 'string' ? next : next(asker) }),
    ...(retryable === undefined ? {} : { retryable }),
    ...(failure.retryAfter > 0 ? { retryAfter: failure.retryAfter } : {}),
  })
}

function matches<Asker>(
  { only, statuses, codes, words }: ErrorRow<Asker>,
  { status, code, message }: Failure,
): boolean {
  if (only !== undefined && only !== status) return false
  return (
    statuses?.includes(status) === true ||
    (code !== undefined && codes?.includes(code) === true) ||
    words?.test(message) === true
  )
}
