import type { Exchange } from '../core/server.ts'
import { type Account, fullName, headOf, mayWrite, type StoredRepo } from '../core/store.ts'
import { findOwner, type Hub, licenseOf, topicsOf } from './hub.ts'
import { ownerItem } from './owners.ts'

/** A repo as answers show it. */
export async function repoItem(
  hub: Hub,
  exchange: Exchange,
  account: Account | undefined,
  repo: StoredRepo,
): Promise<object> {
  const { origin } = exchange
  const { owner, name, number, visibility } = repo
  const isOrganization = findOwner(hub, owner)?.isOrganization ?? false
  const head = await headOf(hub.store, repo)
  const isWriter = mayWrite(account, owner)
  const page = `${origin}/${fullName(repo)}`
  return {
    id: number,
    node_id: Buffer.from(`Repository:${number}`).toString('base64'),
    name,
    full_name: fullName(repo),
    private: visibility !== 'public',
    owner: ownerItem(exchange, owner, isOrganization),
    html_url: page,
    description: null,
    fork: false,
    url: `${origin}/api/v3/repos/${fullName(repo)}`,
    clone_url: `${page}.git`,
    created_at: repo.createdAt.toISOString(),
    updated_at: repo.updatedAt.toISOString(),
    pushed_at: repo.updatedAt.toISOString(),
    // KiB of an hourly count.
    size: head === undefined ? 0 : 1,
    archived: repo.details.get('archived') === 'true',
    disabled: false,
    license: licenseItem(origin, await licenseOf(hub, repo)),
    topics: topicsOf(repo),
    visibility,
    default_branch: hub.store.defaultBranch,
    permissions: { admin: isWriter, maintain: isWriter, push: isWriter, triage: isWriter, pull: true },
  }
}

function licenseItem(origin: string, id: string | undefined): object | null {
  if (id === undefined) return null
  if (id === 'NOASSERTION') return { key: 'other', name: 'Other', spdx_id: id, url: null, node_id: 'MDA=' }
  const key = id.toLowerCase()
  return { key, name: id, spdx_id: id, url: `${origin}/api/v3/licenses/${key}`, node_id: 'MDE=' }
}
