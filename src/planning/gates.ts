import type { Rule } from '../config/rule.ts'
import { exposes, folderHub, isOpen, type RepoInfo } from '../model/repo.ts'

export type GateAnswer =
  | GatePassed
  | { readonly kind: 'skipped' | 'blocked' | 'failed'; readonly reason: string }

export interface GatePassed {
  readonly kind: 'pass'
  /** With which the target is created. */
  readonly visibility: 'public' | 'private'
  readonly notes: readonly string[]
}

/**
 * Whether a rule lets this source go to this target, and with which visibility. Nothing that is not public at the source
 * becomes public here: neither by creating, nor by writing into what is public already.
 */
export function accessGate(rule: Rule, source: RepoInfo, target: RepoInfo | undefined): GateAnswer {
  if (source.gated && rule.gated === 'skip')
    return { kind: 'skipped', reason: 'the source is gated (rule: gated: skip)' }
  if (source.gated && rule.gated === 'fail')
    return { kind: 'failed', reason: 'the source is gated (rule: gated: fail)' }
  const open = isOpen(source, rule.visibility)
  const sourceIs = source.gated ? 'gated' : source.visibility
  if (rule.visibility === 'public' && !open) {
    return {
      kind: 'blocked',
      reason: `critical: the source is ${sourceIs} and the rule says visibility: public; nothing non-public is ever made public`,
    }
  }
  const visibility = open && rule.visibility !== 'private' ? 'public' : 'private'
  if (target === undefined)
    return { kind: 'pass', visibility, notes: createdPrivate(rule, visibility, source) }
  return existingTarget(visibility, source, target)
}

/** Nobody who did not ask for it is left to wonder why nobody sees the new repo. */
function createdPrivate(rule: Rule, visibility: 'public' | 'private', source: RepoInfo): string[] {
  if (visibility === 'public' || rule.visibility === 'private' || rule.to.hub === folderHub) return []
  const why = source.local
    ? 'a local folder is private unless the rule says visibility: public (--set visibility=public)'
    : `the source is ${source.gated ? 'gated' : source.visibility}`
  return [`the target is created private: ${why}`]
}

function existingTarget(visibility: 'public' | 'private', source: RepoInfo, target: RepoInfo): GateAnswer {
  const targetIs = target.gated ? 'gated' : target.visibility
  if (visibility === 'private' && exposes(target, source)) {
    const sourceIs = source.visibility === 'public' && source.gated ? 'gated' : source.visibility
    const why = source.local
      ? 'a local folder is private unless the rule says visibility: public'
      : sourceIs === 'public'
        ? 'the rule says visibility: private'
        : `the source is ${sourceIs}`
    return {
      kind: 'blocked',
      reason: `critical: ${why}, but the target exists and is ${targetIs}; make it private on the hub, or choose another target`,
    }
  }
  // A folder of this machine is never public, and nobody expects it to be.
  const drift = visibility === 'public' && !target.local && (target.visibility === 'private' || target.gated)
  return {
    kind: 'pass',
    visibility,
    notes: drift ? [`the target is ${targetIs} although the rule would make it public; left as it is`] : [],
  }
}
