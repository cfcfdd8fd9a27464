import type { Rule } from '../config/rule.ts'
import type { FileEntry, Manifest } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import { printable } from '../model/printable.ts'
import type { BaseFile } from './base.ts'
import { compareContent } from './compare-content.ts'
import { fold, saysWhatIsLfs } from './deletes.ts'

export type SideName = 'source' | 'target'

/** Both sides as they are now. */
export interface BothNow extends Readonly<Record<SideName, Manifest>> {
  /** Paths that both sides hold with different content. */
  readonly differing: ReadonlySet<RepoPath>
  /** Paths of what a side lists and what never goes over: links, submodules, what its hub made. */
  readonly others: Readonly<Record<SideName, ReadonlySet<string>>>
  /** Those of them that people put there: links and submodules. */
  readonly links: Readonly<Record<SideName, ReadonlySet<string>>>
  /** Both sides tell and keep executable bits, so these count as changes too. */
  readonly modes: boolean
}

/** The files that both sides had when they were last equal (`heldByBoth`). */
export type PairBase = ReadonlyMap<RepoPath, BaseFile>

/** What must change on one side; `deletes` are files of that side, the others files of the side they come from. */
export interface OneSide {
  readonly add: readonly FileEntry[]
  readonly update: readonly FileEntry[]
  readonly deletes: readonly FileEntry[]
}

/** A path on which the two sides disagree. */
export interface PathConflict {
  readonly path: RepoPath
  readonly why: string
  readonly source: FileEntry | undefined
  readonly target: FileEntry | undefined
}

export interface BothDecision {
  /** To the rule's target. */
  readonly forward: OneSide
  /** To the rule's source. */
  readonly back: OneSide
  /** Those that the rule leaves to a person; where there is one, nothing may be written. */
  readonly conflicts: readonly PathConflict[]
  /** Paths on which the rule's `conflict` has decided. */
  readonly resolved: number
  readonly notes: readonly string[]
}

/**
 * Two-way: what must change on each side so that both are equal. Each side is compared with its own past by its own digests, and
 * what cannot be told counts as changed. Without a base nothing is deleted, and what is different is a conflict. Pure.
 */
export function decideBoth(
  base: PairBase | undefined,
  now: BothNow,
  policy: Pick<Rule, 'conflict' | 'delete'>,
): BothDecision {
  const sides = { source: emptySide(), target: emptySide() }
  const conflicts: PathConflict[] = []
  const notes: string[] = []
  let resolved = 0
  const twins = { source: foldedPaths(now.source), target: foldedPaths(now.target) }
  const bring = (path: RepoPath, winner: SideName) =>
    notes.push(...settle(path, winner, now, sides, whyKept(path, winner, policy, twins[winner])))
  for (const path of pathsOf(now)) {
    const verdict = verdictOn(path, base, now)
    if (verdict.kind === 'goes') bring(path, verdict.winner)
    if (verdict.kind !== 'conflict') continue
    const { why } = verdict
    if (policy.conflict === 'fail') {
      conflicts.push({ path, why, source: now.source.get(path), target: now.target.get(path) })
      continue
    }
    notes.push(
      `${printable(path)}: ${why}; the ${policy.conflict} counts (rule: conflict: ${policy.conflict})`,
    )
    bring(path, policy.conflict)
    resolved += 1
  }
  return { forward: sides.target, back: sides.source, conflicts, resolved, notes }
}

/** The other side of a pair. */
export function otherSide(side: SideName): SideName {
  return side === 'source' ? 'target' : 'source'
}

type Verdict =
  | { readonly kind: 'nothing' }
  /** This side's state goes over: its file, or that it has none. */
  | { readonly kind: 'goes'; readonly winner: SideName }
  | { readonly kind: 'conflict'; readonly why: string }

function verdictOn(path: RepoPath, base: PairBase | undefined, now: BothNow): Verdict {
  const [here, there] = [now.source.get(path), now.target.get(path)]
  if (here !== undefined && there !== undefined && !now.differing.has(path)) return { kind: 'nothing' }
  const then = base?.get(path)
  if (then === undefined) return withoutPast(here, there, base !== undefined)
  const changed = {
    source: hasChanged(then.source, here, now.modes),
    target: hasChanged(then.target, there, now.modes),
  }
  if (changed.source !== changed.target) return { kind: 'goes', winner: changed.source ? 'source' : 'target' }
  return { kind: 'conflict', why: whyConflict(here, there, changed.source) }
}

/** A path that only one side has was added there; which of two different files is the newer one, nothing tells. */
function withoutPast(here: FileEntry | undefined, there: FileEntry | undefined, hasBase: boolean): Verdict {
  if (here === undefined || there === undefined)
    return { kind: 'goes', winner: here === undefined ? 'target' : 'source' }
  const why = hasBase ? 'added on both sides with different content' : 'different, and there is no base'
  return { kind: 'conflict', why }
}

function whyConflict(here: FileEntry | undefined, there: FileEntry | undefined, isChanged: boolean): string {
  if (here === undefined) return 'deleted on the source, changed on the target'
  if (there === undefined) return 'changed on the source, deleted on the target'
  // Then the two were not equal, whatever the commits say.
  return isChanged ? 'changed on both sides' : 'different since the last sync'
}

function hasChanged(then: FileEntry, now: FileEntry | undefined, modes: boolean): boolean {
  if (now === undefined || compareContent(then, now) !== 'same') return true
  const isLink = (file: FileEntry) => file.mode === 'symlink'
  return isLink(then) !== isLink(now) || (modes && then.mode !== now.mode)
}

/** Why a file that `winner` lacks must not be deleted on the other side; undefined: it may. */
function whyKept(
  path: RepoPath,
  winner: SideName,
  policy: Pick<Rule, 'delete'>,
  paths: ReadonlySet<string>,
): string | undefined {
  if (policy.delete === undefined) return 'the rule deletes nothing (rule: delete)'
  if (saysWhatIsLfs(path)) return 'it says which files are LFS'
  return paths.has(fold(path)) ? `the ${winner} has it in another spelling` : undefined
}

interface Building {
  readonly add: FileEntry[]
  readonly update: FileEntry[]
  readonly deletes: FileEntry[]
}

/** Brings the winner's state over. A file that may not be deleted comes back to where it was deleted, so that both sides end equal. */
function settle(
  path: RepoPath,
  winner: SideName,
  now: BothNow,
  sides: Record<SideName, Building>,
  kept: string | undefined,
): string[] {
  const loser = otherSide(winner)
  const [file, over] = [now[winner].get(path), now[loser].get(path)]
  if (over === undefined && now.links[loser].has(path)) return [leftAlone(path, loser)]
  if (file !== undefined) sides[loser][over === undefined ? 'add' : 'update'].push(file)
  else if (over === undefined) return []
  else if (now.others[winner].has(path)) return [leftAlone(path, winner)]
  else if (kept === undefined) sides[loser].deletes.push(over)
  else {
    sides[winner].add.push(over)
    return [`${printable(path)}: was deleted on the ${winner} and comes back: ${kept}`]
  }
  return []
}

function leftAlone(path: RepoPath, side: SideName): string {
  return `${printable(path)}: left alone, since the ${side} has something there that never goes over`
}

function emptySide(): Building {
  return { add: [], update: [], deletes: [] }
}

function pathsOf({ source, target }: BothNow): Set<RepoPath> {
  return new Set([...source.keys(), ...target.keys()])
}

function foldedPaths(files: Manifest): ReadonlySet<string> {
  return new Set([...files.keys()].map(fold))
}
