import { data, Evaluator, Lexer, Parser } from '@actions/expressions'

/** The contexts of an expression by name, and what the status functions answer. */
export interface Scope {
  readonly contexts: Readonly<Record<string, unknown>>
  readonly status?: Status
}

export interface Status {
  readonly success: boolean
  readonly failure: boolean
  readonly cancelled: boolean
}

/** Every string in a value of YAML with its `${{ }}` replaced; one that is nothing but an expression becomes its value. */
export function evaluateTree(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') return evaluateTemplate(value, scope)
  if (Array.isArray(value)) return value.map((one) => evaluateTree(one, scope))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, evaluateTree(one, scope)]))
}

/** As `evaluateTree`, as the strings that an environment, an input or an output takes. */
export function evaluateTexts(
  values: Readonly<Record<string, unknown>>,
  scope: Scope,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, textOf(evaluateTree(value, scope))]),
  )
}

/** An `if`: without a status function of its own it holds only after success. */
export function evaluateCondition(given: string | number | boolean | undefined, scope: Scope): boolean {
  const whole = splitTemplate(String(given ?? 'success()'))
  const only = whole.length === 1 ? whole[0] : undefined
  const expression = only === undefined || only.kind === 'text' ? String(given ?? 'success()') : only.text
  const asksStatus = new Lexer(expression)
    .lex()
    .tokens.some((token, index, all) => statusNames.has(token.lexeme) && all[index + 1]?.lexeme === '(')
  const holds = Boolean(evaluate(expression, scope))
  return holds && (asksStatus || Boolean(evaluate('success()', scope)))
}

/** As GitHub turns a value into text. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const statusNames = new Set(['success', 'failure', 'cancelled', 'always'])

function evaluate(expression: string, { contexts, status }: Scope): unknown {
  const answers = new Map(
    Object.entries({ ...status, always: true }).map(([name, value]) => [
      name,
      { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(value) },
    ]),
  )
  const tree = new Parser(new Lexer(expression).lex().tokens, Object.keys(contexts), [
    ...answers.values(),
  ]).parse()
  // Only what it speaks of: the outputs of a plan are large, and every step of 256 jobs has expressions.
  const named = Object.entries(contexts).filter(([name]) => expression.toLowerCase().includes(name))
  const known = JSON.parse(JSON.stringify(Object.fromEntries(named)), data.reviver)
  const value = new Evaluator(tree, known, answers).evaluate()
  return JSON.parse(JSON.stringify(value, data.replacer))
}

function evaluateTemplate(text: string, scope: Scope): unknown {
  const parts = splitTemplate(text)
  const [first] = parts
  if (first?.kind === 'expression' && parts.length === 1) return evaluate(first.text, scope)
  return parts.map((part) => (part.kind === 'text' ? part.text : textOf(evaluate(part.text, scope)))).join('')
}

interface Part {
  readonly kind: 'text' | 'expression'
  readonly text: string
}

/** Braces inside a quoted string end no expression. */
function splitTemplate(text: string): Part[] {
  const parts: Part[] = []
  let end = 0
  for (const match of text.matchAll(/\$\{\{((?:'[^']*'|(?!\}\})[^'])*)\}\}/g)) {
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) })
    parts.push({ kind: 'expression', text: match[1]?.trim() ?? '' })
    end = match.index + match[0].length
  }
  const rest = text.slice(end)
  if (rest.includes('${{')) throw new Error(`an expression without its end: ${rest}`)
  if (rest !== '' || parts.length === 0) parts.push({ kind: 'text', text: rest })
  return parts
}
