import type { Context } from '../context.ts'
import { asSyncError, SyncError } from '../model/errors.ts'
import type { ByteStream } from '../model/file.ts'
import { retry } from '../net/retry.ts'
import type { Action } from './action.ts'
import { lfsMediaType } from './batch.ts'
import type { Delivery } from './transfer.ts'
import { createVerifier, type Sample, type Verifier } from './verified-stream.ts'

type Parts = NonNullable<Action['parts']>

/** Where the walk through the source stands: reopened at a part's start when that part must be sent again. */
interface Walk {
  reader: PartReader
  verifier: Verifier
}

/**
 * Hugging Face's `multipart` transfer: the source is read once, in order, and each part streamed to its own signed address, with
 * no buffer of a part's size. A part that fails is sent again from the source, opened at the part's start. The completing POST
 * goes out only when size and SHA-256 of the whole match, so wrong bytes never become an object. Source: huggingface_hub lfs.py.
 */
export async function putParts(context: Context, delivery: Delivery, parts: Parts): Promise<Sample> {
  const { object, upload } = delivery
  const count = Math.ceil(object.size / parts.size)
  if (parts.hrefs.length !== count) {
    throw new SyncError(
      'bad-answer',
      `The store offers ${parts.hrefs.length} parts where ${count} are needed.`,
    )
  }
  const walk: Walk = { reader: partReader(delivery.read(0)), verifier: createVerifier(object) }
  try {
    const etags: string[] = []
    for (const [index, href] of parts.hrefs.entries()) {
      etags.push(
        await putPart(context, delivery, walk, { href, start: index * parts.size, size: parts.size }),
      )
    }
    await walk.reader.surplus(walk.verifier)
    const sample = walk.verifier.finish()
    await complete(delivery, upload.href, etags)
    return sample
  } finally {
    await walk.reader.close()
  }
}

interface Part {
  readonly href: string
  readonly start: number
  readonly size: number
}

/** Sends one part, again if need be, and returns its ETag. What it gives up with is not retryable: the trying was done here. */
async function putPart(context: Context, delivery: Delivery, walk: Walk, part: Part): Promise<string> {
  const { http, object, stallTimeout } = delivery
  const length = Math.min(part.size, object.size - part.start)
  const mark = walk.verifier.copy()
  const label = `Part at ${part.start} of LFS object ${object.oid.slice(0, 12)}`
  const attempt = async (n: number): Promise<string> => {
    if (n > 1) {
      await walk.reader.close()
      walk.reader = partReader(delivery.read(part.start))
      walk.verifier = mark.copy()
    }
    const body = walk.reader.take(length, walk.verifier)
    const answer = await http.put({ url: part.href, purpose: 'transfer', length, body, stallTimeout })
    const etag = answer.headers.etag
    if (etag === undefined) throw new SyncError('bad-answer', `${answer.url.host} gave a part no ETag.`)
    return etag
  }
  try {
    return await retry(context, attempt, { label })
  } catch (thrown) {
    const error = asSyncError(thrown)
    if (!error.retryable) throw error
    throw new SyncError(error.code, error.message, { retryable: false, cause: error })
  }
}

async function complete(delivery: Delivery, href: string, etags: readonly string[]): Promise<void> {
  const parts = etags.map((etag, index) => ({ partNumber: index + 1, etag }))
  await delivery.http.send({
    url: href,
    method: 'POST',
    purpose: 'transfer',
    headers: { accept: lfsMediaType, 'content-type': lfsMediaType, ...delivery.upload.headers },
    body: JSON.stringify({ oid: delivery.object.oid, parts }),
    headersTimeout: 60_000 + delivery.object.size / 20e3,
  })
}

interface PartReader {
  /** The next `length` bytes; what is left of a chunk stays for the next part. */
  take(length: number, verifier: Verifier): AsyncGenerator<Uint8Array, void, undefined>
  /** Reads on after the last part: a source that has more throws `corrupt`. */
  surplus(verifier: Verifier): Promise<void>
  close(): Promise<void>
}

function partReader(source: ByteStream): PartReader {
  const iterator = source[Symbol.asyncIterator]()
  let rest: Uint8Array | undefined
  const next = async (): Promise<Uint8Array | undefined> => {
    const chunk = rest ?? (await iterator.next()).value
    rest = undefined
    return chunk
  }
  return {
    async *take(length, verifier) {
      for (let left = length; left > 0; ) {
        const chunk = await next()
        if (chunk === undefined) return
        const part = chunk.subarray(0, left)
        if (part.length < chunk.length) rest = chunk.subarray(part.length)
        left -= part.length
        verifier.update(part)
        yield part
      }
    },
    async surplus(verifier) {
      for (let chunk = await next(); chunk !== undefined; chunk = await next()) verifier.update(chunk)
    },
    async close() {
      await iterator.return?.()
    },
  }
}
