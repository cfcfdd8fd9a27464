import pLimit from 'p-limit'
import picomatch from 'picomatch'
import type { Rule } from '../config/rule.ts'
import { asSyncError, type ErrorCode } from '../model/errors.ts'
import type { FileEntry, LfsObject, Manifest } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import { formatRepo, type RepoInfo, type RepoRef, type Snapshot } from '../model/repo.ts'
import type { Repo } from '../repos/repo.ts'
import type { FileWork, RepoWork } from '../repos/work.ts'
import { readmeMetadata } from '../transform/readme.ts'
import { readmeBytesFor } from '../transform/readme-bytes.ts'
import { compareRepos, readmeCap, readmePath, type Side } from './compare-repos.ts'
import type { Decision } from './decide.ts'
import { accessGate } from './gates.ts'
import { preflight } from './preflight.ts'
import { filterFiles, realFiles } from './real-files.ts'

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
  const renamed = renamedTarget(target.ref, targetInfo)
  if (renamed !== undefined) return renamed
  const gate = accessGate(rule, sourceInfo, targetInfo)
  if (gate.kind !== 'pass') return stoppedAt(gate.kind, gate.reason)

  const sourceAt = await pin(source, pinned, rule.revision ?? sourceInfo.defaultBranch)
  if (sourceAt === undefined) return noRevision(rule, source.ref, sourceInfo)
  const targetAt = await targetSnapshot(target, targetInfo)
  const targetFiles = targetAt === undefined ? emptyFiles : await realFiles(target, targetAt)
  if (rule.existing === 'skip' && !rule.named && targetFiles.files.size > 0) {
    return { kind: 'skipped', reason: 'the target exists with content (rule: existing: skip)' }
  }
  const real = await realFiles(source, sourceAt)
  const skipped = await contentGate(rule, source, sourceAt, sourceInfo, real.files)
  if (skipped !== undefined) return { kind: 'skipped', reason: skipped }

  const sides = {
    source: { repo: source, at: sourceAt, files: filterFiles(rule, real.files) },
    targetFiles: targetFiles.files,
    targetAt,
  }
  const decision = await decideSides(sides, target)
  const files = await fileWork(pair, sides.source, decision, targetAt)
  const problems = preflight(
    target.profile,
    target.ref,
    files,
    new Set([...targetFiles.files.keys(), ...sides.source.files.keys()]),
  )
  if (problems.length > 0) return { kind: 'blocked', reason: problems[0] ?? '', details: problems }
  const orphans =
    targetAt === undefined ? [] : await orphanedObjects(target, targetAt, targetFiles.files, decision.same)
  const notes = [...real.notes, ...gate.notes, ...renamedSource(source.ref, sourceInfo)]
  if (files.length === 0 && orphans.length === 0 && targetAt !== undefined)
    return { kind: 'unchanged', sourceAt, targetAt, notes }
  return {
    kind: 'work',
    work: {
      id: itemId(rule, target.ref),
      rule,
      type: source.ref.type,
      source,
      target,
      sourceAt,
      targetBranch: targetInfo?.defaultBranch ?? target.profile.defaultBranch,
      lease: targetAt === undefined ? { kind: 'fresh' } : { kind: 'commit', commit: targetAt.commit },
      targetHead: targetAt?.commit ?? null,
      visibility: gate.visibility,
      license: sourceInfo.license,
      files,
      orphans,
      notes,
    },
  }
}

function stoppedAt(kind: 'skipped' | 'blocked' | 'failed', reason: string): Derived {
  if (kind === 'failed') return { kind, code: 'gated', reason }
  return kind === 'blocked' ? { kind, reason, details: [] } : { kind, reason }
}

/** Readable and unique: one rule writes a target once. */
export function itemId(rule: Rule, target: RepoRef): string {
  return `${rule.name}/${target.type}s/${target.owner}/${target.name}`
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

async function decideSides(
  sides: { source: Side; targetFiles: Manifest; targetAt: Snapshot | undefined },
  target: Repo,
): Promise<Decision> {
  if (sides.targetAt === undefined)
    return { add: [...sides.source.files.values()], update: [], same: [], unknown: [] }
  return compareRepos(sides.source, { repo: target, at: sides.targetAt, files: sides.targetFiles })
}

/** How each file goes over: by the target's own rule of what is LFS, and by what its store has already. */
async function fileWork(
  pair: Pair,
  side: Side,
  decision: Decision,
  targetAt: Snapshot | undefined,
): Promise<FileWork[]> {
  const work: FileWork[] = []
  for (const kind of ['add', 'update'] as const) {
    for (const file of decision[kind]) work.push(await workOf(pair, side, kind, file))
  }
  const objects = work.flatMap((file) => (file.object === undefined ? [] : [file.object]))
  const lacking = targetAt === undefined ? objects : await pair.target.lacking(objects)
  const toMove = new Set(lacking.map((object) => object.oid))
  return work.map((file) =>
    file.object !== undefined && !toMove.has(file.object.oid) ? { ...file, move: 'reuse' } : file,
  )
}

async function workOf(
  { target, source }: Pair,
  side: Side,
  kind: 'add' | 'update',
  file: FileEntry,
): Promise<FileWork> {
  const base = { kind, path: file.path, source: file }
  if (file.path === readmePath && (file.size ?? 0) <= readmeCap) {
    const content = await source.readFile(side.at, file, readmeCap)
    const size = readmeBytesFor(target.profile.licenses, content).length
    return { ...base, size, move: 'inline', transformed: true }
  }
  const size = file.size ?? (await source.hashFile(side.at, file)).size
  if (target.profile.storageOf(source.ref.type, file.path, size) === 'git')
    return { ...base, size, move: 'inline', transformed: false }
  const oid = file.digests.sha256 ?? (await source.hashFile(side.at, file)).digests.sha256
  return { ...base, size, move: 'relay', object: { oid, size }, transformed: false }
}

/** Objects looked at per repo: the largest, since weights are what gets lost. */
const probes = 100
const probers = 4

/**
 * Equal files whose pointer on the target has no object behind it: weights that were never uploaded, or lost. The hub is asked
 * which it lacks; since some hubs say "there" of what they lost, the first byte of the largest is read too.
 */
async function orphanedObjects(
  target: Repo,
  at: Snapshot,
  targetFiles: Manifest,
  same: readonly FileEntry[],
): Promise<RepoWork['orphans']> {
  const pointed = same.flatMap((source) => {
    const object = pointedObject(targetFiles, source.path)
    return object === undefined ? [] : [{ path: source.path, source, object }]
  })
  const lacking = new Set(
    (await target.lacking(pointed.map(({ object }) => object))).map((object) => object.oid),
  )
  const largest = pointed
    .filter(({ object }) => !lacking.has(object.oid))
    .sort((a, b) => b.object.size - a.object.size)
  const limit = pLimit(probers)
  const probe = async ({ path, object }: (typeof pointed)[number]) => {
    if (!(await isServed(target, at, targetFiles.get(path)))) lacking.add(object.oid)
  }
  await Promise.all(largest.slice(0, probes).map((one) => limit(() => probe(one))))
  return pointed.filter(({ object }) => lacking.has(object.oid))
}

async function isServed(target: Repo, at: Snapshot, file: FileEntry | undefined): Promise<boolean> {
  if (file === undefined) return false
  try {
    await target.hashFile(at, file, { start: 0, end: 0 })
    return true
  } catch (thrown) {
    if (asSyncError(thrown).code === 'object-missing') return false
    throw thrown
  }
}

function pointedObject(files: Manifest, path: RepoPath): LfsObject | undefined {
  const file = files.get(path)
  if (file?.storage !== 'lfs' || file.digests.sha256 === undefined || !file.size) return undefined
  return { oid: file.digests.sha256, size: file.size }
}
