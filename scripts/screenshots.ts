import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { Browser } from 'playwright-core'
import { open, startBrowser } from '../test/browser/browser.ts'
import { realRun } from '../test/browser/real-run.ts'
import { mustRun } from '../test/clients/program.ts'
import { buildBundle } from './build.ts'

/** What draws the summary as GitHub does: its Markdown, its style, its Mermaid. Of no use to anything else, so no package of ours. */
const painters = ['github-markdown-css@5.9.0', 'marked@18.2.1', 'mermaid@12.3.0']
const cache = resolve('.cache/screenshots')
const images = 'docs/images'

/**
 * Takes the pictures of the docs: runs the reusable workflow over stand-in hubs (Linux, some minutes), and photographs the summary and
 * the report that it left. Both stay in `.cache/screenshots` with a dark picture of each; `--again` draws those once more. Wants Chromium
 * and a font with emoji (Debian: chromium, fonts-noto-color-emoji).
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { again: { type: 'boolean', default: false } } })
  mkdirSync(cache, { recursive: true })
  mustRun('npm', ['install', '--prefix', cache, '--no-audit', '--no-fund', '--loglevel=error', ...painters])
  if (!values.again) await keepRun()
  const summary = join(cache, 'summary.html')
  writeFileSync(summary, summaryPage(readFileSync(join(cache, 'report.md'), 'utf8')))
  const browser = await startBrowser()
  try {
    const report = join(cache, 'report.html')
    await photograph(browser, report, 'light', join(images, 'report.png'))
    await photograph(browser, report, 'dark', join(cache, 'report-dark.png'))
    await photograph(browser, summary, 'light', join(images, 'summary.png'))
    await photograph(browser, summary, 'dark', join(cache, 'summary-dark.png'))
  } finally {
    await browser.close()
  }
}

/** Keeps the files of the report of a real run by the project as it stands, whether `dist/` is fresh or not. */
async function keepRun(): Promise<void> {
  const project = join(cache, 'project')
  rmSync(project, { recursive: true, force: true })
  mkdirSync(project)
  for (const name of ['.github', 'plan', 'sync', 'report', 'package.json'])
    cpSync(name, join(project, name), { recursive: true })
  buildBundle(join(project, 'dist'))
  for (const [name, text] of await realRun(project)) writeFileSync(join(cache, name), text)
}

/** As wide as GitHub's page of a run, and at most as high as a person scrolls. */
async function photograph(
  browser: Browser,
  file: string,
  colorScheme: 'light' | 'dark',
  image: string,
): Promise<void> {
  const viewport = { width: 1080, height: 900 }
  const { page } = await open(browser, file, { viewport, colorScheme })
  await page.waitForFunction('document.querySelectorAll("pre.mermaid:not([data-processed])").length === 0')
  const height = Number(
    await page.evaluate('Math.ceil(document.documentElement.getBoundingClientRect().height)'),
  )
  await page.screenshot({
    path: image,
    clip: { x: 0, y: 0, width: viewport.width, height: Math.min(height, 1700) },
    fullPage: true,
  })
  console.log(relative('.', image))
}

/** The job summary on a page: scripts from disk, so it needs no network. */
function summaryPage(markdown: string): string {
  const read = (pattern: string) => {
    const [file] = globSync(join(cache, 'node_modules', pattern))
    if (file === undefined) throw new Error(`${pattern} is not among the installed packages`)
    return readFileSync(file, 'utf8')
  }
  const mermaid = pathToFileURL(join(cache, 'node_modules/mermaid/dist/mermaid.min.js')).href
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Summary</title>
<style>${read('github-markdown-css/github-markdown.css')}
body { margin: 0; padding: 24px; background: light-dark(#f6f8fa, #010409) } .markdown-body { max-width: 1000px; margin: auto; border: 1px solid light-dark(#d1d9e0, #3d444d); border-radius: 6px; padding: 16px }
.markdown-body pre.mermaid { background: none; text-align: center }</style>
<article class="markdown-body"></article>
<script>${read('marked/lib/marked.umd.js').replaceAll('</script', '<\\/script')}</script>
<script src="${mermaid}"></script>
<script type="application/json" id="text">${JSON.stringify(markdown).replaceAll('<', '\\u003c')}</script>
<script>
const article = document.querySelector('article')
article.innerHTML = marked.parse(JSON.parse(document.querySelector('#text').textContent), { gfm: true })
for (const code of article.querySelectorAll('code.language-mermaid')) {
  const pre = document.createElement('pre')
  pre.className = 'mermaid'
  pre.textContent = code.textContent
  code.parentElement.replaceWith(pre)
}
const dark = matchMedia('(prefers-color-scheme: dark)').matches
mermaid.initialize({ startOnLoad: false, theme: dark ? 'dark' : 'default' })
mermaid.run()
</script></html>`
}

await main()
