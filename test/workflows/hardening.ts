import { LineCounter, type Node, parseDocument, visit } from 'yaml'

/** The owner and name of this project, whose own actions need no pin where they stand beside the file. */
const localUses = /^[.$]\//

/**
 * What a workflow file says that ours must not: expressions in scripts, actions without a full SHA and the version it is, jobs
 * without `permissions` or `timeout-minutes`, a checkout that keeps its credentials, inputs without a description.
 */
export function workflowProblems(path: string, text: string): string[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const problems: string[] = []
  const tell = (node: Node | null | undefined, message: string) => {
    const { line } = lines.linePos(node?.range?.[0] ?? 0)
    problems.push(`${path}:${line}: ${message}`)
  }
  visit(document, {
    Pair(_, { key, value }) {
      const [name, text] = [String(key), String(value)]
      if (name === 'run' && text.includes('${{')) tell(nodeOf(value), 'an expression inside a script')
      if (name === 'uses')
        for (const one of usesProblems(text, nodeOf(value)?.comment)) tell(nodeOf(value), one)
    },
  })
  const workflow: unknown = document.toJS()
  if (JSON.stringify(field(workflow, 'permissions')) !== '{}')
    tell(undefined, 'permissions at the top are not {}')
  for (const [id, job] of entries(field(workflow, 'jobs'))) {
    const at = nodeOf(document.getIn(['jobs', id], true))
    if (field(job, 'permissions') === undefined) tell(at, `${id}: no permissions`)
    if (field(job, 'uses') === undefined && field(job, 'timeout-minutes') === undefined)
      tell(at, `${id}: no timeout-minutes`)
    for (const step of items(field(job, 'steps')))
      if (
        /^actions\/checkout@/.test(String(field(step, 'uses'))) &&
        field(field(step, 'with'), 'persist-credentials') !== false
      )
        tell(at, `${id}: a checkout that keeps its credentials`)
  }
  for (const [event, trigger] of entries(field(workflow, 'on')))
    for (const kind of ['inputs', 'secrets', 'outputs'])
      problems.push(...undescribed(`${path}: ${event}`, kind, field(trigger, kind)))
  return problems
}

/** What an action.yml lacks: a description of the action, an input or an output. */
export function actionProblems(path: string, text: string): string[] {
  const action: unknown = parseDocument(text).toJS()
  const own = String(field(action, 'description') ?? '').length < 10 ? [`${path}: no description`] : []
  return [...own, ...['inputs', 'outputs'].flatMap((kind) => undescribed(path, kind, field(action, kind)))]
}

function undescribed(where: string, kind: string, declared: unknown): string[] {
  return entries(declared)
    .filter(([, one]) => String(field(one, 'description') ?? '').length < 5)
    .map(([name]) => `${where}: ${kind}.${name} has no description`)
}

function usesProblems(uses: string, comment: string | null | undefined): string[] {
  if (localUses.test(uses)) return []
  if (!/@[0-9a-f]{40}$/.test(uses)) return [`${uses} is not pinned to a full SHA`]
  return /^ v\d+\.\d+\.\d+\b/.test(comment ?? '') ? [] : [`${uses} does not say which version it is`]
}

function nodeOf(value: unknown): Node | undefined {
  return typeof value === 'object' && value !== null && 'range' in value ? (value as Node) : undefined
}

function field(value: unknown, name: string): unknown {
  return new Map(entries(value)).get(name)
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
}

function items(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
