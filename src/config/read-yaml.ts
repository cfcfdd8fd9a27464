import { type Document, isScalar, type LineCounter, parseDocument, visit } from 'yaml'
import { printable } from '../model/printable.ts'

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
    const problems = problemsOf(document)
    // A key that is there twice leaves the rest readable: its mistakes are told in the same go.
    if (document.errors.some((error) => error.code !== 'DUPLICATE_KEY')) return { kind: 'broken', problems }
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
        : `not YAML: ${printable(problem.message.slice(0, 200))}`,
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

/** What the library and the engine throw for hostile texts; anything else is a defect. */
function thrownProblem(error: unknown): string {
  if (error instanceof ReferenceError) return 'has too many aliases'
  if (error instanceof RangeError) return 'is nested too deeply'
  if (error instanceof TypeError && /circular|cyclic/i.test(error.message)) return 'an alias holds itself'
  throw error
}
