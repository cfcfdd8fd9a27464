import { isGlob } from '../config/names.ts'
import type { Rule } from '../config/rule.ts'
import { formatRepo, type RepoRef } from '../model/repo.ts'
import { circleFinder, circleReason, ownerOf, placeOf } from './cycles.ts'
import { type Candidate, coverage, targetOf } from './discover.ts'

/** What the rules alone tell of one another. `publicly` names no repo. */
export interface RuleNote {
  readonly level: 'warn' | 'info'
  readonly text: string
  readonly publicly: string
}

/**
 * Rules that write the same repos, circles, and rules that feed each other, as far as their patterns show it: tried on names that fit
 * them. Repos that are really there may show more; the plan looks at those. Asks nothing.
 */
export function ruleNotes(rules: readonly Rule[]): readonly RuleNote[] {
  const tried = samples(rules)
  const notes = [...circles(rules, tried), ...sharedTargets(tried), ...feeds(tried)]
  // The first example of each will do.
  return [...new Map(notes.toReversed().map((note) => [note.publicly, note])).values()].toReversed()
}

/** A repo that a rule would take, with one text for each of its two repos. */
interface Tried extends Candidate {
  readonly from: string
  readonly to: string
}

function circles(rules: readonly Rule[], tried: readonly Tried[]): RuleNote[] {
  const circleOf = circleFinder(rules.map((rule) => ({ ...rule, named: false })))
  const found = new Map<string, RuleNote>()
  for (const candidate of tried) {
    const circle = circleOf(candidate)
    if (circle === undefined) continue
    const members = [...circle.rules].sort().join('\n')
    const text = (example: string) => `The ${circleReason(circle)}. Repos in it are blocked${example}.`
    const example = `, such as ${formatRepo(candidate.source)}`
    if (!found.has(members)) found.set(members, { level: 'warn', text: text(example), publicly: text('') })
  }
  return [...found.values()]
}

/** Two rules that write one repo: the same source twice, or one target by its full name; or one way and both ways. */
function sharedTargets(tried: readonly Tried[]): RuleNote[] {
  const isTwoWay = ({ rule }: Tried) => rule.direction === 'two-way'
  const [both, oneWay] = [tried.filter(isTwoWay), tried.filter((one) => !isTwoWay(one))]
  const sides = byKey([
    ...both.map((one) => [one.from, one] as const),
    ...both.map((one) => [one.to, one] as const),
  ])
  const written = byKey(oneWay.map((one) => [one.to, one] as const))
  const twice = [...written.values()].flatMap((same) =>
    same.flatMap((first, index) => same.slice(index + 1).map((second) => [first, second] as const)),
  )
  const head = ([a, b]: readonly [Tried, Tried]) =>
    `Rules ${a.rule.name} and ${b.rule.name} write the same repo`
  return [
    ...twice
      .filter(([a, b]) => a.rule.name !== b.rule.name && meet(a, b))
      .map((pair) => noteOf('warn', head(pair), pair[0].target, firstWrites)),
    ...oneWay.flatMap((one) =>
      (sides.get(one.to) ?? []).map((two) => noteOf('warn', head([one, two]), one.target, isMixed)),
    ),
  ]
}

const firstWrites =
  'the first in the file writes it, and for the other it is blocked. Let each have its own (repos.include, repos.exclude)'
const isMixed =
  'the one one way, the other both ways; where they meet, the second in the file is blocked. Leave these repos out of one of them (repos.exclude), or give both direction: two-way'

/** Different sources need not have the same names: only what is written by its full name, or comes from the same repo, is told. */
function meet(a: Tried, b: Tried): boolean {
  const isExact = ({ rule: { to } }: Tried) => to.name !== undefined && !to.name.includes('{name}')
  return a.from === b.from || (isExact(a) && isExact(b))
}

/** A rule that reads what another writes follows it by one run: a plan sees both as they are before it. */
function feeds(tried: readonly Tried[]): RuleNote[] {
  const readers = byKey(tried.map((one) => [one.from, one] as const))
  return tried.flatMap((first) =>
    (readers.get(first.to) ?? [])
      .filter(
        ({ rule, to }) => rule.name !== first.rule.name && rule.existing !== 'skip' && to !== first.from,
      )
      .filter(({ rule }) => rule.direction === 'one-way' || first.rule.direction === 'two-way')
      .map(({ rule }) =>
        noteOf('info', `Rule ${first.rule.name} feeds rule ${rule.name}`, first.target, nextRun),
      ),
  )
}

const nextRun = 'what the first brings there in one run, the second takes on in the next'

function noteOf(level: RuleNote['level'], head: string, at: RepoRef, what: string): RuleNote {
  return { level, text: `${head} (such as ${formatRepo(at)}): ${what}.`, publicly: `${head}: ${what}.` }
}

function byKey<T>(rows: readonly (readonly [string, T])[]): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>()
  for (const [key, row] of rows) found.set(key, [...(found.get(key) ?? []), row])
  return found
}

/** Rules of one owner whose names are tried on each other. */
const mostReaders = 10

/** Per rule a few repos that it would take: of names that fit a rule of this owner, and what others would bring to where it reads. */
function samples(rules: readonly Rule[]): readonly Tried[] {
  const readers = byKey(rules.map((rule) => [ownerOf(rule.from), { rule, reads: coverage(rule) }] as const))
  const own = [...readers.values()].flatMap((some) =>
    some.flatMap(({ rule, reads }) => {
      const names = new Set([rule, ...some.slice(0, mostReaders).map((one) => one.rule)].flatMap(sampleNames))
      return [...names].flatMap((name) =>
        sourcesOf(rule, name)
          .filter(reads)
          .map((source) => tryOf(rule, source)),
      )
    }),
  )
  const fed = own.flatMap(({ target }) =>
    (readers.get(ownerOf(target)) ?? [])
      .filter(({ reads }) => reads(target))
      .map(({ rule }) => tryOf(rule, target)),
  )
  const all = [...own, ...fed].map((one) => [`${one.rule.name} ${one.from}`, one] as const)
  return [...new Map(all).values()]
}

/** What stands for the stars of a glob. */
const anyName = 'model'

function sampleNames({ from, repos }: Rule): readonly string[] {
  if (from.name !== undefined && !isGlob(from.name)) return [from.name]
  const globs = from.name === undefined ? repos.include : [from.name, ...repos.include]
  return [...new Set([anyName, ...globs.map(sampleOf)])]
}

/** A name that fits a glob of stars, marks and choices; for other globs what comes out fits none, and is not taken. */
function sampleOf(glob: string): string {
  return glob
    .replace(/\{([^{},]*)[^{}]*\}/g, '$1')
    .replace(/\*+/g, anyName)
    .replaceAll('?', 'x')
}

function sourcesOf({ from, types }: Rule, name: string): RepoRef[] {
  const { hub, owner, space } = from
  return types.map((type) => ({ hub, type, owner, name, ...(space && { space }) }))
}

function tryOf(rule: Rule, source: RepoRef): Tried {
  const target = targetOf(rule, source)
  return { rule, source, target, from: placeOf(source), to: placeOf(target) }
}
