import type { Rule } from '../config/rule.ts'
import type { FileEntry, Manifest } from '../model/file.ts'
import { formatRepo, type RepoInfo, type Snapshot } from '../model/repo.ts'
import type { Side } from './compare-repos.ts'
import { otherSide, type SideName } from './decide-both.ts'
import { type Ending, isEnding, type Pair } from './derived.ts'
import { contentGate, isOnRevision, notPlanned, type Pinned, type Sides } from './read-sides.ts'
import { filterFiles, type RealFiles, realFiles } from './real-files.ts'

/** What a saved plan saw of one side. */
export interface PinnedSide extends Pinned {
  readonly side: SideName
}

type PerSide<T> = Readonly<Record<SideName, T>>

/** What the hubs say of the two repos; undefined: it is absent. */
export type Infos = PerSide<RepoInfo | undefined>

/** One side of a two-way pair, pinned and listed. */
export interface ListedSide extends Side {
  readonly info: RepoInfo
  readonly real: RealFiles
  /** Paths that it lists and that never go over. */
  readonly others: ReadonlySet<string>
  /** Those of them that people put there: links and submodules. */
  readonly links: ReadonlySet<string>
}

export type BothListed = PerSide<ListedSide>

/** Looks both repos up; an ending where neither is there, or where what a saved plan names is gone. */
export async function lookUpBoth({ source, target }: Pair, pinned?: PinnedSide): Promise<Infos | Ending> {
  const [here, there] = await Promise.all([source.info(), target.info()])
  const infos = { source: here, target: there }
  const gone = (ref: string): Ending => ({
    kind: 'failed',
    code: 'not-found',
    reason: `${ref} does not exist.`,
  })
  if (here === undefined && there === undefined) return gone(formatRepo(source.ref))
  if (pinned !== undefined && infos[pinned.side] === undefined)
    return gone(formatRepo({ source, target }[pinned.side].ref))
  return infos
}

/** The commits that are compared: of the pinned side what the plan saw, else the head; undefined: it has none. */
export async function pinBoth(
  pair: Pair,
  infos: Infos,
  pinned?: PinnedSide,
): Promise<PerSide<Snapshot | undefined> | Ending> {
  const [source, target] = await Promise.all([
    pin(pair, infos, 'source', pinned),
    pin(pair, infos, 'target', pinned),
  ])
  if (source !== undefined && isEnding(source)) return source
  if (target !== undefined && isEnding(target)) return target
  return { source, target }
}

async function pin(
  pair: Pair,
  infos: Infos,
  side: SideName,
  pinned?: PinnedSide,
): Promise<Snapshot | Ending | undefined> {
  const [repo, info] = [pair[side], infos[side]]
  if (info === undefined) return undefined
  const branch = info.defaultBranch
  if (pinned?.side === side) {
    if (!(await isOnRevision(repo, pinned, branch))) return notPlanned(repo.ref, pinned, branch)
    return { repo: repo.ref, branch, commit: pinned.sourceCommit }
  }
  const commit = await repo.head(branch)
  return commit === undefined ? undefined : { repo: repo.ref, branch, commit }
}

/** Lists both sides; an ending where the rule's `requires` or `license` lets neither take part. */
export async function listBoth(
  pair: Pair,
  infos: PerSide<RepoInfo>,
  at: PerSide<Snapshot>,
): Promise<BothListed | Ending> {
  const [source, target] = await Promise.all([
    listed(pair, infos.source, at.source, 'source'),
    listed(pair, infos.target, at.target, 'target'),
  ])
  const held = await heldBack(pair.rule, source)
  if (held !== undefined && (await heldBack(pair.rule, target)) !== undefined)
    return { kind: 'skipped', reason: held }
  return { source, target }
}

async function listed(pair: Pair, info: RepoInfo, at: Snapshot, side: SideName): Promise<ListedSide> {
  const repo = pair[side]
  // A link counts only where both sides keep it.
  const real = await realFiles(repo, at, pair.source.keepsModes && pair.target.keepsModes)
  const all = await repo.manifest(at)
  const others = [...all.values()].filter(({ path }) => !real.files.has(path))
  const links = others.filter(({ mode }) => mode === 'symlink' || mode === 'submodule')
  const files = filterFiles(pair.rule, real.files)
  return { repo, at, info, real, others: pathsOf(others), links: pathsOf(links), files }
}

function pathsOf(files: readonly FileEntry[]): ReadonlySet<string> {
  return new Set(files.map(({ path }) => path))
}

function heldBack(rule: Rule, { repo, at, info, real }: ListedSide): Promise<string | undefined> {
  return contentGate(rule, repo, at, info, real.files)
}

/** Both sides as one of the two ways sees them: `to` is written. */
export function sidesTo(both: BothListed, to: SideName): Sides {
  const [from, there] = [both[otherSide(to)], both[to]]
  return { source: from, real: from.real, targetAt: there.at, targetFiles: there.real.files }
}

/** Whether both hold the same paths. */
export function samePaths(a: Manifest, b: Manifest): boolean {
  return a.size === b.size && [...a.keys()].every((path) => b.has(path))
}
