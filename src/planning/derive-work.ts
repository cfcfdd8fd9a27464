import type { Rule } from '../config/rule.ts'
import type { Manifest } from '../model/file.ts'
import { folderHub, type RepoRef } from '../model/repo.ts'
import type { RepoWork } from '../repos/work.ts'
import { type Changes, deriveChanges } from './derive-changes.ts'
import { type Derived, isEnding, type Pair } from './derived.ts'
import { wouldMakeBase } from './find-base.ts'
import { type Histories, historiesOf } from './histories.ts'
import { type Passed, passGates } from './pass-gates.ts'
import { type Pinned, readSides, type Sides } from './read-sides.ts'
import { assertWritable } from './token-problem.ts'

export type { Derived }

/**
 * Looks at both sides and derives all that has to be done; asks, reads and lists, but never writes. Every step may be the last one,
 * the cheapest come first. `pinned`: what a saved plan names as the source.
 */
export async function deriveWork(pair: Pair, pinned?: Pinned): Promise<Derived> {
  const passed = await passGates(pair)
  if (isEnding(passed)) return passed
  const sides = await readSides(pair, passed, pinned)
  if (isEnding(sides)) return sides
  const { source, targetAt } = sides
  const histories = targetAt && historiesOf(source, { repo: pair.target, at: targetAt }, pair.others)
  const changes = await deriveChanges(pair, passed, sides, histories)
  if (isEnding(changes)) return changes
  const { files, deletes, orphans, notes } = changes
  if (files.length === 0 && targetAt === undefined)
    return { kind: 'skipped', reason: 'the source holds no file that goes over' }
  const isEqual = files.length + deletes.length + orphans.length === 0
  const adopts = isEqual && histories !== undefined && (await lacksBase(pair.rule, source.files, histories))
  if (isEqual && targetAt !== undefined && !adopts)
    return { kind: 'unchanged', sourceAt: source.at, targetAt, notes }
  await assertWritable(pair.target, passed.targetInfo)
  const work = workOf(pair, passed, sides, changes)
  return { kind: 'work', work: adopts ? adopting(work) : work }
}

/** The work of giving equal repos a base; it moves nothing, so a note tells what it does. */
export function adopting(work: RepoWork): RepoWork {
  const note = 'already equal: one commit without changes gives both sides a base (rule: adopt)'
  return { ...work, adopts: true, notes: [...work.notes, note] }
}

/** Whether equal repos are to get a commit that says so, since the rule says adopt and they have no base. */
export async function lacksBase(rule: Rule, files: Manifest, histories: Histories): Promise<boolean> {
  return rule.adopt && files.size > 0 && wouldMakeBase(rule, histories)
}

/** The work that these changes are. */
export function workOf(
  { rule, source, target }: Pair,
  passed: Passed,
  sides: Sides,
  changes: Changes,
): RepoWork {
  const { sourceInfo, targetInfo, visibility, isPublic } = passed
  const { targetAt } = sides
  return {
    id: itemId(rule, target.ref),
    rule,
    type: source.ref.type,
    source,
    target,
    sourceAt: sides.source.at,
    sourceUrl: sourceInfo.url,
    targetBranch: targetInfo?.defaultBranch ?? target.profile.defaultBranch,
    lease: targetAt === undefined ? { kind: 'fresh' } : { kind: 'commit', commit: targetAt.commit },
    targetHead: targetAt?.commit ?? null,
    visibility,
    isPublic,
    ...changes,
  }
}

/**
 * Readable and unique: one rule writes a target once, and all its folders lie in one. `isBack`: the repo written is the source of a
 * two-way rule.
 */
export function itemId(rule: Rule, target: RepoRef, isBack = false): string {
  const owner = target.hub === folderHub ? folderHub : target.owner
  return `${rule.name}/${isBack ? 'back/' : ''}${target.type}s/${owner}/${target.name}`
}
