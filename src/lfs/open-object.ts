import { SyncError } from '../model/errors.ts'
import type { LfsObject, OpenFile, Range } from '../model/file.ts'
import type { LfsProfile } from '../model/profile.ts'
import type { Http } from '../net/http.ts'
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

/** Opens what a download batch said of an object. Throws `object-missing` where it said there is none, or storage does (404). */
export async function openEntry(http: Http, entry: BatchEntry, range?: Range): Promise<OpenFile> {
  const { download, error } = entry
  if (error !== undefined && error.code !== 404 && error.code !== 410 && error.code !== 0) {
    const code = error.code === 401 ? 'unauthorized' : error.code === 403 ? 'forbidden' : 'refused'
    throw new SyncError(code, `The store refuses LFS object ${entry.oid.slice(0, 12)}: ${error.message}.`)
  }
  if (download === undefined || error !== undefined) throw missing(entry)
  try {
    const request = { url: download.href, purpose: 'transfer' as const, headers: download.headers }
    return await http.open({ ...request, ...(range === undefined ? {} : { range }) })
  } catch (thrown) {
    if (thrown instanceof SyncError && thrown.code === 'not-found') throw missing(entry, thrown)
    throw thrown
  }
}

function missing(object: LfsObject, cause?: unknown): SyncError {
  return new SyncError('object-missing', `LFS object ${object.oid.slice(0, 12)} is not in the store.`, {
    next: 'Upload this file to the source again.',
    cause,
  })
}
