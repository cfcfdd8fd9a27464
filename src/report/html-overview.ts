import { grouped } from '../model/grouped.ts'
import type { Report, ReportItem, Verification } from '../model/report.ts'
import { htmlText } from './escape.ts'
import {
  byUrgency,
  counted,
  explanation,
  formatBytes,
  formatSeconds,
  isIdle,
  needsAttention,
  reusedPart,
  rowLabel,
  sameCause,
  stageTimes,
} from './phrases.ts'
import { wallSeconds } from './timeline.ts'

/** Causes shown above the table. */
const mostCauses = 8

/** The totals, as four cards. */
export function overview(report: Report): string {
  if (report.items.length === 0) return '<p>No repo matched the rules.</p>'
  const idle = isIdle(report) ? '<p>Nothing to do: source and target are the same.</p>\n' : ''
  return `${idle}<section class="cards" aria-label="Totals">
${[bytesCard(report), reusedCard(report), filesCard(report), timeCard(report)].filter((card) => card !== '').join('\n')}
</section>`
}

/** What went wrong, with cause and next step; empty if nothing did. */
export function attentionSection(report: Report): string {
  const groups = sameCause(byUrgency(report.items.filter(needsAttention)))
  if (groups.length === 0) return ''
  const more =
    groups.length > mostCauses ? `<p>… and ${groups.length - mostCauses} more, in the table below.</p>` : ''
  return `<section aria-labelledby="attention"><h2 id="attention">Needs attention</h2>
${groups.slice(0, mostCauses).map(trouble).join('\n')}${more}</section>`
}

function trouble(group: readonly ReportItem[]): string {
  const [first] = group
  if (first === undefined) return ''
  const { cause, next } = explanation(first)
  const names = group.slice(0, 10).map((item) => `<bdi>${htmlText(rowLabel(item))}</bdi>`)
  const more = group.length - names.length
  const step = next === '' ? '' : `<p><strong>Next:</strong> ${htmlText(next)}</p>`
  return `<article class="trouble"><h3><span class="pill ${first.outcome}">${first.outcome}</span> ${names.join(', ')}${more > 0 ? ` and ${counted(more, 'more repo')}` : ''}</h3><p>${htmlText(cause)}</p>${detailList(first)}${step}</article>`
}

/** Lines of a row shown above the table, which has more of them. */
const mostLines = 5

function detailList({ details = [] }: ReportItem): string {
  if (details.length === 0) return ''
  const more =
    details.length > mostLines ? `<li>… and ${details.length - mostLines} more, in the table below</li>` : ''
  const shown = details.slice(0, mostLines).map((line) => `<li>${htmlText(line)}</li>`)
  return `<ul>${shown.join('')}${more}</ul>`
}

function card(title: string, value: string, more: string): string {
  return `<div class="card"><h2>${title}</h2><p class="value">${value}</p>${more}</div>`
}

function bytesCard({ totals, dryRun, stages = [] }: Report): string {
  const moved = totals.forecast?.move ?? totals.bytes.moved
  const sync = stages.filter((stage) => stage.name === 'sync')
  const seconds = wallSeconds(sync) ?? 0
  const speed =
    !dryRun && seconds >= 1 && moved > 0
      ? `<p>${formatBytes(moved / seconds)}/s while syncing</p>`
      : `<p>${dryRun ? 'would go over the wire' : 'went over the wire'}</p>`
  return card(dryRun ? 'To move' : 'Moved', formatBytes(moved), speed)
}

function reusedCard({ totals, dryRun }: Report): string {
  const { move, reuse } = totals.forecast ?? { move: totals.bytes.moved, reuse: totals.bytes.reused }
  const part = reusedPart(move, reuse)
  const parts = [['moved', move] as const, ['reused', reuse] as const]
  const bar = part === '' ? '' : bars(parts)
  const words = part === '' ? 'already on the target' : `${part}, already on the target`
  return card(dryRun ? 'To reuse' : 'Reused', formatBytes(reuse), `${bar}<p>${words}</p>`)
}

function filesCard({ totals, dryRun }: Report): string {
  if (dryRun) return ''
  const words: readonly Verification[] = ['mismatch', 'verified', 'sampled', 'unverifiable']
  const some = words.filter((word) => totals.files[word] > 0)
  const all = some.reduce((sum, word) => sum + totals.files[word], 0)
  const parts = some.map((word) => `<span class="key ${word}">${grouped(totals.files[word])} ${word}</span>`)
  const bar = bars(some.map((word) => [word, totals.files[word]]))
  return card('Files checked', grouped(all), `${bar}<p>${parts.join(' ')}</p>`)
}

function timeCard({ totals, stages = [] }: Report): string {
  const wall = wallSeconds(stages)
  const work = totals.seconds === 0 ? '' : `<p>${formatSeconds(totals.seconds)} of work</p>`
  if (wall === undefined) return card('Time', formatSeconds(totals.seconds), '<p>of work</p>')
  return card('Time', formatSeconds(wall), `<p>${htmlText(stageTimes(stages))}</p>${work}`)
}

/** A stacked bar; parts are in percent of the whole. */
function bars(parts: readonly (readonly [name: string, size: number])[]): string {
  const total = parts.reduce((sum, [, size]) => sum + size, 0)
  if (total === 0) return ''
  let at = 0
  const rects = parts.map(([name, size]) => {
    const width = (100 * size) / total
    const rect = `<rect class="${name}" x="${at.toFixed(2)}%" width="${width.toFixed(2)}%" height="8"/>`
    at += width
    return rect
  })
  return `<svg class="bar" width="100%" height="8" aria-hidden="true">${rects.join('')}</svg>`
}
