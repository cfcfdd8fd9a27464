import { SyncError } from '../model/errors.ts'
import { streamLocalGit } from './run-git.ts'
import type { GitSnapshot } from './snapshot.ts'

export interface Blob {
  readonly id: string
  readonly content: Buffer
}

/**
 * Contents of blobs that came with the snapshot, in the order of `ids`, by one process. Throws `object-missing` for one that
 * did not come (it is never fetched), `too-large` for one over `cap` bytes; both before anything is read.
 */
export async function* readBlobs(
  snapshot: Pick<GitSnapshot, 'context' | 'folder'> & { readonly blobs: ReadonlyMap<string, number> },
  ids: readonly string[],
  cap: number,
): AsyncGenerator<Blob> {
  const sizes = ids.map((id) => checkedSize(snapshot.blobs, id, cap))
  if (ids.length === 0) return
  const { context, folder } = snapshot
  const args = ['cat-file', '--batch', '--buffer']
  const input = ids.map((id) => Buffer.from(`${id}\n`))
  const output = streamLocalGit(context, { folder, args, input, doing: 'read files' })
  try {
    yield* parseBatch(output, ids, sizes)
  } finally {
    // Ends the process of a reader that stopped early.
    await output.return(undefined)
  }
}

/** "<id> blob <size>\n<content>\n", all lengths known beforehand. Source: git-cat-file(1), "BATCH OUTPUT". */
async function* parseBatch(
  output: AsyncGenerator<Buffer>,
  ids: readonly string[],
  sizes: readonly number[],
): AsyncGenerator<Blob> {
  const bytes = byteReader(output)
  for (const [index, id] of ids.entries()) {
    const size = sizes[index] ?? 0
    const header = `${id} blob ${size}\n`
    const found = (await bytes.take(header.length)).toString('latin1')
    if (found !== header)
      throw new SyncError('git', `Git answered ${JSON.stringify(found)} for the blob ${id}.`)
    const content = await bytes.take(size)
    await bytes.take(1)
    yield { id, content }
  }
  await bytes.end()
}

function checkedSize(blobs: ReadonlyMap<string, number>, id: string, cap: number): number {
  const size = blobs.get(id)
  if (size === undefined)
    throw new SyncError('object-missing', `The blob ${id} did not come with the snapshot.`)
  if (size > cap)
    throw new SyncError('too-large', `The blob ${id} has ${size} bytes; ${cap} are allowed here.`)
  return size
}

interface ByteReader {
  /** Exactly that many bytes, or `truncated`. */
  take(bytes: number): Promise<Buffer>
  /** Reads to the end, so that a failure of the process is seen. */
  end(): Promise<void>
}

function byteReader(chunks: AsyncGenerator<Buffer>): ByteReader {
  let pending: Buffer[] = []
  let available = 0

  async function take(bytes: number): Promise<Buffer> {
    while (available < bytes) {
      const next = await chunks.next()
      if (next.done) throw new SyncError('truncated', 'Git ended in the middle of a file.')
      pending.push(next.value)
      available += next.value.length
    }
    const all = pending.length === 1 && pending[0] !== undefined ? pending[0] : Buffer.concat(pending)
    pending = [all.subarray(bytes)]
    available -= bytes
    return all.subarray(0, bytes)
  }

  async function end(): Promise<void> {
    for (let next = await chunks.next(); !next.done; next = await chunks.next());
  }

  return { take, end }
}
