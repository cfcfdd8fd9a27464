import { sep } from 'node:path'
import type { BlockedRepo } from '../model/plan.ts'
import { folderHub, formatRepo, type RepoRef } from '../model/repo.ts'
import { realFolder } from '../repos/real-folder.ts'
import type { Candidate } from './discover.ts'

/** Candidates that stay out of each other's way, and those that do not. */
export interface Overlaps {
  readonly free: readonly Candidate[]
  readonly blocked: readonly BlockedRepo[]
}

/**
 * A target is written by one rule only, the first that names it, and nothing is copied into itself: also not a folder into one that
 * lies in it, or that it lies in. Where models and datasets share one name space, one name is one target.
 */
export async function splitOverlaps(
  candidates: readonly Candidate[],
  hasOneNameSpace: (hub: string) => boolean,
): Promise<Overlaps> {
  const free: Candidate[] = []
  const blocked: BlockedRepo[] = []
  const taken: Taken = { whole: new Map(), folders: [] }
  for (const candidate of candidates) {
    const [source = '', target = ''] = await Promise.all(
      [candidate.source, candidate.target].map((ref) => placeOf(ref, hasOneNameSpace(ref.hub))),
    )
    const why = inItself(source, target) ?? taken.whole.get(target) ?? nested(taken, target)
    if (why !== undefined) {
      blocked.push(held(candidate, why))
      continue
    }
    const reason = `rule ${candidate.rule.name} writes this target already`
    taken.whole.set(target, reason)
    if (candidate.target.hub === folderHub) taken.folders.push({ place: target, rule: candidate.rule.name })
    free.push(candidate)
  }
  return { free, blocked }
}

interface Taken {
  /** Why a place is no target any more. */
  readonly whole: Map<string, string>
  readonly folders: { readonly place: string; readonly rule: string }[]
}

/** One text for one repo. A folder ends with a separator, so that it begins all that lies in it. */
async function placeOf(ref: RepoRef, oneNameSpace: boolean): Promise<string> {
  if (ref.hub !== folderHub) return formatRepo(oneNameSpace ? { ...ref, type: 'model' } : ref).toLowerCase()
  const folder = await realFolder(ref)
  // Disks that take any case are told from others by no cheap test.
  return `${folderHub}:${folder.endsWith(sep) ? folder : `${folder}${sep}`}`.toLowerCase()
}

function inItself(source: string, target: string): string | undefined {
  if (source === target) return 'source and target are the same repo'
  if (!areNested(source, target)) return undefined
  return target.startsWith(source) ? 'the target lies in the source' : 'the source lies in the target'
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

function held({ rule, source, target }: Candidate, reason: string): BlockedRepo {
  return { rule: rule.name, repo: formatRepo(source), target: formatRepo(target), reason, details: [] }
}
