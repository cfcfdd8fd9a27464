import { faultsOf } from '../core/faults.ts'
import { isLinked } from '../core/lfs-links.ts'
import { objectSize } from '../core/object-store.ts'
import type { Pointer } from '../core/pointer.ts'
import type { StoredRepo } from '../core/store.ts'
import type { Host } from './host.ts'

/** `claimed`: it was uploaded and is lost (fault-lost-object). */
export type Presence = 'present' | 'claimed' | 'absent'

/** Whether the host would say that the repo (undefined: one that does not exist) has the object. */
export async function presenceOf(
  host: Host,
  repo: StoredRepo | undefined,
  object: Pointer,
): Promise<Presence> {
  const isHere = host.settings.objectStore === 'global' || (repo !== undefined && isLinked(repo, object.oid))
  if (!isHere) return 'absent'
  const size = await objectSize(host.store.objects, object.oid)
  if (size === undefined) {
    const isLost = repo !== undefined && faultsOf(repo.name).has('fault-lost-object')
    return isLost && isLinked(repo, object.oid) ? 'claimed' : 'absent'
  }
  return size === object.size || host.spoilt.has(object.oid) ? 'present' : 'absent'
}
