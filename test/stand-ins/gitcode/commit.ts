import { faultsOf } from '../core/faults.ts'
import { type Change, commitChanges } from '../core/git-repo.ts'
import { HttpError } from '../core/server.ts'
import { count, headOf, type StoredRepo } from '../core/store.ts'
import { branchOf, type Hub } from './hub.ts'

export interface WantedCommit {
  readonly branch: string
  readonly parent: string | undefined
  readonly changes: readonly Change[]
  readonly message: string
}

/** Commits; undefined if the branch has moved. Throws the gateway's answer for the faults that land. */
export async function land(repo: StoredRepo, commit: WantedCommit): Promise<string | undefined> {
  const faults = faultsOf(repo.name)
  if (faults.has('fault-api-commit-refused')) throw new HttpError(403, { error: 'Commits are not allowed' })
  const result = await commitChanges(repo.gitDir, commit)
  if (result.kind === 'moved') return undefined
  repo.updatedAt = new Date()
  if (faults.has('fault-504-landed'))
    throw new HttpError(504, '<html><body>504 Gateway Time-out</body></html>', {
      'content-type': 'text/html',
    })
  if (faults.has('fault-500-landed')) throw new HttpError(500, { error: 'Internal Server Error' })
  return result.commit
}

/** fault-stale: somebody else commits just before the first commit or push. */
export async function overtake(hub: Hub, repo: StoredRepo, branch = branchOf(repo)): Promise<void> {
  if (!faultsOf(repo.name).has('fault-stale') || count(hub.store, `overtaken ${repo.id}`) > 1) return
  const changes = [{ path: 'someone-else.txt', content: Buffer.from('Somebody else was faster.\n') }]
  const parent = await headOf(hub.store, repo, branch)
  await commitChanges(repo.gitDir, { branch, parent, changes, message: 'Somebody else was faster' })
}

/** What a change may hold as a plain blob: throws what `refuse` makes if one is too large. */
export function checkSizes(
  changes: readonly Change[],
  megabytes: number,
  refuse: (message: string) => HttpError,
): void {
  const large = changes.find(({ content }) => (content?.length ?? 0) > megabytes * 1024 ** 2)
  if (large)
    throw refuse(`File "${large.path}" is larger than the allowed size of ${megabytes} MB. Use Git LFS.`)
}

/** True if git would take the path: relative, nothing empty, no `.` or `..`, no `.git`. */
export function isPlainPath(path: string): boolean {
  return path.split('/').every((part) => !['', '.', '..'].includes(part) && part.toLowerCase() !== '.git')
}
