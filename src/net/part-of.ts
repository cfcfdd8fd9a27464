import type { ByteStream, Range } from '../model/file.ts'

/** The bytes of a range out of a whole file's. Empty chunks too: they show a stall watch that bytes keep coming. */
export async function* partOf(
  whole: ByteStream,
  { start, end = Number.POSITIVE_INFINITY }: Range,
): AsyncGenerator<Uint8Array, void, undefined> {
  let at = 0
  for await (const chunk of whole) {
    yield chunk.subarray(Math.max(0, start - at), Math.max(0, end + 1 - at))
    at += chunk.length
    if (at > end) return
  }
}
