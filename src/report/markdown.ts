import type { Report, ReportItem } from '../model/report.ts'
import { markdownText, safeLink } from './escape.ts'
import { fitSections, type Section } from './fit-sections.ts'
import { mermaidPicture } from './mermaid.ts'
import {
  byUrgency,
  counted,
  explanation,
  formatBytes,
  formatChanges,
  formatFiles,
  formatSeconds,
  headline,
  hiddenNote,
  isHeldUp,
  isIdle,
  needsAttention,
  reusedPart,
  rowNames,
  rowWord,
  sameCause,
  stageTimes,
  ways,
} from './phrases.ts'
import { wallSeconds } from './timeline.ts'

export interface MarkdownOptions {
  /** Bytes of the whole text at the most. GitHub drops a step's summary over 1,048,576 bytes whole. */
  readonly maxBytes?: number
}

/**
 * The report for a job summary: headline, totals, failures with cause and next step, what was held back and why, a picture of what
 * flowed from hub to hub, the repos with links. Never larger than `maxBytes` (default 1,000,000): the longest parts are cut, with a
 * pointer to the files that hold all of it.
 */
export function markdown(report: Report, options: MarkdownOptions = {}): string {
  const items = byUrgency(report.items)
  const trouble = items.filter(needsAttention)
  const blocked = items.filter((item) => item.outcome === 'blocked')
  const skipped = items.filter((item) => item.outcome === 'skipped' && item.forecast === undefined)
  const picture = mermaidPicture(report.items, report.dryRun)
  const sections: Section[] = [
    { head: [], rows: [() => opening(report)], tail: [] },
    ...titled('### Needs attention', sameCause(trouble), attention),
    ...titled('### Blocked', sameCause(blocked), heldBack),
    ...titled('### Skipped', sameCause(skipped), heldBack),
    {
      head: ['### From hub to hub', ''],
      rows: picture === undefined ? [] : [() => picture],
      tail: [],
    },
    repoTable(report, items.filter(isInTable)),
  ]
  return fitSections(sections, options.maxBytes ?? 1_000_000, pointer)
}

function pointer(left: number): string {
  return `… and ${left} more: see report.json and report.html of this run.`
}

function titled(
  title: string,
  groups: readonly (readonly ReportItem[])[],
  text: (group: readonly ReportItem[]) => string,
): readonly Section[] {
  const rows = groups.map((group) => () => text(group))
  const open = { head: [title, ''], rows: rows.slice(0, openCauses), tail: [] }
  return [open, { ...folded(`and ${rows.length - openCauses} more`), rows: rows.slice(openCauses) }]
}

/** What a reader has to open first. */
function folded(summary: string): Pick<Section, 'head' | 'tail'> {
  return { head: [`<details><summary>${summary}</summary>`, ''], tail: ['', '</details>'] }
}

function opening(report: Report): string {
  const mark = { success: '✅', failure: '❌', incomplete: '⚠️' }[
    isHeldUp(report) ? 'incomplete' : report.outcome
  ]
  const link = report.run === undefined ? '' : runLink(report.run)
  const facts = [link, markdownText(readableTime(report.createdAt)), markdownText(report.tool)]
  return [
    `## ${mark} ${headline(report)}`,
    facts.filter((fact) => fact !== '').join(' · '),
    isIdle(report) ? 'Nothing to do: source and target are the same.' : totals(report).join('\n'),
    hiddenNote(report),
  ]
    .filter((part) => part !== undefined)
    .join('\n\n')
}

/** `2026-11-21 08:15 UTC`. */
function readableTime(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`
}

function totals({ totals: sums, dryRun, stages = [] }: Report): string[] {
  const { forecast, bytes, files, seconds } = sums
  const [moved, reused] = [forecast?.move ?? bytes.moved, forecast?.reuse ?? bytes.reused]
  const part = reusedPart(moved, reused)
  const wall = wallSeconds(stages)
  const times = stageTimes(stages)
  const cells: readonly (readonly [head: string, cell: string])[] = [
    [dryRun ? 'To move' : 'Moved', `**${formatBytes(moved)}**`],
    [
      dryRun ? 'Already there' : 'Reused, already there',
      `${formatBytes(reused)}${part === '' ? '' : ` (${part})`}`,
    ],
    ...(dryRun ? [] : [['Files checked', formatFiles(files) || 'none'] as const]),
    [
      'Time',
      wall === undefined
        ? `${formatSeconds(seconds)} of work`
        : `**${formatSeconds(wall)}**${times === '' ? '' : `: ${times}`}`,
    ],
  ]
  return [cells.map(([head]) => head), cells.map(() => '---'), cells.map(([, cell]) => cell)].map(
    (row) => `| ${row.join(' | ')} |`,
  )
}

/** The way to the log; empty for what is no web address. */
export function runLink(address: string): string {
  const link = safeLink(address)
  return link === undefined ? '' : `[Workflow run](${link})`
}

/** Repos with one cause and one next step; as a rule it is one repo. */
function attention(group: readonly ReportItem[]): string {
  const [first] = group
  if (first === undefined) return ''
  const { cause, next } = explanation(first)
  const step = next === '' ? '' : `<br>**Next:** ${short(next)}`
  return `- **${first.outcome}** ${names(group, fullName)}<br>${short(cause)}${detailLines(first, cause)}${step}${checked(first)}`
}

function fullName(item: ReportItem): string {
  return `${linked(item.source, item.sourceUrl)} → ${linked(item.target, item.published?.url)}`
}

/** A failed repo may well have files that did arrive: their counts, apart. */
function checked(item: ReportItem): string {
  const files = formatFiles(item.files)
  return files === '' ? '' : `<br>Files: ${files}`
}

function heldBack(group: readonly ReportItem[]): string {
  const [first] = group
  if (first === undefined) return ''
  const { cause } = explanation(first)
  return `- ${names(group, repoName)}: ${short(cause)}${detailLines(first, cause)}`
}

function detailLines(item: ReportItem, cause: string): string {
  const all = (item.details ?? []).filter((line) => line !== cause)
  const shown = all.slice(0, 20)
  const more = all.length - shown.length
  const details = [...shown.map(short), ...(more > 0 ? [`… and ${more} more in report.json`] : [])]
  return details.map((line) => `<br>· ${line}`).join('')
}

/** The first ten, and how many more there are. */
function names(group: readonly ReportItem[], name: (item: ReportItem) => string): string {
  const shown = group.slice(0, 10).map(name)
  const more = group.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${counted(more, 'more repo')}`] : [])].join(', ')
}

function isInTable(item: ReportItem): boolean {
  const isDone = item.outcome === 'synced' || item.outcome === 'moved'
  return isDone || item.forecast !== undefined || item.state !== undefined
}

/** What fits on a screen is open, more is folded. */
const openRows = 20
const openCauses = 10

function repoTable(report: Report, items: readonly ReportItem[]): Section {
  const bytes = report.dryRun ? ['To move', 'To reuse'] : ['Moved', 'Reused']
  const columns = ['Outcome', 'Repo', 'Files', ...bytes, 'Checked', 'Commit']
  const fold = items.length > openRows ? folded(counted(items.length, 'repo')) : { head: [], tail: [] }
  return {
    head: [...['### Repos', '', ...fold.head], `| ${columns.join(' | ')} |`, '|---|---|---|--:|--:|---|---|'],
    rows: items.map((item) => () => tableRow(item)),
    tail: fold.tail,
  }
}

function tableRow(item: ReportItem): string {
  const notes = item.notes.slice(0, 5).map((note) => `<sub>${short(note)}</sub>`)
  const cells = [
    rowWord(item),
    [repoName(item), ...notes].join('<br>'),
    unbroken(formatChanges(item.changes)),
    unbroken(formatBytes(item.forecast?.move ?? item.bytes.moved)),
    unbroken(formatBytes(item.forecast?.reuse ?? item.bytes.reused)),
    formatFiles(item.files).split(', ').map(unbroken).join('<br>'),
    commit(item),
  ]
  return `| ${cells.join(' | ')} |`
}

function repoName(item: ReportItem): string {
  const [source, target] = rowNames(item)
  return `${linked(source, item.sourceUrl)} → ${linked(target, item.published?.url)}`
}

function commit({ published }: ReportItem): string {
  if (published === undefined) return ''
  const name = linked(published.commit.slice(0, 10), published.url)
  return published.by === undefined ? name : `${name}<br><sub>by ${unbroken(ways[published.by])}</sub>`
}

/** In one line of a table's cell. */
function unbroken(text: string): string {
  return text.replaceAll(' ', '&nbsp;')
}

/** Escaped text, with a link where the address is one of the web. */
function linked(text: string, address: string | undefined): string {
  const link = address === undefined ? undefined : safeLink(address)
  return link === undefined || link.length > 2000 || text === '' ? short(text) : `[${short(text)}](${link})`
}

/** Escaped, and never so long that one row fills the page. */
function short(text: string): string {
  return markdownText(text.length > 1000 ? `${text.slice(0, 1000)}…` : text)
}
