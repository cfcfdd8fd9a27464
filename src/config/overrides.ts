import { SyncError } from '../model/errors.ts'
import { printable } from '../model/printable.ts'
import { globProblem } from './checks.ts'
import { merged } from './expand.ts'
import { formatPath, schemaIssues } from './issues.ts'
import { readYaml } from './read-yaml.ts'
import { type RuleKeys, ruleKeysSchema } from './schema.ts'

/** What the command line says of rules beside naming them. */
export interface OverrideRequest {
  /** `key=value` lines; later ones win. */
  readonly set: readonly string[]
  /** Globs of files, instead of those of the rules. */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly revision?: string
}

/**
 * Reads `--set key=value` (the value as YAML or a glob as it is, `files.exclude=[…]` reaches inside), `--include`, `--exclude` and `--revision` as keys
 * of a rule, checked as the file is. Throws one `usage` error with every mistake.
 */
export function readOverrides(request: OverrideRequest): RuleKeys {
  const mistakes: string[] = []
  let keys: RuleKeys = {}
  for (const line of request.set) {
    const one = readSet(line)
    if (one.kind === 'wrong') mistakes.push(...one.mistakes)
    else keys = merged(keys, one.keys)
  }
  mistakes.push(...globMistakes('--include', request.include), ...globMistakes('--exclude', request.exclude))
  if (request.include.length > 0) keys = merged(keys, { files: { include: [...request.include] } })
  if (request.exclude.length > 0) keys = merged(keys, { files: { exclude: [...request.exclude] } })
  if (request.revision !== undefined) {
    mistakes.push(
      ...schemaIssues(ruleKeysSchema, { revision: request.revision }).map(
        (issue) => `--revision: ${issue.what}`,
      ),
    )
    keys = merged(keys, { revision: request.revision })
  }
  if (mistakes.length > 0)
    throw new SyncError('usage', mistakes.join('\n'), { next: 'All keys of a rule: docs/rules.md.' })
  return keys
}

type OneSet =
  | { readonly kind: 'keys'; readonly keys: RuleKeys }
  | { readonly kind: 'wrong'; readonly mistakes: readonly string[] }

function readSet(line: string): OneSet {
  const shown = `--set ${printable(line.slice(0, 100))}`
  const equals = line.indexOf('=')
  if (equals < 1) return { kind: 'wrong', mistakes: [`${shown}: expected key=value`] }
  const path = line.slice(0, equals).trim().split('.')
  const written = line.slice(equals + 1)
  const asYaml = readYaml(written)
  // A glob, which in YAML needs quotes: beside the shell's own, nobody thinks of them.
  const isGlob = asYaml.problems.length > 0 && /^\s*[*!]/.test(written)
  const yaml = isGlob ? readYaml(JSON.stringify(written.trim())) : asYaml
  const problem = yaml.problems[0]
  if (yaml.kind === 'broken' || problem !== undefined) {
    return { kind: 'wrong', mistakes: [`${shown}: the value: ${problem?.what ?? 'not YAML'}`] }
  }
  const value = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), yaml.value)
  const issues = schemaIssues(ruleKeysSchema, value)
  if (issues.length > 0)
    return {
      kind: 'wrong',
      mistakes: issues.map((issue) => `${shown}: ${formatPath(issue.path)}: ${issue.what}`),
    }
  return { kind: 'keys', keys: ruleKeysSchema.parse(value) }
}

function globMistakes(option: string, globs: readonly string[]): string[] {
  return globs.flatMap((glob) => {
    const problem = globProblem(glob)
    return problem === undefined ? [] : [`${option} ${printable(glob.slice(0, 100))}: ${problem}`]
  })
}
