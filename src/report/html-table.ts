import { grouped } from '../model/grouped.ts'
import type { Report, ReportItem } from '../model/report.ts'
import { htmlText, safeLink } from './escape.ts'
import {
  byUrgency,
  explanation,
  formatBytes,
  formatChanges,
  formatFiles,
  formatSeconds,
  rowWord,
  ways,
} from './phrases.ts'

/** Rows of the page; report.json has all. */
const mostRows = 10_000
/** Lines of one blocked repo, and of all together. */
const mostDetails = 100
const mostDetailsInAll = 20_000

/** All repos, those that need a hand first; rows in `files` have some that the page's script can show, by this key. */
export function repoSection(report: Report, files: ReadonlyMap<ReportItem, number>): string {
  const items = byUrgency(report.items)
  if (items.length === 0) return ''
  const words = [...new Set(items.map(rowWord))]
  const chips = words.map((word) => {
    const count = items.filter((item) => rowWord(item) === word).length
    return `<button type="button" class="chip ${word}" aria-pressed="false" data-word="${word}">${word} ${grouped(count)}</button>`
  })
  const room = { details: mostDetailsInAll }
  const names = columns(report)
  const rows = items.slice(0, mostRows).map((item) => row(names, item, files.get(item), room))
  const more =
    items.length > mostRows ? `<p>… and ${items.length - mostRows} more rows in report.json.</p>` : ''
  return `<section aria-labelledby="repos"><h2 id="repos">Repos</h2>
<p class="tools" hidden><input id="filter" type="search" aria-label="Filter repos" placeholder="Filter: repo, outcome, reason"> ${chips.length > 1 ? chips.join(' ') : ''} <span id="shown" role="status"></span></p>
<table>
<thead><tr>${names.map(head).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>${more}</section>`
}

function columns(report: Report): readonly string[] {
  const bytes = report.dryRun ? ['To move', 'To reuse'] : ['Moved', 'Reused']
  return ['Outcome', 'Repo', 'Changes', ...bytes, 'Files', 'Time', 'Commit']
}

function head(name: string): string {
  return `<th scope="col">${name}</th>`
}

function row(
  columnNames: readonly string[],
  item: ReportItem,
  key: number | undefined,
  room: { details: number },
): string {
  const moved = item.forecast?.move ?? item.bytes.moved
  const reused = item.forecast?.reuse ?? item.bytes.reused
  const changes = item.changes.add + item.changes.update + item.changes.delete
  const checked = Object.values(item.files).reduce((sum, count) => sum + count, 0)
  const word = rowWord(item)
  const cells: readonly (readonly [content: string, order?: number])[] = [
    [`<span class="pill ${word}">${word}</span>`],
    [names(item) + details(item, room)],
    [formatChanges(item.changes), changes],
    [moved === 0 && reused === 0 ? '' : formatBytes(moved), moved],
    [reused === 0 ? '' : formatBytes(reused), reused],
    [fileCounts(item, key), checked],
    [item.seconds === 0 ? '' : formatSeconds(item.seconds), item.seconds],
    [commit(item)],
  ]
  const row = cells.map(([content, order], index) => cell(columnNames[index] ?? '', content, order))
  return `<tr data-word="${word}">${row.join('')}</tr>`
}

/** `content` is HTML; `order` is what a number column is sorted by; the name shows on a phone, where rows become cards. */
function cell(name: string, content: string, order?: number): string {
  return `<td data-name="${name}"${order === undefined ? '' : ` data-order="${order}"`}>${content}</td>`
}

function names(item: ReportItem): string {
  const source = linked(item.source, item.sourceUrl)
  return `<div class="names"><span>${source}</span> <span><span class="arrow">→</span> ${linked(item.target, item.published?.url)}</span></div>`
}

function linked(text: string, address: string | undefined): string {
  const link = address === undefined ? undefined : safeLink(address)
  const name = `<bdi>${htmlText(text)}</bdi>`
  return link === undefined ? name : `<a href="${htmlText(link)}" rel="noreferrer noopener">${name}</a>`
}

function commit(item: ReportItem): string {
  if (item.published === undefined) return ''
  const { by } = item.published
  const name = linked(item.published.commit.slice(0, 10), item.published.url)
  return `<code>${name}</code>${by === undefined ? '' : ` <span class="muted">by ${ways[by]}</span>`}`
}

function fileCounts(item: ReportItem, key: number | undefined): string {
  const text = formatFiles(item.files)
  if (key === undefined || text === '') return text
  return `<span class="counts">${text}</span><button type="button" class="files" data-files="${key}" hidden>${text}</button>`
}

function details(item: ReportItem, room: { details: number }): string {
  const { cause, next } = explanation(item)
  const lines = [
    ...(cause === '' ? [] : [`<p>${htmlText(cause)}</p>`]),
    ...(next === '' ? [] : [`<p><strong>Next:</strong> ${htmlText(next)}</p>`]),
    ...item.notes.slice(0, mostDetails).map((note) => `<p class="note">${htmlText(note)}</p>`),
  ]
  const all = item.details ?? []
  const shown = all.slice(0, Math.min(mostDetails, room.details))
  room.details -= shown.length
  if (all.length === 0 || (all.length === 1 && all[0] === cause)) return lines.join('')
  const more =
    all.length > shown.length ? `<li>… and ${all.length - shown.length} more in report.json</li>` : ''
  const list = shown.map((line) => `<li>${htmlText(line)}</li>`).join('')
  return `${lines.join('')}<details><summary>${all.length} ${all.length === 1 ? 'line' : 'lines'}</summary><ul>${list}${more}</ul></details>`
}
