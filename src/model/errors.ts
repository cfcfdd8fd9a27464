/** Every way a run can go wrong, as a word that programs can rely on (listed with its meaning in docs/errors.md). */
export const errorCodes = {
  usage: 'the command line or an input is wrong',
  config: 'the configuration file is wrong',
  plan: 'the plan file is damaged, of another version, or asks for what the configuration does not',
  network: 'no answer: connection refused, reset, timed out or not resolvable',
  stalled: 'a stream stood still for longer than stall-timeout',
  'rate-limited': 'the hub asks to slow down (429)',
  unavailable: 'the hub failed (5xx)',
  busy: 'the hub is busy with this repo (a lock)',
  unauthorized: 'no token, or a token the hub does not know (401)',
  forbidden: 'the token may not do this (403)',
  gated: 'the source is gated and this token has no access',
  'not-found': 'the repo, revision or file does not exist',
  conflict: 'the target moved since it was looked at, or both sides of a two-way rule changed differently',
  refused: 'the hub refuses this content or name',
  unsupported: 'the hub cannot do this at all',
  'bad-path': 'a path that must not be written',
  'bad-answer': 'an answer that does not have the documented shape',
  'listing-cut': 'a file listing that ends where the hub cuts it',
  'too-large': 'an answer or a file over a limit',
  truncated: 'a stream ended before its size',
  corrupt: 'the bytes do not match their SHA-256 or size',
  'object-missing': 'an LFS object is listed but not there',
  mismatch: 'the published files do not match the source',
  leak: 'this would make something non-public visible',
  git: 'git failed',
  stopped: 'stopped early by a signal or the deadline',
  internal: 'a defect of model-hub-sync',
} as const

export type ErrorCode = keyof typeof errorCodes

export interface ErrorDetails {
  /** What the user can do next, a whole sentence. */
  readonly next?: string
  /** How long to wait before another try makes sense, in seconds, where the hub said so. */
  readonly retryAfter?: number
  /** HTTP status, where there was one. */
  readonly status?: number
  /** False for an error that another try cannot mend although its code usually can. */
  readonly retryable?: boolean
  /** True where it names nothing but what the configuration and the inputs say, which everybody may read who sees the log. */
  readonly isPublic?: boolean
  /** Everything that is wrong, one line each, where the message names the first. */
  readonly lines?: readonly string[]
  readonly cause?: unknown
}

/** The one error class: what failed and where is in `message`, what to do in `next`. Never holds a secret or a URL query. */
export class SyncError extends Error {
  readonly code: ErrorCode
  readonly next: string | undefined
  readonly retryAfter: number | undefined
  readonly status: number | undefined
  readonly isPublic: boolean
  readonly lines: readonly string[]
  private readonly retry: boolean | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'SyncError'
    this.code = code
    this.next = details.next
    this.retryAfter = details.retryAfter
    this.status = details.status
    this.isPublic = details.isPublic ?? false
    this.lines = details.lines ?? []
    this.retry = details.retryable
  }

  /** True if the same request may succeed when it is sent again. */
  get retryable(): boolean {
    return this.retry ?? retryableCodes.has(this.code)
  }
}

const retryableCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'network',
  'stalled',
  'rate-limited',
  'unavailable',
  'busy',
  'truncated',
  'corrupt',
])

/** Any thrown value as a SyncError; what is not one already is a defect (`internal`). */
export function asSyncError(thrown: unknown): SyncError {
  if (thrown instanceof SyncError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  // What the operating system refuses (a full disk, a folder without rights) is nobody's defect.
  const isSystems = thrown instanceof Error && 'syscall' in thrown
  return new SyncError('internal', message, {
    cause: thrown,
    next: isSystems
      ? 'Check space and permissions of the run directory and of the temporary folder.'
      : 'This looks like a defect: please report it.',
  })
}

/** One line for people: the message, then what to do next. */
export function explain(error: SyncError): string {
  if (error.next === undefined) return error.message
  return /[.!?:]$/.test(error.message) ? `${error.message} ${error.next}` : `${error.message}. ${error.next}`
}
