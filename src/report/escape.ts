import { escapeUTF8 } from 'entities'
import { printable } from '../model/printable.ts'

/**
 * Text from outside as plain text inside GitHub Markdown, also in a table cell: no markup, HTML, table cell, link, math, emoji
 * code, mention or issue reference comes of it. References are broken by an invisible character, since GitHub looks for them
 * after entities are decoded.
 */
export function markdownText(text: string): string {
  return printable(text).replace(markup, (found) => {
    if (found === '@' || /^gh-$/i.test(found)) return `${found}${gap}`
    if (found === '#' || found === ':') return `${entity(found)}${gap}`
    if (/^www\.$/i.test(found)) return `${found.slice(0, 3)}&#46;`
    return found.length === 1 ? entity(found) : `${gap}${found}`
  })
}

/** Text inside a quoted Mermaid label; ids in the picture are numbers, never this text. Source: Mermaid's entity codes. */
export function mermaidLabel(text: string): string {
  return printable(text).replace(
    /[^\p{L}\p{N} ./,:·→-]/gu,
    (character) => `#${character.codePointAt(0) ?? 63};`,
  )
}

/** Text inside an HTML element or a quoted attribute. */
export function htmlText(text: string): string {
  return escapeUTF8(printable(text))
}

/** The address for a link, or undefined if it is no web address; user info, query and fragment are dropped. */
export function safeLink(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined
  const url = new URL(address)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined
  return `${url.origin}${url.pathname}`.replace(/[()<>"'`\\| ]/g, percentEncoded)
}

/**
 * One line of a log that cannot be read as a workflow command (`::add-mask::x`, `##[group]`), whatever is in it. Source: the
 * runner takes `::` at the start of a trimmed line and `##[` anywhere (ActionCommand.cs).
 */
export function logLine(text: string): string {
  const safe = printable(text).replaceAll('##[', '## [')
  return safe.trimStart().startsWith('::') ? `· ${safe.trimStart()}` : safe
}

/**
 * A value as JSON that a terminal and a workflow log take for nothing else: what `JSON.stringify` leaves of control and
 * bidirectional characters, and `##[`, is escaped, so it reads back the same.
 */
export function jsonText(value: unknown, space?: number): string {
  return JSON.stringify(value, null, space).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|(?<=#)#(?=\[)/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** encodeURIComponent leaves parentheses and quotes as they are, which would end a Markdown link. */
function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`
}

function entity(character: string): string {
  return `&#${character.codePointAt(0) ?? 63};`
}

/** A space of no width. */
const gap = '&#8203;'

/** Markup, mentions, references, links of their own making, and what starts a list. */
const markup =
  /[&<>"'\\`*_{}[\]()|~!$^]|@(?=\w)|#|:(?=\/\/|[\w+-]+:)|\bwww\.|\bGH-(?=\d)|^[-+=](?=.)|^\d+(?=[.)])/gi
