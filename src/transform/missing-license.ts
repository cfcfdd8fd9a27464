import { findLicense, findLicenseGap, frontMatterKeys, type LicenseGap } from './front-matter.ts'

/**
 * A README that has no license with one: only inserted, with a comment by which `withoutAddedLicense` knows it again. `value` is
 * the license as YAML. Undefined if the README has a license, or if an edit would not be safe.
 */
export function withAddedLicense(text: string, value: string): string | undefined {
  const gap = findLicenseGap(text)
  if (gap === undefined) return undefined
  const written = text.slice(0, gap.at) + insertion(gap, value) + text.slice(gap.at)
  const keys = new Set([...frontMatterKeys(text), 'license'])
  // However odd the YAML around it is: what was meant is what is read, and no key has come or gone besides.
  const isRead = findLicense(written)?.items.length === 1
  return isRead && frontMatterKeys(written).length === keys.size ? written : undefined
}

/** Takes back what `withAddedLicense` did, if it still is as it was written; otherwise the text as it is. */
export function withoutAddedLicense(text: string): string {
  if (!text.includes(marker)) return text
  const license = findLicense(text)
  if (license === undefined || license.isList) return text
  const value = text.slice(license.value.start + 1, license.value.end)
  for (const kind of kinds) {
    const added = insertionBefore(text, license.value.start, kind, value)
    if (added === undefined) continue
    const original = text.slice(0, added.start) + text.slice(added.end)
    if (withAddedLicense(original, value) === text) return original
  }
  return text
}

const marker = '# model-hub-sync: '
const kinds = ['no-front-matter', 'no-entry', 'no-value'] as const

/** What was done, told apart: each is taken back in its own way. */
const remarks: Readonly<Record<LicenseGap['kind'], string>> = {
  'no-front-matter': 'front matter added with',
  'no-entry': 'added',
  'no-value': 'filled in',
}

/** The value is repeated, so that a license that somebody wrote in its place is not taken back. */
function insertion(
  { kind, indent, lineEnd }: Pick<LicenseGap, 'kind' | 'indent' | 'lineEnd'>,
  value: string,
): string {
  const filled = ` ${value} ${marker}${remarks[kind]} ${value}`
  if (kind === 'no-value') return filled
  const line = `${indent}license:${filled}${lineEnd}`
  return kind === 'no-entry' ? line : `---${lineEnd}${line}---${lineEnd}`
}

/** Where in the text an insertion of this kind would lie whose value begins at `valueStart`. */
function insertionBefore(
  text: string,
  valueStart: number,
  kind: LicenseGap['kind'],
  value: string,
): { start: number; end: number } | undefined {
  const lineStart = text.lastIndexOf('\n', valueStart) + 1
  const indent = /^ */.exec(text.slice(lineStart, valueStart))?.[0] ?? ''
  for (const lineEnd of ['\n', '\r\n']) {
    const added = insertion({ kind, indent, lineEnd }, value)
    const opening = kind === 'no-front-matter' ? 3 + lineEnd.length : 0
    const start = kind === 'no-value' ? valueStart : lineStart - opening
    if (start >= 0 && text.startsWith(added, start)) return { start, end: start + added.length }
  }
  return undefined
}
