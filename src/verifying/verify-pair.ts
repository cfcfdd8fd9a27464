import type { Context } from '../context.ts'
import { asSyncError } from '../model/errors.ts'
import { formatRepo, type RepoInfo, type Snapshot } from '../model/repo.ts'
import type { Verification } from '../model/report.ts'
import type { Finding, FindingKind } from '../model/verification.ts'
import type { Bandwidth } from '../net/bandwidth.ts'
import { readmePath, type Side } from '../planning/compare-repos.ts'
import { type Ending, isEnding, type Pair } from '../planning/derived.ts'
import { arePublic, renamedTarget } from '../planning/pass-gates.ts'
import { type BothListed, listBoth, pinBoth } from '../planning/read-both.ts'
import { readSides } from '../planning/read-sides.ts'
import { licenseFinding, visibilityFinding } from './verify-access.ts'
import { verifyBothContents } from './verify-both.ts'
import { type ContentCheck, readmeLicense, verifyContent } from './verify-content.ts'

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
  if (sourceInfo === undefined) return checkWithoutSource(pair)
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

/** A run of a two-way rule makes the source of what the target has; of any other rule there is nothing to compare with. */
async function checkWithoutSource(pair: Pair): Promise<PairCheck> {
  const { rule, source, target } = pair
  const text = `${formatRepo(source.ref)} does not exist`
  const targetInfo = rule.direction === 'two-way' ? await target.info() : undefined
  if (targetInfo === undefined) return checked([unreadable(text, 'Check its name and the token.')])
  pair.onSeen?.(arePublic({ ...pair, source: target, target: source }, targetInfo, undefined))
  if (targetInfo.gated && rule.gated === 'skip')
    return { kind: 'skipped', reason: 'the target, which alone is there, is gated (rule: gated: skip)' }
  if ((await target.head(targetInfo.defaultBranch)) === undefined)
    return { kind: 'skipped', reason: `${text}, and the target is empty` }
  return checked(settled(pair, [absent(text)]))
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
  infos: Infos,
  bandwidth: Bandwidth,
): Promise<PairCheck> {
  const { rule, target } = pair
  const { sourceInfo, targetInfo, isPublic, known } = infos
  const two = rule.direction === 'two-way' ? await listTwoWay(pair, infos) : undefined
  if (two?.kind === 'ended') return two.check
  const reading = { depth: rule.verify, bandwidth }
  if (two !== undefined) {
    const content = await verifyBothContents(context, pair, two.both, reading)
    return checkedContent(pair, infos, two.both, content)
  }
  const passed = { sourceInfo, targetInfo, visibility: 'private', isPublic, notes: [] } as const
  const sides = await readSides(pair, passed, undefined)
  if (isEnding(sides)) return held(sides, known)
  const { source: side, targetAt, targetFiles } = sides
  if (targetAt === undefined) {
    const empty = side.files.size === 0 ? [] : [absent(`${formatRepo(target.ref)} is empty`)]
    return checked(settled(pair, [...known, ...empty]), { sourceAt: side.at })
  }
  const there = { repo: target, at: targetAt, files: targetFiles }
  const content = await verifyContent(context, { ...reading, source: side, target: there })
  return checkedContent(pair, infos, { source: side, target: there }, content)
}

type TwoWay =
  | { readonly kind: 'listed'; readonly both: BothListed }
  | { readonly kind: 'ended'; readonly check: PairCheck }

/** Both sides of a two-way pair; undefined where the target is empty, which is looked at as that of any rule. */
async function listTwoWay(pair: Pair, { sourceInfo, targetInfo, known }: Infos): Promise<TwoWay | undefined> {
  const infos = { source: sourceInfo, target: targetInfo }
  const ended = (check: PairCheck) => ({ kind: 'ended', check }) as const
  const at = await pinBoth(pair, infos)
  if (isEnding(at)) return ended(held(at, known))
  const { source, target } = at
  if (target === undefined) return undefined
  if (source === undefined) {
    const empty = absent(`${formatRepo(pair.source.ref)} is empty`)
    return ended(checked(settled(pair, [...known, empty]), { targetAt: target }))
  }
  const both = await listBoth(pair, infos, { source, target })
  return isEnding(both) ? ended(held(both, known)) : { kind: 'listed', both }
}

/** A pair that its rule leaves alone, unless it shows too much. */
function held(ending: Ending, known: readonly Finding[]): PairCheck {
  const reason = 'reason' in ending ? ending.reason : ending.kind
  if (ending.kind !== 'skipped') return checked([...known, unreadable(reason, 'Check the rule.')])
  return known.length > 0 ? checked(known) : { kind: 'skipped', reason }
}

async function checkedContent(
  pair: Pair,
  { sourceInfo, targetInfo, known }: Infos,
  { source, target }: { readonly source: Side; readonly target: Side },
  { findings, files, pending }: ContentCheck,
): Promise<PairCheck> {
  const license = licenseFinding({
    source: sourceInfo,
    target: targetInfo,
    sourceLicenses: source.repo.profile.licenses,
    targetLicenses: target.repo.profile.licenses,
    readme: await readmeLicense(source),
  })
  // A page follows the README that a run brings over.
  const told = pending.has(readmePath) ? undefined : license
  const at = { sourceAt: source.at, targetAt: target.at }
  return checked(settled(pair, [...known, told, ...findings]), at, files)
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
    // It may name a newer file than the one that the other side has.
    const isPointer = finding.kind === 'pointer-as-file'
    const next = '`run` settles what differs under a two-way rule.'
    return { ...finding, repairable: false, next: isPointer ? `Commit the file itself there: ${next}` : next }
  })
}

const contentKinds: ReadonlySet<FindingKind> = new Set([
  'absent',
  'differs',
  'missing',
  'metadata',
  'license',
  'pointer-as-file',
])

function absent(text: string): Finding {
  return { kind: 'absent', severity: 'problem', text, next: '`repair` fills it.', repairable: true }
}

function unreadable(text: string, next: string): Finding {
  return { kind: 'unreadable', severity: 'problem', text, next, repairable: false }
}

/** How far the files of a pair are proven of which none was looked at. */
export const noFiles = { verified: 0, sampled: 0, mismatch: 0, unverifiable: 0 }

function checked(
  findings: readonly Finding[],
  at: { readonly sourceAt?: Snapshot; readonly targetAt?: Snapshot } = {},
  files: Readonly<Record<Verification, number>> = noFiles,
): PairCheck {
  return { kind: 'checked', findings, files, ...at }
}
