import type { Context } from '../context.ts'
import type { FileEntry } from '../model/file.ts'
import type { Verification } from '../model/report.ts'
import { type Finding, isWrong } from '../model/verification.ts'
import { readIfSmall } from '../repos/read-if-small.ts'
import { readmeMetadata } from '../transform/readme.ts'
import { type Behind, behind } from './behind.ts'
import { compareRepos, readmeCap, readmePath, type Side } from './compare-repos.ts'
import type { Decision } from './decide.ts'
import { withoutTargetsOwn } from './derive-changes.ts'
import { differenceFindings, isUnfinished } from './verify-files.ts'
import { checkFiles, type FileCheck, type Reading } from './verify-objects.ts'

export interface ContentCheck {
  readonly findings: readonly Finding[]
  /** Files of the source by how far the target's are proven; those the target is only behind with are in none. */
  readonly files: Readonly<Record<Verification, number>>
}

/** Compares every file of the source with the target's, and reads what the target has of them. */
export async function verifyContent(context: Context, reading: Reading): Promise<ContentCheck> {
  const { source, target } = reading
  const compared = await compareRepos(source, target)
  const { decision } = await withoutTargetsOwn(source, target.repo, compared)
  const lag = await behind(source, target, decision)
  const differing = withoutBehind(decision, lag)
  const differences = await differenceFindings(source, target, differing)
  const extra = [...target.files.values()].filter(({ path }) => !source.files.has(path))
  const checks = await checkFiles(context, reading, [...entriesOf(target, decision.same), ...extra])
  return {
    findings: [
      ...differences,
      ...checks.flatMap(({ finding }) => finding ?? []),
      ...[...(lag?.paths ?? [])].map((path) => behindNote(path, lag?.since ?? '')),
      ...extra.map(extraNote),
    ],
    files: counted(source, differing, differences, checks),
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

function extraNote({ path }: FileEntry): Finding {
  const text = isUnfinished(path)
    ? 'only the target has it: by its name a download that has not ended'
    : 'only the target has it'
  return { kind: 'extra', path, severity: 'note', text, next: '', repairable: false }
}

function behindNote(path: string, since: string): Finding {
  const text = `the source has changed since the last sync (of ${since.slice(0, 12)})`
  return { kind: 'behind', path, severity: 'note', text, next: '`run` brings it over.', repairable: false }
}
