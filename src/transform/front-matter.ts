import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument, Scalar, visit } from 'yaml'

/** A piece of the text: from `start` up to `end`, in UTF-16 units. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** One license of the value: what it says, and where it is written. */
export interface LicenseItem {
  readonly value: string
  readonly span: Span
}

/** The `license:` entry of a README's front matter. */
export interface LicenseEntry {
  /** One for `license: mit`, any number for a list. */
  readonly items: readonly LicenseItem[]
  readonly isList: boolean
  /** From behind the colon to the end of the value, without the line end. */
  readonly value: Span
  /** Where the next line begins. */
  readonly nextLine: number
  /** White space before the key; undefined where no line can be added (a map in braces). */
  readonly indent: string | undefined
  readonly lineEnd: string
  /** True if the front matter has `license_name` too. */
  readonly hasName: boolean
}

const maxFrontMatter = 2 ** 20
const maxAliases = 100
const maxAnchors = 5000

/**
 * The license of a README, with its place in `text`; undefined if there is no front matter, no license, or anything that makes
 * an edit unsafe: broken or repeated YAML, anchors, tags, aliases, a value of another kind, or more than 1 MiB.
 */
export function findLicense(text: string): LicenseEntry | undefined {
  const yaml = frontMatter(text)
  if (yaml === undefined) return undefined
  const source = text.slice(yaml.start, yaml.end)
  const document = source.includes('license') ? parseSafely(source) : undefined
  if (document === undefined || !isMap(document.contents)) return undefined
  const keys = document.contents.items.map(({ key }) => (isScalar(key) ? key.value : undefined))
  if (new Set(keys).size < keys.length) return undefined
  const pair = document.contents.items[keys.indexOf('license')]
  if (pair === undefined || !isScalar(pair.key) || !isNode(pair.value)) return undefined
  const place = placeOf(source, pair.key, pair.value)
  const items = itemsOf(source, pair.value)
  if (place === undefined || items === undefined || items.length === 0) return undefined
  const block = document.contents.flow !== true
  return {
    items: items.map(({ value, span }) => ({ value, span: moved(span, yaml.start) })),
    isList: isSeq(pair.value),
    value: moved(place.value, yaml.start),
    nextLine: place.nextLine + yaml.start,
    indent: block ? place.indent : undefined,
    lineEnd: source.includes('\r\n') ? '\r\n' : '\n',
    hasName: keys.includes('license_name'),
  }
}

/** The YAML between the two `---` lines, its last line end included. Source: huggingface_hub repocard.py (REGEX_YAML_BLOCK). */
function frontMatter(text: string): Span | undefined {
  const opening = /^\uFEFF?\s*---[ \t]*\r?\n/.exec(text.slice(0, 1000))?.[0]
  if (opening === undefined) return undefined
  const closing = /^---[ \t]*\r?$/gm
  closing.lastIndex = opening.length
  const end = closing.exec(text)?.index
  if (end === undefined || end - opening.length > maxFrontMatter) return undefined
  return { start: opening.length, end }
}

function parseSafely(source: string): Document | undefined {
  // A heap of anchors takes the parser quadratic time, so they are counted before.
  if ((source.match(/&\S/g)?.length ?? 0) > maxAnchors) return undefined
  const document = parseOrGiveUp(source)
  if (document === undefined || document.errors.length > 0) return undefined
  let aliases = 0
  visit(document, {
    Alias: () => {
      aliases += 1
    },
  })
  return aliases > maxAliases ? undefined : document
}

/** Brackets nested by the thousand overflow the parser's stack: as broken as any other YAML that cannot be read. */
function parseOrGiveUp(source: string): Document | undefined {
  try {
    // The parser's own check for repeated keys is quadratic; the caller checks the keys that matter.
    return parseDocument(source, { uniqueKeys: false, logLevel: 'silent', prettyErrors: false })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

type Place = Pick<LicenseEntry, 'value' | 'nextLine' | 'indent'>

function placeOf(source: string, key: Scalar, value: Node): Place | undefined {
  const keyRange = key.range
  const end = endOf(source, value)
  if (keyRange === null || keyRange === undefined || end === undefined) return undefined
  const colon = source.indexOf(':', keyRange[1])
  const start = value.range?.[0] ?? -1
  // Between the colon and the value: nothing but space and comments, so no anchor and no tag.
  if (colon < 0 || colon >= start || !/^:(\s|#[^\n]*\n)*$/.test(source.slice(colon, start))) return undefined
  const lineStart = source.lastIndexOf('\n', keyRange[0] - 1) + 1
  const indent = source.slice(lineStart, keyRange[0])
  const lineEnd = source.indexOf('\n', end)
  return {
    value: { start: colon + 1, end },
    nextLine: lineEnd < 0 ? source.length : lineEnd + 1,
    indent: /^ *$/.test(indent) ? indent : undefined,
  }
}

function itemsOf(source: string, value: Node): LicenseItem[] | undefined {
  const nodes = isSeq(value) ? value.items : [value]
  const items: LicenseItem[] = []
  for (const node of nodes) {
    if (!isScalar(node) || typeof node.value !== 'string' || node.value.trim() === '') return undefined
    if (node.anchor !== undefined || node.tag !== undefined) return undefined
    const end = endOf(source, node)
    const start = node.range?.[0]
    if (start === undefined || end === undefined) return undefined
    items.push({ value: node.value, span: { start, end } })
  }
  return items
}

/** Where a value's own text ends: no line end, no comment behind it. Undefined if that cannot be told. */
function endOf(source: string, node: Node): number | undefined {
  if (isAlias(node) || node.range === null || node.range === undefined) return undefined
  if (isSeq(node) && node.flow !== true) {
    const last = node.items.at(-1)
    return isNode(last) ? endOf(source, last) : undefined
  }
  const [start, end] = node.range
  const written = source.slice(start, end).trimEnd()
  // A comment behind the sign of a block scalar would be lost with it.
  if (isBlockScalar(node) && /^[^\n]*#/.test(written)) return undefined
  return start + written.length
}

function isBlockScalar(node: Node): boolean {
  return isScalar(node) && (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED)
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isSeq(value) || isMap(value) || isAlias(value)
}

function moved(span: Span, by: number): Span {
  return { start: span.start + by, end: span.end + by }
}
