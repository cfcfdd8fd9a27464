import { asSyncError, SyncError } from '../model/errors.ts'
import type { LfsObject, OpenFile, Range } from '../model/file.ts'
import type { LfsProfile, Purpose } from '../model/profile.ts'
import type { Http } from '../net/http.ts'
import { partOf } from '../net/part-of.ts'
import { type Action, eitherWay } from './action.ts'
import { type BatchEntry, lfsBatch } from './batch.ts'

/** Opens an object of a store by a fresh batch request. `object-missing` if the store does not have it. Not retried. */
export async function openLfsObject(
  http: Http,
  lfsUrl: string,
  profile: LfsProfile,
  object: LfsObject,
  range?: Range,
): Promise<OpenFile> {
  const [entry] = await lfsBatch(http, lfsUrl, profile, 'download', [object], { retried: false })
  return openEntry(http, entry ?? object, range)
}

/**
 * Opens what a download batch said of an object, with or without credentials of ours as its address wants it. A store that answers a
 * Range with another part than asked for is read from the beginning. Throws `object-missing` where the batch said there is none, or
 * storage does (404).
 */
export async function openEntry(http: Http, entry: BatchEntry, range?: Range): Promise<OpenFile> {
  const { download, error } = entry
  if (error !== undefined && error.code !== 404 && error.code !== 410 && error.code !== 0) {
    const code = error.code === 401 ? 'unauthorized' : error.code === 403 ? 'forbidden' : 'refused'
    throw new SyncError(code, `The store refuses LFS object ${entry.oid.slice(0, 12)}: ${error.message}.`)
  }
  if (download === undefined || error !== undefined) throw missing(entry)
  try {
    return await eitherWay(download, (purpose) => openHref(http, download, purpose, range))
  } catch (thrown) {
    if (thrown instanceof SyncError && thrown.code === 'not-found') throw missing(entry, thrown)
    throw thrown
  }
}

async function openHref(http: Http, action: Action, purpose: Purpose, range?: Range): Promise<OpenFile> {
  const request = { url: action.href, purpose, headers: action.headers }
  if (range === undefined) return http.open(request)
  try {
    return await http.open({ ...request, range })
  } catch (thrown) {
    if (asSyncError(thrown).code !== 'bad-answer') throw thrown
    const whole = await http.open(request)
    return { ...whole, body: partOf(whole.body, range) }
  }
}

function missing(object: LfsObject, cause?: unknown): SyncError {
  return new SyncError('object-missing', `LFS object ${object.oid.slice(0, 12)} is not in the store.`, {
    next: 'Upload this file to the source again.',
    cause,
  })
}
