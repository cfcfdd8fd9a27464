import { expandTarget, isGlob } from '../config/names.ts'
import type { RepoPattern, Rule, TargetPattern } from '../config/rule.ts'
import { folderHub, type RepoRef, type RepoType } from '../model/repo.ts'

/** What the rules want of one hub. */
export interface HubUse {
  readonly hub: string
  readonly reads: readonly ReadUse[]
  readonly writes: readonly WriteUse[]
}

/** Repos that a rule reads: an owner's, or those it names. */
export interface ReadUse {
  readonly owner: string
  /** The rule by which its repos are found; of a two-way rule's target, the rule turned round. */
  readonly rule: Rule
  /** Names that it spells out; none: the owner is listed. */
  readonly names: readonly string[]
}

/** An owner that rules write for, with the targets that are known by name. */
export interface WriteUse {
  readonly owner: string
  readonly types: readonly RepoType[]
  readonly repos: readonly RepoRef[]
}

/** By hub, in the order in which the rules name them, what is read and what is written there; of rules that ask the same only one. Folders are no hub. */
export function usesOf(rules: readonly Rule[]): HubUse[] {
  const ends = rules.flatMap(({ from, to }) => [from.hub, to.hub])
  const hubs = [...new Set(ends)].filter((hub) => hub !== folderHub)
  return hubs.map((hub) => ({
    hub,
    reads: distinct(
      rules.flatMap(readsOf).filter(({ rule }) => rule.from.hub === hub),
      ({ owner, names, rule }) => JSON.stringify([owner, rule.from.name, rule.from.space, names, rule.types]),
    ),
    writes: byOwner(rules.flatMap((rule) => writesOf(rule).filter((ref) => ref.hub === hub))),
  }))
}

/** Owner and type of what is written, with a name where it is known. */
type Written = Omit<RepoRef, 'name'> & { readonly name: string | undefined }

/** A two-way rule writes on both sides. */
function writesOf(rule: Rule): Written[] {
  const { from, to, direction } = rule
  return rule.types.flatMap((type) => {
    const there = { hub: to.hub, type, owner: to.owner ?? from.owner, name: targetName(from, to) }
    const here = { hub: from.hub, type, owner: from.owner, name: exactName(from) }
    return direction === 'two-way' ? [there, here] : [there]
  })
}

function targetName(from: RepoPattern, to: TargetPattern): string | undefined {
  const name = exactName(from)
  if (to.name !== undefined && !to.name.includes('{name}')) return to.name
  if (name === undefined) return undefined
  return expandTarget(to, { hub: from.hub, type: 'model', owner: from.owner, name }).name
}

function exactName({ name }: RepoPattern): string | undefined {
  return name === undefined || isGlob(name) ? undefined : name
}

/** A two-way rule reads on both sides. */
function readsOf(rule: Rule): ReadUse[] {
  return (rule.direction === 'two-way' ? [rule, turned(rule)] : [rule]).map(readOf)
}

/** The rule as if its target were the source: by it the repos of that side are found. */
function turned(rule: Rule): Rule {
  const { from, to, repos } = rule
  const thereOf = (name: string) =>
    expandTarget(to, { hub: from.hub, type: 'model', owner: from.owner, name }).name
  const { owner = from.owner, endpoint } = to
  const name = from.name === undefined ? undefined : thereOf(from.name)
  return {
    ...rule,
    from: { hub: to.hub, owner, name, type: from.type ?? to.type, ...(endpoint && { endpoint }) },
    to: from,
    repos: { include: repos.include.map(thereOf), exclude: repos.exclude.map(thereOf) },
  }
}

function readOf(rule: Rule): ReadUse {
  const name = exactName(rule.from)
  const { include } = rule.repos
  const isSpelled = rule.from.name === undefined && include.length > 0 && !include.some(isGlob)
  return { owner: rule.from.owner, rule, names: name === undefined ? (isSpelled ? include : []) : [name] }
}

function byOwner(written: readonly Written[]): WriteUse[] {
  const owners = Map.groupBy(written, ({ owner }) => owner.toLowerCase())
  return [...owners.values()].map((refs) => ({
    owner: refs[0]?.owner ?? '',
    types: [...new Set(refs.map(({ type }) => type))],
    repos: distinct(
      refs.flatMap(({ name, ...ref }) => (name === undefined ? [] : [{ ...ref, name }])),
      ({ type, name }) => `${type} ${name}`,
    ),
  }))
}

function distinct<T>(values: readonly T[], key: (value: T) => string): T[] {
  return [...new Map(values.map((value) => [key(value), value] as const).reverse()).values()].reverse()
}
