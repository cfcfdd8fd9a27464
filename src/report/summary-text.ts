import { styleText } from 'node:util'
import type { Report, ReportItem } from '../model/report.ts'
import { logLine } from './escape.ts'
import {
  byUrgency,
  effort,
  explanation,
  formatBytes,
  formatChanges,
  formatFiles,
  headline,
  hiddenNote,
  needsAttention,
  rowLabel,
  rowWord,
} from './phrases.ts'
import { fitColumns, textWidth } from './text-width.ts'

/** What a command has to say besides its report. */
export interface SummaryWords {
  /** Instead of the report's own. */
  readonly headline?: string
  /** A last line: what to do now. */
  readonly next?: string
}

export interface SummaryTextOptions extends SummaryWords {
  /** Where plan, results and reports are; named in the last line. */
  readonly directory?: string
  /** Width of the terminal, 100 if there is none. */
  readonly columns?: number
  /** Default false: right for a file, a pipe, and with `NO_COLOR`. */
  readonly color?: boolean
}

/**
 * The report for a terminal: what went wrong with its cause and next step, a table of what was done, the rest in a line each.
 * It is printed in workflows too, so no line of it can be a workflow command, whatever a file or an error is called.
 */
export function summaryText(report: Report, options: SummaryTextOptions = {}): string {
  const items = byUrgency(report.items)
  const trouble = items.filter(needsAttention)
  const held = items.filter(
    (item) => item.outcome === 'blocked' || (item.outcome === 'skipped' && !item.forecast),
  )
  const done = items.filter(
    (item) => !trouble.includes(item) && !held.includes(item) && item.outcome !== 'unchanged',
  )
  const noted = items.filter((item) => item.notes.length > 0)
  const place = options.directory === undefined ? [] : [`Written to ${logLine(options.directory)}`]
  const hidden = hiddenNote(report)
  const note = hidden === undefined ? [] : [hidden]
  const sections = [
    upTo(50, trouble, (item) => attentionLines(item, options)),
    table(done.slice(0, 200), options, done.length),
    upTo(20, held, (item) => heldLines(item, options)),
    upTo(20, noted, (item) => noteLines(item, options)),
    [
      paint(logLine(options.headline ?? headline(report)), headlineColor(report), options),
      effort(report),
      ...note,
      ...place,
      ...(options.next === undefined ? [] : [logLine(options.next)]),
    ],
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function headlineColor({ outcome, underWay }: Report): 'green' | 'yellow' | 'red' {
  if (outcome === 'incomplete' && underWay) return 'yellow'
  return outcome === 'success' ? 'green' : 'red'
}

function attentionLines(item: ReportItem, options: SummaryTextOptions): string[] {
  const { cause, next } = explanation(item)
  return [
    `${paint(item.outcome.toUpperCase(), 'red', options)}  ${logLine(item.source)} → ${logLine(item.target)}`,
    `  ${logLine(cause)}`,
    ...detailLines(item),
    ...(next === '' ? [] : [`  Next: ${logLine(next)}`]),
  ]
}

function heldLines(item: ReportItem, options: SummaryTextOptions): string[] {
  return [
    `${paint(item.outcome, 'yellow', options)}  ${logLine(rowLabel(item))}: ${logLine(explanation(item).cause)}`,
    ...detailLines(item),
  ]
}

function detailLines({ details = [] }: ReportItem): string[] {
  const shown = details.slice(0, 5).map((line) => `    ${logLine(line)}`)
  const more = details.length - shown.length
  return more > 0 ? [...shown, `    … and ${more} more, listed in report.json`] : shown
}

function noteLines(item: ReportItem, options: SummaryTextOptions): string[] {
  return item.notes.map(
    (note) => `${paint('note', 'yellow', options)}  ${logLine(rowLabel(item))}: ${logLine(note)}`,
  )
}

function upTo(limit: number, items: readonly ReportItem[], lines: (item: ReportItem) => string[]): string[] {
  const shown = items.slice(0, limit).flatMap(lines)
  return items.length > limit
    ? [...shown, `… and ${items.length - limit} more, listed in report.json`]
    : shown
}

function table(items: readonly ReportItem[], options: SummaryTextOptions, total: number): string[] {
  if (items.length === 0) return []
  const forecast = items.some((item) => item.forecast !== undefined)
  const head = [
    'OUTCOME',
    'REPO',
    'FILES',
    forecast ? 'TO MOVE' : 'MOVED',
    forecast ? 'TO REUSE' : 'REUSED',
    'CHECKED',
  ]
  const rows = [head, ...items.map(cells)]
  const widths = head.map((_, column) => Math.max(...rows.map((row) => textWidth(row[column] ?? ''))))
  const others = widths.reduce((sum, width, column) => sum + (column === 1 ? 0 : width + 2), 0)
  widths[1] = Math.min(widths[1] ?? 0, Math.max(16, (options.columns ?? 100) - others))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => inColumn(cell, column, widths))
      .join('  ')
      .trimEnd(),
  )
  return total > items.length
    ? [...lines, `… and ${total - items.length} more, listed in report.json`]
    : lines
}

function cells(item: ReportItem): string[] {
  return [
    rowWord(item),
    logLine(rowLabel(item)),
    formatChanges(item.changes),
    formatBytes(item.forecast?.move ?? item.bytes.moved),
    formatBytes(item.forecast?.reuse ?? item.bytes.reused),
    formatFiles(item.files),
  ]
}

function inColumn(cell: string, column: number, widths: readonly number[]): string {
  return fitColumns(cell, widths[column] ?? 0, column === 3 || column === 4 ? 'right' : 'left')
}

function paint(text: string, color: 'red' | 'green' | 'yellow', options: SummaryTextOptions): string {
  return options.color ? styleText(color, text, { validateStream: false }) : text
}
