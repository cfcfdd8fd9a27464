import type { Context } from '../context.ts'
import type { FileEntry } from '../model/file.ts'
import type { Verification } from '../model/report.ts'
import { type Finding, isWrong } from '../model/verification.ts'
import { compareRepos, readmeCap, readmePath, type Side } from '../planning/compare-repos.ts'
import type { Decision } from '../planning/decide.ts'
import { withoutTargetsOwn } from '../planning/derive-changes.ts'
import { readIfSmall } from '../repos/read-if-small.ts'
import { readmeMetadata } from '../transform/readme.ts'
import { type Behind, behind } from './behind.ts'
import { differenceFindings, extraFiles, extraNote } from './verify-files.ts'
import { checkFiles, type FileCheck, type Reading } from './verify-objects.ts'

export interface ContentCheck {
  readonly findings: readonly Finding[]
  /** Files of the source by how far the target's are proven; those the target is only behind with are in none. */
  readonly files: Readonly<Record<Verification, number>>
  /** Paths that a run brings over in any case. */
  readonly pending: ReadonlySet<string>
}

/** Differences by whether a run brings them over in any case. */
export interface Sorted {
  /** Those that are not pending. */
  readonly differing: Differing
  /** Files that only the target has. */
  readonly extra: readonly FileEntry[]
  /** Of all differences. */
  readonly findings: readonly Finding[]
  readonly pending: ReadonlySet<string>
}

/** Compares every file of the source with the target's, and reads what the target has of them. */
export async function verifyContent(context: Context, reading: Reading): Promise<ContentCheck> {
  const { source, target } = reading
  const compared = await compareRepos(source, target)
  const { decision } = await withoutTargetsOwn(source, target.repo, compared)
  const lag = await behind(source, target, decision)
  const differing = withoutBehind(decision, lag)
  const extra = extraFiles(source, target)
  const pending = lag?.paths ?? new Set()
  const findings = [
    ...(await differenceFindings(source, target, differing)),
    ...[...pending].map((path) => behindNote(path, lag?.since ?? '')),
    ...extra.map(({ path }) => extraNote(path)),
  ]
  return readBack(context, reading, decision.same, { differing, extra, findings, pending })
}

/** Reads what the target has of the files that are the same, and of those that only it has. */
export async function readBack(
  context: Context,
  reading: Reading,
  same: readonly FileEntry[],
  { differing, extra, findings, pending }: Sorted,
): Promise<ContentCheck> {
  const { source, target } = reading
  const checks = await checkFiles(context, reading, [...entriesOf(target, same), ...extra])
  const read = checks.flatMap(({ finding }) => finding ?? [])
  return {
    findings: [...findings.filter(isWrong), ...read, ...findings.filter((finding) => !isWrong(finding))],
    files: counted(source, differing, findings, checks),
    pending,
  }
}

/** The license that a side's README names, as an id. */
export async function readmeLicense({ repo, at, files }: Side): Promise<string | undefined> {
  const readme = files.get(readmePath)
  if (readme === undefined || readme.mode === 'symlink') return undefined
  const content = await readIfSmall(repo, at, readme, readmeCap)
  return content && readmeMetadata(content.toString('utf8'), repo.profile.licenses.map).license
}

type Differing = Pick<Decision, 'add' | 'update'>

function withoutBehind({ add, update }: Differing, lag: Behind | undefined): Differing {
  const isDamage = ({ path }: FileEntry) => lag === undefined || !lag.paths.has(path)
  return { add: add.filter(isDamage), update: update.filter(isDamage) }
}

function entriesOf({ files }: Side, some: readonly FileEntry[]): FileEntry[] {
  return some.flatMap(({ path }) => files.get(path) ?? [])
}

/** A README that merely has more keys than the source's counts as the same. */
function counted(
  source: Side,
  { add, update }: Differing,
  differences: readonly Finding[],
  checks: readonly FileCheck[],
): Record<Verification, number> {
  const wrong = new Set(differences.filter(isWrong).map(({ path }) => path))
  const files = { verified: 0, sampled: 0, mismatch: 0, unverifiable: 0 }
  for (const { path } of [...add, ...update]) files[wrong.has(path) ? 'mismatch' : 'verified'] += 1
  for (const { path, verification } of checks) if (source.files.has(path)) files[verification] += 1
  return files
}

function behindNote(path: string, since: string): Finding {
  const text = `the source has changed since the last sync (of ${since.slice(0, 12)})`
  return { kind: 'behind', path, severity: 'note', text, next: '`run` brings it over.', repairable: false }
}
