import { createHash } from 'node:crypto'
import type { Report, ReportItem } from '../model/report.ts'
import { htmlText, safeLink } from './escape.ts'
import {
  byUrgency,
  effort,
  explanation,
  formatBytes,
  formatChanges,
  formatFiles,
  formatSeconds,
  headline,
  hiddenNote,
  rowWord,
} from './phrases.ts'

/** report.html: one page that needs no network; light and dark, readable on a phone; rows can be sorted and filtered. */
export function html(report: Report): string {
  const rows = byUrgency(report.items).map(row).join('\n')
  const policy = `default-src 'none'; style-src '${digest(style)}'; script-src '${digest(script)}'; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${htmlText(headline(report))}</title>
<style>${style}</style>
</head>
<body>
<h1 class="${report.outcome}">${htmlText(headline(report))}</h1>
<p>${htmlText(effort(report))}. ${htmlText(report.createdAt)}, ${htmlText(report.tool)}${run(report)}</p>${hidden(report)}
<p><label>Filter <input id="filter" type="search" placeholder="repo, outcome, reason"></label> <span id="shown" role="status"></span></p>
<table>
<thead><tr>${columns(report).map(head).join('')}</tr></thead>
<tbody>
${rows}
</tbody>
</table>
<script>${script}</script>
</body>
</html>
`
}

function run(report: Report): string {
  const link = report.run === undefined ? undefined : safeLink(report.run)
  return link === undefined ? '' : `, <a href="${htmlText(link)}" rel="noreferrer noopener">workflow run</a>`
}

function hidden(report: Report): string {
  const note = hiddenNote(report)
  return note === undefined ? '' : `\n<p>${htmlText(note)}</p>`
}

function columns(report: Report): string[] {
  const bytes = report.dryRun ? ['To move', 'To reuse'] : ['Moved', 'Reused']
  return ['Outcome', 'Source', 'Target', 'Files', ...bytes, 'Checked', 'Time', 'Details']
}

function head(name: string): string {
  return `<th scope="col"><button type="button">${name}</button></th>`
}

function row(item: ReportItem): string {
  const moved = item.forecast?.move ?? item.bytes.moved
  const reused = item.forecast?.reuse ?? item.bytes.reused
  const files = item.changes.add + item.changes.update + item.changes.delete
  return `<tr class="${rowWord(item)}">${[
    cell('Outcome', rowWord(item)),
    cell('Source', htmlText(item.source)),
    cell('Target', target(item)),
    cell('Files', formatChanges(item.changes), files),
    cell('Moved', formatBytes(moved), moved),
    cell('Reused', formatBytes(reused), reused),
    cell('Checked', formatFiles(item.files)),
    cell('Time', formatSeconds(item.seconds), item.seconds),
    cell('Details', details(item)),
  ].join('')}</tr>`
}

/** `content` is HTML; `order` is what a number column is sorted by; the name shows on a phone, where rows become cards. */
function cell(name: string, content: string, order?: number): string {
  return `<td data-name="${name}"${order === undefined ? '' : ` data-order="${order}"`}>${content}</td>`
}

function target(item: ReportItem): string {
  const link = item.published === undefined ? undefined : safeLink(item.published.url)
  const name = htmlText(item.target)
  return link === undefined ? name : `<a href="${htmlText(link)}" rel="noreferrer noopener">${name}</a>`
}

function details(item: ReportItem): string {
  const { cause, next } = explanation(item)
  const lines = [
    cause === '' ? '' : htmlText(cause),
    next === '' ? '' : `<strong>Next:</strong> ${htmlText(next)}`,
    ...item.notes.map((note) => htmlText(note)),
  ].filter((line) => line !== '')
  const listed = (item.details ?? []).map((line) => `<li>${htmlText(line)}</li>`).join('')
  const list =
    listed === ''
      ? ''
      : `<details><summary>${item.details?.length} lines</summary><ul>${listed}</ul></details>`
  return lines.join('<br>') + list
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

const style = `
:root { color-scheme: light dark; --line: light-dark(#d5d9de, #3a4048); --bad: light-dark(#b3261e, #ff8a80);
  --good: light-dark(#146c2e, #7ddc97); --held: light-dark(#8a5300, #ffc76b) }
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem auto; padding: 0 1rem; max-width: 90rem;
  color: light-dark(#1b1f24, #e4e7eb); background: light-dark(#fff, #14171b) }
h1 { font-size: 1.3rem } h1.failure { color: var(--bad) } h1.success { color: var(--good) } h1.incomplete { color: var(--held) }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top; padding: .35rem .6rem;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere } th { overflow-wrap: normal; white-space: nowrap }
th button { font: inherit; font-weight: 600; background: none; border: 0; padding: 0; color: inherit; cursor: pointer }
td[data-order] { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums } td[data-name=Outcome] { white-space: nowrap }
input { font: inherit; padding: .25rem .5rem; width: min(22rem, 80vw) } a { color: inherit } ul { margin: .3rem 0; padding-left: 1.2rem }
.failed > :first-child, .conflict > :first-child, .missing > :first-child { color: var(--bad); font-weight: 600 }
.synced > :first-child { color: var(--good) } .blocked > :first-child, .planned > :first-child { color: var(--held) }
tr[hidden] { display: none !important }
@media (max-width: 45rem) { thead { display: none } tr { display: block; border-bottom: 2px solid var(--line); padding: .5rem 0 }
  td, td[data-order] { display: block; position: relative; border: 0; padding: .1rem 0 .1rem 5.6rem; text-align: left; white-space: normal; min-height: 1.4em }
  td:empty { display: none } td::before { content: attr(data-name); position: absolute; left: 0; opacity: .65 } }
`

const script = `
const body = document.querySelector('tbody'), rows = [...body.rows], filter = document.getElementById('filter')
const shown = document.getElementById('shown'), texts = rows.map((row) => row.textContent.toLowerCase())
function show() {
  const wanted = filter.value.toLowerCase().split(/\\s+/)
  let count = 0
  rows.forEach((row, index) => { row.hidden = !wanted.every((word) => texts[index].includes(word)); if (!row.hidden) count++ })
  shown.textContent = count + ' of ' + rows.length
}
filter.addEventListener('input', show)
show()
document.querySelectorAll('th button').forEach((button, column) => {
  let up = false
  button.addEventListener('click', () => {
    up = !up
    const key = (row) => row.cells[column].dataset.order ?? row.cells[column].textContent
    const compare = (a, b) => key(a).localeCompare(key(b), undefined, { numeric: true })
    body.append(...[...rows].sort((a, b) => (up ? 1 : -1) * compare(a, b)))
  })
})
`
