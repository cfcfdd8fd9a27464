import pLimit from 'p-limit'
import { asSyncError } from '../model/errors.ts'
import type { LfsObject } from '../model/file.ts'
import type { LfsProfile } from '../model/profile.ts'
import type { Http } from '../net/http.ts'
import { type BatchEntry, lfsBatch } from './batch.ts'
import { openEntry } from './open-object.ts'

/**
 * Those objects that the store is not known to have, by the profile's way of knowing. An object the store complains about counts
 * as lacking: sending it will say why. Where only reading proves presence, the first byte of each is read.
 */
export async function lacking(
  http: Http,
  lfsUrl: string,
  profile: LfsProfile,
  objects: readonly LfsObject[],
): Promise<LfsObject[]> {
  if (objects.length === 0) return []
  const operation = profile.presence === 'upload-batch' ? 'upload' : 'download'
  const entries = await lfsBatch(http, lfsUrl, profile, operation, objects)
  const isThere = await presenceOf(http, profile, entries)
  return objects.filter((_object, index) => isThere[index] !== true)
}

async function presenceOf(
  http: Http,
  profile: LfsProfile,
  entries: readonly BatchEntry[],
): Promise<readonly boolean[]> {
  switch (profile.presence) {
    case 'upload-batch':
      return entries.map((entry) => entry.upload === undefined && entry.error === undefined)
    case 'download-batch':
      return entries.map((entry) => entry.download !== undefined && entry.error === undefined)
    case 'read-back': {
      const limit = pLimit(4)
      return Promise.all(entries.map((entry) => limit(() => isServed(http, entry))))
    }
  }
}

async function isServed(http: Http, entry: BatchEntry): Promise<boolean> {
  if (entry.download === undefined || entry.error !== undefined) return false
  try {
    const file = await openEntry(http, entry, entry.size === 0 ? undefined : { start: 0, end: 0 })
    try {
      if (file.size !== undefined && file.size !== entry.size) return false
      for await (const chunk of file.body) return chunk.length > 0
      return entry.size === 0
    } finally {
      file.close()
    }
  } catch (thrown) {
    const error = asSyncError(thrown)
    if (error.code === 'object-missing') return false
    throw error
  }
}
