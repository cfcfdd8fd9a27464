import type { Context } from '../context.ts'
import { asSyncError } from '../model/errors.ts'
import type { FileEntry, LfsObject } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import type { Verification } from '../model/report.ts'
import type { Finding } from '../model/verification.ts'
import type { Bandwidth } from '../net/bandwidth.ts'
import { compareContent } from '../planning/compare-content.ts'
import type { Side } from '../planning/compare-repos.ts'
import { inParallel } from '../repos/in-parallel.ts'
import { isWholeObject, sampleBytes, sampleOf, sourceSample } from '../repos/sample-file.ts'

/** Objects read at a time, of one pair. */
const readers = 4

export interface Reading {
  readonly source: Side
  readonly target: Side
  /** `full`: every byte of every file; `sampled`: both ends of every LFS object. */
  readonly depth: 'sampled' | 'full'
  readonly bandwidth: Bandwidth
}

/** What reading said of one file of the target. */
export interface FileCheck {
  readonly path: RepoPath
  readonly verification: Verification
  readonly finding?: Finding
}

/**
 * Reads these files of the target, each LFS object once, whatever the number of its paths. The digest that a hub lists for an LFS file
 * is the pointer and proves nothing: only reading says that the object is there, and how much of it is right. Files that only the
 * target has are read too, with nothing to compare them with.
 */
export async function checkFiles(
  context: Context,
  reading: Reading,
  files: readonly FileEntry[],
): Promise<FileCheck[]> {
  const { target, depth } = reading
  const groups = Map.groupBy(files, (file) => {
    const oid = file.storage === 'lfs' ? file.digests.sha256 : undefined
    return oid === undefined ? file.path : `sha256:${oid}`
  })
  const plain = files.filter((file) => file.storage === 'git')
  if (depth === 'full' && plain.length > 0) await target.repo.willRead(target.at, plain)
  const checked = await inParallel([...groups.values()], readers, async (group) => {
    const [first] = group
    if (first === undefined) return []
    const check = await checkFile(context, reading, first)
    return group.map(({ path }) => ({
      ...check,
      path,
      ...(check.finding && { finding: { ...check.finding, path } }),
    }))
  })
  return checked.flat()
}

async function checkFile(context: Context, reading: Reading, there: FileEntry): Promise<FileCheck> {
  context.signal.throwIfAborted()
  const { path } = there
  try {
    if (there.storage === 'git') return await checkPlain(reading, there)
    const verification = await checkObject(context, reading, there)
    return verification === 'mismatch'
      ? { path, verification, finding: wrongBytes(reading, there) }
      : { path, verification }
  } catch (thrown) {
    context.signal.throwIfAborted()
    return unread(reading, there, thrown)
  }
}

/** The digest that a hub lists of a plain file is the file's own; `full` reads it all the same. */
async function checkPlain(reading: Reading, there: FileEntry): Promise<FileCheck> {
  const { target, depth, bandwidth } = reading
  const { path } = there
  if (depth === 'sampled' || there.mode === 'symlink') return { path, verification: 'verified' }
  const read = await target.repo.hashFile(target.at, there, undefined, bandwidth)
  return compareContent(read, there) === 'different'
    ? { path, verification: 'mismatch', finding: wrongBytes(reading, there) }
    : { path, verification: 'verified' }
}

async function checkObject(
  context: Context,
  reading: Reading,
  there: FileEntry,
): Promise<'verified' | 'sampled' | 'mismatch' | 'unverifiable'> {
  const { source, target, depth, bandwidth } = reading
  const here = source.files.get(there.path)
  const object = objectOf(there, here)
  if (object === undefined) return 'unverifiable'
  const entry = { ...there, size: object.size }
  const whole = async () =>
    (await isWholeObject(target.repo, target.at, entry, object, bandwidth)) ? 'verified' : 'mismatch'
  // Both ends of a small object are all of it.
  if (depth === 'full' || object.size <= sampleBytes) return whole()
  const got = await sampleOf(target.repo, target.at, entry, object.size, bandwidth)
  if (here === undefined) return 'unverifiable'
  const wanted = await sourceSample(context, source.repo, source.at, here, object, bandwidth)
  if (wanted !== undefined && wanted.head === got.head && wanted.tail === got.tail) return 'sampled'
  // Which of the two is wrong, only all bytes tell.
  return whole()
}

/** The object that the target's pointer names; where its listing does not say, the one the source has. */
function objectOf(there: FileEntry, here: FileEntry | undefined): LfsObject | undefined {
  const oid = there.digests.sha256 ?? here?.digests.sha256
  const size = there.size ?? here?.size
  return oid === undefined || size === undefined ? undefined : { oid, size }
}

function wrongBytes(reading: Reading, there: FileEntry): Finding {
  const text = 'the target serves other bytes than it lists'
  return { kind: 'wrong-bytes', path: there.path, severity: 'problem', text, ...wayOut(reading, there) }
}

/** A file that could not be read: what it says of the target depends on how. */
function unread(reading: Reading, there: FileEntry, thrown: unknown): FileCheck {
  const error = asSyncError(thrown)
  const { path } = there
  const base = { path, severity: 'problem' as const, ...wayOut(reading, there) }
  if (error.code === 'object-missing' || error.code === 'not-found') {
    const text = 'the target lists it and does not have its content'
    return { path, verification: 'mismatch', finding: { ...base, kind: 'not-served', text } }
  }
  if (error.code === 'corrupt' || error.code === 'truncated') {
    const text = `the target does not serve what it lists: ${error.message}`
    return { path, verification: 'mismatch', finding: { ...base, kind: 'wrong-bytes', text } }
  }
  const text = `it could not be read: ${error.message}`
  const next = error.next ?? 'Run again.'
  return {
    path,
    verification: 'unverifiable',
    finding: { ...base, kind: 'unreadable', text, next, repairable: false },
  }
}

function wayOut({ source }: Reading, { path, storage }: FileEntry): Pick<Finding, 'next' | 'repairable'> {
  const repairable = storage === 'lfs' && source.files.has(path)
  if (repairable) return { next: '`repair` sends its content again.', repairable }
  return source.files.has(path)
    ? { next: 'Run again; if it stays, the hub is damaged: write the file anew there.', repairable }
    : { next: 'Only the target has this file: upload it there again, or remove it.', repairable }
}
