import {
  byUrgency,
  explanation,
  formatBytes,
  formatSeconds,
  needsAttention,
  outcomeTitle,
  rowCounts,
  rowLabel,
} from '../report/phrases.ts'
import type { CycleEnd } from './serve-cycle.ts'

/** The one line that a cycle leaves in the log. `next`: when the next one starts, milliseconds since 1970; undefined: there is none. */
export function cycleLine(end: CycleEnd, next: number | undefined): string {
  const seconds = formatSeconds((end.finishedAt - end.startedAt) / 1000)
  const after = next === undefined ? 'stopped' : `next at ${time(next)}`
  return `Cycle ${time(end.startedAt)}, ${whatHappened(end)}, ${seconds}; ${after}${firstTrouble(end)}`
}

/** Most often one cause is the cause of all. */
function firstTrouble(end: CycleEnd): string {
  const first = end.kind === 'done' ? byUrgency(end.result.report.items).find(needsAttention) : undefined
  return first === undefined ? '' : `. ${rowLabel(first)}: ${oneLine(explanation(first).cause)}`
}

function whatHappened(end: CycleEnd): string {
  if (end.kind === 'failed') {
    const { message, code } = end.error
    return `no run: ${oneLine(message)} [${code}]`
  }
  const { report, runId } = end.result
  const { bytes, forecast } = report.totals
  const moved =
    forecast === undefined ? `${formatBytes(bytes.moved)} moved` : `${formatBytes(forecast.move)} to move`
  return `run ${runId}: ${outcomeTitle(report).toLowerCase()}, ${rowCounts(report)}, ${moved}`
}

function oneLine(text: string): string {
  return text.split('\n').join('; ').replaceAll(':; ', ': ')
}

/** UTC, to the second. */
function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+/, '')
}
