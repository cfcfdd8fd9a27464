export type CheckStatus = 'ok' | 'warn' | 'fail'

/** One thing that `check` looked at: a line for people, a row for programs. `warn` is what a run may still get by with, or cannot be told. */
export interface Check {
  /** Absent for what is of this machine or of the configuration. */
  readonly hub?: string
  readonly owner?: string
  readonly check:
    | 'configuration'
    | 'git'
    | 'disk'
    | 'proxy'
    | 'endpoint'
    | 'clock'
    | 'token'
    | 'write'
    | 'read'
    | 'rate'
  readonly status: CheckStatus
  /** For people; never a secret or the query of an address. */
  readonly text: string
  /** What to do about it, a whole sentence. */
  readonly next?: string
}
