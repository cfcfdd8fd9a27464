import picomatch from 'picomatch'
import type { Rule } from '../config/rule.ts'
import type { Manifest } from '../model/file.ts'
import { formatRepo, type RepoInfo, type RepoRef, type Snapshot } from '../model/repo.ts'
import { readIfSmall } from '../repos/read-if-small.ts'
import type { Repo } from '../repos/repo.ts'
import { readmeMetadata } from '../transform/readme.ts'
import { readmeCap, readmePath, type Side } from './compare-repos.ts'
import type { Ending, Pair } from './derived.ts'
import type { Passed } from './pass-gates.ts'
import { filterFiles, type RealFiles, realFiles } from './real-files.ts'

/** Both repos of a pair, pinned and listed. */
export interface Sides {
  /** With the files that the rule's `files` lets through. */
  readonly source: Side
  /** All of the source's files. */
  readonly real: RealFiles
  /** Undefined: the target is absent, or has no commit. */
  readonly targetAt: Snapshot | undefined
  readonly targetFiles: Manifest
}

/** What a saved plan saw; deriving from it again shows whether it still stands. */
export interface Pinned {
  readonly sourceCommit: string
  readonly sourceBranch: string
}

/** Pins and lists both sides, and says whether what they hold lets them be synced. */
export async function readSides(
  { rule, source, target }: Pair,
  { sourceInfo, targetInfo }: Passed,
  pinned: Pinned | undefined,
): Promise<Sides | Ending> {
  const revision = rule.revision ?? sourceInfo.defaultBranch
  if (pinned !== undefined && !(await isOnRevision(source, pinned, revision)))
    return notPlanned(source.ref, pinned, revision)
  const sourceAt = await pin(source, pinned, revision)
  if (sourceAt === undefined) return noRevision(rule, source.ref, sourceInfo)
  const targetAt = await targetSnapshot(target, targetInfo)
  // A link or an executable bit counts only where the target keeps it.
  const listed = (repo: Repo, at: Snapshot) => realFiles(repo, at, target.keepsModes)
  const targetFiles: Manifest = targetAt === undefined ? new Map() : (await listed(target, targetAt)).files
  if (rule.existing === 'skip' && !rule.named && targetFiles.size > 0)
    return { kind: 'skipped', reason: 'the target exists with content (rule: existing: skip)' }
  const real = await listed(source, sourceAt)
  const held = await contentGate(rule, source, sourceAt, sourceInfo, real.files)
  if (held !== undefined) return { kind: 'skipped', reason: held }
  const files = filterFiles(rule, real.files)
  return { source: { repo: source, at: sourceAt, files }, real, targetAt, targetFiles }
}

async function pin(
  source: Repo,
  pinned: Pinned | undefined,
  revision: string,
): Promise<Snapshot | undefined> {
  if (pinned !== undefined)
    return { repo: source.ref, branch: pinned.sourceBranch, commit: pinned.sourceCommit }
  const commit = await source.head(revision)
  return commit === undefined ? undefined : { repo: source.ref, branch: revision, commit }
}

/** Commits of a branch that a plan may lag behind. */
const planLag = 100

/**
 * Whether the commit a plan names is, or lately was, what the rule asks for. Hubs give any commit by its id, those of strangers'
 * pull requests included, so a plan that was edited could otherwise have them published.
 */
export async function isOnRevision(source: Repo, pinned: Pinned, revision: string): Promise<boolean> {
  if (pinned.sourceBranch !== revision) return false
  if ((await source.head(revision)) === pinned.sourceCommit) return true
  return (await source.history(revision, planLag)).some((commit) => commit.id === pinned.sourceCommit)
}

/** The plan names a commit that the rule does not ask for. */
export function notPlanned(ref: RepoRef, pinned: Pinned, revision: string): Ending {
  return {
    kind: 'failed',
    code: 'plan',
    reason: `The plan's commit ${pinned.sourceCommit} of ${pinned.sourceBranch} is none of the last ${planLag} of ${formatRepo(ref)}, ${revision}. Plan again.`,
  }
}

function noRevision(rule: Rule, ref: RepoRef, info: RepoInfo): Ending {
  if (rule.revision === undefined)
    return { kind: 'skipped', reason: `the source is empty (no commit on ${info.defaultBranch})` }
  return { kind: 'failed', code: 'not-found', reason: `${formatRepo(ref)} has no revision ${rule.revision}.` }
}

async function targetSnapshot(target: Repo, info: RepoInfo | undefined): Promise<Snapshot | undefined> {
  if (info === undefined) return undefined
  const commit = await target.head(info.defaultBranch)
  return commit === undefined ? undefined : { repo: target.ref, branch: info.defaultBranch, commit }
}

/** The gates that need the file list: `requires` and `license`. */
export async function contentGate(
  rule: Rule,
  source: Repo,
  at: Snapshot,
  info: RepoInfo,
  files: Manifest,
): Promise<string | undefined> {
  if (rule.requires !== undefined && source.ref.type === 'model') {
    const holds = picomatch(rule.requires, { dot: true, basename: !rule.requires.includes('/') })
    if (![...files.keys()].some((path) => holds(path)))
      return `no file matches ${rule.requires} (rule: requires)`
  }
  if (rule.license === 'require' && info.license === undefined) {
    const readme = files.get(readmePath)
    const content = readme && (await readIfSmall(source, at, readme, readmeCap))
    const text = content?.toString('utf8') ?? ''
    if (readmeMetadata(text, source.profile.licenses.map).license === undefined)
      return 'the source names no license (rule: license: require)'
  }
  return undefined
}
