import type { Rule } from '../config/rule.ts'
import type { LicenseProfile } from '../model/profile.ts'
import { exposes, formatRepo, isOpen, type RepoInfo } from '../model/repo.ts'
import type { Finding } from '../model/verification.ts'
import { canonicalLicense, takesLicense } from '../transform/license.ts'

/** Whether the target shows more, or less, than the rule lets it show of this source; undefined: neither. */
export function visibilityFinding(rule: Rule, source: RepoInfo, target: RepoInfo): Finding | undefined {
  const isPublic = isOpen(source, rule.visibility) && rule.visibility !== 'private'
  const targetIs = target.gated ? 'gated' : target.visibility
  if (!isPublic) {
    if (!exposes(target, source)) return undefined
    const why = isOpen(source, rule.visibility)
      ? 'the rule says visibility: private'
      : `the source is ${sourceWord(source)}`
    return {
      kind: 'visibility',
      severity: 'critical',
      text: `critical: ${why}, but the target is ${targetIs}`,
      next: `Make ${formatRepo(target.ref)} private on its hub now; nothing else is repaired before.`,
      repairable: false,
    }
  }
  if (target.local || (target.visibility === 'public' && !target.gated)) return undefined
  return {
    kind: 'visibility',
    severity: 'problem',
    text: `the source is public, but the target is ${targetIs}`,
    next: `Make ${formatRepo(target.ref)} public on its hub, or write visibility: private into the rule.`,
    repairable: false,
  }
}

function sourceWord(source: RepoInfo): string {
  if (source.local) return 'a local folder, private unless the rule says visibility: public'
  return source.visibility === 'public' && source.gated ? 'gated' : source.visibility
}

export interface LicenseSides {
  readonly source: RepoInfo
  readonly target: RepoInfo
  readonly sourceLicenses: LicenseProfile
  readonly targetLicenses: LicenseProfile
  /** What the source's README says, as an id: it counts as much as the page. */
  readonly readme: string | undefined
}

/**
 * Whether the hubs' own metadata name another license. A hub without such metadata says nothing of it. `other` is what a hub that
 * insists on one says where it was told none, or none that it takes: that is only told.
 */
export function licenseFinding(sides: LicenseSides): Finding | undefined {
  const { source, target, sourceLicenses, targetLicenses, readme } = sides
  if (target.license === undefined || target.local) return undefined
  const map = { ...sourceLicenses.map, ...targetLicenses.map }
  const told = [source.license, readme].flatMap((one) =>
    one === undefined ? [] : canonicalLicense(one, map),
  )
  const there = canonicalLicense(target.license, map)
  const [first] = told
  if (first === undefined || told.includes(there)) return undefined
  const isUntold = there === 'other'
  if (isUntold && !takesLicense(targetLicenses, first)) return undefined
  return {
    kind: 'license',
    severity: isUntold ? 'note' : 'problem',
    text: `the source's license is ${JSON.stringify(first)}, the target's page says ${JSON.stringify(there)}`,
    next: `Set the license in the settings of ${formatRepo(target.ref)}.`,
    repairable: false,
  }
}
