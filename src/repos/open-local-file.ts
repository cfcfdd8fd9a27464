import { type FileHandle, open } from 'node:fs/promises'
import type { OpenFile, Range } from '../model/file.ts'
import { changedFile, type FileState, fileState, isGone } from './file-state.ts'

const chunkBytes = 256 * 1024

/**
 * Opens a file of a folder, or a range of it, for reading. Throws `corrupt` if it is not in the expected state any more, when it is
 * opened or after its last byte. `path` is how errors call it. Memory: one chunk.
 */
export async function openLocalFile(
  file: string,
  path: string,
  expected: FileState,
  range: Range = { start: 0 },
): Promise<OpenFile> {
  const handle = await open(file, 'r').catch((thrown: unknown) => {
    throw isGone(thrown) ? changedFile(path) : thrown
  })
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= handle.close()
    return closing
  }
  try {
    await assertState(handle, path, expected)
  } catch (thrown) {
    await close()
    throw thrown
  }
  const end = Math.min(range.end ?? expected.size - 1, expected.size - 1) + 1
  return {
    body: chunks(handle, path, expected, { start: range.start, end }, close),
    size: expected.size,
    close: () => {
      // Nothing was written, so that closing has nothing to tell.
      close().catch(() => undefined)
    },
  }
}

async function* chunks(
  handle: FileHandle,
  path: string,
  expected: FileState,
  { start, end }: { start: number; end: number },
  close: () => Promise<void>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for (let position = start; position < end; ) {
      // A new one each time: whoever gets a chunk may keep it.
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, end - position))
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, position)
      if (bytesRead === 0) throw changedFile(path)
      position += bytesRead
      // The last chunk is what completes an upload: the file must still be the same before it goes out.
      if (position >= end) await assertState(handle, path, expected)
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await close()
  }
}

async function assertState(handle: FileHandle, path: string, expected: FileState): Promise<void> {
  const state = fileState(await handle.stat({ bigint: true }))
  if (state.identity !== expected.identity) throw changedFile(path)
}
