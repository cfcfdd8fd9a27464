import type { Report } from '../model/report.ts'

/** What a command leaves for the one who called it: the command line or the action prints it and ends with `exitStatus`. */
export interface CommandResult {
  readonly report?: Report
  readonly exitStatus: number
  /** For people, to stdout. */
  readonly text: string
  /** The one value that `--json` prints. */
  readonly json: unknown
}
