import type { Page } from 'playwright-core'

/** A text and how well it stands out. */
export interface Contrast {
  readonly text: string
  /** From 1 (nothing to see) to 21 (black on white). Source: WCAG 2.2, "contrast ratio". */
  readonly ratio: number
  /** True where what is behind it is darker than a middle grey. */
  readonly isDark: boolean
}

/** The contrast of every kind of text on the page: one for each pair of colours. */
export async function contrasts(page: Page): Promise<readonly Contrast[]> {
  return page.evaluate<readonly Contrast[]>(measure)
}

/** Runs in the page; backgrounds are opaque or absent there. */
const measure = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number)
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0)
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor)
      if (color[3] !== 0) return color
    }
    return [255, 255, 255]
  }
  const pairs = new Map()
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].filter((node) => node.nodeType === 3 && node.textContent.trim() !== '')
    if (own.length === 0 || !element.checkVisibility() || element.closest('script, dialog') !== null) continue
    const style = getComputedStyle(element)
    const front = light(channels(element.closest('svg') === null ? style.color : style.fill))
    const back = light(behind(element))
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05)
    pairs.set(front + ' ' + back, { text: own[0].textContent.trim().slice(0, 40), ratio, isDark: back < 0.2 })
  }
  return [...pairs.values()]
})()`
