import { sep } from 'node:path'
import type { Rule } from '../config/rule.ts'
import type { BlockedRepo } from '../model/plan.ts'
import { folderHub, formatRepo, type RepoRef, type RepoType } from '../model/repo.ts'
import { realFolder } from '../repos/real-folder.ts'
import { circleFinder, circleReason } from './cycles.ts'
import type { Candidate } from './discover.ts'
import type { Sites } from './sites.ts'

/** Candidates that stay out of each other's way, and those that do not. */
export interface Overlaps {
  readonly free: readonly Candidate[]
  readonly blocked: readonly BlockedRepo[]
}

/**
 * A target is written by one one-way rule only, the first that names it; two-way rules share repos among themselves and with no
 * one-way rule that writes; and nothing is copied in a circle, or into itself: also not a folder into one that lies in it, or that it
 * lies in. Where models and datasets share one name space, one name is one target; two ids of one hub are one hub. `rules`: all of
 * this run, those too whose repos are yet to come.
 */
export async function splitOverlaps(
  candidates: readonly Candidate[],
  sites: Sites,
  rules: readonly Rule[] = rulesOf(candidates),
): Promise<Overlaps> {
  const free: Placed[] = []
  const blocked: BlockedRepo[] = []
  const taken: Taken = { writers: new Map(), twoWay: new Map(), pairs: new Map(), folders: [] }
  for (const candidate of candidates) {
    const [source = '', target = ''] = await Promise.all(
      [candidate.source, candidate.target].map((ref) => placeOf(ref, sites)),
    )
    const placed = { candidate, source, target }
    const why = inItself(source, target) ?? inTheWay(taken, placed)
    if (why !== undefined) {
      blocked.push(held(candidate, why))
      continue
    }
    take(taken, placed)
    free.push(placed)
  }
  const circling = withoutCircles(free, rules, sites, taken)
  return { free: circling.free, blocked: [...blocked, ...circling.blocked] }
}

/** A candidate, and one text for each of its repos. */
interface Placed {
  readonly candidate: Candidate
  readonly source: string
  readonly target: string
}

/** Names of rules by the places they have taken. */
interface Taken {
  readonly writers: Map<string, string>
  readonly twoWay: Map<string, { readonly rule: string; readonly type: RepoType }>
  readonly pairs: Map<string, string>
  readonly folders: { readonly place: string; readonly rule: string }[]
}

function rulesOf(candidates: readonly Candidate[]): readonly Rule[] {
  return [...new Set(candidates.map(({ rule }) => rule))]
}

/** A folder ends with a separator, so that it begins all that lies in it. */
async function placeOf(ref: RepoRef, sites: Sites): Promise<string> {
  if (ref.hub !== folderHub) return nameOf(atSite(ref, sites), sites)
  const folder = await realFolder(ref)
  // Disks that take any case are told from others by no cheap test.
  return `${folderHub}:${folder.endsWith(sep) ? folder : `${folder}${sep}`}`.toLowerCase()
}

/** The same, with the site in the place of the hub's id. */
function atSite<Ref extends { readonly hub: string }>(ref: Ref, { siteOf }: Sites): Ref {
  return { ...ref, hub: siteOf(ref.hub) }
}

function nameOf(at: RepoRef, { hasOneNameSpace }: Sites): string {
  return formatRepo(hasOneNameSpace(at.hub) ? { ...at, type: 'model' } : at).toLowerCase()
}

function inItself(source: string, target: string): string | undefined {
  if (source === target) return 'source and target are the same repo'
  if (!areNested(source, target)) return undefined
  return target.startsWith(source) ? 'the target lies in the source' : 'the source lies in the target'
}

function inTheWay(taken: Taken, { candidate, source, target }: Placed): string | undefined {
  if (candidate.rule.direction === 'two-way') {
    const keeper = taken.pairs.get(pairOf(source, target))
    if (keeper !== undefined) return `rule ${keeper} keeps these two in step already`
    return (
      mixed(taken.writers.get(source), 'writes the source of this two-way rule') ??
      mixed(taken.writers.get(target), 'writes the target of this two-way rule') ??
      ofAnotherType(taken, candidate, [source, target])
    )
  }
  const writer = taken.writers.get(target)
  if (writer !== undefined) return `rule ${writer} writes this target already`
  return mixed(taken.twoWay.get(target)?.rule, 'keeps this target in step both ways') ?? nested(taken, target)
}

/** What a one-way rule writes would be carried back by the two-way one, or be taken for a change that a person made. */
function mixed(rule: string | undefined, does: string): string | undefined {
  if (rule === undefined) return undefined
  return `rule ${rule} ${does}, and one repo is not written one way and both ways: leave it out of one of the two rules (repos.exclude), or give both direction: two-way`
}

/** Where models and datasets share one name space, a name that two rules keep in step must be the same repo to both. */
function ofAnotherType(
  taken: Taken,
  { source: { type } }: Candidate,
  places: readonly string[],
): string | undefined {
  const [other] = places.flatMap((place) => taken.twoWay.get(place) ?? []).filter((one) => one.type !== type)
  return other && `rule ${other.rule} keeps a ${other.type} of this name in step already`
}

function pairOf(...places: readonly string[]): string {
  return [...places].sort().join('\n')
}

function take(taken: Taken, { candidate: { rule, target: ref }, source, target }: Placed): void {
  if (rule.direction === 'two-way') {
    taken.pairs.set(pairOf(source, target), rule.name)
    const side = { rule: rule.name, type: ref.type }
    for (const place of [source, target]) taken.twoWay.set(place, taken.twoWay.get(place) ?? side)
    return
  }
  taken.writers.set(target, rule.name)
  if (ref.hub === folderHub) taken.folders.push({ place: target, rule: rule.name })
}

function nested({ folders }: Taken, target: string): string | undefined {
  const other = folders.find(({ place }) => areNested(place, target))
  if (other === undefined) return undefined
  return target.startsWith(other.place)
    ? `the target lies in a folder that rule ${other.rule} writes`
    : `a folder that rule ${other.rule} writes lies in the target`
}

function areNested(a: string, b: string): boolean {
  const areFolders = [a, b].every((place) => place.startsWith(`${folderHub}:`))
  return areFolders && (a.startsWith(b) || b.startsWith(a))
}

/**
 * Every repo of a circle is blocked. Naming a repo overrides `existing: skip`, but not where that alone would close a circle: then
 * the rule skips as it says.
 */
function withoutCircles(
  placed: readonly Placed[],
  rules: readonly Rule[],
  sites: Sites,
  { writers }: Taken,
): Overlaps {
  const ruleAt = (rule: Rule) => ({ ...rule, from: atSite(rule.from, sites), to: atSite(rule.to, sites) })
  const circleAt = circleFinder(rules.map(ruleAt), (at) => writers.get(nameOf(at, sites)))
  const circleOf = ({ rule, source, target }: Candidate) =>
    circleAt({ rule: ruleAt(rule), source: atSite(source, sites), target: atSite(target, sites) })
  const free: Candidate[] = []
  const blocked: BlockedRepo[] = []
  for (const { candidate } of placed) {
    const circle = circleOf(candidate)
    if (circle === undefined) free.push(candidate)
    else if (circle.kind === 'by-name')
      free.push(
        candidate.rule.existing === 'skip'
          ? { ...candidate, rule: { ...candidate.rule, named: false } }
          : candidate,
      )
    else blocked.push(held(candidate, circleReason(circle)))
  }
  return { free, blocked }
}

function held({ rule, source, target }: Candidate, reason: string): BlockedRepo {
  return { rule: rule.name, repo: formatRepo(source), target: formatRepo(target), reason, details: [] }
}
