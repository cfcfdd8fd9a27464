import picomatch from 'picomatch'
import type { Rule } from '../config/rule.ts'
import type { ErrorCode } from '../model/errors.ts'
import type { FileEntry, Manifest } from '../model/file.ts'
import { printable } from '../model/printable.ts'
import { folderHub, formatRepo, isOpen, type RepoInfo, type RepoRef, type Snapshot } from '../model/repo.ts'
import { isPlatformMade } from '../repos/platform-made.ts'
import type { Repo } from '../repos/repo.ts'
import type { FileWork, RepoWork } from '../repos/work.ts'
import { readmeMetadata } from '../transform/readme.ts'
import { readmeBytesFor } from '../transform/readme-bytes.ts'
import { compareRepos, readmeCap, readmePath, type Side } from './compare-repos.ts'
import type { Decision } from './decide.ts'
import { fileWork } from './file-work.ts'
import { accessGate } from './gates.ts'
import { asImported, importNotes, importProblems } from './import-gate.ts'
import { orphanedObjects } from './orphaned-objects.ts'
import { pathNotes } from './path-notes.ts'
import { filterFiles, realFiles } from './real-files.ts'
import { targetLicense } from './target-license.ts'
import { targetProblems } from './target-problems.ts'
import { assertWritable } from './token-problem.ts'
import { writtenReadme } from './written-readme.ts'

/** What a rule means for one pair of repos, as things are now. */
export type Derived =
  | { readonly kind: 'work'; readonly work: RepoWork }
  | {
      readonly kind: 'unchanged'
      readonly sourceAt: Snapshot
      readonly targetAt: Snapshot
      readonly notes: readonly string[]
    }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly reason: string }
  | { readonly kind: 'blocked'; readonly reason: string; readonly details: readonly string[] }

export interface Pair {
  readonly rule: Rule
  readonly source: Repo
  readonly target: Repo
  /** Told whether everybody may see both repos, as soon as it is known: also where deriving throws after that. */
  readonly onSeen?: (isPublic: boolean) => void
}

/** What a saved plan saw; deriving from it again shows whether it still stands. */
export interface Pinned {
  readonly sourceCommit: string
  readonly sourceBranch: string
}

/** Looks at both sides and derives all that has to be done; asks, reads and lists, but never writes. */
export async function deriveWork(pair: Pair, pinned?: Pinned): Promise<Derived> {
  const { rule, source, target } = pair
  const sourceInfo = await source.info()
  if (sourceInfo === undefined)
    return { kind: 'failed', code: 'not-found', reason: `${formatRepo(source.ref)} does not exist.` }
  const targetInfo = await target.info()
  const isPublic = arePublic(pair, sourceInfo, targetInfo)
  pair.onSeen?.(isPublic)
  const renamed = renamedTarget(target.ref, targetInfo)
  if (renamed !== undefined) return renamed
  const gate = accessGate(rule, sourceInfo, targetInfo)
  if (gate.kind !== 'pass') return stoppedAt(gate.kind, gate.reason)
  const uncreatable = targetInfo === undefined ? creationProblem(target, gate.visibility) : undefined
  if (uncreatable !== undefined) return { kind: 'blocked', reason: uncreatable, details: [] }

  const revision = rule.revision ?? sourceInfo.defaultBranch
  if (pinned !== undefined && !(await isOnRevision(source, pinned, revision)))
    return notPlanned(source.ref, pinned, revision)
  const sourceAt = await pin(source, pinned, revision)
  if (sourceAt === undefined) return noRevision(rule, source.ref, sourceInfo)
  const targetAt = await targetSnapshot(target, targetInfo)
  const targetFiles =
    targetAt === undefined ? emptyFiles : await realFiles(target, targetAt, target.keepsModes)
  if (rule.existing === 'skip' && !rule.named && targetFiles.files.size > 0) {
    return { kind: 'skipped', reason: 'the target exists with content (rule: existing: skip)' }
  }
  const real = await realFiles(source, sourceAt, target.keepsModes)
  const skipped = await contentGate(rule, source, sourceAt, sourceInfo, real.files)
  if (skipped !== undefined) return { kind: 'skipped', reason: skipped }

  const sides = {
    source: { repo: source, at: sourceAt, files: filterFiles(rule, real.files) },
    targetFiles: targetFiles.files,
    targetAt,
  }
  const request = {
    ...{ rule, source, sourceInfo, target, targetExists: targetInfo !== undefined },
    ...{ real, wanted: sides.source.files },
  }
  const importing = rule.transport === 'import' && targetInfo === undefined
  const notImported = importProblems(request)
  if (notImported.length > 0) return { kind: 'blocked', reason: notImported[0] ?? '', details: notImported }
  const all = await decideSides(sides, target)
  const { decision, notes: targetsOwn } = await withoutTargetsOwn(sides.source, target, all)
  const targetExists = targetAt !== undefined
  const license = await targetLicense({
    ...{ source, at: sourceAt, info: sourceInfo, files: real.files },
    ...{ target, decision, targetExists },
  })
  const readme = await writtenReadme(sides.source, target, decision, license.license)
  const files = await fileWork(sides.source, target, decision, { targetExists, readme })
  const problems = await targetProblems(target, { existing: targetFiles.files, files, readme })
  if (problems.length > 0) return { kind: 'blocked', reason: problems[0] ?? '', details: problems }
  const orphans =
    targetAt === undefined ? [] : await orphanedObjects(target, targetAt, targetFiles.files, decision.same)
  const notes = [
    ...real.notes,
    ...targetsOwn,
    ...license.notes,
    ...(importing ? importNotes(request, await source.manifest(sourceAt)) : []),
    ...gate.notes,
    ...renamedSource(source.ref, sourceInfo),
    ...lostModes(target, files),
    ...pathNotes(
      files.map(({ path }) => path),
      targetFiles.files.keys(),
    ),
    ...source.detours,
    ...target.detours,
  ]
  if (files.length === 0 && orphans.length === 0 && targetAt !== undefined)
    return { kind: 'unchanged', sourceAt, targetAt, notes }
  if (files.length === 0 && targetAt === undefined)
    return { kind: 'skipped', reason: 'the source holds no file that goes over' }
  await assertWritable(target, targetInfo)
  return {
    kind: 'work',
    work: {
      id: itemId(rule, target.ref),
      rule,
      type: source.ref.type,
      source,
      target,
      sourceAt,
      sourceUrl: sourceInfo.url,
      targetBranch: targetInfo?.defaultBranch ?? target.profile.defaultBranch,
      lease: targetAt === undefined ? { kind: 'fresh' } : { kind: 'commit', commit: targetAt.commit },
      targetHead: targetAt?.commit ?? null,
      visibility: gate.visibility,
      isPublic,
      license: license.license,
      files: importing ? asImported(files) : files,
      ...(importing && source.cloneUrl !== undefined && { importUrl: source.cloneUrl }),
      orphans,
      notes,
    },
  }
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

/** Whether everybody may see the names of both. A target that is absent is what it will be created as, where its hub lets us say so. */
function arePublic({ rule, target }: Pair, source: RepoInfo, there: RepoInfo | undefined): boolean {
  if (!isOpen(source, rule.visibility) || target.ref.hub === folderHub) return false
  if (there !== undefined) return isOpen(there, 'keep')
  return rule.visibility !== 'private' && target.creation === 'exact'
}

function stoppedAt(kind: 'skipped' | 'blocked' | 'failed', reason: string): Derived {
  if (kind === 'failed') return { kind, code: 'gated', reason }
  return kind === 'blocked' ? { kind, reason, details: [] } : { kind, reason }
}

function lostModes(target: Repo, files: readonly FileWork[]): string[] {
  if (target.keepsModes) return []
  const executable = files.filter((file) => file.source.mode === 'executable')
  return executable.map(
    (file) => `${printable(file.path)}: is not executable on the target, which keeps no such bit`,
  )
}

/** Readable and unique: one rule writes a target once, and all its folders lie in one. */
export function itemId(rule: Rule, target: RepoRef): string {
  const owner = target.hub === folderHub ? folderHub : target.owner
  return `${rule.name}/${target.type}s/${owner}/${target.name}`
}

const emptyFiles: { readonly files: Manifest } = { files: new Map() }

function renamedTarget(asked: RepoRef, info: RepoInfo | undefined): Derived | undefined {
  if (info === undefined || sameName(asked, info.ref)) return undefined
  return {
    kind: 'blocked',
    reason: `the target ${formatRepo(asked)} is now called ${formatRepo(info.ref)}; name it so in the rule, so that nothing is written by surprise`,
    details: [],
  }
}

function renamedSource(asked: RepoRef, info: RepoInfo): string[] {
  return sameName(asked, info.ref) ? [] : [`the source is now called ${formatRepo(info.ref)}`]
}

function sameName(a: RepoRef, b: RepoRef): boolean {
  return `${a.owner}/${a.name}`.toLowerCase() === `${b.owner}/${b.name}`.toLowerCase()
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
async function isOnRevision(source: Repo, pinned: Pinned, revision: string): Promise<boolean> {
  if (pinned.sourceBranch !== revision) return false
  if ((await source.head(revision)) === pinned.sourceCommit) return true
  return (await source.history(revision, planLag)).some((commit) => commit.id === pinned.sourceCommit)
}

function notPlanned(ref: RepoRef, pinned: Pinned, revision: string): Derived {
  return {
    kind: 'failed',
    code: 'plan',
    reason: `The plan's commit ${pinned.sourceCommit} of ${pinned.sourceBranch} is none of the last ${planLag} of ${formatRepo(ref)}, ${revision}. Plan again.`,
  }
}

function noRevision(rule: Rule, ref: RepoRef, info: RepoInfo): Derived {
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
async function contentGate(
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
    const text = readme === undefined ? '' : (await source.readFile(at, readme, readmeCap)).toString('utf8')
    if (readmeMetadata(text, source.profile.licenses.map).license === undefined)
      return 'the source names no license (rule: license: require)'
  }
  return undefined
}

/**
 * Files that the target would take for its own: it never shows them as content, so they would be sent again in every run.
 * They can only be among those that it seems to lack.
 */
async function withoutTargetsOwn(
  source: Side,
  target: Repo,
  decision: Decision,
): Promise<{ decision: Decision; notes: string[] }> {
  const add: FileEntry[] = []
  const notes: string[] = []
  const { platformFiles, licenses } = target.profile
  const asWritten = (content: Buffer) => readmeBytesFor(licenses, content)
  for (const file of decision.add) {
    const shape = file.path === readmePath ? asWritten : undefined
    if (await isPlatformMade(source.repo, source.at, file, platformFiles, shape))
      notes.push(
        `${printable(file.path)}: not copied, since ${target.profile.label} takes it for a file of its own`,
      )
    else add.push(file)
  }
  return { decision: { ...decision, add }, notes }
}

async function decideSides(
  sides: { source: Side; targetFiles: Manifest; targetAt: Snapshot | undefined },
  target: Repo,
): Promise<Decision> {
  if (sides.targetAt === undefined)
    return { add: [...sides.source.files.values()], update: [], same: [], unknown: [] }
  return compareRepos(sides.source, { repo: target, at: sides.targetAt, files: sides.targetFiles })
}
