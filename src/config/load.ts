import { LineCounter } from 'yaml'
import { SyncError } from '../model/errors.ts'
import { configIssues } from './config-issues.ts'
import { type ConfiguredHub, type Environment, knownHubs, toSecret } from './hubs.ts'
import { distinct, formatPath, positionOf, schemaIssues } from './issues.ts'
import type { KnownHubs } from './names.ts'
import { readYaml } from './read-yaml.ts'
import { configSchema, type HubEntry, type RuleEntry, type RuleKeys } from './schema.ts'
import { replaceVariables } from './variables.ts'

const maxBytes = 1_000_000

/** A configuration file that was understood: checked, the environment's values in place, no defaults filled in yet. */
export interface ConfigDocument {
  readonly hubs: ReadonlyMap<string, ConfiguredHub>
  readonly known: KnownHubs
  readonly defaults: RuleKeys
  readonly rules: readonly RuleEntry[]
}

/** The document of a run without a configuration file. */
export function emptyConfig(env: Environment): ConfigDocument {
  return { hubs: new Map(), known: knownHubs(new Map(), env), defaults: {}, rules: [] }
}

/**
 * Reads the text of a configuration file. Throws one `config` error with every mistake, a line each:
 * `file:line:column: key: what; did you mean …`. No value of a token is ever part of it.
 */
export function loadConfig(text: string, fileName: string, env: Environment): ConfigDocument {
  if (Buffer.byteLength(text) > maxBytes)
    throw failure([{ line: 1, col: 1, text: `${fileName}: is larger than ${maxBytes} bytes` }])
  const lines = new LineCounter()
  const yaml = readYaml(text, lines)
  const complaints: Complaint[] = yaml.problems.map(({ offset, what }) =>
    complaint(fileName, lines.linePos(offset), what),
  )
  if (yaml.kind === 'broken') throw failure(complaints)
  const { value, document } = yaml
  for (const issue of distinct([...schemaIssues(configSchema, value), ...configIssues(value, env)])) {
    const key = issue.path.length === 0 ? '' : `${formatPath(issue.path)}: `
    complaints.push(complaint(fileName, positionOf(document, lines, issue), `${key}${issue.what}`))
  }
  if (complaints.length > 0) throw failure(complaints)
  return assemble(value, env)
}

interface Complaint {
  readonly line: number
  readonly col: number
  readonly text: string
}

function complaint(fileName: string, { line, col }: { line: number; col: number }, what: string): Complaint {
  return { line, col, text: `${fileName}:${line}:${col}: ${what}` }
}

function assemble(value: unknown, env: Environment): ConfigDocument {
  const config = configSchema.parse(value)
  const hubs = new Map(
    Object.entries(config.hubs ?? {}).map(([id, entry]) => [id, configuredHub(id, entry, env)]),
  )
  return { hubs, known: knownHubs(hubs, env), defaults: config.defaults ?? {}, rules: config.rules ?? [] }
}

function configuredHub(id: string, written: HubEntry, env: Environment): ConfiguredHub {
  const token = replaced(written.token, env)?.trim()
  return {
    written,
    endpoint: replaced(written.endpoint, env)?.trim(),
    token: token === undefined ? undefined : toSecret(token, `hubs.${id}.token`),
    username: replaced(written.username, env),
  }
}

function replaced(text: string | undefined, env: Environment): string | undefined {
  if (text === undefined) return undefined
  const result = replaceVariables(text, env)
  if (result.kind === 'wrong')
    throw new SyncError('internal', `A value that was checked before is wrong now: ${result.what}`)
  return result.text
}

function failure(complaints: readonly Complaint[]): SyncError {
  const sorted = [...complaints].sort((a, b) => a.line - b.line || a.col - b.col)
  const head =
    sorted.length === 1 ? 'The configuration is wrong:' : `The configuration has ${sorted.length} mistakes:`
  return new SyncError('config', [head, ...sorted.map((complaint) => complaint.text)].join('\n'), {
    next: 'Nothing was done. All keys: docs/rules.md.',
  })
}
