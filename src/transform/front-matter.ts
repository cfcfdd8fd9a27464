import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  Scalar,
  visit,
  type YAMLMap,
} from 'yaml'

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
  const keys = keysOf(document.contents)
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

/** A place where a license can be written into a README that has none, and nothing else need change. */
export interface LicenseGap {
  /** No front matter at all; a front matter without the entry; an entry without a value. */
  readonly kind: 'no-front-matter' | 'no-entry' | 'no-value'
  readonly at: number
  /** White space before the keys. */
  readonly indent: string
  readonly lineEnd: string
}

/** The gap of a README without a license; undefined if it has one, in whatever form, or if an edit would not be safe (as above). */
export function findLicenseGap(text: string): LicenseGap | undefined {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const yaml = frontMatter(text)
  if (yaml === undefined) {
    const at = text.startsWith('\uFEFF') ? 1 : 0
    return { kind: 'no-front-matter', at, indent: '', lineEnd }
  }
  const source = text.slice(yaml.start, yaml.end)
  const document = parseSafely(source)
  if (document === undefined) return undefined
  const { contents } = document
  if (contents === null) return { kind: 'no-entry', at: yaml.start, indent: '', lineEnd }
  if (!isMap(contents) || contents.flow === true) return undefined
  const keys = keysOf(contents)
  const [first] = contents.items
  const indent = first === undefined || !isScalar(first.key) ? undefined : indentOf(source, first.key)
  if (indent === undefined || new Set(keys).size < keys.length) return undefined
  const pair = contents.items[keys.indexOf('license')]
  if (pair === undefined) return { kind: 'no-entry', at: yaml.start, indent, lineEnd }
  const colon = isScalar(pair.key) ? colonOf(source, pair.key, pair.value) : undefined
  return colon === undefined ? undefined : { kind: 'no-value', at: yaml.start + colon + 1, indent, lineEnd }
}

/** The colon behind a key without a value. */
function colonOf(source: string, key: Scalar, value: unknown): number | undefined {
  const isEmpty = isScalar(value) && value.value === null && value.range?.[0] === value.range?.[1]
  if (!isEmpty || value.anchor !== undefined || value.tag !== undefined) return undefined
  const colon = source.indexOf(':', key.range?.[1] ?? source.length)
  return colon < 0 ? undefined : colon
}

/** The keys of a document's map, in order. */
export function frontMatterKeys(text: string): readonly unknown[] {
  const yaml = frontMatter(text)
  const document = yaml && parseSafely(text.slice(yaml.start, yaml.end))
  return document !== undefined && isMap(document.contents) ? keysOf(document.contents) : []
}

/** The front matter of a README, its values as JSON, and what stands below it. */
export interface FrontMatter {
  readonly values: ReadonlyMap<string, string>
  readonly body: string
}

/** Empty for a README without front matter; undefined if it cannot be read safely (as above) or is no map. */
export function frontMatterValues(text: string): FrontMatter | undefined {
  const yaml = frontMatter(text)
  if (yaml === undefined) return { values: new Map(), body: text }
  const document = parseSafely(text.slice(yaml.start, yaml.end))
  if (document === undefined) return undefined
  const body = text.slice(yaml.end).replace(/^---[^\n]*\n?/, '')
  const { contents } = document
  if (contents === null) return { values: new Map(), body }
  if (!isMap(contents)) return undefined
  const keys = keysOf(contents)
  if (new Set(keys).size < keys.length) return undefined
  const values = contents.items.map(({ value }, index) => {
    const plain: unknown = isNode(value) ? value.toJS(document) : value
    return [String(keys[index]), JSON.stringify(plain ?? null)] as const
  })
  return { values: new Map(values), body }
}

function keysOf(map: YAMLMap): unknown[] {
  return map.items.map(({ key }) => (isScalar(key) ? key.value : undefined))
}

/** The white space before a key, if nothing else stands there. */
function indentOf(source: string, { range }: Scalar): string | undefined {
  if (range === null || range === undefined) return undefined
  const indent = source.slice(source.lastIndexOf('\n', range[0] - 1) + 1, range[0])
  return /^ *$/.test(indent) ? indent : undefined
}

/** The YAML between the two `---` lines, its last line end included. Source: huggingface_hub repocard.py (REGEX_YAML_BLOCK). */
function frontMatter(text: string): Span | undefined {
  const opening = /^\uFEFF?\s*---[ \t]*\r?\n/.exec(text.slice(0, 1000))?.[0]
  if (opening === undefined) return undefined
  const closing = /^---[ \t]*\r?$/gm
  closing.lastIndex = opening.length
  const end = closing.exec(text)?.index
  if (end === undefined) return undefined
  return { start: opening.length, end }
}

function parseSafely(source: string): Document | undefined {
  if (source.length > maxFrontMatter) return undefined
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
  const lineEnd = source.indexOf('\n', end)
  return {
    value: { start: colon + 1, end },
    nextLine: lineEnd < 0 ? source.length : lineEnd + 1,
    indent: indentOf(source, key),
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
