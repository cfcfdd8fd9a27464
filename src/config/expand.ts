import { SyncError } from '../model/errors.ts'
import type { HeldBack } from '../model/plan.ts'
import type { RepoType } from '../model/repo.ts'
import type { ConfigDocument } from './load.ts'
import { formatPattern, parseTarget } from './names.ts'
import type { DeleteGuards, Rule } from './rule.ts'
import { type Ends, readEnds } from './rule-ends.ts'
import { deleteGuards, ruleDefaults } from './rule-schema.ts'
import type { RuleEntry, RuleKeys } from './schema.ts'
import { parseBandwidth, parseDuration } from './units.ts'

/** Rules spelled out, and what was named but is no repo that can be synced. */
export interface Expansion {
  readonly rules: readonly Rule[]
  readonly skipped: readonly HeldBack[]
}

/**
 * Every rule with all defaults filled in: built-in ones, then `defaults`, then the rule, then `overrides`. The lists inside
 * `repos` and `files` are replaced one by one. Throws `usage` where an override does not fit a rule.
 */
export function expandRules(document: ConfigDocument, overrides: RuleKeys = {}): Expansion {
  return collect(document.rules.map((entry) => expandEntry(entry, document, overrides)))
}

/** One rule as in a file, spelled out; `defaultHub` is the hub of a `from` that names none. */
export function expandEntry(
  entry: RuleEntry,
  document: ConfigDocument,
  overrides: RuleKeys = {},
  defaultHub?: string,
): Rule | HeldBack {
  const keys = merged(merged(document.defaults, entry), overrides)
  const types = overrides.types ?? entry.types
  const ends = readEnds(
    {
      from: keys.from,
      to: keys.to,
      types,
      defaultTypes: document.defaults.types,
      transport: keys.transport,
      base: keys,
    },
    document.known,
    defaultHub,
  )
  if (ends.kind === 'wrong') {
    const what = ends.problems.map((problem) => `${problem.key}: ${problem.what}`).join('; ')
    throw new SyncError('usage', `Rule ${entry.name}: ${what}${what.endsWith('?') ? '' : '.'}`, {
      next: 'Nothing was done. Names and keys: docs/rules.md, docs/configuration.md.',
    })
  }
  if (ends.kind === 'space') {
    const target = formatPattern(parseTarget(keys.to ?? '', document.known))
    return { rule: entry.name, repo: ends.repo, target, reason: ends.reason }
  }
  return toRule(entry.name, keys, ends)
}

/** Sorts what `expandEntry` gives. */
export function collect(expanded: readonly (Rule | HeldBack)[]): Expansion {
  const rules: Rule[] = []
  const skipped: HeldBack[] = []
  for (const one of expanded) 'reason' in one ? skipped.push(one) : rules.push(one)
  return { rules, skipped }
}

/** Keys of the second win; the lists inside `repos` and `files` one by one. */
export function merged(under: RuleKeys, over: RuleKeys): RuleKeys {
  const result: RuleKeys = { ...under, ...over }
  if (under.repos !== undefined && over.repos !== undefined) result.repos = { ...under.repos, ...over.repos }
  if (under.files !== undefined && over.files !== undefined) result.files = { ...under.files, ...over.files }
  return result
}

function toRule(name: string, keys: RuleKeys, ends: Ends & { kind: 'ends' }): Rule {
  const { repos, files } = ruleDefaults
  const bandwidth = parseBandwidth(keys.bandwidth ?? ruleDefaults.bandwidth)
  const stall = parseDuration(keys['stall-timeout'] ?? ruleDefaults['stall-timeout'])
  if (bandwidth === undefined || stall === undefined)
    throw new SyncError('internal', `Rule ${name}: an amount that was checked before is wrong now.`)
  return {
    name,
    description: keys.description,
    from: ends.from,
    to: ends.to,
    types: ends.types,
    lookup: ends.lookup,
    repos: { include: keys.repos?.include ?? repos.include, exclude: keys.repos?.exclude ?? repos.exclude },
    requires: keys.requires,
    revision: keys.revision,
    files: { include: keys.files?.include ?? files.include, exclude: keys.files?.exclude ?? files.exclude },
    direction: keys.direction ?? ruleDefaults.direction,
    trigger: triggerOf(keys.trigger ?? ruleDefaults.trigger),
    existing: keys.existing ?? ruleDefaults.existing,
    adopt: keys.adopt ?? ruleDefaults.adopt,
    delete: guardsOf(keys.delete ?? ruleDefaults.delete),
    visibility: keys.visibility ?? ruleDefaults.visibility,
    gated: keys.gated ?? ruleDefaults.gated,
    license: keys.license ?? ruleDefaults.license,
    conflict: keys.conflict ?? ruleDefaults.conflict,
    bandwidth: bandwidth === 'off' ? undefined : bandwidth,
    verify: keys.verify ?? ruleDefaults.verify,
    transport: keys.transport ?? ruleDefaults.transport,
    stallTimeout: stall / 1000,
    named: false,
  }
}

function guardsOf(written: NonNullable<RuleKeys['delete']>): DeleteGuards | undefined {
  if (written === false) return undefined
  const said = { ...deleteGuards, ...(written === true ? {} : written) }
  return { maxFiles: said['max-files'], maxRatio: said['max-ratio'] }
}

/** Cron lines are compared as text: the spaces between their fields mean nothing. */
export function triggerOf(text: string): string {
  return text.trim().split(/\s+/).join(' ')
}

/** `types` of a rule that is narrowed to one type, or undefined if the rule has none of it. */
export function narrowedToType(rule: Rule, type: RepoType): Rule | undefined {
  return rule.types.includes(type) ? { ...rule, types: [type], lookup: false } : undefined
}
