import { SyncError } from '../model/errors.ts'
import type { RepoSummary, RepoType } from '../model/repo.ts'

/** One row of a hub's listing. */
interface Listed {
  readonly owner: string
  readonly name: string
}

/**
 * Takes from a listing what was asked for, each repo once: some hubs list others' repos as well, and pages shift when one is added
 * meanwhile. Owners are compared in any case, and told as the hub spells them.
 */
export function ofOwner(
  hub: string,
  owner: string,
  type: RepoType,
): (row: Listed) => RepoSummary | undefined {
  const names = new Set<string>()
  return (row) => {
    if (row.owner.toLowerCase() !== owner.toLowerCase() || names.has(row.name)) return undefined
    names.add(row.name)
    return { ref: { hub, type, owner: row.owner, name: row.name } }
  }
}

/** A listing that is not whole. `what` names it, `how` says where it ends. */
export function cutList(what: string, how: string): SyncError {
  return new SyncError('bad-answer', `${what}: the list ends ${how}.`, {
    next: 'Run again; or name the repos one by one.',
  })
}
