import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { printable } from '../../src/model/printable.ts'
import type { FileResult } from '../../src/model/report.ts'
import { html } from '../../src/report/html.ts'
import { type Checks, expectSame } from '../clients/checks.ts'
import { open, startBrowser } from './browser.ts'
import { contrasts } from './contrast.ts'
import {
  fiveRepos,
  job,
  manyRepos,
  oneRepo,
  type SampleRun,
  sampleItem,
  sampleRun,
  synced,
  wholeJob,
} from './sample-run.ts'

/** Looks at report.html as a person does, in a real browser. Pages are written to `folder`. */
export async function checkReport(checks: Checks, folder: string): Promise<void> {
  const browser = await startBrowser()
  const write = (name: string, run: SampleRun) => {
    const file = join(folder, `${name}.html`)
    writeFileSync(file, html(run.report, { files: run.files }))
    return file
  }
  const files = {
    one: write('one', oneRepo()),
    five: write('five', fiveRepos()),
    many: write('many', manyRepos({ repos: 1000, files: 100, jobs: 256 })),
    deep: write('deep', manyRepos({ repos: 1, files: 100_000, jobs: 1 })),
    hostile: write('hostile', hostileRun()),
  }
  try {
    await checks.run('report.html sorts', () => sorts(browser, files.five))
    await checks.run('report.html filters', () => filters(browser, files.five))
    await checks.run('report.html shows the files of a repo', () => showsFiles(browser, files.five))
    await checks.run('report.html shows hostile names as text', () => showsHostile(browser, files.hostile))
    for (const [name, file] of Object.entries(files)) {
      await checks.run(`report.html fits a phone: ${name}`, () => fitsPhone(browser, file))
      for (const colorScheme of ['light', 'dark'] as const)
        await checks.run(`report.html is readable: ${name}, ${colorScheme}`, () =>
          isReadable(browser, file, colorScheme),
        )
    }
    await checks.run('report.html is a plain table without its script', () =>
      worksWithoutScript(browser, files.five),
    )
    await checks.run('report.html works with 1,000 repos and 256 jobs', () =>
      worksWithMany(browser, files.many),
    )
    await checks.run('report.html works with a repo of 100,000 files', () =>
      worksWithDeep(browser, files.deep),
    )
  } finally {
    await browser.close()
  }
}

async function column(page: Page, name: string): Promise<string[]> {
  return page.locator(`tbody tr:not([hidden]) td[data-name=${name}]`).allTextContents()
}

async function sorts(browser: Browser, file: string): Promise<void> {
  const { page, wrong } = await open(browser, file)
  const outcomes = (await column(page, 'Outcome')).slice(0, 3)
  expectSame(outcomes, ['failed', 'blocked', 'synced'], 'first rows')
  const moved = page.getByRole('button', { name: 'Moved' })
  await moved.click()
  const falling = (await column(page, 'Moved')).slice(0, 5)
  expectSame(falling, ['41.5 GB', '9.8 GB', '1.3 GB', '400 MB', '300 MB'], 'falling')
  expectSame(await page.locator('th[aria-sort]').allTextContents(), ['Moved'], 'what is sorted by')
  await moved.click()
  expectSame((await column(page, 'Moved')).at(-1), '41.5 GB', 'rising')
  await page.getByRole('button', { name: 'Repo', exact: true }).click()
  const names = (await column(page, 'Repo')).filter((name) => name.includes('Qwen2.5'))
  const numbers = names.map((name) => Number(/Qwen2\.5-(\d+)B/.exec(name)?.[1]))
  expectSame(
    numbers,
    Array.from({ length: 12 }, (_, index) => index + 1),
    'numbers in names',
  )
  expectSame(wrong, [], 'what went wrong')
}

async function filters(browser: Browser, file: string): Promise<void> {
  const { page, wrong } = await open(browser, file)
  const shown = page.locator('#shown')
  expectSame(await shown.textContent(), '20 of 20', 'all')
  await page.locator('#filter').fill('qwen3 GATED')
  expectSame(await shown.textContent(), '0 of 20', 'words that no row has together')
  await page.locator('#filter').fill('GATED vl')
  expectSame(await column(page, 'Outcome'), ['skipped'], 'words of a reason and a name')
  await page.locator('#filter').fill('')
  await page.getByRole('button', { name: 'failed 1' }).click()
  await page.getByRole('button', { name: 'synced 4' }).click()
  expectSame(
    await column(page, 'Outcome'),
    ['failed', 'synced', 'synced', 'synced', 'synced'],
    'two outcomes',
  )
  await page.getByRole('button', { name: 'synced 4' }).click()
  expectSame(await column(page, 'Outcome'), ['failed'], 'one outcome')
  expectSame(wrong, [], 'what went wrong')
}

async function showsFiles(browser: Browser, file: string): Promise<void> {
  const { page, wrong } = await open(browser, file)
  await page.getByRole('button', { name: '170 verified, 42 sampled' }).click()
  const dialog = page.locator('dialog[open]')
  expectSame(await dialog.locator('li').count(), 212, 'files')
  const first = await dialog.locator('li').first().textContent()
  expectSame(
    first,
    'model-00004.safetensorssampled: first and last MiB read back',
    'what must be looked at comes first',
  )
  await dialog.locator('input').fill('row-211 verified')
  expectSame(
    await dialog.locator('li').allTextContents(),
    ['data/part-11/row-211.jsonverified: read back and hashed'],
    'found',
  )
  await page.getByRole('button', { name: 'Close' }).click()
  expectSame(await dialog.count(), 0, 'open dialogs')
  expectSame(wrong, [], 'what went wrong')
}

const attack = '</script><script>window.pwned=1</script><img src=x onerror="window.pwned=1">'
const hostileNames = [
  attack,
  '\u202egpj.exe',
  '\u001b[31mred\u001b]8;;https://evil.example\u0007',
  'עברית/א',
  '__proto__',
  '\'"><b>',
]

/** Every text that comes from outside tries to be markup. */
function hostileRun(): SampleRun {
  const items = hostileNames.map((name, index) => {
    const item = sampleItem(index, attack, name, name, 1e6)
    return { ...item, id: name, target: { ...item.target, hub: name, owner: attack } }
  })
  const results = items.map((item, index) => {
    const files = hostileNames.map(
      (path): FileResult => ({ path, verification: 'mismatch', evidence: 'read-back' }),
    )
    const done = synced(item, {
      files,
      startedAt: '2026-11-21T00:18:00.000Z',
      seconds: 5,
      notes: hostileNames,
    })
    const links = {
      sourceUrl: `javascript:${attack}`,
      published: { commit: attack, url: `javascript:${attack}` },
    }
    if (index % 2 === 0) return { ...done, ...links }
    return {
      ...done,
      ...links,
      outcome: 'failed' as const,
      error: { code: attack, message: attack, next: attack },
    }
  })
  const blocked = { rule: attack, repo: attack, target: attack, reason: attack, details: hostileNames }
  return sampleRun(items, [job('all', results, 60, 90)], [wholeJob('all', items)], { blocked: [blocked] })
}

async function showsHostile(browser: Browser, file: string): Promise<void> {
  const { page, wrong } = await open(browser, file)
  await page.locator('button.files').first().click()
  await page.locator('dialog li').first().waitFor()
  expectSame(await page.evaluate('window.pwned ?? null'), null, 'what a name has run')
  expectSame(await page.evaluate('document.scripts.length'), 2, 'scripts')
  const foreign = 'img, iframe, link, b, dialog script, [onerror], [style], a[href^="javascript:" i]'
  expectSame(await page.locator(foreign).count(), 0, 'elements that names have made')
  const text = String(await page.evaluate('document.body.innerText'))
  if (!text.includes(attack)) throw new Error('the name is not shown as it is')
  if (text.split(/[\n\t]/).some((line) => printable(line) !== line))
    throw new Error('a control or bidirectional character is on the page')
  const paths = await page.locator('dialog li bdi').allTextContents()
  expectSame(paths.length, hostileNames.length, 'files')
  expectSame(await page.locator('button.files').count(), hostileNames.length, 'repos with files')
  expectSame(wrong, [], 'what went wrong')
}

async function fitsPhone(browser: Browser, file: string): Promise<void> {
  const { page, wrong } = await open(browser, file, {
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  })
  expectSame(await page.evaluate('document.documentElement.scrollWidth'), 360, 'width')
  const tooWide = `[...document.querySelectorAll('main *')].filter((one) => one.checkVisibility() && !one.closest('thead') &&
    one.getBoundingClientRect().right > 361).map((one) => one.outerHTML.slice(0, 80))`
  expectSame(await page.evaluate(tooWide), [], 'what reaches over the edge')
  await page.getByLabel('Sort by').selectOption('Sort: Repo')
  const open_ = page.locator('button.files').first()
  if ((await open_.count()) > 0) {
    await open_.tap()
    await page.locator('dialog li').first().waitFor()
    const box = await page.locator('dialog').boundingBox()
    if (box === null || box.x < 0 || box.x + box.width > 360)
      throw new Error('the dialog is wider than the phone')
  }
  expectSame(wrong, [], 'what went wrong')
}

/** WCAG 2.2, 1.4.3: 4.5 to 1. */
async function isReadable(browser: Browser, file: string, colorScheme: 'light' | 'dark'): Promise<void> {
  const { page, wrong } = await open(browser, file, { colorScheme })
  const pairs = await contrasts(page)
  expectSame(
    pairs.filter(({ ratio }) => ratio < 4.5),
    [],
    'texts that are hard to read',
  )
  if (pairs.length < 5) throw new Error(`only ${pairs.length} texts were looked at`)
  const [{ isDark } = { isDark: undefined }] = pairs
  expectSame(isDark, colorScheme === 'dark', 'a dark page')
  expectSame(wrong, [], 'what went wrong')
}

async function worksWithoutScript(browser: Browser, file: string): Promise<void> {
  const { page } = await open(browser, file, { javaScriptEnabled: false })
  expectSame(await page.locator('tbody tr').count(), 20, 'rows')
  expectSame(await page.locator('.tools').first().isVisible(), false, 'tools that would do nothing')
  expectSame(await page.getByText('170 verified, 42 sampled').first().isVisible(), true, 'counts')
  expectSame(await page.locator('button:visible').count(), 0, 'buttons that would do nothing')
}

async function worksWithMany(browser: Browser, file: string): Promise<void> {
  const { page, wrong } = await open(browser, file)
  expectSame(await page.locator('#shown').textContent(), '1,040 of 1,040', 'rows')
  expectSame(await page.locator('.timeline li').count(), 256, 'plan and jobs with a result')
  await page.locator('#filter').fill('model-999')
  expectSame(await page.locator('#shown').textContent(), '1 of 1,040', 'found')
  await page.locator('#filter').fill('')
  await page.getByRole('button', { name: 'Moved' }).click()
  expectSame((await column(page, 'Moved'))[0], '9 GB', 'the largest')
  await page.locator('button.files').last().click()
  expectSame(await page.locator('dialog li').count(), 100, 'files of the last row')
  expectSame(wrong, [], 'what went wrong')
}

async function worksWithDeep(browser: Browser, file: string): Promise<void> {
  const { page, wrong } = await open(browser, file)
  await page.locator('button.files').click()
  const status = page.locator('dialog [role=status]')
  expectSame(await status.textContent(), '100,000 of 100,000', 'files')
  expectSame(await page.locator('dialog li').count(), 300, 'at first')
  await page.getByRole('button', { name: 'Show more' }).click()
  expectSame(await page.locator('dialog li').count(), 600, 'after more')
  await page.locator('dialog input').fill('row-99998.json')
  expectSame(await status.textContent(), '1 of 100,000', 'found')
  expectSame(wrong, [], 'what went wrong')
}
