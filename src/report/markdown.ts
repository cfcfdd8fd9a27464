import type { Report, ReportItem } from '../model/report.ts'
import { markdownText, mermaidLabel, safeLink } from './escape.ts'
import {
  byUrgency,
  effort,
  explanation,
  formatBytes,
  formatChanges,
  formatFiles,
  headline,
  needsAttention,
  rowLabel,
  rowWord,
  splitRepo,
} from './phrases.ts'

export interface MarkdownOptions {
  /** Bytes of the whole text at the most. GitHub drops a step's summary over 1,048,576 bytes whole. */
  readonly maxBytes?: number
}

/**
 * The report for a job summary: headline, failures with cause and next step, what was held back, a table, and a picture of what
 * flowed from hub to hub. Never larger than `maxBytes` (default 1,000,000): the longest parts are cut, with a pointer to report.json.
 */
export function markdown(report: Report, options: MarkdownOptions = {}): string {
  const maxBytes = options.maxBytes ?? 1_000_000
  const items = byUrgency(report.items)
  const trouble = items.filter(needsAttention)
  const blocked = items.filter((item) => item.outcome === 'blocked')
  const skipped = items.filter((item) => item.outcome === 'skipped' && item.forecast === undefined)
  const sections: Section[] = [
    { title: '', head: [], rows: [() => opening(report)], share: 0.05 },
    {
      title: '### Needs attention',
      head: [],
      rows: trouble.map((item) => () => attention(item)),
      share: 0.4,
    },
    { title: '### Blocked', head: [], rows: blocked.map((item) => () => heldBack(item)), share: 0.2 },
    {
      title: '### Repos',
      head: tableHead(report),
      rows: items.filter(isInTable).map((item) => () => tableRow(item)),
      share: 0.2,
    },
    { title: '### Skipped', head: [], rows: skipped.map((item) => () => heldBack(item)), share: 0.08 },
    { title: '### From hub to hub', head: [], rows: picture(report.items), share: 0.03 },
  ]
  return sections.map((section) => render(section, maxBytes)).join('')
}

interface Section {
  readonly title: string
  readonly head: readonly string[]
  /** Made when they are needed: those that do not fit never are. */
  readonly rows: readonly (() => string)[]
  /** Part of the whole that this section may fill. */
  readonly share: number
}

function render(section: Section, maxBytes: number): string {
  if (section.rows.length === 0) return ''
  const start = [...(section.title === '' ? [] : [section.title, '']), ...section.head]
  // 200 bytes stay for the pointer and empty lines.
  let left = maxBytes * section.share - 200 - bytes(start)
  if (left < 0) return ''
  const kept: string[] = []
  for (const make of section.rows) {
    const row = make()
    left -= Buffer.byteLength(row) + 1
    if (left < 0) break
    kept.push(row)
  }
  const more = section.rows.length - kept.length
  const pointer = more > 0 ? ['', `… and ${more} more: see report.json and report.html of this run.`] : []
  return `${[...start, ...kept, ...pointer].join('\n')}\n\n`
}

function bytes(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
}

function opening(report: Report): string {
  const mark = { success: '✅', failure: '❌', incomplete: '⚠️' }[report.outcome]
  return `## ${mark} ${headline(report)}\n\n${effort(report)}.`
}

function attention(item: ReportItem): string {
  const { cause, next } = explanation(item)
  const step = next === '' ? '' : `<br>**Next:** ${short(next)}`
  return `- **${item.outcome}** ${short(item.source)} → ${short(item.target)}<br>${short(cause)}${step}${checked(item)}`
}

/** A failed repo may well have files that did arrive: their counts, apart. */
function checked(item: ReportItem): string {
  const files = formatFiles(item.files)
  return files === '' ? '' : `<br>Files: ${files}`
}

function heldBack(item: ReportItem): string {
  const shown = (item.details ?? []).slice(0, 20)
  const more = (item.details?.length ?? 0) - shown.length
  const details = [...shown.map(short), ...(more > 0 ? [`… and ${more} more in report.json`] : [])]
  return `- ${short(rowLabel(item))}: ${short(explanation(item).cause)}${details.map((line) => `<br>· ${line}`).join('')}`
}

function isInTable(item: ReportItem): boolean {
  return item.forecast !== undefined || item.outcome === 'synced' || item.outcome === 'moved'
}

function tableHead(report: Report): string[] {
  const [moved, reused] = report.dryRun ? ['To move', 'To reuse'] : ['Moved', 'Reused']
  return [
    `| Outcome | Repo | Files | ${moved} | ${reused} | Checked | Commit |`,
    '|---|---|---|--:|--:|---|---|',
  ]
}

function tableRow(item: ReportItem): string {
  const cells = [
    rowWord(item),
    [rowLabel(item), ...item.notes.slice(0, 5)].map(short).join('<br>'),
    formatChanges(item.changes),
    formatBytes(item.forecast?.move ?? item.bytes.moved),
    formatBytes(item.forecast?.reuse ?? item.bytes.reused),
    formatFiles(item.files),
    commitCell(item),
  ]
  return `| ${cells.join(' | ')} |`
}

function commitCell(item: ReportItem): string {
  if (item.published === undefined) return ''
  const commit = short(item.published.commit.slice(0, 10))
  const link = safeLink(item.published.url)
  return link === undefined || link.length > 2000 ? commit : `[${commit}](${link})`
}

/** Escaped, and never so long that one row fills the page. */
function short(text: string): string {
  return markdownText(text.length > 1000 ? `${text.slice(0, 1000)}…` : text)
}

/** A Mermaid flow of what went, or would go, from hub to hub; labels are data, ids are numbers. */
function picture(items: readonly ReportItem[]): (() => string)[] {
  const flows = new Map<string, { from: string; to: string; repos: number; bytes: number; failed: number }>()
  for (const item of items.filter((row) => isInTable(row) || needsAttention(row))) {
    const [from] = splitRepo(item.source)
    const [to] = splitRepo(item.target)
    const key = JSON.stringify([from, to])
    const flow = flows.get(key) ?? { from, to, repos: 0, bytes: 0, failed: 0 }
    flow.repos += 1
    flow.bytes += item.forecast?.move ?? item.bytes.moved
    flow.failed += needsAttention(item) ? 1 : 0
    flows.set(key, flow)
  }
  if (flows.size === 0) return []
  const shown = [...flows.values()].slice(0, 40)
  const ids = new Map(
    [...new Set(shown.flatMap((flow) => [flow.from, flow.to]))].map((hub, index) => [hub, `n${index}`]),
  )
  const edges = shown.map((flow) => {
    const repos = `${flow.repos} ${flow.repos === 1 ? 'repo' : 'repos'}`
    const text = `${repos}, ${formatBytes(flow.bytes)}${flow.failed > 0 ? `, ${flow.failed} not done` : ''}`
    return `  ${ids.get(flow.from)} -->|"${mermaidLabel(text)}"| ${ids.get(flow.to)}`
  })
  const nodes = [...ids].map(([hub, id]) => `  ${id}["${mermaidLabel(hub.slice(0, 100))}"]`)
  return [() => ['```mermaid', 'flowchart LR', ...nodes, ...edges, '```'].join('\n')]
}
