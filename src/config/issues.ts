import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml'
import { z } from 'zod'
import { printable } from '../model/printable.ts'
import { suggestion } from './nearest.ts'

export type KeyPath = readonly (string | number)[]

/** One thing that is wrong: where (as a path of keys, and whether the key itself is meant) and what. */
export interface Issue {
  readonly path: KeyPath
  readonly at: 'key' | 'value'
  readonly what: string
}

/** Every way the value breaks the schema; unknown keys each on their own, with the nearest known key. */
export function schemaIssues(schema: z.ZodType, value: unknown): readonly Issue[] {
  const parsed = schema.safeParse(value)
  if (parsed.success) return []
  const issues = parsed.error.issues.flatMap(meantBranch).flatMap((issue): Issue[] => {
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
    if (issue.code !== 'unrecognized_keys')
      return [{ path, at: 'value' as const, what: describe(issue, value) }]
    const known = keysAt(schema, path)
    return issue.keys.map((key) => ({
      path: [...path, key],
      at: 'key' as const,
      what: `unknown key${suggestion(key, known)}`,
    }))
  })
  return distinct(issues)
}

/** Of a value that may be of several kinds: what is wrong with it as the kind that it is; undecided where it is none of them. */
function meantBranch(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const meant = issue.errors.find((issues) =>
    issues.every(({ code, path }) => code !== 'invalid_type' || path.length > 0),
  )
  return meant?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) ?? [issue]
}

/** Two checks may stumble over one thing: the first at a place is enough. */
export function distinct(issues: readonly Issue[]): readonly Issue[] {
  const seen = new Set<string>()
  return issues.filter((issue) => {
    const place = JSON.stringify([issue.at, issue.path])
    const isNew = !seen.has(place)
    seen.add(place)
    return isNew
  })
}

/** `rules[0].files.include[1]`, as the messages write it. */
export function formatPath(path: KeyPath): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  return printable(text.replace(/^\./, '').slice(0, 200))
}

/** Line and column (from 1) of what an issue is about; of the nearest thing around it where it is not there itself. */
export function positionOf(
  document: Document,
  lines: LineCounter,
  issue: Pick<Issue, 'path' | 'at'>,
): { line: number; col: number } {
  let node: unknown = document.contents
  let start = isNode(node) ? (node.range?.[0] ?? 0) : 0
  for (const [index, part] of issue.path.entries()) {
    if (isAlias(node)) node = node.resolve(document)
    const isLast = index === issue.path.length - 1
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part))
      if (pair === undefined) break
      const useKey = (isLast && issue.at === 'key') || !isNode(pair.value)
      start = rangeStart(useKey ? pair.key : pair.value, start)
      node = pair.value
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part]
      start = rangeStart(node, start)
    } else break
  }
  return lines.linePos(start)
}

/** The keys a schema knows at a path; none where any key goes. */
function keysAt(schema: unknown, path: KeyPath): readonly string[] {
  if (schema instanceof z.ZodOptional) return keysAt(schema.unwrap(), path)
  const [first, ...rest] = path
  if (schema instanceof z.ZodObject) {
    return first === undefined ? Object.keys(schema.shape) : keysAt(schema.shape[String(first)], rest)
  }
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => keysAt(option, path))
  if (schema instanceof z.ZodArray) return keysAt(schema.element, rest)
  if (schema instanceof z.ZodRecord) return keysAt(schema.valueType, rest)
  return []
}

function describe(issue: z.core.$ZodIssue, root: unknown): string {
  const value = valueAt(root, issue.path)
  const isOurs = !/^(Invalid|Too|Unrecognized)/.test(issue.message)
  if (value === undefined && issue.code !== 'custom') return 'is missing'
  if (isOurs) return issue.message
  switch (issue.code) {
    case 'invalid_type': {
      const hint = issue.expected === 'string' && typeof value !== 'object' ? ' (put text into quotes)' : ''
      return `expected ${typeName(issue.expected)}, got ${kindOf(value)}${hint}`
    }
    case 'invalid_value': {
      const allowed = issue.values.map(String)
      if (typeof value !== 'string') return `expected ${allowed.join(' or ')}, got ${kindOf(value)}`
      return `expected ${allowed.join(', ')}, got ${JSON.stringify(printable(value.slice(0, 60)))}${closest(value, allowed)}`
    }
    case 'invalid_union':
      return `expected true, false or a section of keys, got ${kindOf(value)}`
    case 'too_small':
      return typeof value === 'number' ? `must be at least ${issue.minimum}` : 'may not be empty'
    case 'too_big':
      return typeof value === 'number'
        ? `may be at most ${issue.maximum}`
        : `is too long (at most ${issue.maximum})`
    default:
      return issue.message
  }
}

function closest(value: string, allowed: readonly string[]): string {
  const text = suggestion(value, allowed)
  return text.startsWith('; did') ? text : ''
}

function typeName(expected: string): string {
  const names = new Map([
    ['string', 'text'],
    ['int', 'a whole number'],
    ['number', 'a number'],
    ['boolean', 'true or false'],
    ['array', 'a list'],
    ['object', 'a section of keys'],
    ['record', 'a section of keys'],
  ])
  return names.get(expected) ?? expected
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a section of keys'
  if (typeof value === 'string') return 'text'
  return typeof value === 'number' ? 'a number' : String(value)
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.hasOwn(value, part) ? Reflect.get(value, part) : undefined
  }
  return value
}

function rangeStart(node: unknown, otherwise: number): number {
  return isNode(node) ? (node.range?.[0] ?? otherwise) : otherwise
}

function isNode(node: unknown): node is Node {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)
}
