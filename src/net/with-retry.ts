import { SyncError } from '../model/errors.ts'

/** The same error with a word on whether another try can help: false where the trying was done already. */
export function withRetry(error: SyncError, retryable: boolean): SyncError {
  return new SyncError(error.code, error.message, {
    retryable,
    cause: error,
    isPublic: error.isPublic,
    lines: error.lines,
    ...(error.next === undefined ? {} : { next: error.next }),
    ...(error.status === undefined ? {} : { status: error.status }),
    ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
  })
}
