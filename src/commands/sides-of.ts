import type { WorkItem } from '../model/plan.ts'
import type { RepoRef } from '../model/repo.ts'

/** The two repos of an item as its rule names them, whichever of them it writes. */
export function sidesOf(item: WorkItem): readonly [source: RepoRef, target: RepoRef] {
  return inRuleOrder(item, readBy(item), writtenBy(item))
}

/** Something of the repo that an item reads, and of the one that it writes, in the order of its rule. */
export function inRuleOrder<T>(
  { back }: Pick<WorkItem, 'back'>,
  read: T,
  written: T,
): readonly [source: T, target: T] {
  return back ? [written, read] : [read, written]
}

/** The repo that an item reads. */
export function readBy({ type, source: { hub, owner, name, space } }: WorkItem): RepoRef {
  return { hub, type, owner, name, ...(space && { space }) }
}

/** The repo that an item writes. */
export function writtenBy({ type, target: { hub, owner, name } }: WorkItem): RepoRef {
  return { hub, type, owner, name }
}
