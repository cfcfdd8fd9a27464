import type { Rule } from '../config/rule.ts'
import { folderHub, type RepoRef } from '../model/repo.ts'
import type { RepoWork } from '../repos/work.ts'
import { type Changes, deriveChanges } from './derive-changes.ts'
import { type Derived, isEnding, type Pair } from './derived.ts'
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
  const changes = await deriveChanges(pair, passed, sides)
  if (isEnding(changes)) return changes
  const { source, targetAt } = sides
  const { files, orphans, notes } = changes
  if (files.length === 0 && targetAt === undefined)
    return { kind: 'skipped', reason: 'the source holds no file that goes over' }
  if (files.length === 0 && orphans.length === 0 && targetAt !== undefined)
    return { kind: 'unchanged', sourceAt: source.at, targetAt, notes }
  await assertWritable(pair.target, passed.targetInfo)
  return { kind: 'work', work: workOf(pair, passed, sides, changes) }
}

function workOf({ rule, source, target }: Pair, passed: Passed, sides: Sides, changes: Changes): RepoWork {
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

/** Readable and unique: one rule writes a target once, and all its folders lie in one. */
export function itemId(rule: Rule, target: RepoRef): string {
  const owner = target.hub === folderHub ? folderHub : target.owner
  return `${rule.name}/${target.type}s/${owner}/${target.name}`
}
