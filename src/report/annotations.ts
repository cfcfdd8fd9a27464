import type { Report } from '../model/report.ts'
import { logLine } from './escape.ts'
import { byUrgency, counted, explanation, needsAttention, rowLabel, sameCause } from './phrases.ts'

/** A line beside a workflow run. */
export interface Annotation {
  readonly level: 'error' | 'warning'
  /** One line that is no workflow command. */
  readonly text: string
}

/**
 * What went wrong, then what is blocked, one annotation for each cause; never more than `most`. Of those that have no room the last one
 * says how many repos they are.
 */
export function annotations(report: Report, most: number): readonly Annotation[] {
  const rows = byUrgency(report.items).filter((item) => needsAttention(item) || item.outcome === 'blocked')
  const groups = sameCause(rows)
  const shown = groups.length > most ? groups.slice(0, most - 1) : groups
  const left = groups.slice(shown.length).reduce((sum, group) => sum + group.length, 0)
  const last: readonly Annotation[] =
    left === 0 ? [] : [{ level: 'warning', text: `${counted(left, 'more repo')}: see the job summary.` }]
  return [...shown.flatMap(([first, ...others]) => (first ? annotation(first, others.length) : [])), ...last]
}

function annotation(first: Report['items'][number], others: number): Annotation {
  const { cause, next } = explanation(first)
  const name = `${rowLabel(first)}${others > 0 ? ` and ${counted(others, 'more repo')}` : ''}`
  const text = [`${name}: ${first.outcome}: ${cause}`, next].filter((part) => part !== '').join(' ')
  return { level: needsAttention(first) ? 'error' : 'warning', text: logLine(text) }
}
