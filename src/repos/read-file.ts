import { createHash } from 'node:crypto'
import { SyncError } from '../model/errors.ts'
import type { FileEntry, OpenFile, Range } from '../model/file.ts'
import { formatRepo, type Snapshot } from '../model/repo.ts'
import type { Bandwidth } from '../net/bandwidth.ts'
import type { HashedFile } from './repo.ts'

/** Opens a file, or a part of it. */
export type Open = (at: Snapshot, file: FileEntry, range?: Range) => Promise<OpenFile>

/** A whole small file; `too-large` over `cap` bytes, `truncated` or `corrupt` if it has not the listed size. Not retried. */
export async function readWhole(open: Open, at: Snapshot, file: FileEntry, cap: number): Promise<Buffer> {
  const opened = await open(at, file)
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of opened.body) {
      size += chunk.length
      if (size > cap)
        throw new SyncError('too-large', `${file.path} in ${formatRepo(at.repo)} is over ${cap} bytes.`)
      chunks.push(chunk)
    }
  } finally {
    opened.close()
  }
  assertLength(at, file, undefined, size)
  return Buffer.concat(chunks)
}

/** How fast bytes may come; the signal ends a wait. */
export interface Pace {
  readonly bandwidth: Bandwidth
  readonly signal: AbortSignal
}

/** Streams a file, or a part of it, through its hashes. Not retried. */
export async function hashFile(
  open: Open,
  at: Snapshot,
  file: FileEntry,
  range?: Range,
  pace?: Pace,
): Promise<HashedFile> {
  const opened = await open(at, file, range)
  const sha256 = createHash('sha256')
  const expected = range === undefined ? (file.size ?? opened.size) : undefined
  const gitBlob = expected === undefined ? undefined : createHash('sha1').update(`blob ${expected}\0`)
  let size = 0
  try {
    for await (const chunk of opened.body) {
      const turn = pace?.bandwidth.take(chunk.length, pace.signal)
      if (turn !== undefined) await turn
      size += chunk.length
      assertNotOver(at, file, range, size)
      sha256.update(chunk)
      gitBlob?.update(chunk)
    }
  } finally {
    opened.close()
  }
  assertLength(at, file, range, size)
  const blob = gitBlob !== undefined && size === expected ? { gitBlob: gitBlob.digest('hex') } : {}
  return { size, digests: { sha256: sha256.digest('hex'), ...blob } }
}

/** A body that goes on after the last byte may have no end. */
function assertNotOver(at: Snapshot, file: FileEntry, range: Range | undefined, got: number): void {
  if (got > (wantedBytes(file, range) ?? got)) assertLength(at, file, range, got)
}

/** An answer that ends early without an error must not pass for the file. */
function assertLength(at: Snapshot, file: FileEntry, range: Range | undefined, got: number): void {
  const wanted = wantedBytes(file, range)
  if (wanted === undefined || wanted === got) return
  const code = got < wanted ? 'truncated' : 'corrupt'
  throw new SyncError(
    code,
    `${formatRepo(at.repo)} served ${got} bytes of ${file.path} instead of ${wanted}.`,
    {
      next: 'Run again; if it stays, the file is damaged on that hub.',
    },
  )
}

/** Undefined: nobody said. */
function wantedBytes({ size }: FileEntry, range: Range | undefined): number | undefined {
  return range?.end === undefined ? size : range.end - range.start + 1
}
