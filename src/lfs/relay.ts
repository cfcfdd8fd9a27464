import type { Context } from '../context.ts'
import { asSyncError, SyncError } from '../model/errors.ts'
import type { LfsObject } from '../model/file.ts'
import type { LfsProfile } from '../model/profile.ts'
import type { Bandwidth } from '../net/bandwidth.ts'
import type { Http } from '../net/http.ts'
import { retry } from '../net/retry.ts'
import { type BatchEntry, lfsBatch } from './batch.ts'
import { putParts } from './multipart.ts'
import { type OpenObject, resumingSource } from './source-stream.ts'
import { type Delivery, putWhole, verifyUpload } from './transfer.ts'
import type { Sample } from './verified-stream.ts'

export type { OpenObject, Sample }

/** One object to bring to a store. */
export interface Relay {
  readonly http: Http
  /** The target's LFS address, to which `/objects/batch` is appended. */
  readonly lfsUrl: string
  readonly profile: LfsProfile
  readonly object: LfsObject
  /** Opens the object at the source. */
  readonly open: OpenObject
  /** Called with the bytes that went out since the last call; bytes sent again count again. */
  readonly onBytes: (bytes: number) => void
  readonly bandwidth: Bandwidth
  /** Seconds without a byte, on either side, after which that side counts as failed. */
  readonly stallTimeout: number
}

export type Relayed = { readonly kind: 'present' } | { readonly kind: 'sent'; readonly sample: Sample }

/**
 * Streams one object source → SHA-256 → target with a few buffers; it completes on the target only if size and SHA-256 are right.
 * A broken source is resumed under the open request; a failing target (5xx, network, stall, an expired action once) starts over
 * with a fresh action. Wrong bytes are fetched once more, then throw `corrupt` or `truncated`.
 */
export async function relayObject(context: Context, relay: Relay): Promise<Relayed> {
  const history: History = { hasExpired: false, wasCorrupt: false }
  const label = `LFS object ${relay.object.oid.slice(0, 12)}`
  return retry(context, () => attempt(context, relay, history), { label })
}

/** What may happen only once in the life of a relay. */
interface History {
  hasExpired: boolean
  wasCorrupt: boolean
}

async function attempt(context: Context, relay: Relay, history: History): Promise<Relayed> {
  const { http, lfsUrl, profile, object } = relay
  const [entry] = await lfsBatch(http, lfsUrl, profile, 'upload', [object], { retried: false })
  if (entry?.error !== undefined) throw refusal(entry, entry.error)
  if (entry?.upload === undefined) return { kind: 'present' }
  const source: { failure?: unknown } = {}
  const delivery: Delivery = {
    http,
    object,
    upload: entry.upload,
    read: (start) => metered(context, relay, start, source),
    stallTimeout: relay.stallTimeout,
  }
  try {
    const { parts } = entry.upload
    const sample = await (parts === undefined ? putWhole(delivery) : putParts(context, delivery, parts))
    if (entry.verify !== undefined) await verifyUpload(http, object, entry.verify)
    return { kind: 'sent', sample }
  } catch (thrown) {
    throw judged(source.failure ?? thrown, source.failure === undefined, history)
  }
}

/** The source's bytes at the pace of the bandwidth; remembers a failure of the source, to tell it from one of the target. */
async function* metered(
  context: Context,
  relay: Relay,
  start: number,
  source: { failure?: unknown },
): AsyncGenerator<Uint8Array, void, undefined> {
  const options = { stallTimeout: relay.stallTimeout, start }
  try {
    for await (const chunk of resumingSource(context, relay.open, relay.object.size, options)) {
      const turn = relay.bandwidth.take(chunk.length, context.signal)
      if (turn !== undefined) await turn
      yield chunk
      relay.onBytes(chunk.length)
    }
  } catch (thrown) {
    source.failure = thrown
    throw thrown
  }
}

/** The error with a word on whether a fresh start helps: an expired action and wrong bytes get one each. */
function judged(thrown: unknown, isTargets: boolean, history: History): SyncError {
  const error = asSyncError(thrown)
  if (isTargets && (error.code === 'unauthorized' || error.code === 'forbidden') && !history.hasExpired) {
    history.hasExpired = true
    return withRetry(error, true)
  }
  if (error.code === 'corrupt' || error.code === 'truncated') {
    const isLast = history.wasCorrupt
    history.wasCorrupt = true
    return isLast ? withRetry(error, false) : error
  }
  return error
}

function withRetry(error: SyncError, retryable: boolean): SyncError {
  return new SyncError(error.code, error.message, {
    retryable,
    cause: error,
    ...(error.next === undefined ? {} : { next: error.next }),
    ...(error.status === undefined ? {} : { status: error.status }),
  })
}

function refusal(entry: BatchEntry, error: NonNullable<BatchEntry['error']>): SyncError {
  const code = error.code >= 500 ? 'unavailable' : error.code === 429 ? 'rate-limited' : 'refused'
  return new SyncError(code, `The target refuses LFS object ${entry.oid.slice(0, 12)}: ${error.message}.`, {
    status: error.code,
  })
}
