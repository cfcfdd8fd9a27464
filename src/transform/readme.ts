import type { LicenseProfile } from '../model/profile.ts'
import { findLicense, type LicenseEntry, type Span } from './front-matter.ts'
import { canonicalLicense, type LicenseSpellings, takesLicense } from './license.ts'

/**
 * A README as it is compared: the license spelled by its id, and what `readmeFor` put in place of a refused one taken back.
 * `map` holds further spellings that count as an id (a hub's own). All other bytes stay; what cannot be edited safely stays whole.
 */
export function canonicalReadme(text: string, map: LicenseSpellings = {}): string {
  const original = restored(text)
  const license = findLicense(original)
  if (license === undefined) return original
  return spliceAll(original, idEdits(license, map, 'always'))
}

/**
 * A README as the hub takes it. A license that the hub refuses becomes `other` with the license in `license_name` (unless the
 * author has one), and a comment that holds what was written, so that another hub gets it back byte by byte.
 */
export function readmeFor(profile: LicenseProfile, text: string): string {
  const original = restored(text)
  const license = findLicense(original)
  if (license === undefined) return original
  const ids = license.items.map(({ value }) => canonicalLicense(value, profile.map))
  if (ids.every((id) => takesLicense(profile, id))) {
    return spliceAll(original, idEdits(license, profile.map, 'if-other-spelling'))
  }
  return asOther(original, license, ids)
}

/** What rules ask about: the license's id as in `canonicalReadme`, the first one of a list. */
export function readmeMetadata(text: string, map: LicenseSpellings = {}): { readonly license?: string } {
  const first = findLicense(restored(text))?.items[0]
  return first === undefined ? {} : { license: canonicalLicense(first.value, map) }
}

interface Edit {
  readonly span: Span
  readonly text: string
}

/** For comparing, one spelling and one way of quoting; for a hub, only what is spelled another way is touched. */
function idEdits(license: LicenseEntry, map: LicenseSpellings, when: 'always' | 'if-other-spelling'): Edit[] {
  return license.items.flatMap(({ value, span }) => {
    const id = canonicalLicense(value, map)
    return when === 'if-other-spelling' && id === value.trim() ? [] : [{ span, text: quoted(id) }]
  })
}

/** In front of the license as it was written: a JSON string, so that it stays on one line. */
const marker = '# model-hub-sync: license was '

function asOther(text: string, license: LicenseEntry, ids: readonly string[]): string {
  const { value, nextLine, indent, lineEnd, hasName } = license
  // A map in braces has no lines of its own to add to: the hub will say what it thinks of the license.
  if (indent === undefined) return text
  const name = hasName ? '' : `license_name: ${quoted(ids.join(', '))} `
  const line = `${indent}${name}${marker}${JSON.stringify(text.slice(value.start, value.end))}${lineEnd}`
  return spliceAll(text, [
    { span: value, text: ' other' },
    { span: { start: nextLine, end: nextLine }, text: line },
  ])
}

/** Takes back what `asOther` did, if the license still is the `other` it wrote; otherwise the text as it is. */
function restored(text: string): string {
  if (!text.includes(marker)) return text
  const license = findLicense(text)
  if (license === undefined || text.slice(license.value.start, license.value.end) !== ' other') return text
  const next = text.indexOf('\n', license.nextLine)
  const end = next < 0 ? text.length : next + 1
  const line = text.slice(license.nextLine, end)
  const at = line.indexOf(marker)
  if (at < 0 || !/^ *(license_name: .* )?$/.test(line.slice(0, at))) return text
  const written = parseString(line.slice(at + marker.length))
  if (written === undefined) return text
  return spliceAll(text, [
    { span: license.value, text: written },
    { span: { start: license.nextLine, end }, text: '' },
  ])
}

/** The value of a JSON string, or undefined: somebody may have edited the comment, which then is one like any other. */
function parseString(json: string): string | undefined {
  if (!/^"([^"\\]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*"\s*$/.test(json)) return undefined
  const value: unknown = JSON.parse(json)
  return typeof value === 'string' ? value : undefined
}

/** A YAML scalar that no parser reads as anything but this text. JSON strings are YAML. */
function quoted(text: string): string {
  const isPlain =
    /^[A-Za-z][A-Za-z0-9.+-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
  return isPlain ? text : JSON.stringify(text)
}

/** Edits are in order and do not overlap. */
function spliceAll(text: string, edits: readonly Edit[]): string {
  let spliced = ''
  let from = 0
  for (const edit of edits) {
    spliced += text.slice(from, edit.span.start) + edit.text
    from = edit.span.end
  }
  return spliced + text.slice(from)
}
