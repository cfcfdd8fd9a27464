import { readdir } from 'node:fs/promises'
import { faultsOf } from '../core/faults.ts'
import { type FileCache, filesAt } from '../core/files.ts'
import { isLinked, linkObject, linksFolder } from '../core/lfs-links.ts'
import { objectSize } from '../core/object-store.ts'
import type { Pointer } from '../core/pointer.ts'
import { HttpError } from '../core/server.ts'
import type { Store, StoredRepo } from '../core/store.ts'
import type { Hub } from './hub.ts'

/** `claimed`: uploaded, and lost since (fault-lost-object). */
export type Presence = 'present' | 'claimed' | 'absent'

export async function presenceOf(hub: Hub, repo: StoredRepo, { oid, size }: Pointer): Promise<Presence> {
  const isOwn = isLinked(repo, oid)
  if (hub.settings.lfsScope === 'repo' && !isOwn) return 'absent'
  const stored = await objectSize(hub.store.objects, oid)
  if (stored === undefined)
    return isOwn && faultsOf(repo.name).has('fault-lost-object') ? 'claimed' : 'absent'
  return stored === size ? 'present' : 'absent'
}

/** The size of an object that the repo has, whatever size was said. */
export async function sizeOf(hub: Hub, repo: StoredRepo, oid: string): Promise<number | undefined> {
  const stored = await objectSize(hub.store.objects, oid)
  const isOwn = hub.settings.lfsScope === 'global' || isLinked(repo, oid)
  return isOwn ? stored : undefined
}

/** Makes the objects behind the pointers of a commit the repo's own, where they are stored. */
export async function linkCommit(
  store: Store,
  cache: FileCache,
  repo: StoredRepo,
  commit: string,
): Promise<void> {
  for (const { lfs } of (await filesAt(cache, repo, commit)).values()) {
    if (lfs && (await objectSize(store.objects, lfs.oid)) !== undefined) await linkObject(repo, lfs.oid)
  }
}

/** Throws 413 if these objects are too much for the repo, or if its name says so (fault-lfs-quota). */
export async function checkQuota(hub: Hub, repo: StoredRepo, wanted: readonly Pointer[]): Promise<void> {
  const own: string[] = await readdir(linksFolder(repo)).catch((cause: NodeJS.ErrnoException): string[] => {
    if (cause.code === 'ENOENT') return []
    throw cause
  })
  const sizes = await Promise.all(own.map((oid) => objectSize(hub.store.objects, oid)))
  const used = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)
  const more = wanted.filter(({ oid }) => !own.includes(oid)).reduce((sum, { size }) => sum + size, 0)
  const total = hub.settings.lfsQuota
  if (used + more <= total && !faultsOf(repo.name).has('fault-lfs-quota')) return
  throw new HttpError(413, {
    error_code: 413,
    error_code_name: 'UN_KNOW',
    error_message: `Insufficient LFS space. Used ${used + more} B of ${total} B`,
  })
}
