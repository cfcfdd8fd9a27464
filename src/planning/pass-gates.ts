import { folderHub, formatRepo, isOpen, type RepoInfo, type RepoRef } from '../model/repo.ts'
import type { Repo } from '../repos/repo.ts'
import type { Ending, Pair } from './derived.ts'
import { accessGate, type GateAnswer } from './gates.ts'

/** A pair that may be synced, as far as that can be told without its files. */
export interface Passed {
  readonly sourceInfo: RepoInfo
  /** Undefined: the target is absent. */
  readonly targetInfo: RepoInfo | undefined
  /** With which the target is created. */
  readonly visibility: 'public' | 'private'
  /** Source and target are seen to be public, or the target will be created so. */
  readonly isPublic: boolean
  readonly notes: readonly string[]
}

/** Looks both repos up, and says whether the rule lets the one go to the other. */
export async function passGates(pair: Pair): Promise<Passed | Ending> {
  const { source, target } = pair
  const sourceInfo = await source.info()
  if (sourceInfo === undefined)
    return { kind: 'failed', code: 'not-found', reason: `${formatRepo(source.ref)} does not exist.` }
  return gatesBetween(pair, sourceInfo, await target.info())
}

/** What `passGates` says of two repos that were looked up already. */
export function gatesBetween(
  pair: Pair,
  sourceInfo: RepoInfo,
  targetInfo: RepoInfo | undefined,
): Passed | Ending {
  const { rule, source, target } = pair
  const isPublic = arePublic(pair, sourceInfo, targetInfo)
  pair.onSeen?.(isPublic, sourceInfo.url)
  const renamed = renamedTarget(target.ref, targetInfo)
  if (renamed !== undefined) return { kind: 'blocked', reason: renamed, details: [] }
  const gate = accessGate(rule, sourceInfo, targetInfo)
  if (gate.kind !== 'pass') return stoppedAt(gate.kind, gate.reason)
  const uncreatable = targetInfo === undefined ? creationProblem(target, gate.visibility) : undefined
  if (uncreatable !== undefined) return { kind: 'blocked', reason: uncreatable, details: [] }
  const notes = [...gate.notes, ...renamedSource(source.ref, sourceInfo)]
  return { sourceInfo, targetInfo, visibility: gate.visibility, isPublic, notes }
}

/** Whether everybody may see the names of both. A target that is absent is what it will be created as, where its hub lets us say so. */
export function arePublic({ rule, target }: Pair, source: RepoInfo, there: RepoInfo | undefined): boolean {
  if (!isOpen(source, rule.visibility) || target.ref.hub === folderHub) return false
  if (there !== undefined) return isOpen(there, 'keep')
  return rule.visibility !== 'private' && target.creation === 'exact'
}

/** Why a target that was renamed is not written by its old name. */
export function renamedTarget(asked: RepoRef, info: RepoInfo | undefined): string | undefined {
  if (info === undefined || sameName(asked, info.ref)) return undefined
  return `the target ${formatRepo(asked)} is now called ${formatRepo(info.ref)}; name it so in the rule, so that nothing is written by surprise`
}

function renamedSource(asked: RepoRef, info: RepoInfo): string[] {
  return sameName(asked, info.ref) ? [] : [`the source is now called ${formatRepo(info.ref)}`]
}

function sameName(a: RepoRef, b: RepoRef): boolean {
  return `${a.owner}/${a.name}`.toLowerCase() === `${b.owner}/${b.name}`.toLowerCase()
}

function stoppedAt(kind: Exclude<GateAnswer['kind'], 'pass'>, reason: string): Ending {
  if (kind === 'failed') return { kind, code: 'gated', reason }
  return kind === 'blocked' ? { kind, reason, details: [] } : { kind, reason }
}

/** Why a target that is absent cannot be made as it has to be. */
function creationProblem(target: Repo, visibility: 'public' | 'private'): string | undefined {
  if (target.creation === 'exact') return undefined
  const name = formatRepo(target.ref)
  if (target.creation === 'none')
    return `${name} does not exist and cannot be made from here: create it on the hub`
  return visibility === 'public'
    ? undefined
    : `critical: ${name} does not exist, and would be made by a push, which cannot make it private: create it there as private first`
}
