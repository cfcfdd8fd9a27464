import { createHash } from 'node:crypto'
import type { FileEntry, LfsObject } from '../model/file.ts'
import { inParallel } from '../repos/in-parallel.ts'
import type { Repo } from '../repos/repo.ts'
import type { FileWork } from '../repos/work.ts'
import { readmePath, type Side } from './compare-repos.ts'
import type { Decision } from './decide.ts'

/** Files looked at at a time; most need no request. */
const readers = 8
/** What a hub looks at to tell a binary file. Source: huggingface_hub _commit_api.py (preupload sample). */
const sampleBytes = 512

export interface FileWorkOptions {
  readonly targetExists: boolean
  /** The README as it will be written, if it is. */
  readonly readme: Buffer | undefined
}

/** How each file goes over: by the target's own rule of what is LFS, and, if the target exists, by what its store has already. */
export async function fileWork(
  source: Side,
  target: Repo,
  decision: Decision,
  { targetExists, readme }: FileWorkOptions,
): Promise<FileWork[]> {
  const unsized = [...decision.add, ...decision.update].filter((file) => file.size === undefined)
  if (unsized.length > 0) await source.repo.willRead(source.at, unsized)
  const parts = { source, target, readme }
  const added = await inParallel(decision.add, readers, (file) => workOf(parts, 'add', file))
  const updated = await inParallel(decision.update, readers, (file) => workOf(parts, 'update', file))
  const work = [...added, ...updated]
  const objects = work.flatMap((file) => (file.object === undefined ? [] : [file.object]))
  const lacking = targetExists ? await target.lacking(objects) : objects
  const toMove = new Set(lacking.map((object) => object.oid))
  return work.map((file) =>
    file.object !== undefined && !toMove.has(file.object.oid) ? { ...file, move: 'reuse' } : file,
  )
}

interface Parts {
  readonly source: Side
  readonly target: Repo
  readonly readme: Buffer | undefined
}

async function workOf(parts: Parts, kind: 'add' | 'update', file: FileEntry): Promise<FileWork> {
  const { source: side, target } = parts
  const base = { kind, path: file.path, source: file }
  if (file.path === readmePath && parts.readme !== undefined)
    return { ...base, size: parts.readme.length, move: 'inline', transformed: true }
  const size = file.size ?? (await side.repo.hashFile(side.at, file)).size
  // A link is what git keeps, wherever it leads.
  const object = file.mode === 'symlink' ? undefined : await objectFor(side, target, file, size)
  if (object === undefined) return { ...base, size, move: 'inline', transformed: false }
  return { ...base, size, move: 'relay', object, transformed: false }
}

/** The LFS object that the target wants of this file; undefined: it keeps it as plain git. */
async function objectFor(
  { repo, at }: Side,
  target: Repo,
  file: FileEntry,
  size: number,
): Promise<LfsObject | undefined> {
  const choice = target.profile.storageOf(repo.ref.type, file.path, size)
  const storage = choice === 'as-source' ? file.storage : choice
  if (storage === 'git') return undefined
  if (storage === 'lfs')
    return { oid: file.digests.sha256 ?? (await repo.hashFile(at, file)).digests.sha256, size }
  const content = await repo.readFile(at, file, target.profile.limits.plainFileBytes)
  if (!content.subarray(0, sampleBytes).includes(0)) return undefined
  return { oid: createHash('sha256').update(content).digest('hex'), size }
}
