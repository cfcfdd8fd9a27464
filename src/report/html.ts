import { createHash } from 'node:crypto'
import type { FileResult, Report } from '../model/report.ts'
import { htmlText, safeLink } from './escape.ts'
import { filesData } from './html-files.ts'
import { flowSection } from './html-flow.ts'
import { attentionSection, overview } from './html-overview.ts'
import { script } from './html-script.ts'
import { style } from './html-style.ts'
import { repoSection } from './html-table.ts'
import { timelineSection } from './html-timeline.ts'
import { headline, hiddenNote, isHeldUp, outcomeTitle, rowCounts } from './phrases.ts'

export interface HtmlOptions {
  /** What became of each file, by the id of its row; rows without an entry show their counts alone. */
  readonly files?: ReadonlyMap<string, readonly FileResult[]>
}

/**
 * report.html: one page that needs no network; light and dark, readable on a phone, a plain table without its script. Its size is
 * bounded: what is too much of it stays in report.json and the results, and the page says so.
 */
export function html(report: Report, options: HtmlOptions = {}): string {
  const files = filesData(report, options.files ?? new Map())
  const policy = `default-src 'none'; style-src '${digest(style)}'; script-src '${digest(script)}'; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${htmlText(headline(report))}</title>
<style>${style}</style>
</head>
<body>
${header(report)}
<main>
${[overview(report), attentionSection(report), flowSection(report), timelineSection(report), repoSection(report, files.keys)].filter((part) => part !== '').join('\n')}
</main>
<footer>${htmlText(report.tool)}</footer>
<dialog id="files"><form method="dialog"><h2></h2><button class="close" aria-label="Close">×</button></form>
<p class="tools"><input type="search" aria-label="Filter files" placeholder="Filter files"> <span role="status"></span></p>
<ul></ul><p><button type="button" class="more">Show more</button></p></dialog>
<script type="application/json" id="files-data">${files.json}</script>
<script>${script}</script>
</body>
</html>
`
}

function header(report: Report): string {
  const link = report.run === undefined ? undefined : safeLink(report.run)
  const facts = [
    `<time datetime="${htmlText(report.createdAt)}">${htmlText(report.createdAt.slice(0, 16).replace('T', ' '))} UTC</time>`,
    ...(link === undefined ? [] : [`<a href="${htmlText(link)}" rel="noreferrer noopener">Workflow run</a>`]),
  ]
  const note = hiddenNote(report)
  return `<header>
<p class="badge ${isHeldUp(report) ? 'incomplete' : report.outcome}">${htmlText(report.dryRun ? 'Dry run' : outcomeTitle(report))}</p>
<h1>${htmlText(rowCounts(report))}</h1>
<p class="facts">${facts.join(' · ')}</p>${note === undefined ? '' : `\n<p class="note">${htmlText(note)}</p>`}
</header>`
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
