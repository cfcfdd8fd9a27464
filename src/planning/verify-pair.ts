import type { Context } from '../context.ts'
import { asSyncError } from '../model/errors.ts'
import { formatRepo, type RepoInfo, type Snapshot } from '../model/repo.ts'
import type { Verification } from '../model/report.ts'
import type { Finding, FindingKind } from '../model/verification.ts'
import type { Bandwidth } from '../net/bandwidth.ts'
import { isEnding, type Pair } from './derived.ts'
import { arePublic, renamedTarget } from './pass-gates.ts'
import { readSides } from './read-sides.ts'
import { licenseFinding, visibilityFinding } from './verify-access.ts'
import { readmeLicense, verifyContent } from './verify-content.ts'

/** What looking at a pair has shown. */
export type PairCheck =
  | { readonly kind: 'skipped'; readonly reason: string }
  | {
      readonly kind: 'checked'
      readonly findings: readonly Finding[]
      /** Files of the source by how far the target's are proven. */
      readonly files: Readonly<Record<Verification, number>>
      readonly sourceAt?: Snapshot
      readonly targetAt?: Snapshot
    }

/**
 * Compares a pair as it is now, and reads back what the target serves: every byte with `verify: full`, else both ends of every LFS
 * object. Sends no request that writes, and takes nobody's word for it, a ledger's neither. What cannot be read becomes a finding;
 * throws only where the run is stopped.
 */
export async function verifyPair(context: Context, pair: Pair, bandwidth: Bandwidth): Promise<PairCheck> {
  return orUnreadable(context, () => checkPair(context, pair, bandwidth))
}

/** An error as the finding that it is; `known` was found before. */
async function orUnreadable(
  context: Context,
  act: () => Promise<PairCheck>,
  known: readonly Finding[] = [],
): Promise<PairCheck> {
  try {
    return await act()
  } catch (thrown) {
    context.signal.throwIfAborted()
    const error = asSyncError(thrown)
    return checked([...known, unreadable(error.message, error.next ?? 'Run again.')])
  }
}

async function checkPair(context: Context, pair: Pair, bandwidth: Bandwidth): Promise<PairCheck> {
  const { rule, source, target } = pair
  const sourceInfo = await source.info()
  if (sourceInfo === undefined)
    return checked([unreadable(`${formatRepo(source.ref)} does not exist`, 'Check its name and the token.')])
  const targetInfo = await target.info()
  const isPublic = arePublic(pair, sourceInfo, targetInfo)
  pair.onSeen?.(isPublic, sourceInfo.url)
  const visibility = targetInfo && visibilityFinding(rule, sourceInfo, targetInfo)
  if (sourceInfo.gated && rule.gated === 'skip') {
    // It may have been open when it was mirrored.
    if (visibility?.severity === 'critical') return checked([visibility])
    return { kind: 'skipped', reason: 'the source is gated (rule: gated: skip)' }
  }
  if (targetInfo === undefined)
    return checked(settled(pair, [absent(`${formatRepo(target.ref)} does not exist`)]))
  const renamed = renamedTarget(target.ref, targetInfo)
  if (renamed !== undefined) return checked([unreadable(renamed, 'Write its new name into the rule.')])
  const known = visibility === undefined ? [] : [visibility]
  const infos = { sourceInfo, targetInfo, isPublic, known }
  return orUnreadable(context, () => checkContent(context, pair, infos, bandwidth), known)
}

interface Infos {
  readonly sourceInfo: RepoInfo
  readonly targetInfo: RepoInfo
  readonly isPublic: boolean
  readonly known: readonly Finding[]
}

async function checkContent(
  context: Context,
  pair: Pair,
  { sourceInfo, targetInfo, isPublic, known }: Infos,
  bandwidth: Bandwidth,
): Promise<PairCheck> {
  const { rule, source, target } = pair
  const passed = { sourceInfo, targetInfo, visibility: 'private', isPublic, notes: [] } as const
  const sides = await readSides(pair, passed, undefined)
  if (isEnding(sides)) {
    const reason = 'reason' in sides ? sides.reason : sides.kind
    if (sides.kind !== 'skipped') return checked([...known, unreadable(reason, 'Check the rule.')])
    return known.length > 0 ? checked(known) : { kind: 'skipped', reason }
  }
  const { source: side, targetAt, targetFiles } = sides
  if (targetAt === undefined) {
    const empty = side.files.size === 0 ? [] : [absent(`${formatRepo(target.ref)} is empty`)]
    return checked(settled(pair, [...known, ...empty]), { sourceAt: side.at })
  }
  const there = { repo: target, at: targetAt, files: targetFiles }
  const reading = { source: side, target: there, depth: rule.verify, bandwidth }
  const { findings, files } = await verifyContent(context, reading)
  const license = licenseFinding({
    source: sourceInfo,
    target: targetInfo,
    sourceLicenses: source.profile.licenses,
    targetLicenses: target.profile.licenses,
    readme: await readmeLicense(side),
  })
  return checked(settled(pair, [...known, license, ...findings]), { sourceAt: side.at, targetAt }, files)
}

/** What only a person may settle is not offered for repair: a target that shows too much, and a change on one of two equal sides. */
function settled({ rule }: Pair, all: readonly (Finding | undefined)[]): Finding[] {
  const findings = all.filter((finding) => finding !== undefined)
  const isOpen = findings.some(({ severity }) => severity === 'critical')
  const isTwoWay = rule.direction === 'two-way'
  return findings.map((finding): Finding => {
    if (!finding.repairable) return finding
    if (isOpen) return { ...finding, repairable: false, next: 'First make the target private.' }
    if (!isTwoWay || !contentKinds.has(finding.kind)) return finding
    return { ...finding, repairable: false, next: '`run` settles what differs under a two-way rule.' }
  })
}

const contentKinds: ReadonlySet<FindingKind> = new Set([
  'absent',
  'differs',
  'missing',
  'metadata',
  'license',
])

function absent(text: string): Finding {
  return { kind: 'absent', severity: 'problem', text, next: '`repair` fills it.', repairable: true }
}

function unreadable(text: string, next: string): Finding {
  return { kind: 'unreadable', severity: 'problem', text, next, repairable: false }
}

const noFiles = { verified: 0, sampled: 0, mismatch: 0, unverifiable: 0 }

function checked(
  findings: readonly Finding[],
  at: { readonly sourceAt?: Snapshot; readonly targetAt?: Snapshot } = {},
  files: Readonly<Record<Verification, number>> = noFiles,
): PairCheck {
  return { kind: 'checked', findings, files, ...at }
}
