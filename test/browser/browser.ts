import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** A page that was opened, and everything it did that a report must not do. */
export interface Opened {
  readonly page: Page
  /** Requests for anything but the page itself, console messages (refusals of the policy among them) and errors. */
  readonly wrong: readonly string[]
}

/** Headless Chromium of this machine. Throws with what to install if there is none. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium() })
}

function findChromium(): string {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  const found = folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((file) => existsSync(file))
  if (found !== undefined) return found
  throw new Error(
    'Chromium was not found. Install it (Debian: apt-get install chromium), then run this again.',
  )
}

/** Opens a file in a context of its own, without any network. */
export async function open(
  browser: Browser,
  file: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({
    viewport: { width: 1200, height: 900 },
    offline: true,
    ...options,
  })
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('request', (request) => {
    if (request.url() !== `file://${file}`) wrong.push(`request for ${request.url()}`)
  })
  page.on('console', (message) => wrong.push(message.text()))
  page.on('pageerror', (error) => wrong.push(error.message))
  page.on('dialog', (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`)
    dialog.dismiss().catch((error: unknown) => wrong.push(String(error)))
  })
  await page.goto(`file://${file}`)
  return { page, wrong }
}
