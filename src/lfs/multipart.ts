import { createHash } from 'node:crypto'
import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import type { ByteStream } from '../model/file.ts'
import { retry } from '../net/retry.ts'
import { eitherWay } from './action.ts'
import { type Delivery, postJson } from './transfer.ts'
import type { Part, Upload } from './upload.ts'
import { createVerifier, type Sample, type Verifier } from './verified-stream.ts'

type InParts = Extract<Upload, { kind: 'parts' }>

/** Where the walk through the source stands: reopened at a part's start when that part must be sent again. */
interface Walk {
  reader: PartReader
  verifier: Verifier
}

/**
 * The `multipart` transfers: the source is read once, in order, and each part streamed to its own signed address, with no buffer of
 * a part's size. A part that fails is sent again from the source, opened at the part's start. The completing POST goes out only when
 * size and SHA-256 of the whole match, so wrong bytes never become an object: Modelers itself looks at the size only.
 *
 * A part that the store has from an upload that broke off is read and hashed like the others, but not sent. It is taken only if its
 * ETag is the MD5 of these bytes, as in S3 and OBS; else nobody knows what would be completed, and the answer is `unsure`.
 * Sources: huggingface_hub lfs.py, openmind-hub 1.3.0 lfs.py.
 */
export async function putParts(
  context: Context,
  delivery: Delivery,
  { parts, completion }: InParts,
): Promise<Sample | 'unsure'> {
  const { http, object } = delivery
  checkParts(parts, object.size)
  const walk: Walk = { reader: partReader(delivery.read(0)), verifier: createVerifier(object) }
  try {
    const etags: string[] = []
    for (const part of parts) {
      const isProven = part.kind === 'send' || (await isStoredAs(walk, part))
      if (!isProven) return 'unsure'
      etags.push(part.kind === 'send' ? await putPart(context, delivery, walk, part) : part.etag)
    }
    await walk.reader.surplus(walk.verifier)
    const sample = walk.verifier.finish()
    const patience = 60_000 + object.size / 20e3
    await eitherWay(completion.to, (purpose) =>
      postJson(http, completion.to, purpose, completion.body(etags), patience),
    )
    return sample
  } finally {
    await walk.reader.close()
  }
}

/** Throws unless the parts are the object from its first byte to its last. */
function checkParts(parts: readonly Part[], size: number): void {
  const end = parts.reduce(
    (at, part) => (part.start === at && part.size >= 0 ? at + part.size : Number.NaN),
    0,
  )
  const isWhole = end === size && parts.every((part) => part.size > 0 || parts.length === 1)
  if (isWhole && parts.length > 0) return
  throw new SyncError('bad-answer', `The store offers ${parts.length} parts that are not the whole object.`)
}

/** Reads on over a part that the store has, and says whether it is these bytes there. */
async function isStoredAs(walk: Walk, part: Extract<Part, { kind: 'stored' }>): Promise<boolean> {
  const hash = createHash('md5')
  for await (const chunk of walk.reader.take(part.size, walk.verifier)) hash.update(chunk)
  return hash.digest('hex') === part.etag.replaceAll('"', '').toLowerCase()
}

/** Sends one part, again if need be, and returns its ETag. */
async function putPart(
  context: Context,
  delivery: Delivery,
  walk: Walk,
  part: Extract<Part, { kind: 'send' }>,
): Promise<string> {
  const { http, object, stallTimeout } = delivery
  const mark = walk.verifier.copy()
  const label = `Part at ${part.start} of LFS object ${object.oid.slice(0, 12)}`
  const attempt = async (n: number): Promise<string> => {
    if (n > 1) {
      await walk.reader.close()
      walk.reader = partReader(delivery.read(part.start))
      walk.verifier = mark.copy()
    }
    const body = walk.reader.take(part.size, walk.verifier)
    const { href: url, headers, purposes } = part.to
    const answer = await http.put({
      url,
      headers,
      purpose: purposes[0],
      length: part.size,
      body,
      stallTimeout,
    })
    const etag = answer.headers.etag
    if (etag === undefined) throw new SyncError('bad-answer', `${answer.url.host} gave a part no ETag.`)
    return etag
  }
  return retry(context, attempt, { label })
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
