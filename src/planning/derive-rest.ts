import { SyncError } from '../model/errors.ts'
import { formatRepo } from '../model/repo.ts'
import type { RepoWork } from '../repos/work.ts'
import { deriveWork } from './derive-work.ts'

/**
 * What is left to do for a repo after its hub has imported it, compared file by file; undefined: nothing. Throws where the pair
 * may not be synced any more.
 */
export async function deriveRest(work: RepoWork): Promise<RepoWork | undefined> {
  const { source, target, sourceAt } = work
  // It exists because of this very work, which `existing: skip` let through.
  const rule = { ...work.rule, existing: 'update' as const }
  const pinned = { sourceCommit: sourceAt.commit, sourceBranch: sourceAt.branch }
  const derived = await deriveWork({ rule, source, target }, pinned)
  if (derived.kind === 'work') return derived.work
  if (derived.kind === 'unchanged') return undefined
  const code = derived.kind === 'failed' ? derived.code : 'refused'
  throw new SyncError(code, `${formatRepo(target.ref)} was imported; what differs stays: ${derived.reason}`)
}
