import type { SyncError } from '../model/errors.ts'
import type { Report, ReportItem } from '../model/report.ts'

export type FailOn = 'failed' | 'blocked' | 'never'

/**
 * The exit status of a run (interface: 0 nothing failed, 1 something did, 3 stopped early). A real failure outranks the stop,
 * since running again does not mend it; what only the stop left undone does not count as a failure.
 */
export function exitStatus(report: Report, failOn: FailOn, stopped: boolean): 0 | 1 | 3 {
  if (failOn !== 'never' && report.items.some((item) => failsRun(item, failOn, stopped))) return 1
  return stopped ? 3 : 0
}

/** The exit status of a command that ended with an error: 2 for what the user has to change first, 3 for an early stop. */
export function exitStatusOfError(error: SyncError): 1 | 2 | 3 {
  if (error.code === 'usage' || error.code === 'config' || error.code === 'plan') return 2
  return error.code === 'stopped' ? 3 : 1
}

/** True if the row went wrong by itself, not because the run was stopped. */
export function hasFailed(item: ReportItem): boolean {
  return (item.outcome === 'failed' || item.outcome === 'conflict') && item.error?.code !== 'stopped'
}

/** True if the row makes its run a failed one; `stopped`: the run ended before its last item. */
export function failsRun(item: ReportItem, failOn: 'failed' | 'blocked', stopped: boolean): boolean {
  if (hasFailed(item)) return true
  if (item.outcome === 'blocked') return failOn === 'blocked'
  return !stopped && (item.outcome === 'missing' || item.outcome === 'failed')
}
