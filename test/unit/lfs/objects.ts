import { createHash } from 'node:crypto'
import type { LfsObject, OpenFile, Range } from '../../../src/model/file.ts'
import type { LfsProfile } from '../../../src/model/profile.ts'

export const standard: LfsProfile = {
  envelope: 'standard',
  transfers: ['basic', 'multipart'],
  batchSize: 2,
  presence: 'upload-batch',
}

/** `size` bytes that differ everywhere. */
export function contentOf(size: number): Buffer {
  const content = Buffer.alloc(size)
  for (let i = 0; i < size; i++) content[i] = (i * 31 + (i >> 8) * 7 + (i >> 16)) & 0xff
  return content
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export function objectOf(content: Uint8Array): LfsObject {
  return { oid: sha256(content), size: content.length }
}

/** An open file over chunks; `then` is thrown after them. */
export function fileOf(chunks: readonly Uint8Array[], then?: Error): OpenFile {
  async function* body() {
    yield* chunks
    if (then !== undefined) throw then
  }
  return { body: body(), close: () => undefined }
}

/** Content in chunks, from the start of a range. */
export function chunksOf(content: Uint8Array, range: Range | undefined, size = 65_536): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = range?.start ?? 0; at < content.length; at += size)
    chunks.push(content.subarray(at, at + size))
  return chunks
}
