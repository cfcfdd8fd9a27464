import pLimit from 'p-limit'
import type { FileEntry, Manifest } from '../model/file.ts'
import { parseRepoPath, type RepoPath } from '../model/path.ts'
import type { Snapshot } from '../model/repo.ts'
import { readIfSmall } from '../repos/read-if-small.ts'
import type { Repo } from '../repos/repo.ts'
import { sameReadme } from '../transform/readme-bytes.ts'
import { compareContent } from './compare-content.ts'
import { type Decision, decide } from './decide.ts'

/** One side of a comparison; `files` may be fewer than the repo holds. */
export interface Side {
  readonly repo: Repo
  readonly at: Snapshot
  readonly files: Manifest
}

export const readmePath = parseRepoPath('README.md')
/** READMEs larger than this are compared byte for byte like any other file. */
export const readmeCap = 10_485_760
/** Up to this many files without a common digest are read one by one; more are told by one tree-only git fetch. */
const fewUnknown = 8
const readers = 4

/**
 * Decides every file of `source` against `target`, reading what their digests cannot tell; nothing is left unknown. `modes`: executable
 * bits count.
 */
export async function compareRepos(
  source: Side,
  target: Side,
  modes = source.repo.listsModes && target.repo.listsModes && target.repo.keepsModes,
): Promise<Decision> {
  const proven = new Map<RepoPath, 'same' | 'different'>()
  const decided = () => decide(source.files, target.files, proven, modes)
  await proveReadme(source, target, proven)
  const first = decided()
  if (first.unknown.length > fewUnknown) await proveByGit(source, target, first.unknown, proven)
  const left = decided().unknown
  const limit = pLimit(readers)
  await Promise.all([willRead(source, left), willRead(target, left)])
  await Promise.all(left.map((file) => limit(() => proveByReading(source, target, file, proven))))
  return decided()
}

function willRead({ repo, at, files }: Side, some: readonly FileEntry[]): Promise<void> {
  return some.length === 0
    ? Promise.resolve()
    : repo.willRead(
        at,
        some.flatMap((file) => files.get(file.path) ?? []),
      )
}

type ProvenSoFar = Map<RepoPath, 'same' | 'different'>

/** READMEs that differ only in how the license is spelled are the same. */
async function proveReadme(source: Side, target: Side, proven: ProvenSoFar): Promise<void> {
  const here = source.files.get(readmePath)
  const there = target.files.get(readmePath)
  if (here === undefined || there === undefined || compareContent(here, there) === 'same') return
  if (here.mode === 'symlink' || there.mode === 'symlink') return
  const [a, b] = await Promise.all([
    readIfSmall(source.repo, source.at, here, readmeCap),
    readIfSmall(target.repo, target.at, there, readmeCap),
  ])
  if (a === undefined || b === undefined) return
  const map = { ...source.repo.profile.licenses.map, ...target.repo.profile.licenses.map }
  const same = sameReadme(a, b, map)
  proven.set(readmePath, same ? 'same' : 'different')
}

/** Git names every plain file by its content, so two trees tell without a byte of content. */
async function proveByGit(
  source: Side,
  target: Side,
  unknown: readonly FileEntry[],
  proven: ProvenSoFar,
): Promise<void> {
  const lacksIds = (side: Side) =>
    unknown.some((file) => side.files.get(file.path)?.digests.gitBlob === undefined)
  const [here, there] = await Promise.all(
    [source, target].map((side) => (lacksIds(side) ? side.repo.manifestWithGitBlobs(side.at) : side.files)),
  )
  for (const { path } of unknown) {
    const a = here?.get(path)
    const b = there?.get(path)
    if (a === undefined || b === undefined) continue
    const answer = compareContent(a, b)
    if (answer !== 'unknown') proven.set(path, answer)
  }
}

/** Reads the file on one side and takes both digests of it, so that whatever the other side lists can be compared. */
async function proveByReading(
  source: Side,
  target: Side,
  file: FileEntry,
  proven: ProvenSoFar,
): Promise<void> {
  const there = target.files.get(file.path)
  if (there === undefined) return
  const read = await source.repo.hashFile(source.at, file)
  const answer = compareContent(read, there)
  if (answer !== 'unknown') {
    proven.set(file.path, answer)
    return
  }
  const other = await target.repo.hashFile(target.at, there)
  proven.set(file.path, compareContent(read, other) === 'same' ? 'same' : 'different')
}
