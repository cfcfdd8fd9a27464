import type { Context } from '../context.ts'
import { asSyncError, SyncError } from '../model/errors.ts'
import type { LfsObject } from '../model/file.ts'
import type { LfsProfile } from '../model/profile.ts'
import type { Bandwidth } from '../net/bandwidth.ts'
import type { Http } from '../net/http.ts'
import { retry } from '../net/retry.ts'
import { withRetry } from '../net/with-retry.ts'
import { isRefusal } from './action.ts'
import { type BatchEntry, lfsBatch } from './batch.ts'
import { putParts } from './multipart.ts'
import { type OpenObject, resumingSource } from './source-stream.ts'
import { type Delivery, putWhole, verifyUpload } from './transfer.ts'
import type { Upload } from './upload.ts'
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
 * A broken source is resumed under the open request; a failing target (5xx, network, stall) starts over with a fresh action. A
 * refused or vanished address gets a fresh one once, and is then sent to with our credentials where they were left out, or without
 * them. Wrong bytes are fetched once more, then throw `corrupt` or `truncated`.
 */
export async function relayObject(context: Context, relay: Relay): Promise<Relayed> {
  const history: History = { refusals: 0, wasCorrupt: false, isWhole: false }
  const label = `LFS object ${relay.object.oid.slice(0, 12)}`
  return retry(context, () => attempt(context, relay, history), { label })
}

/** What may happen only once in the life of a relay. */
interface History {
  /** Times that the target refused an address of its own. */
  refusals: number
  wasCorrupt: boolean
  /** Parts are no longer offered to: the target keeps some of an upload that is not this one. */
  isWhole: boolean
}

async function attempt(context: Context, relay: Relay, history: History): Promise<Relayed> {
  const { http, lfsUrl, object } = relay
  const profile: LfsProfile = history.isWhole ? { ...relay.profile, transfers: ['basic'] } : relay.profile
  const [entry] = await lfsBatch(http, lfsUrl, profile, 'upload', [object], { retried: false })
  if (entry?.error !== undefined) throw refusal(entry, entry.error)
  if (entry?.upload === undefined) return { kind: 'present' }
  const source: { failure?: unknown } = {}
  const delivery: Delivery = {
    http,
    object,
    read: (start) => metered(context, relay, start, source),
    stallTimeout: relay.stallTimeout,
  }
  const sample = await deliver(context, delivery, entry, entry.upload, history).catch((thrown: unknown) => {
    if (source.failure !== undefined) throw judged(source.failure, history)
    throw judged(thrown, history, entry.upload)
  })
  return sample === 'unsure' ? withoutParts(context, relay, history) : { kind: 'sent', sample }
}

async function deliver(
  context: Context,
  delivery: Delivery,
  { verify }: BatchEntry,
  upload: Upload,
  history: History,
): Promise<Sample | 'unsure'> {
  const sample = await send(context, delivery, upload, history)
  if (sample !== 'unsure' && verify !== undefined) await verifyUpload(delivery.http, delivery.object, verify)
  return sample
}

function send(context: Context, delivery: Delivery, upload: Upload, history: History) {
  if (upload.kind === 'parts') return putParts(context, delivery, upload)
  const [first, second = first] = upload.to.purposes
  return putWhole(delivery, upload.to, history.refusals < 2 ? first : second)
}

/** Sends all of the object in one request, since what the target keeps of it cannot be trusted. */
async function withoutParts(context: Context, relay: Relay, history: History): Promise<Relayed> {
  const what = `Of LFS object ${relay.object.oid.slice(0, 12)} the target keeps parts that may be of other bytes`
  if (history.isWhole) {
    throw new SyncError('refused', `${what}, and takes it in no other way.`, {
      next: 'The target has to drop that unfinished upload first.',
    })
  }
  context.log.debug(`${what}: it is sent in one request.`)
  history.isWhole = true
  return attempt(context, relay, history)
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

/**
 * The error with a word on whether a fresh start helps. `upload` is the target's offer, where it was the target that failed: its
 * address gets one more try if it was refused or is gone, and another with the other credentials if there is another way.
 */
function judged(thrown: unknown, history: History, upload?: Upload): SyncError {
  const error = asSyncError(thrown)
  if (upload !== undefined && (isRefusal(error) || error.code === 'not-found')) {
    history.refusals += 1
    const ways = upload.kind === 'whole' && isRefusal(error) ? upload.to.purposes.length : 1
    return withRetry(error, history.refusals <= ways)
  }
  if (error.code === 'corrupt' || error.code === 'truncated') {
    const isLast = history.wasCorrupt
    history.wasCorrupt = true
    return isLast ? withRetry(error, false) : error
  }
  return error
}

function refusal(entry: BatchEntry, error: NonNullable<BatchEntry['error']>): SyncError {
  const code = error.code >= 500 ? 'unavailable' : error.code === 429 ? 'rate-limited' : 'refused'
  return new SyncError(code, `The target refuses LFS object ${entry.oid.slice(0, 12)}: ${error.message}.`, {
    status: error.code,
  })
}
