import { z } from 'zod'
import { SyncError } from '../model/errors.ts'
import type { HubType } from '../model/profile.ts'
import { folderHub } from '../model/repo.ts'
import { builtInHubs } from './built-in-hubs.ts'
import { endpointProblem, lfsEndpointProblem } from './endpoint.ts'
import { type ConfiguredHub, type Environment, knownHubs, toSecret } from './hubs.ts'
import type { Issue, KeyPath } from './issues.ts'
import { aliases, type KnownHubs } from './names.ts'
import { suggestion } from './nearest.ts'
import { readEnds } from './rule-ends.ts'
import { hubTypeSchema } from './schema.ts'
import { hasVariable, replaceVariables } from './variables.ts'

const typesSchema = z.array(z.enum(['model', 'dataset']))

/**
 * What is wrong beyond the shape of the file: hubs, variables, the two ends of rules, names that are there twice. Works on a value
 * that may break the schema as well, so that all mistakes can be told at once.
 */
export function configIssues(value: unknown, env: Environment): readonly Issue[] {
  const root = section(value)
  const hubs = Object.entries(section(root.hubs))
  const known = knownIn(hubs, env)
  return [
    ...strayVariables(value, []),
    ...hubs.flatMap(([id, entry]) => hubIssues(id, entry, env)),
    ...ruleIssues(root, known),
  ]
}

type Section = Readonly<Record<string, unknown>>

function hubIssues(id: string, written: unknown, env: Environment): readonly Issue[] {
  // What is no section is told by the schema.
  if (!isSection(written)) return []
  const entry = section(written)
  const path = ['hubs', id]
  const idWrong = idProblem(id)
  if (idWrong !== undefined) return [{ path, at: 'key', what: idWrong }]
  const builtIn = builtInHubs.get(id)
  const issues: Issue[] = []
  if (builtIn === undefined && entry.type === undefined) {
    issues.push({
      path: [...path, 'type'],
      at: 'value',
      what: `is missing, and ${id} is no built-in hub${suggestion(id, [...builtInHubs.keys()])}`,
    })
  }
  if (builtIn !== undefined && typeof entry.type === 'string' && entry.type !== builtIn.type) {
    issues.push({
      path: [...path, 'type'],
      at: 'value',
      what: `${id} is a built-in hub of type ${builtIn.type}: give a hub of another type another id`,
    })
  }
  if (builtIn === undefined && entry.endpoint === undefined)
    issues.push({ path: [...path, 'endpoint'], at: 'value', what: 'is missing' })
  const type = typeOf(id, entry)
  for (const key of ['token', 'username', 'endpoint'] as const) {
    const what = valueProblem(key, entry, type, env)
    if (what !== undefined) issues.push({ path: [...path, key], at: 'value', what })
  }
  return [...issues, ...gitIssues(path, entry, type)]
}

/** The type of a hub; undefined where the entry says none that there is. */
function typeOf(id: string, entry: Section): HubType | undefined {
  return builtInHubs.get(id)?.type ?? hubTypeSchema.safeParse(entry.type).data
}

/** Keys that hubs of type git alone have. */
function gitIssues(path: KeyPath, entry: Section, type: HubType | undefined): Issue[] {
  const lfs = entry['lfs-endpoint']
  if (type === 'git') {
    const what =
      typeof lfs === 'string' ? lfsEndpointProblem(lfs, entry['insecure-http'] === true) : undefined
    return what === undefined ? [] : [{ path: [...path, 'lfs-endpoint'], at: 'value', what }]
  }
  if (type === undefined) return []
  return ['auth', 'lfs-endpoint']
    .filter((key) => entry[key] !== undefined)
    .map((key) => ({ path: [...path, key], at: 'key', what: `is for hubs of type git, and this is ${type}` }))
}

function idProblem(id: string): string | undefined {
  const whole = aliases.get(id)
  if (whole !== undefined) return `is only the short name of ${whole}: write that`
  if (id === folderHub) return 'is what local folders are written with (dir:./path): give the hub another id'
  return /^[a-z0-9][a-z0-9-]{0,31}$/.test(id)
    ? undefined
    : 'expected 1 to 32 lower-case letters, digits and dashes, a letter or digit first'
}

function valueProblem(
  key: 'token' | 'username' | 'endpoint',
  entry: Section,
  type: HubType | undefined,
  env: Environment,
): string | undefined {
  const text = entry[key]
  if (typeof text !== 'string') return undefined
  const replaced = replaceVariables(text, env)
  if (replaced.kind === 'wrong') return replaced.what
  const result = replaced.text.trim()
  if (key === 'endpoint') return endpointProblem(result, entry['insecure-http'] === true, type)
  if (key === 'username')
    return /^[^\s:]{1,200}$/.test(result) ? undefined : 'expected a user name without spaces and colons'
  try {
    toSecret(result, key)
    return undefined
  } catch (error) {
    if (!(error instanceof SyncError)) throw error
    return 'the token holds white space or characters that no token has, or is empty'
  }
}

function ruleIssues(root: Section, known: KnownHubs): readonly Issue[] {
  const defaults = section(root.defaults)
  const names = new Map<string, number>()
  const rules = Array.isArray(root.rules) ? root.rules.map(section) : []
  return rules.flatMap((rule, index) => {
    const issues: Issue[] = endIssues(rule, defaults, index, known)
    if (typeof rule.name !== 'string') return issues
    const earlier = names.get(rule.name)
    if (earlier === undefined) names.set(rule.name, index)
    else
      issues.push({
        path: ['rules', index, 'name'],
        at: 'value',
        what: `rules[${earlier}] has this name already`,
      })
    return issues
  })
}

function endIssues(rule: Section, defaults: Section, index: number, known: KnownHubs): Issue[] {
  const [from, to] = [rule.from ?? defaults.from, rule.to ?? defaults.to]
  // What is no text is told by the schema.
  if ([from, to].some((end) => end !== undefined && typeof end !== 'string')) return []
  const ends = readEnds(
    {
      from: textOf(from),
      to: textOf(to),
      types: typesOf(rule),
      defaultTypes: typesOf(defaults),
      transport: textOf(rule.transport ?? defaults.transport),
      base: { ...defaults, ...rule },
    },
    known,
  )
  if (ends.kind !== 'wrong') return []
  return ends.problems.map(({ key, what }) => {
    const isInDefaults = rule[key] === undefined && defaults[key] !== undefined
    const path: KeyPath = isInDefaults ? ['defaults', key] : ['rules', index, key]
    return { path, at: 'value', what }
  })
}

/** Variables have a meaning in three keys only; elsewhere they would be taken as they stand, which nobody means. */
function strayVariables(value: unknown, path: KeyPath): readonly Issue[] {
  const isHubValue =
    path.length === 3 && path[0] === 'hubs' && ['token', 'username', 'endpoint'].includes(String(path[2]))
  if (isHubValue) return []
  if (typeof value === 'string') {
    return hasVariable(value)
      ? [{ path, at: 'value', what: 'environment variables work in token, username and endpoint only' }]
      : []
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => strayVariables(item, [...path, index]))
  return Object.entries(section(value)).flatMap(([key, item]) => strayVariables(item, [...path, key]))
}

function knownIn(hubs: readonly (readonly [string, unknown])[], env: Environment): KnownHubs {
  const configured = hubs.map(([id, entry]): [string, ConfiguredHub] => {
    const { endpoint: written } = section(entry)
    const type = typeOf(id, section(entry))
    const replaced = typeof written === 'string' ? replaceVariables(written, env) : undefined
    return [
      id,
      {
        written: type === undefined ? {} : { type },
        endpoint: replaced?.kind === 'text' ? replaced.text : undefined,
        token: undefined,
        username: undefined,
      },
    ]
  })
  return knownHubs(new Map(configured), env)
}

function typesOf(keys: Section): ('model' | 'dataset')[] | undefined {
  const parsed = typesSchema.safeParse(keys.types)
  return parsed.success ? parsed.data : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isSection(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A section of keys; what is none counts as an empty one here. */
function section(value: unknown): Section {
  return isSection(value) ? Object.fromEntries(Object.entries(value ?? {})) : {}
}
