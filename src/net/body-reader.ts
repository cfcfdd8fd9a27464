import type { Readable } from 'node:stream'
import { SyncError } from '../model/errors.ts'
import type { ByteStream } from '../model/file.ts'

/** Which bytes of a stream to pass on. */
export interface Window {
  /** Bytes to leave out at the beginning; empty chunks stand for them, so that whoever watches sees the stream move. */
  readonly skip: number
  /** Bytes to pass on at the most. */
  readonly limit: number
}

/**
 * Reads a response body once, all that is buffered at a time, with no queue of its own. Failures become `toError(failure)`; a
 * stream that is closed while somebody waits fails too.
 */
export function readBody(
  stream: Readable,
  window: Window,
  toError: (failure: unknown) => SyncError,
): ByteStream {
  let skip = window.skip
  let left = window.limit
  let wake: (() => void) | undefined
  let ended = false
  const notify = () => {
    wake?.()
    wake = undefined
  }
  stream.on('readable', notify)
  stream.on('end', () => {
    ended = true
    notify()
  })
  stream.on('error', notify)
  stream.on('close', notify)

  const take = (): Uint8Array | undefined => {
    const chunk: Buffer | null = stream.read()
    if (chunk === null) return undefined
    const part = chunk.subarray(skip, skip + left)
    skip = Math.max(0, skip - chunk.length)
    left -= part.length
    return part
  }
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    while (left > 0) {
      const part = take()
      if (part !== undefined) return { done: false, value: part }
      if (stream.errored !== null) throw toError(stream.errored)
      if (ended) break
      if (stream.destroyed) throw toError(new Error('the stream was closed'))
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    if (!ended) stream.destroy()
    return { done: true, value: undefined }
  }
  const finish = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    stream.destroy()
    return { done: true, value: undefined }
  }
  return { [Symbol.asyncIterator]: () => ({ next, return: finish }) }
}

/** The whole body in memory; `too-large` when it is over `cap` bytes. `where` names the request. */
export async function readCapped(body: ByteStream, cap: number, where: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of body) {
    total += chunk.length
    if (total > cap) throw new SyncError('too-large', `${where}: the answer is larger than ${cap} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, total)
}
