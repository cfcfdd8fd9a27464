import picomatch from 'picomatch'
import { SyncError } from '../model/errors.ts'
import { printable } from '../model/printable.ts'
import type { RepoType } from '../model/repo.ts'
import { occursWithin } from './cron.ts'
import { narrowedToType, triggerOf } from './expand.ts'
import { formatPattern, isGlob, type KnownHubs, parseSource, sourceNameOf } from './names.ts'
import { nearest, suggestion } from './nearest.ts'
import type { RepoPattern, Rule } from './rule.ts'

/** What started the run: somebody, a schedule of GitHub's, or a service, whose cycle answers for a stretch of time (milliseconds since 1970). */
export type RunEvent =
  | { readonly kind: 'manual' }
  | { readonly kind: 'schedule'; readonly cron?: string }
  | { readonly kind: 'cycle'; readonly after: number; readonly until: number }

export interface Selection {
  /** Names of rules; empty: all that the event starts. */
  readonly rules: readonly string[]
  /** Names of repos that narrow the rules. */
  readonly repos: readonly string[]
  readonly type?: RepoType
  readonly event: RunEvent
}

/**
 * The rules that take part in a run. Repo names narrow them (source names first, then target names) and override trigger and
 * `repos`. Throws `usage` with the nearest name for a rule or repo that is not there.
 */
export function selectRules(all: readonly Rule[], selection: Selection, hubs: KnownHubs): readonly Rule[] {
  const chosen = byName(all, selection.rules)
  const typed = byType(chosen, selection.type)
  if (selection.repos.length > 0) return narrow(typed, selection.repos, hubs)
  const isNamed = selection.rules.length > 0
  return typed.filter((rule) => starts(rule.trigger, selection.event, isNamed))
}

function byName(all: readonly Rule[], names: readonly string[]): readonly Rule[] {
  if (names.length === 0) return all
  const known = all.map((rule) => rule.name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    const lines = unknown.map((name) => `There is no rule ${JSON.stringify(name)}${suggestion(name, known)}`)
    throw new SyncError('usage', lines.join('\n'), {
      next: '`model-hub-sync config` prints the rules that there are.',
    })
  }
  return all.filter((rule) => names.includes(rule.name))
}

function byType(rules: readonly Rule[], type: RepoType | undefined): readonly Rule[] {
  if (type === undefined) return rules
  const typed = rules.flatMap((rule) => narrowedToType(rule, type) ?? [])
  if (typed.length === 0 && rules.length > 0) {
    throw new SyncError('usage', `No rule is about ${type}s (types).`, {
      next: 'Add the type to `types` of a rule, or leave --type out.',
    })
  }
  return typed
}

/**
 * Whether an event starts a rule that no repo name overrides: a schedule starts scheduled rules and cron rules of just its line, a
 * cycle scheduled rules and those whose line had an occurrence in its time, anything else scheduled and cron rules; manual ones only
 * start when named.
 */
function starts(trigger: string, event: RunEvent, isNamed: boolean): boolean {
  if (trigger === 'manual') return isNamed
  if (trigger === 'scheduled' || event.kind === 'manual') return true
  if (event.kind === 'cycle') return occursWithin(trigger, event.after, event.until)
  return event.cron !== undefined && triggerOf(event.cron) === trigger
}

/** A repo name as far as the user wrote it. */
interface Wanted {
  readonly text: string
  readonly hub: string | undefined
  readonly pattern: RepoPattern
}

function narrow(rules: readonly Rule[], repos: readonly string[], hubs: KnownHubs): readonly Rule[] {
  const found = new Map<Rule, Match[]>()
  for (const wanted of repos.map((text) => readWanted(text, hubs))) {
    const matches = matchesOf(rules, wanted)
    if (matches.length === 0)
      throw new SyncError('usage', notCovered(rules, wanted), {
        next: 'Name a repo of a rule, or give --from and --to.',
      })
    for (const match of matches) found.set(match.rule, [...(found.get(match.rule) ?? []), match])
  }
  return rules.flatMap((rule) => {
    const matches = found.get(rule)
    return matches === undefined ? [] : [narrowed(rule, matches)]
  })
}

/** A name at the source, or a glob of them, that a rule covers; undefined: all of the rule. */
interface Match {
  readonly rule: Rule
  readonly name: string | undefined
  readonly type: RepoType | undefined
}

function matchesOf(rules: readonly Rule[], wanted: Wanted): readonly Match[] {
  const asSource = rules.flatMap((rule) => sourceMatch(rule, wanted) ?? [])
  return asSource.length > 0 ? asSource : rules.flatMap((rule) => targetMatch(rule, wanted) ?? [])
}

function sourceMatch(rule: Rule, { hub, pattern }: Wanted): Match | undefined {
  if (hub !== undefined && hub !== rule.from.hub) return undefined
  return matchAtSource(rule, pattern.owner, pattern.name, pattern.type)
}

function targetMatch(rule: Rule, { hub, pattern }: Wanted): Match | undefined {
  if (hub !== undefined && hub !== rule.to.hub) return undefined
  if (pattern.owner !== (rule.to.owner ?? rule.from.owner)) return undefined
  const { from, to } = rule
  const inRule = (name: string | undefined) => matchAtSource(rule, from.owner, name, pattern.type)
  if (pattern.name === undefined) return inRule(undefined)
  if (to.name !== undefined && !to.name.includes('{name}'))
    return to.name === pattern.name ? inRule(from.name) : undefined
  const name = sourceNameOf(to, pattern.name)
  return name === undefined ? undefined : inRule(name)
}

function matchAtSource(
  rule: Rule,
  owner: string,
  name: string | undefined,
  type: RepoType | undefined,
): Match | undefined {
  if (owner !== rule.from.owner) return undefined
  if (type !== undefined && !rule.types.includes(type)) return undefined
  const own = rule.from.name
  if (name === undefined || own === undefined) return { rule, name, type }
  if (isGlob(own) && isGlob(name)) return { rule, name, type }
  const fits = isGlob(own) ? picomatch.isMatch(name, own) : picomatch.isMatch(own, name)
  return fits ? { rule, name: isGlob(own) ? name : own, type } : undefined
}

/** The rule, covering just these names; `named` says that they override the trigger, `repos` and `existing: skip`. */
function narrowed(rule: Rule, matches: readonly Match[]): Rule {
  const types = new Set(matches.map((match) => match.type))
  const [type] = types
  if (types.size > 1) {
    throw new SyncError('usage', `Rule ${rule.name}: name models and datasets in two runs, or give --type.`)
  }
  const names = matches.map((match) => match.name)
  const include = names.includes(undefined) ? rule.repos.include : names.flatMap((name) => name ?? [])
  const exclude = names.includes(undefined) ? rule.repos.exclude : []
  const typed = type === undefined ? rule : { ...rule, types: [type], lookup: false }
  return { ...typed, repos: { include: [...new Set(include)], exclude }, named: true }
}

function readWanted(text: string, hubs: KnownHubs): Wanted {
  const source = parseSource(text, hubs, '')
  if (source.kind === 'space') {
    throw new SyncError('usage', `${JSON.stringify(printable(text))} is a space: no rule covers one.`, {
      next: 'To take it as a model: --type model with --from and --to.',
    })
  }
  const hub = source.pattern.hub === '' ? undefined : source.pattern.hub
  if (hub === undefined && source.pattern.name === undefined) {
    throw new SyncError(
      'usage',
      `${JSON.stringify(text)}: write owner/name, or hub:owner for all repos of an owner.`,
    )
  }
  return { text, hub, pattern: source.pattern }
}

function notCovered(rules: readonly Rule[], wanted: Wanted): string {
  const known = rules.flatMap((rule) => [...namesOf(rule.from, rule), formatPattern(rule.to)])
  const written = wanted.hub === undefined ? known.map((name) => name.slice(name.indexOf(':') + 1)) : known
  const near = nearest(wanted.text, written)
  const from = rules.map((rule) => `${rule.name} (${formatPattern(rule.from)})`).join(', ')
  return `No rule covers ${JSON.stringify(wanted.text)}${near === undefined ? '' : `; did you mean ${near}?`}\nThe rules: ${from === '' ? 'none' : from}`
}

/** Repos a rule is known to speak of, without asking the hub. */
function namesOf(from: RepoPattern, rule: Rule): readonly string[] {
  const names = from.name === undefined ? rule.repos.include.filter((name) => !isGlob(name)) : [from.name]
  return names.length === 0 ? [formatPattern(from)] : names.map((name) => formatPattern({ ...from, name }))
}
