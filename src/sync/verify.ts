import type { Context } from '../context.ts'
import { asSyncError } from '../model/errors.ts'
import type { Digests, FileEntry, LfsObject, Manifest } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import type { Snapshot } from '../model/repo.ts'
import type { FileResult } from '../model/report.ts'
import type { Bandwidth } from '../net/bandwidth.ts'
import { inParallel } from '../repos/in-parallel.ts'
import type { Sample } from '../repos/repo.ts'
import { isWholeObject, sampleBytes, sampleOf, sourceSample } from '../repos/sample-file.ts'
import type { RepoWork } from '../repos/work.ts'

const readers = 4

export interface Sent {
  /** Digests of plain files as they were handed over. */
  readonly plain: ReadonlyMap<RepoPath, Digests>
  /** Samples of the objects that were relayed in this run, by oid. */
  readonly samples: ReadonlyMap<string, Sample>
}

/** Reads the target back at the published commit, within the bandwidth: one result per file that was to go over or to leave, with what it rests on. */
export async function verify(
  context: Context,
  work: RepoWork,
  published: Snapshot,
  sent: Sent,
  bandwidth: Bandwidth,
): Promise<FileResult[]> {
  const manifest = await work.target.manifest(published)
  const files = [
    ...work.files.map(({ path, source, object }) => ({ path, source, object })),
    ...work.orphans.map(({ path, source, object }) => ({ path, source, object })),
  ]
  const target = { work, published, sent, manifest, bandwidth }
  const written = await inParallel(files, readers, (file) => verifyFile(context, target, file))
  return [...written, ...work.deletes.map(({ path }) => verifyGone(manifest, path))]
}

/** That a file is gone, the listing says wholly: there is nothing to read. */
function verifyGone(manifest: Manifest, path: RepoPath): FileResult {
  return listed(path, !manifest.has(path))
}

interface Target {
  readonly work: RepoWork
  readonly published: Snapshot
  readonly sent: Sent
  readonly manifest: Manifest
  /** Of the rule: what is read back goes over the same line. */
  readonly bandwidth: Bandwidth
}

interface Expected {
  readonly path: RepoPath
  readonly source: FileEntry
  readonly object: LfsObject | undefined
}

async function verifyFile(context: Context, target: Target, file: Expected): Promise<FileResult> {
  const there = target.manifest.get(file.path)
  if (there === undefined) return listed(file.path, false)
  try {
    return file.object === undefined
      ? await verifyPlain(target, file, there)
      : await verifyObject(context, target, file, file.object, there)
  } catch (thrown) {
    context.signal.throwIfAborted()
    const error = asSyncError(thrown)
    const proven = error.code === 'object-missing' || error.code === 'corrupt' || error.code === 'truncated'
    context.log.warn(
      `${file.path}: could not be read back: ${error.message}`,
      `A file could not be read back: ${error.code}.`,
    )
    return { path: file.path, verification: proven ? 'mismatch' : 'unverifiable', evidence: 'read-back' }
  }
}

/** A plain file is proven by the digest that the hub computed of it, or by reading it back. */
async function verifyPlain(
  { work, published, sent, bandwidth }: Target,
  file: Expected,
  there: FileEntry,
): Promise<FileResult> {
  const expected = sent.plain.get(file.path)
  const full = work.rule.verify === 'full'
  if (!full && expected !== undefined && there.storage === 'git') {
    const { gitBlob, sha256 } = there.digests
    // Of what the hub imported we know only what the source lists.
    if (gitBlob !== undefined && expected.gitBlob !== undefined)
      return listed(file.path, gitBlob === expected.gitBlob)
    if (sha256 !== undefined && expected.sha256 !== undefined)
      return listed(file.path, sha256 === expected.sha256)
  }
  const { digests } = await work.target.hashFile(published, there, undefined, bandwidth)
  return {
    path: file.path,
    verification: digests.sha256 === expected?.sha256 ? 'verified' : 'mismatch',
    evidence: 'read-back',
  }
}

/** What the hub's own listing says, and no byte was read. */
function listed(path: string, equal: boolean): FileResult {
  return { path, verification: equal ? 'verified' : 'mismatch', evidence: 'listed-digest' }
}

/** The digest listed for an LFS file is the pointer we wrote: only reading the object says that it is there, and how much of it is right. */
async function verifyObject(
  context: Context,
  target: Target,
  file: Expected,
  object: LfsObject,
  there: FileEntry,
): Promise<FileResult> {
  const { work, published, sent, bandwidth } = target
  const { path } = file
  if (there.digests.sha256 !== undefined && there.digests.sha256 !== object.oid) return listed(path, false)
  if (work.rule.verify === 'full') return verifyWhole(target, { ...there, size: object.size }, object)
  const entry = { ...there, storage: 'lfs' as const, size: object.size }
  // Both ends of a small object are all of it.
  if (object.size <= sampleBytes) return verifyWhole(target, entry, object)
  const got = await sampleOf(work.target, published, entry, object.size, bandwidth)
  const wasSent = sent.samples.get(object.oid)
  const { source, sourceAt } = work
  const wanted = wasSent ?? (await sourceSample(context, source, sourceAt, file.source, object, bandwidth))
  if (got.head !== wanted?.head || got.tail !== wanted.tail) {
    if (wasSent !== undefined) return { path, verification: 'mismatch', evidence: 'sample' }
    // Which of the two is wrong, only all bytes tell.
    return verifyWhole(target, entry, object)
  }
  const hashed = wasSent !== undefined && work.target.profile.lfs.hashesUploads !== undefined
  return hashed
    ? { path, verification: 'verified', evidence: 'hub-hashed' }
    : { path, verification: 'sampled', evidence: 'sample' }
}

/** All bytes of the target's object against its oid, which is their SHA-256. */
async function verifyWhole(
  { work, published, bandwidth }: Target,
  entry: FileEntry,
  object: LfsObject,
): Promise<FileResult> {
  const isRight = await isWholeObject(work.target, published, entry, object, bandwidth)
  return { path: entry.path, verification: isRight ? 'verified' : 'mismatch', evidence: 'read-back' }
}
