import { printable } from '../model/printable.ts'
import type { LicenseProfile } from '../model/profile.ts'
import { findLicense, findLicenseGap, type LicenseEntry, type Span } from './front-matter.ts'
import { canonicalLicense, type LicenseSpellings, takesLicense } from './license.ts'
import { withAddedLicense, withoutAddedLicense } from './missing-license.ts'

/**
 * A README as it is compared: the license spelled by its id, and what `readmeFor` put in place of a refused or missing one taken back.
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
 * author has one), and a comment that holds what was written, so that another hub gets it back byte by byte. Where the hub requires
 * a license, a README without one gets `missing`.
 */
export function readmeFor(profile: LicenseProfile, text: string, missing = 'other'): string {
  const original = restored(text)
  const license = findLicense(original)
  if (license === undefined) return profile.required ? withMissing(original, missing) : original
  const ids = license.items.map(({ value }) => canonicalLicense(value, profile.map))
  if (!ids.every((id) => takesLicense(profile, id))) return asOther(original, license, ids)
  if (profile.required !== true)
    return spliceAll(original, idEdits(license, profile.map, 'if-other-spelling'))
  return isOnOneLine(original, license)
    ? spliceAll(original, idEdits(license, profile.map, 'always'))
    : asOneLine(original, license, ids)
}

/** What rules ask about: the license's id as in `canonicalReadme`, the first one of a list. */
export function readmeMetadata(text: string, map: LicenseSpellings = {}): { readonly license?: string } {
  const first = findLicense(restored(text))?.items[0]
  return first === undefined ? {} : { license: canonicalLicense(first.value, map) }
}

/**
 * Why the hub would refuse the license of a README that `readmeFor` has made: what cannot be edited safely stays as it was. Undefined:
 * for nothing that is known.
 */
export function licenseProblem(profile: LicenseProfile, text: string): string | undefined {
  const license = findLicense(text)
  if (license === undefined) {
    const isThere = profile.required === true && findLicenseGap(text)?.kind !== 'no-front-matter'
    return isThere ? 'no license can be read there, and none can be added safely' : undefined
  }
  const refused = license.items.find(
    ({ value }) => !takesLicense(profile, canonicalLicense(value, profile.map)),
  )
  return (
    refused && `the license ${JSON.stringify(printable(refused.value.slice(0, 100)))} is none that it takes`
  )
}

/** Only what can be taken back is added: otherwise the hub is left to say what it thinks of the README. */
function withMissing(text: string, id: string): string {
  const written = withAddedLicense(text, quoted(id))
  return written !== undefined && restored(written) === text ? written : text
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

/**
 * Whether a search for what stands behind `license:` finds ids and nothing else, once they are spelled without quotes. Where a
 * license is required, it is required by such a search (the hook in Modelers' Gitea fork, modules/merlin configHooks).
 */
function isOnOneLine(text: string, { items, isList, value }: LicenseEntry): boolean {
  const [first] = items
  if (first !== undefined && !isList) return /^\s*$/.test(text.slice(value.start, first.span.start))
  return /^[ \t]*\[[^#\n]*\]$/.test(text.slice(value.start, value.end))
}

/** The same licenses on the line of the key. */
function asOneLine(text: string, license: LicenseEntry, ids: readonly string[]): string {
  const [first = '', ...more] = ids.map(quoted)
  const value = more.length === 0 ? first : `[${[first, ...more].join(', ')}]`
  return replaced(text, license, { value, remark: `${value} was`, name: '' })
}

function asOther(text: string, license: LicenseEntry, ids: readonly string[]): string {
  const name = license.hasName ? '' : `license_name: ${quoted(ids.join(', '))} `
  return replaced(text, license, { value: 'other', remark: 'was', name })
}

/** In front of the license as it was written: a JSON string, so that it stays on one line. */
const marker = '# model-hub-sync: license '

interface Replacement {
  readonly value: string
  readonly remark: string
  /** What comes before the remark. */
  readonly name: string
}

function replaced(text: string, license: LicenseEntry, { value, remark, name }: Replacement): string {
  const { value: span, nextLine, indent, lineEnd } = license
  // A map in braces has no lines of its own to add to: the hub will say what it thinks of the license.
  if (indent === undefined) return text
  const written = JSON.stringify(text.slice(span.start, span.end))
  return spliceAll(text, [
    { span, text: ` ${value}` },
    {
      span: { start: nextLine, end: nextLine },
      text: `${indent}${name}${marker}${remark} ${written}${lineEnd}`,
    },
  ])
}

/** The README as its author wrote it: without what any hub's form has changed. */
function restored(text: string): string {
  return withoutAddedLicense(withoutReplacement(text))
}

/** Takes back what `replaced` did, if the license still is what it wrote; otherwise the text as it is. */
function withoutReplacement(text: string): string {
  if (!text.includes(marker)) return text
  const license = findLicense(text)
  if (license === undefined) return text
  const value = text.slice(license.value.start, license.value.end)
  const next = text.indexOf('\n', license.nextLine)
  const end = next < 0 ? text.length : next + 1
  const line = text.slice(license.nextLine, end)
  const at = line.indexOf(marker)
  if (at < 0 || !/^ *(license_name: .* )?$/.test(line.slice(0, at))) return text
  const remark =
    value === ' other' && line.startsWith('was ', at + marker.length) ? 'was ' : `${value.slice(1)} was `
  if (!value.startsWith(' ') || !line.startsWith(remark, at + marker.length)) return text
  const written = parseString(line.slice(at + marker.length + remark.length))
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
