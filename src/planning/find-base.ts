import { filterDigest } from '../config/digest.ts'
import type { Rule } from '../config/rule.ts'
import { asSyncError, type ErrorCode, SyncError } from '../model/errors.ts'
import type { Manifest } from '../model/file.ts'
import { folderHub, formatRepo, type Snapshot, snapshotName } from '../model/repo.ts'
import type { Repo } from '../repos/repo.ts'
import { type Base, chooseBase, type Past } from './base.ts'
import { compareRepos, type Side } from './compare-repos.ts'
import { filterFiles, realFiles } from './real-files.ts'

/** A repo at the commit that is compared. */
export interface PinnedRepo {
  readonly repo: Repo
  readonly at: Snapshot
}

/** Commits of each side that are searched for the last sync; what lies deeper is no base (docs/deletes.md). */
export const baseDepth = 100

/**
 * What both sides had when they were last equal, from their histories and their listings at that time. `none` where the histories do
 * not tell it, or cannot be read; throws only what another try may mend (a hub that is down). `others`: repos that two-way rules keep
 * in step with either side.
 */
export async function findBase(
  rule: Rule,
  source: PinnedRepo,
  target: PinnedRepo,
  others: readonly Repo[] = [],
): Promise<Base> {
  const pasts = await pastsOf(source, target)
  if (pasts.kind === 'none') return pasts
  const third = await Promise.all(others.map(wholePast))
  const found = chooseBase(...pasts.value, filterDigest(rule), third.flat())
  if (found.kind === 'none') return found
  const sourceAt = { ...source.at, commit: found.source }
  const targetAt = { ...target.at, commit: found.target }
  // Kept as in the comparison of today: a link counts only where the target keeps it.
  const links = target.repo.keepsModes
  const listed = async (repo: Repo, at: Snapshot) =>
    filterFiles(rule, (await realFiles(repo, at, links)).files)
  const then = await readable(async () => {
    const files = await Promise.all([listed(source.repo, sourceAt), listed(target.repo, targetAt)])
    return equalOf(
      { repo: source.repo, at: sourceAt, files: files[0] },
      { repo: target.repo, at: targetAt, files: files[1] },
    )
  })
  if (then.kind === 'none') return then
  const [sourceFiles, targetFiles] = then.value
  return { kind: 'base', source: sourceFiles, target: targetFiles, sourceAt, targetAt, run: found.run }
}

/**
 * Of both listings what was the same. Trailers are no proof, since whoever may commit can write them, and somebody may have committed
 * beside the sync: what has no digest in common is read, the README in the form of both hubs.
 */
async function equalOf(source: Side, target: Side): Promise<[Manifest, Manifest]> {
  const { same } = await compareRepos(source, target, false)
  const paths = new Set(same.map(({ path }) => path))
  const only = ({ files }: Side) => new Map([...files].filter(([path]) => paths.has(path)))
  return [only(source), only(target)]
}

/**
 * Whether a commit on the target that names the source as it is now would give the two the base that they lack. Not where a history
 * cannot be read, nor where the target's newest commit is one already and its message does not come back as it was written: that would
 * be a commit more in every run.
 */
export async function wouldMakeBase(rule: Rule, source: PinnedRepo, target: PinnedRepo): Promise<boolean> {
  const pasts = await pastsOf(source, target)
  if (pasts.kind === 'none') return false
  const [here, there] = pasts.value
  const filter = filterDigest(rule)
  if (chooseBase(here, there, filter).kind === 'commits') return false
  const told = [`${here.name}@${source.at.commit}`, filter]
  return !told.every((text) => there.commits[0]?.message.includes(text))
}

/** All that a third repo tells. Its hub may be down, or closed to us: then the pair only has an older base, or none. */
async function wholePast(repo: Repo): Promise<Past[]> {
  try {
    const info = await repo.info()
    const commits = info && (await repo.history(info.defaultBranch, baseDepth))
    return commits === undefined ? [] : [{ name: snapshotName(repo.ref), commits }]
  } catch (thrown) {
    if (!(thrown instanceof SyncError) || thrown.code === 'stopped') throw thrown
    return []
  }
}

/** Both histories; a folder has none. */
async function pastsOf(source: PinnedRepo, target: PinnedRepo): Promise<Readable<[Past, Past]>> {
  if ([source, target].some(({ repo }) => repo.ref.hub === folderHub))
    return { kind: 'none', why: 'a folder has no history' }
  const [here, there] = await Promise.all([pastOf(source), pastOf(target)])
  if (here.kind === 'none') return here
  return there.kind === 'none' ? there : { kind: 'read', value: [here.value, there.value] }
}

/** The history from the pinned commit on; what was committed since it was pinned is left out. */
async function pastOf({ repo, at }: PinnedRepo): Promise<Readable<Past>> {
  const read = await readable(() => repo.history(at.branch, baseDepth))
  if (read.kind === 'none') return read
  const start = read.value.findIndex(({ id }) => id === at.commit)
  if (start >= 0)
    return { kind: 'read', value: { name: snapshotName(repo.ref), commits: read.value.slice(start) } }
  return { kind: 'none', why: `${formatRepo(repo.ref)} does not show ${at.commit} in its history` }
}

/** What says that a hub does not tell this, now or later. */
const unreadable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'not-found',
  'forbidden',
  'unsupported',
  'bad-answer',
  'bad-path',
  'too-large',
  'git',
])

type Readable<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'none'; readonly why: string }

async function readable<T>(read: () => Promise<T>): Promise<Readable<T>> {
  try {
    return { kind: 'read', value: await read() }
  } catch (thrown) {
    const { code, message } = asSyncError(thrown)
    if (!unreadable.has(code)) throw thrown
    return { kind: 'none', why: `the history cannot be read: ${message}` }
  }
}
