import type { FileEntry, Manifest } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import type { CommitInfo, Snapshot } from '../model/repo.ts'
import { parseTrailers, type SyncTrailers } from '../model/trailers.ts'
import { compareContent } from './compare-content.ts'
import { readmePath } from './compare-repos.ts'

/** What both sides had when they were last equal; `none` says why nobody knows. */
export type Base = FoundBase | { readonly kind: 'none'; readonly why: string }

export interface FoundBase {
  readonly kind: 'base'
  /** The real files of each side then that both had with the same content, as the rule's `files` lets them through. */
  readonly source: Manifest
  readonly target: Manifest
  readonly sourceAt: Snapshot
  readonly targetAt: Snapshot
  /** Id of the run that made them equal. */
  readonly run: string
}

/** One side's history. */
export interface Past {
  /** The repo as trailers write it (`snapshotName`). */
  readonly name: string
  /** Newest first, from the commit that is compared. */
  readonly commits: readonly CommitInfo[]
}

export type BaseCommits =
  | { readonly kind: 'commits'; readonly source: string; readonly target: string; readonly run: string }
  | { readonly kind: 'none'; readonly why: string }

/**
 * The two commits at which both sides were last equal: those of the newest run of which every commit it planned is there. Pure.
 * `filter` is the rule's digest now (`filterDigest`): after a change of the filters nothing is known of what they let through then.
 * `others`: histories of repos that are kept in step with both, by which the two may have come to be equal.
 */
export function chooseBase(
  source: Past,
  target: Past,
  filter: string,
  others: readonly Past[] = [],
): BaseCommits {
  const all = meetingsThrough(source, target, others)
  if (all.length === 0)
    return { kind: 'none', why: 'the history of neither side shows a sync of the two that is complete' }
  const newest = all.find((one) => all.every((other) => one.here <= other.here && one.there <= other.there))
  if (newest === undefined)
    return { kind: 'none', why: 'the histories of the two sides tell of their syncs in different orders' }
  if (newest.filter === undefined)
    return { kind: 'none', why: 'the last sync does not say which files took part in it' }
  if (newest.filter !== filter) return { kind: 'none', why: "the rule's files changed since the last sync" }
  const commits = [source.commits[newest.here]?.id, target.commits[newest.there]?.id]
  return { kind: 'commits', source: commits[0] ?? '', target: commits[1] ?? '', run: newest.run }
}

/** A commit of each side at which both were equal, by their places in the histories. */
interface Meeting {
  readonly here: number
  readonly there: number
  readonly run: string
  readonly filter: string | undefined
}

interface Stamped extends SyncTrailers {
  readonly at: number
}

function meetings(source: Past, target: Past): Meeting[] {
  const here = stampedOf(source)
  const there = stampedOf(target)
  const flip = ({ here: a, there: b, ...rest }: Meeting): Meeting => ({ ...rest, here: b, there: a })
  return [
    ...copiesOf(source, there),
    ...copiesOf(target, here).map(flip),
    ...there.flatMap((mine) => here.flatMap((its) => ofOneRun(source, its, target, mine) ?? [])),
  ]
}

/** Where a commit stands: which history, and which place in it. */
interface Place {
  readonly past: number
  readonly at: number
}

/**
 * Where the two had the same, also where each of them met the same commit of another repo, or one of its own. Of commits that all
 * hold the same the newest of each side count.
 */
function meetingsThrough(source: Past, target: Past, others: readonly Past[]): Meeting[] {
  const pasts = [source, target, ...others]
  const all = pasts.flatMap((here, first) =>
    pasts.slice(first + 1).flatMap((there, more) =>
      meetings(here, there).map((met) => ({
        met,
        ends: [
          { past: first, at: met.here } as const,
          { past: first + 1 + more, at: met.there } as const,
        ] as const,
      })),
    ),
  )
  const groups = new Map<string, { places: Place[]; met: Meeting }>()
  for (const { met, ends } of all) {
    const keys = ends.map((place) => JSON.stringify([place, met.filter ?? null]))
    const known = new Set(keys.flatMap((key) => groups.get(key) ?? []))
    const places = [...ends, ...[...known].flatMap((group) => group.places)]
    const joined = { places, met }
    for (const place of places) groups.set(JSON.stringify([place, met.filter ?? null]), joined)
  }
  const newest = (places: readonly Place[], past: number) =>
    Math.min(...places.filter((place) => place.past === past).map(({ at }) => at))
  return [...new Set(groups.values())].flatMap(({ places, met }) => {
    const [here, there] = [newest(places, 0), newest(places, 1)]
    return Number.isFinite(here) && Number.isFinite(there) ? [{ ...met, here, there }] : []
  })
}

function stampedOf({ commits }: Past): Stamped[] {
  return commits.flatMap(({ message }, at) => {
    const trailers = parseTrailers(message)
    return trailers === undefined ? [] : [{ ...trailers, at }]
  })
}

/** Commits of the other side that brought it what `past` had at some commit. */
function copiesOf(past: Past, others: readonly Stamped[]): Meeting[] {
  const places = new Map(past.commits.map(({ id }, at) => [id, at]))
  return others.flatMap(({ from, commits, run, filter, at }) => {
    const here = from.repo === past.name && commits === undefined ? places.get(from.commit) : undefined
    return here === undefined ? [] : [{ here, there: at, run, filter }]
  })
}

/** Two commits of one run: each of the two brought the other side's changes, or both the same snapshot of a third repo. */
function ofOneRun(source: Past, its: Stamped, target: Past, mine: Stamped): Meeting | undefined {
  if (its.run !== mine.run || its.filter !== mine.filter || its.commits !== mine.commits) return undefined
  const isMeeting =
    mine.commits === 2
      ? isBelow(source, its.at, source.name, mine.from) && isBelow(target, mine.at, target.name, its.from)
      : mine.from.repo === its.from.repo && mine.from.commit === its.from.commit
  return isMeeting ? { here: its.at, there: mine.at, run: mine.run, filter: mine.filter } : undefined
}

/** Whether a snapshot is of this repo, and of a commit that is older than the one at `place`. */
function isBelow({ commits }: Past, place: number, name: string, from: SyncTrailers['from']): boolean {
  return from.repo === name && commits.findIndex(({ id }) => id === from.commit) > place
}

/** A file of the base, as each side listed it then. */
export interface BaseFile {
  readonly source: FileEntry
  readonly target: FileEntry
}

/**
 * The files that both sides held with the same content. Trailers are no proof, so this is seen in both listings, and `findBase` has
 * read what these do not tell; of the README the bytes may differ, since it is written in the target's form.
 */
export function heldByBoth({
  source,
  target,
}: Pick<FoundBase, 'source' | 'target'>): ReadonlyMap<RepoPath, BaseFile> {
  const held = new Map<RepoPath, BaseFile>()
  for (const [path, file] of source) {
    const there = target.get(path)
    if (there === undefined) continue
    if (path === readmePath || compareContent(file, there) !== 'different')
      held.set(path, { source: file, target: there })
  }
  return held
}
