import type { FileEntry } from '../model/file.ts'
import { printable } from '../model/printable.ts'
import { isPlatformMade } from '../repos/platform-made.ts'
import type { Repo } from '../repos/repo.ts'
import type { FileWork, RepoWork } from '../repos/work.ts'
import { readmeBytesFor } from '../transform/readme-bytes.ts'
import { compareRepos, readmePath, type Side } from './compare-repos.ts'
import type { Decision } from './decide.ts'
import { blockedBy, type Ending, isEnding, type Pair } from './derived.ts'
import { fileWork } from './file-work.ts'
import { findDeletes } from './find-deletes.ts'
import type { Histories } from './histories.ts'
import { asImported, importNotes, importProblems } from './import-gate.ts'
import { orphanedObjects } from './orphaned-objects.ts'
import type { Passed } from './pass-gates.ts'
import { pathNotes } from './path-notes.ts'
import type { Sides } from './read-sides.ts'
import { targetLicense } from './target-license.ts'
import { targetProblems } from './target-problems.ts'
import { writtenReadme } from './written-readme.ts'

/** What brings the target up to date. */
export type Changes = Pick<RepoWork, 'files' | 'deletes' | 'importUrl' | 'license' | 'notes' | 'orphans'>

/**
 * Decides file by file what goes over and how, and what leaves, unless the target is known to refuse some of it. `histories`: of both,
 * where the target has a commit.
 */
export async function deriveChanges(
  pair: Pair,
  passed: Passed,
  sides: Sides,
  histories: Histories | undefined,
): Promise<Changes | Ending> {
  const { rule, source, target } = pair
  const { source: side, real, targetAt, targetFiles } = sides
  const { sourceInfo, targetInfo } = passed
  const repos = { rule, source, sourceInfo, target, targetExists: targetInfo !== undefined }
  const request = { ...repos, real, wanted: side.files }
  const notImported = importProblems(request)
  if (notImported.length > 0) return blockedBy(notImported)
  const there = targetAt && { repo: target, at: targetAt, files: targetFiles }
  const decision = there === undefined ? everythingOf(side) : await compareRepos(side, there)
  const gone = await findDeletes(rule, side, there, histories)
  if (gone.kind === 'blocked') return blockedBy(gone.problems)
  const changes = await changesBy(pair, passed, sides, decision, gone.files)
  if (isEnding(changes)) return changes
  const deleting = { ...changes, notes: [...gone.notes, ...changes.notes] }
  if (rule.transport !== 'import' || targetInfo !== undefined) return deleting
  const imported = importNotes(request, await source.manifest(side.at))
  return {
    ...deleting,
    files: asImported(changes.files),
    ...(source.cloneUrl !== undefined && { importUrl: source.cloneUrl }),
    notes: [...imported, ...deleting.notes],
  }
}

/**
 * How the files of a decision go over while `deletes` leave the target, and what is told of them; ends where the target is known to
 * refuse some of it.
 */
export async function changesBy(
  { source, target }: Pair,
  { sourceInfo, notes }: Passed,
  { source: side, real, targetAt, targetFiles }: Sides,
  all: Decision,
  deletes: readonly FileEntry[] = [],
): Promise<Changes | Ending> {
  const { decision, notes: targetsOwn } = await withoutTargetsOwn(side, target, all)
  const targetExists = targetAt !== undefined
  const question = {
    source,
    at: side.at,
    info: sourceInfo,
    files: real.files,
    target,
    decision,
    targetExists,
  }
  const { license, notes: licenseNotes } = await targetLicense(question)
  const readme = await writtenReadme(side, target, decision, license)
  const files = await fileWork(side, target, decision, { targetExists, readme })
  // With what never goes over, links and submodules among it: it is in the way all the same.
  const existing = targetAt ? await target.manifest(targetAt) : targetFiles
  const problems = await targetProblems(target, { existing, deletes, files, readme })
  if (problems.length > 0) return blockedBy(problems)
  const orphans = targetAt ? await orphanedObjects(target, targetAt, targetFiles, decision.same) : []
  const lost = [...lostModes(target, files), ...pathNotes(pathsOf(files), targetFiles.keys())]
  const told = [...real.notes, ...targetsOwn, ...licenseNotes, ...notes, ...lost]
  return { files, deletes, license, orphans, notes: [...told, ...source.detours, ...target.detours] }
}

/** For a target that is absent or empty. */
function everythingOf({ files }: Side): Decision {
  return { add: [...files.values()], update: [], same: [], unknown: [] }
}

/**
 * Files that the target would take for its own: it never shows them as content, so they would be sent again in every run.
 * They can only be among those that it seems to lack.
 */
export async function withoutTargetsOwn(
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

function lostModes(target: Repo, files: readonly FileWork[]): string[] {
  if (target.keepsModes) return []
  const executable = files.filter((file) => file.source.mode === 'executable')
  return executable.map(
    (file) => `${printable(file.path)}: is not executable on the target, which keeps no such bit`,
  )
}

function pathsOf(files: readonly FileWork[]): string[] {
  return files.map(({ path }) => path)
}
