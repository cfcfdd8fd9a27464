import { filesAt } from '../core/files.ts'
import { isLinked, linkObject } from '../core/lfs-links.ts'
import { objectSize } from '../core/object-store.ts'
import type { Pointer } from '../core/pointer.ts'
import { type Account, mayRead, type StoredRepo } from '../core/store.ts'
import type { Hub } from './hub.ts'

/** Size of an object that the repo has; undefined if it has none. */
export async function ownSize(hub: Hub, repo: StoredRepo, oid: string): Promise<number | undefined> {
  return isLinked(repo, oid) ? objectSize(hub.store.objects, oid) : undefined
}

/** Is the object in any repo that the account may read? Then it need not be uploaded again. */
export function isAccessible(hub: Hub, account: Account | undefined, oid: string): boolean {
  return [...hub.store.repos.values()].some((repo) => mayRead(account, repo) && isLinked(repo, oid))
}

export type Wanted =
  | { readonly kind: 'stored' | 'absent' }
  | { readonly kind: 'error'; readonly message: string }

/**
 * What an upload of an object finds. A stored object that the account can see in some repo becomes this repo's own at
 * once. (gitea fork services/lfs/server.go)
 */
export async function findForUpload(
  hub: Hub,
  account: Account | undefined,
  repo: StoredRepo,
  { oid, size }: Pointer,
): Promise<Wanted> {
  const stored = await objectSize(hub.store.objects, oid)
  const isOwn = stored !== undefined && isLinked(repo, oid)
  if (isOwn && stored !== size) return { kind: 'error', message: `Object ${oid} is not ${size} bytes` }
  const { maxLfsSize } = hub.settings
  if (stored === undefined && size > maxLfsSize)
    return { kind: 'error', message: `Size must be less than or equal to ${maxLfsSize}` }
  if (stored === undefined || (!isOwn && !isAccessible(hub, account, oid))) return { kind: 'absent' }
  if (!isOwn) await linkObject(repo, oid)
  return { kind: 'stored' }
}

/** Makes the objects behind the pointers of a commit the repo's own, where they are stored. */
export async function linkCommit(
  hub: Pick<Hub, 'store' | 'cache'>,
  repo: StoredRepo,
  commit: string,
): Promise<void> {
  for (const { lfs } of (await filesAt(hub.cache, repo, commit)).values()) {
    if (lfs && (await objectSize(hub.store.objects, lfs.oid)) !== undefined) await linkObject(repo, lfs.oid)
  }
}
