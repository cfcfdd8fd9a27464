import { createHash } from 'node:crypto'
import pLimit from 'p-limit'
import type { Context } from '../context.ts'
import { asSyncError, SyncError } from '../model/errors.ts'
import type { ByteStream, LfsObject, OpenFile } from '../model/file.ts'
import type { LfsProfile } from '../model/profile.ts'
import type { Http } from '../net/http.ts'
import { type BatchEntry, lfsBatch } from './batch.ts'
import { openEntry, openLfsObject } from './open-object.ts'
import { type OpenObject, resumingSource } from './source-stream.ts'
import { createVerifier, type Sample, sampleBytes } from './verified-stream.ts'

/** A store as a hub has it for one repo. */
export interface LfsStore {
  readonly http: Http
  /** What `/objects/batch` is appended to. */
  readonly lfsUrl: string
  readonly profile: LfsProfile
  /** By oid: the ends of objects that were sent, or read to their end, in this run. */
  readonly proven: Map<string, Sample>
}

/**
 * `told`: what the store says is believed, for looking around. `read`: where only reading proves presence (`read-back`), it is read:
 * before something is published. A host that is known to hash what it takes is asked for one byte. Of other hosts an object that was
 * sent in this run is read at both ends, any other one as a whole: some kept wrong bytes for ever and answered 200 to the right ones.
 */
export type Proof = 'told' | 'read'

/**
 * Those objects that the store is not known to have, by the profile's way of knowing. An object the store complains about counts
 * as lacking: sending it will say why.
 */
export async function lacking(
  context: Context,
  store: LfsStore,
  objects: readonly LfsObject[],
  proof: Proof,
): Promise<LfsObject[]> {
  const { batchSize, presence } = store.profile
  const lacks: LfsObject[] = []
  // In steps: an address that is read late may have died.
  for (let from = 0; from < objects.length; from += batchSize) {
    const some = objects.slice(from, from + batchSize)
    const operation = presence === 'upload-batch' ? 'upload' : 'download'
    const entries = await lfsBatch(store.http, store.lfsUrl, store.profile, operation, some)
    const isThere = await presenceOf(context, store, entries, proof)
    lacks.push(...some.filter((_object, index) => isThere[index] !== true))
  }
  return lacks
}

const readers = 4

async function presenceOf(
  context: Context,
  store: LfsStore,
  entries: readonly BatchEntry[],
  proof: Proof,
): Promise<readonly boolean[]> {
  if (store.profile.presence === 'upload-batch') {
    return entries.map((entry) => entry.upload === undefined && entry.error === undefined)
  }
  const told = entries.map((entry) => entry.download !== undefined && entry.error === undefined)
  if (store.profile.presence === 'download-batch' || proof === 'told') return told
  const limit = pLimit(readers)
  return Promise.all(
    entries.map((entry, index) => limit(async () => told[index] === true && isServed(context, store, entry))),
  )
}

async function isServed(context: Context, store: LfsStore, entry: BatchEntry): Promise<boolean> {
  const reading = { context, object: entry, open: openerOf(store, entry) }
  const sample = store.proven.get(entry.oid)
  try {
    if (store.profile.hashesUploads !== undefined) return await hasFirstByte(reading)
    if (sample !== undefined && entry.size > sampleBytes) return await hasEnds(reading, sample)
    store.proven.set(entry.oid, await readWhole(reading))
    return true
  } catch (thrown) {
    const { code } = asSyncError(thrown)
    if (code === 'object-missing' || code === 'corrupt' || code === 'truncated') return false
    throw thrown
  }
}

/** Opens what the batch offered, and later asks again. Throws `corrupt` where the answer tells another size. */
function openerOf({ http, lfsUrl, profile }: LfsStore, entry: BatchEntry): OpenObject {
  let isFirst = true
  return async (range) => {
    const opening: Promise<OpenFile> = isFirst
      ? openEntry(http, entry, range)
      : openLfsObject(http, lfsUrl, profile, entry, range)
    isFirst = false
    const file = await opening
    if (file.size === undefined || file.size === entry.size) return file
    file.close()
    const what = `has ${file.size} bytes instead of ${entry.size}`
    throw new SyncError('corrupt', `LFS object ${entry.oid.slice(0, 12)} in the store ${what}.`, {
      retryable: false,
    })
  }
}

interface Reading {
  readonly context: Context
  readonly object: LfsObject
  readonly open: OpenObject
}

/** Seconds without a byte after which the store counts as broken. */
const stallTimeout = 300

/** The bytes from `start` up to `end` (not included), opened again where they break off. */
function bytesOf({ context, object, open }: Reading, start: number, end: number): ByteStream {
  const last = end < object.size ? { end: end - 1 } : {}
  const openPart: OpenObject = (range) => {
    const from = range?.start ?? 0
    return from === 0 && end >= object.size ? open() : open({ start: from, ...last })
  }
  return resumingSource(context, openPart, end, { stallTimeout, start })
}

async function hasFirstByte(reading: Reading): Promise<boolean> {
  const { size } = reading.object
  for await (const chunk of bytesOf(reading, 0, Math.min(size, 1))) if (chunk.length > 0) return true
  return size === 0
}

/** Throws `corrupt` or `truncated` if it is not the object. */
async function readWhole(reading: Reading): Promise<Sample> {
  const verifier = createVerifier(reading.object)
  for await (const chunk of bytesOf(reading, 0, reading.object.size)) verifier.update(chunk)
  return verifier.finish()
}

async function hasEnds(reading: Reading, sample: Sample): Promise<boolean> {
  const { size } = reading.object
  const head = await hashOf(bytesOf(reading, 0, sampleBytes))
  return head === sample.head && (await hashOf(bytesOf(reading, size - sampleBytes, size))) === sample.tail
}

async function hashOf(bytes: ByteStream): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of bytes) hash.update(chunk)
  return hash.digest('hex')
}
