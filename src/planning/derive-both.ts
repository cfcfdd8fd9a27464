import type { Rule } from '../config/rule.ts'
import { printable } from '../model/printable.ts'
import { formatRepo, type RepoInfo, type RepoRef } from '../model/repo.ts'
import type { RepoWork } from '../repos/work.ts'
import { compareBoth } from './compare-both.ts'
import { conflictEnding } from './conflict-ending.ts'
import type { Decision } from './decide.ts'
import { type BothDecision, type OneSide, otherSide, type SideName } from './decide-both.ts'
import { brokenGuards } from './deletes.ts'
import { type Changes, changesBy } from './derive-changes.ts'
import { adopting, deriveWork, itemId, lacksBase, workOf } from './derive-work.ts'
import { blockedBy, type DerivedPair, type Ending, isEnding, type Pair } from './derived.ts'
import { assertGone } from './find-deletes.ts'
import { type Histories, historiesOf } from './histories.ts'
import { orphanedObjects } from './orphaned-objects.ts'
import { gatesBetween, type Passed } from './pass-gates.ts'
import {
  type BothListed,
  type Infos,
  listBoth,
  lookUpBoth,
  type PinnedSide,
  pinBoth,
  sidesTo,
} from './read-both.ts'
import { assertWritable } from './token-problem.ts'

/**
 * A two-way rule's pair: looks at both sides and derives what has to be done on each so that they are equal; asks, reads and lists,
 * but never writes. All of it or nothing: half of it would be no base. `pinned`: what a saved plan names as the side to read from.
 */
export async function deriveBoth(pair: Pair, pinned?: PinnedSide): Promise<DerivedPair> {
  if (pair.source.ref.space)
    return blockedBy(['a space is never written to: give the rule direction: one-way'])
  const infos = await lookUpBoth(pair, pinned)
  if (isEnding(infos)) return infos
  const at = await pinBoth(pair, infos, pinned)
  if (isEnding(at)) return at
  if (infos.target === undefined || at.target === undefined) return plainWork(pair, 'target', pinned)
  if (infos.source === undefined || at.source === undefined)
    return plainWork(asShown(pair, infos), 'source', pinned)
  const ways = waysOf(pair, infos.source, infos.target)
  if (isEnding(ways)) return ways
  const both = await listBoth(
    pair,
    { source: infos.source, target: infos.target },
    { source: at.source, target: at.target },
  )
  if (isEnding(both)) return both
  const histories = historiesOf(both.source, both.target, pair.others)
  const decided = await decidePair(pair.rule, both, histories)
  if (isEnding(decided)) return decided
  return worksOf(pair, ways, both, decided, histories)
}

/** One side has nothing at all: everything goes over. */
async function plainWork(pair: Pair, to: SideName, pinned: PinnedSide | undefined): Promise<DerivedPair> {
  const derived = await deriveWork(towards(pair, to), pinned)
  if (derived.kind === 'unchanged' || (derived.kind === 'work' && derived.work.targetHead !== null))
    return filledMeanwhile(pair[to].ref)
  if (derived.kind !== 'work') return derived
  return { kind: 'works', works: [to === 'target' ? derived.work : asBack(derived.work)] }
}

/** What somebody has put there since would be overwritten: one way, the source wins. */
function filledMeanwhile(ref: RepoRef): Ending {
  const reason = `${formatRepo(ref)} was empty a moment ago and is not any more. Nothing was done to this repo. Run again.`
  return { kind: 'failed', code: 'conflict', reason }
}

/** The pair as the way to this side sees it. */
function towards(pair: Pair, to: SideName): Pair {
  return to === 'target' ? pair : { ...pair, source: pair.target, target: pair.source }
}

/** The page that is shown of a pair is that of its source, also where nothing but its target is read. */
function asShown(pair: Pair, { source }: Infos): Pair {
  return { ...pair, onSeen: (isPublic) => pair.onSeen?.(isPublic, source?.url) }
}

function asBack(work: RepoWork): RepoWork {
  return { ...work, id: itemId(work.rule, work.target.ref, true), back: true }
}

/** By the side that is written: what the gates say of that way. */
type Ways = Readonly<Record<SideName, Passed | Ending>>

/** What the rule leaves out because of one side's gate needs no reading; what must not become visible counts only where something goes. */
function waysOf(pair: Pair, source: RepoInfo, target: RepoInfo): Ways | Ending {
  const forward = gatesBetween(pair, source, target)
  const back = gatesBetween({ ...towards(pair, 'source'), onSeen: () => undefined }, target, source)
  for (const gate of [forward, back]) if (isEnding(gate) && gate.kind !== 'blocked') return gate
  if (isEnding(forward) && isEnding(back)) return forward
  return { target: forward, source: back }
}

interface Decided extends BothDecision {
  readonly compared: Decision
}

/** What goes over on each way; ends where both sides changed differently, or where a guard holds what would be deleted. */
async function decidePair(
  rule: Rule,
  { source, target }: BothListed,
  histories: Histories,
): Promise<Decided | Ending> {
  const { compared, decided, held, why } = await compareBoth(rule, { source, target }, histories)
  if (decided.conflicts.length > 0) return conflictEnding(decided.conflicts, source, target, why)
  const broken = guardProblems(rule, { source, target }, decided, held)
  if (broken.length > 0) return blockedBy(broken)
  await assertGone(source, decided.forward.deletes)
  await assertGone(target, decided.back.deletes)
  return { ...decided, compared, notes: [...decided.notes, ...withoutBase(rule, decided, why)] }
}

/** The guards of each side, and every path that would go. */
function guardProblems(
  { delete: guards }: Rule,
  both: BothListed,
  decided: BothDecision,
  held: number,
): string[] {
  const sides = [
    [decided.forward.deletes, both.target, both.source],
    [decided.back.deletes, both.source, both.target],
  ] as const
  return sides.flatMap(([deletes, { repo }, { files }]) => {
    if (guards === undefined || deletes.length === 0) return []
    const problems = brokenGuards({ guards, left: files.size }, deletes.length, held)
    const where = formatRepo(repo.ref)
    const paths = problems.length === 0 ? [] : deletes.map(({ path }) => `${where}: ${printable(path)}`)
    return [...problems.map((problem) => `${where}: ${problem}`), ...paths]
  })
}

function withoutBase(rule: Rule, { forward, back }: BothDecision, why: string | undefined): string[] {
  const isOneSided = forward.add.length + back.add.length > 0
  return why === undefined || rule.delete === undefined || !isOneSided
    ? []
    : [`what only one side has goes over, and nothing is deleted, since ${why}`]
}

/** The work for each side; `unchanged` where there is none. */
async function worksOf(
  pair: Pair,
  ways: Ways,
  both: BothListed,
  decided: Decided,
  histories: Histories,
): Promise<DerivedPair> {
  const works: RepoWork[] = []
  const notes: string[] = [...decided.notes]
  for (const to of ['target', 'source'] as const) {
    const changes = await changesTo(to, pair, ways, both, decided)
    if (changes === undefined) continue
    if (isEnding(changes)) return changes
    const gate = ways[to]
    const isNothing = changes.files.length + changes.deletes.length + changes.orphans.length === 0
    if (isNothing || isEnding(gate)) {
      notes.push(...changes.notes)
      continue
    }
    const way = towards(pair, to)
    await assertWritable(way.target, both[to].info)
    const work = workOf(way, gate, sidesTo(both, to), changes)
    works.push(to === 'target' ? work : asBack(work))
  }
  const resolves = decided.resolved > 0 ? { resolves: true as const } : {}
  if (works.length > 0) return { kind: 'works', works: together(works, notes), ...resolves }
  return adopted(pair, ways, both, histories, notes)
}

/** What is to be done on one side; undefined: nothing, and nobody asked what else its hub would say. */
async function changesTo(
  to: SideName,
  pair: Pair,
  ways: Ways,
  both: BothListed,
  { compared, ...decided }: Decided,
): Promise<Changes | Ending | undefined> {
  const { add, update, deletes }: OneSide = to === 'target' ? decided.forward : decided.back
  const gate = ways[to]
  const isNothing = add.length + update.length + deletes.length === 0
  if (isNothing) return to === 'source' || isEnding(gate) ? undefined : lostObjects(both, compared)
  if (isEnding(gate)) return to === 'target' ? gate : wayBack(gate, both)
  const same = compared.same.flatMap(({ path }) => both[otherSide(to)].files.get(path) ?? [])
  const decision = { add, update, same, unknown: [] }
  const changes = await changesBy(towards(pair, to), gate, sidesTo(both, to), decision, deletes)
  return isEnding(changes) && to === 'source' ? wayBack(changes, both) : changes
}

/** The row of a pair reads from source to target. */
function wayBack(ending: Ending, { source, target }: BothListed): Ending {
  if (!('reason' in ending)) return ending
  const way = `${formatRepo(target.repo.ref)} → ${formatRepo(source.repo.ref)}`
  return { ...ending, reason: `on the way back, ${way}: ${ending.reason}` }
}

/** Objects that the target lost, although the files are the same: a token for the source may only read, so there nobody asks. */
async function lostObjects({ source, target }: BothListed, { same }: Decision): Promise<Changes> {
  const orphans = await orphanedObjects(target.repo, target.at, target.real.files, same)
  return { files: [], deletes: [], license: undefined, orphans, notes: source.real.notes }
}

/** Both commits are told of each other: one of them alone is half a sync. */
function together(works: readonly RepoWork[], notes: readonly string[]): readonly RepoWork[] {
  const commits = works.filter(({ files, deletes }) => files.length + deletes.length > 0)
  return works.map((work, index) => ({
    ...work,
    ...(commits.length === 2 && { commits: 2 as const }),
    ...(index === 0 && { notes: [...notes, ...work.notes] }),
  }))
}

/** Nothing is to be done, unless the rule wants a base. */
async function adopted(
  pair: Pair,
  ways: Ways,
  both: BothListed,
  histories: Histories,
  notes: readonly string[],
): Promise<DerivedPair> {
  const { source, target } = both
  const gate = ways.target
  if (isEnding(gate) || !(await lacksBase(pair.rule, source.files, histories)))
    return { kind: 'unchanged', sourceAt: source.at, targetAt: target.at, notes }
  await assertWritable(target.repo, target.info)
  const nothing: Changes = { files: [], deletes: [], license: undefined, orphans: [], notes }
  const work = workOf(pair, gate, sidesTo(both, 'target'), nothing)
  return { kind: 'works', works: [adopting(work)] }
}
