import { isGlob, sourceNameOf } from '../config/names.ts'
import type { Rule } from '../config/rule.ts'
import { asSyncError } from '../model/errors.ts'
import type { RepoRef } from '../model/repo.ts'
import type { RepoFinder } from '../repos/hubs.ts'
import {
  allRepos,
  type Candidate,
  covers,
  discover,
  existing,
  foundTwice,
  type IsKnown,
  nameFilter,
  targetOf,
  typesOf,
} from './discover.ts'

/**
 * Every pair of a two-way rule: what the source's owner has, then what only the target's has, by the name that `to` gives it read
 * backwards. The rule's filters apply to names of the source's side. Throws as `discover`, a named repo only if neither side has it.
 */
export async function discoverBoth(
  rule: Rule,
  source: RepoFinder,
  target: RepoFinder,
  isKnown: IsKnown,
): Promise<Candidate[]> {
  const here = await atSource(rule, source, isKnown)
  const there = await onlyAtTarget(rule, target, here.candidates)
  if (here.absent !== undefined && there.length === 0) throw here.absent
  const [first, second] = there
  if (rule.lookup && first !== undefined && second !== undefined) throw foundTwice(first, second)
  return [...here.candidates, ...there.map((ref) => ({ rule, source: ref, target: targetOf(rule, ref) }))]
}

interface AtSource {
  readonly candidates: readonly Candidate[]
  /** That none of the repos named is there; it is an error only if the target has none of them either. */
  readonly absent?: unknown
}

async function atSource(rule: Rule, hub: RepoFinder, isKnown: IsKnown): Promise<AtSource> {
  try {
    return { candidates: await discover(rule, hub, isKnown) }
  } catch (thrown) {
    if (asSyncError(thrown).code !== 'not-found') throw thrown
    return { candidates: [], absent: thrown }
  }
}

/** What the sources would be called of those repos that only the target's owner has. */
async function onlyAtTarget(
  rule: Rule,
  hub: RepoFinder,
  candidates: readonly Candidate[],
): Promise<RepoRef[]> {
  const found = new Set(candidates.map(({ source }) => spelled(source)))
  const isSingle = rule.from.name !== undefined && !isGlob(rule.from.name)
  // A name without a type is one repo.
  if (isSingle && rule.lookup && found.size > 0) return []
  const refs: RepoRef[] = []
  for (const type of typesOf(rule)) {
    const isNew = (ref: RepoRef) => !found.has(spelled(ref))
    const listed = isSingle ? [] : (await listedAtTarget(rule, hub, type)).filter(isNew)
    for (const ref of listed) found.add(spelled(ref))
    refs.push(...listed, ...(await askedAtTarget(rule, hub, namedBy(rule, type).filter(isNew))))
  }
  return refs
}

/** Hubs take a name in any case. */
function spelled({ type, name }: RepoRef): string {
  return `${type}/${name.toLowerCase()}`
}

/** Repos that the rule names one by one. */
function namedBy(rule: Rule, type: RepoRef['type']): RepoRef[] {
  const { hub, owner, name } = rule.from
  const isSingle = name !== undefined && !isGlob(name)
  const fits = nameFilter(rule)
  const names = isSingle ? [name] : rule.repos.include.filter((one) => !isGlob(one) && fits(one))
  return names.map((one) => ({ hub, type, owner, name: one }))
}

async function askedAtTarget(rule: Rule, hub: RepoFinder, refs: readonly RepoRef[]): Promise<RepoRef[]> {
  const asked = { rule, hub, isKnown: () => false }
  const byTarget = new Map(refs.map((ref) => [targetOf(rule, ref), ref]))
  return (await existing(asked, [...byTarget.keys()])).flatMap((ref) => byTarget.get(ref) ?? [])
}

async function listedAtTarget(rule: Rule, hub: RepoFinder, type: RepoRef['type']): Promise<RepoRef[]> {
  const { include } = rule.repos
  if (include.length > 0 && !include.some(isGlob)) return []
  const fits = nameFilter(rule)
  const refs: RepoRef[] = []
  for await (const { ref } of allRepos(rule, hub, rule.to.owner ?? rule.from.owner, type)) {
    const name = sourceNameOf(rule.to, ref.name)
    if (name !== undefined && fits(name))
      refs.push({ hub: rule.from.hub, type, owner: rule.from.owner, name })
  }
  return refs
}

/** The source that a rule puts to this target; undefined: it puts none there. */
export function sourceOf(rule: Rule, target: RepoRef): RepoRef | undefined {
  const { from, to } = rule
  const owner = to.owner ?? from.owner
  if (to.hub !== target.hub || owner.toLowerCase() !== target.owner.toLowerCase()) return undefined
  const isFixed = to.name !== undefined && !to.name.includes('{name}')
  const name = isFixed
    ? to.name === target.name
      ? from.name
      : undefined
    : sourceNameOf(rule.to, target.name)
  if (name === undefined) return undefined
  const source = { hub: from.hub, type: target.type, owner: from.owner, name }
  return covers(rule, source) ? source : undefined
}
