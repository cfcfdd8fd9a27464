import { SyncError } from '../model/errors.ts'
import { exposes, formatRepo, isOpen, type RepoInfo } from '../model/repo.ts'
import type { RepoWork } from '../repos/work.ts'

/**
 * Looks at the source once more, just before something becomes visible: what was public when it was planned may be private or
 * gated by now, and a target may have been opened. Throws `leak`.
 */
export async function assertNoLeak(work: RepoWork, target: RepoInfo | undefined): Promise<void> {
  const source = await work.source.info()
  if (source === undefined) throw new SyncError('not-found', `${formatRepo(work.source.ref)} is gone.`)
  const open = isOpen(source, work.rule.visibility)
  if (!open && work.visibility === 'public')
    throw leak(work, `is ${source.gated ? 'gated' : source.visibility} now, and was planned as public`)
  if (work.visibility === 'private' && target !== undefined && exposes(target, source)) {
    throw leak(
      work,
      `must stay private, but the target ${formatRepo(work.target.ref)} is ${target.gated ? 'gated' : target.visibility}`,
    )
  }
}

function leak(work: RepoWork, what: string): SyncError {
  return new SyncError('leak', `critical: the source ${formatRepo(work.source.ref)} ${what}.`, {
    next: 'Nothing was published. Set the target to private on its hub, or plan again.',
  })
}
