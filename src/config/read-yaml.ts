import { type Document, isPair, isScalar, isSeq, type LineCounter, parseDocument, visit } from 'yaml'
import { printable } from '../model/printable.ts'
import { formatPath, type KeyPath } from './issues.ts'

const maxAliasCount = 100

/** Something that is wrong with the text itself; `offset` in characters from its start. */
export interface YamlProblem {
  readonly offset: number
  readonly what: string
}

/** A YAML text as plain values. `problems` may be there beside a value: the rest of the text was readable. */
export type Yaml =
  | {
      readonly kind: 'value'
      readonly value: unknown
      readonly document: Document
      readonly problems: readonly YamlProblem[]
    }
  | { readonly kind: 'broken'; readonly problems: readonly YamlProblem[] }

/** Reads YAML 1.2 from outside: aliases are capped and may not hold themselves, keys are plain, tags are not understood. */
export function readYaml(text: string, lineCounter?: LineCounter): Yaml {
  try {
    const document = parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      version: '1.2',
      logLevel: 'error',
    })
    const aliases = danglingAliases(document)
    const problems = [...problemsOf(document), ...aliases]
    // A key that is there twice leaves the rest readable: its mistakes are told in the same go.
    const isBroken = document.errors.some((error) => error.code !== 'DUPLICATE_KEY') || aliases.length > 0
    if (isBroken) return { kind: 'broken', problems }
    const value: unknown = document.toJS({ maxAliasCount })
    // Throws where a value holds itself.
    JSON.stringify(value)
    return { kind: 'value', value, document, problems }
  } catch (error) {
    return { kind: 'broken', problems: [{ offset: 0, what: thrownProblem(error) }] }
  }
}

function problemsOf(document: Document.Parsed): YamlProblem[] {
  const problems = [...document.errors, ...document.warnings].map((problem) => ({
    offset: problem.pos[0],
    what:
      problem.code === 'DUPLICATE_KEY'
        ? 'this key is there twice'
        : `not YAML: ${printable(problem.message.slice(0, 200))}${wantsQuotes.has(problem.code) ? ` (${quotesRule})` : ''}`,
  }))
  visit(document, {
    Pair(_, pair) {
      if (isScalar(pair.key)) return
      const range =
        typeof pair.key === 'object' && pair.key !== null && 'range' in pair.key ? pair.key.range : undefined
      problems.push({ offset: Array.isArray(range) ? Number(range[0]) : 0, what: 'a key must be plain text' })
    },
  })
  return problems
}

const quotesRule = 'put text that begins with * or ! into quotes'
const wantsQuotes: ReadonlySet<string> = new Set(['BAD_ALIAS', 'TAG_RESOLVE_FAILED'])

/** Aliases of nothing, which are globs that lack their quotes: `requires: *.safetensors`. */
function danglingAliases(document: Document.Parsed): YamlProblem[] {
  const problems: YamlProblem[] = []
  const anchors = new Set<string>()
  visit(document, {
    Value(_, { anchor }) {
      if (anchor !== undefined) anchors.add(anchor)
    },
    Alias(place, { source, range }, parents) {
      // What is no alias at all is among the parser's own errors.
      if (anchors.has(source) || /^$|:$/.test(source)) return undefined
      const last = typeof place === 'number' ? [place] : []
      const key = formatPath([...keysTo(parents), ...last])
      const written = JSON.stringify(printable(`*${source.slice(0, 60)}`))
      problems.push({
        offset: range?.[0] ?? 0,
        what: `${key === '' ? '' : `${key}: `}${quotesRule}: ${written}`,
      })
      return problems.length < 20 ? undefined : visit.BREAK
    },
  })
  return problems
}

/** The keys and places in lists that lead to a node below these. */
function keysTo(parents: readonly unknown[]): KeyPath {
  return parents.flatMap((parent, index): KeyPath => {
    if (isPair(parent)) return isScalar(parent.key) ? [String(parent.key.value)] : []
    return isSeq(parent) && index + 1 < parents.length ? [parent.items.indexOf(parents[index + 1])] : []
  })
}

/** What the library and the engine throw for hostile texts; anything else is a defect. */
function thrownProblem(error: unknown): string {
  if (error instanceof ReferenceError) return 'has too many aliases'
  if (error instanceof RangeError) return 'is nested too deeply'
  if (error instanceof TypeError && /circular|cyclic/i.test(error.message)) return 'an alias holds itself'
  throw error
}
