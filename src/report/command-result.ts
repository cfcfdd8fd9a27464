import type { Report } from '../model/report.ts'
import type { SummaryWords } from './summary-text.ts'

/** What a command leaves for the one who called it: the command line or the action prints it and ends with `exitStatus`. */
export interface CommandResult {
  readonly report?: Report
  readonly exitStatus: number
  /** For people, to stdout. */
  readonly text: string
  /** What `text` says besides the report, for who lays the report out anew. */
  readonly words?: SummaryWords
  /** The one value that `--json` prints. */
  readonly json: unknown
}
