import { isFolderName } from '../config/folder-path.ts'
import type { Rule } from '../config/rule.ts'
import { folderHub, formatRepo, type RepoRef } from '../model/repo.ts'
import { type Candidate, coverage, targetOf } from './discover.ts'

/**
 * One-way rules that answer each other, in their order. `closed`: what the first brings comes back to where it was. `by-name`: so it
 * does only since repos were named, which overrides `existing: skip`. `growing`: each run would make copies of copies.
 */
export interface Circle {
  readonly kind: 'closed' | 'by-name' | 'growing'
  readonly rules: readonly string[]
}

/**
 * Tells of a candidate which circle it is in, if any. Follows the rules and not only the candidates, since a repo that is on its way
 * is in no listing yet. `writerOf`: name of the rule that writes a target, where that is known: no other one does. Asks nothing.
 */
export function circleFinder(
  rules: readonly Rule[],
  writerOf: (target: RepoRef) => string | undefined = () => undefined,
): (candidate: Candidate) => Circle | undefined {
  const suspects = mayCircle(rules.filter(({ direction }) => direction === 'one-way'))
  if (suspects.length === 0) return () => undefined
  const names = new Set(suspects.map(({ name }) => name))
  const steps = stepsFrom(suspects, writerOf)
  return (candidate) => {
    if (!names.has(candidate.rule.name)) return undefined
    const { rule, source } = candidate
    const isBack: Goal = ({ target }) => placeOf(target) === placeOf(source)
    const walked = (follows: (rule: Rule) => boolean, isGoal: Goal) =>
      follows(rule)
        ? walk(candidate, (at) => steps(at).filter((step) => follows(step.rule)), isGoal)
        : undefined
    const closed = walked(updates, isBack)
    if (closed !== undefined) return { kind: 'closed', rules: closed }
    const byName = walked(answers, isBack)
    if (byName !== undefined) return { kind: 'by-name', rules: byName }
    const grown = walked(anyRule, isThirdTime)
    return grown && { kind: 'growing', rules: [...new Set(grown)] }
  }
}

/** What rules do with a repo; each repo is looked at once. */
function stepsFrom(rules: readonly Rule[], writerOf: (target: RepoRef) => string | undefined): Next {
  const readers = Map.groupBy(
    rules.map((rule) => ({ rule, reads: coverage(rule) })),
    ({ rule: { from } }) => ownerOf(from),
  )
  const known = new Map<string, readonly Step[]>()
  const look: Next = (source) =>
    (readers.get(ownerOf(source)) ?? []).flatMap(({ rule, reads }) => {
      if (!reads(source) || !canBeTarget(rule, source)) return []
      const target = targetOf(rule, source)
      return (writerOf(target) ?? rule.name) === rule.name ? { rule, target } : []
    })
  return (source) => {
    const place = placeOf(source)
    const steps = known.get(place) ?? look(source)
    known.set(place, steps)
    return steps
  }
}

/** Why a repo of a circle is not copied, and what to do. */
export function circleReason({ kind, rules }: Circle): string {
  const order = `rules ${[...rules, rules[0]].join(' → ')}`
  if (kind === 'growing')
    return `${order} would make copies of their own copies without end: leave the copies out of one of them (repos.exclude)`
  const instead = rules.length > 2 ? 'two-way rules' : 'one rule with direction: two-way'
  return `${order} copy in a circle, so that each undoes what the other brings: say existing: skip in one of them, or use ${instead} instead`
}

/** One rule's doing. */
interface Step {
  readonly rule: Rule
  readonly target: RepoRef
}

type Next = (source: RepoRef) => readonly Step[]
type Goal = (step: Step, path: readonly string[]) => boolean

function updates({ existing }: Rule): boolean {
  return existing === 'update'
}

function answers(rule: Rule): boolean {
  return updates(rule) || rule.named
}

function anyRule(): boolean {
  return true
}

/** Twice is what someone may want who renames one repo back. */
function isThirdTime({ rule }: Step, path: readonly string[]): boolean {
  return path.filter((name) => name === rule.name).length > 2
}

/** So many repos that follow from one are without end. */
const mostPlaces = 1000

/** Names of the rules on the shortest way from this candidate to the goal. */
function walk({ rule, target }: Candidate, next: Next, isGoal: Goal): readonly string[] | undefined {
  const seen = new Set<string>()
  const ways = [{ step: { rule, target }, path: [rule.name] }]
  for (const { step, path } of ways) {
    if (isGoal(step, path)) return path
    const place = placeOf(step.target)
    if (seen.has(place) || seen.size >= mostPlaces) continue
    seen.add(place)
    ways.push(...next(step.target).map((one) => ({ step: one, path: [...path, one.rule.name] })))
  }
  return undefined
}

/** One text for a repo, whatever the case in which it is written. */
export function placeOf(ref: RepoRef): string {
  return formatRepo(ref).toLowerCase()
}

function canBeTarget({ to }: Rule, { name }: RepoRef): boolean {
  return to.hub !== folderHub || isFolderName(name)
}

/** Rules that read what another one of them writes, and write what another one reads, as far as hub and owner tell. */
function mayCircle(rules: readonly Rule[]): readonly Rule[] {
  const read = new Set(rules.map(({ from }) => ownerOf(from)))
  const written = new Set(rules.map(writtenOwner))
  const left = rules.filter((rule) => written.has(ownerOf(rule.from)) && read.has(writtenOwner(rule)))
  return left.length === rules.length ? left : mayCircle(left)
}

/** One text for an owner, in the same way. */
export function ownerOf({ hub, owner }: Pick<RepoRef, 'hub' | 'owner'>): string {
  return `${hub}:${owner}`.toLowerCase()
}

/** The owner for whom a rule writes. */
function writtenOwner({ from, to }: Rule): string {
  return ownerOf({ hub: to.hub, owner: to.owner ?? from.owner })
}
