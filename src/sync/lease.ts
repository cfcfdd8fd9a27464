import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import { formatRepo } from '../model/repo.ts'
import { isPlatformMade } from '../repos/platform-made.ts'
import type { RepoWork } from '../repos/work.ts'

/**
 * The target's head, if it still is what the plan saw; otherwise `conflict`. A fresh target may hold a commit by now, the hub's own
 * first one or that of a killed run, as long as it holds nothing but what the hub makes by itself and no sync commit.
 */
export async function assertLease(context: Context, work: RepoWork): Promise<string | undefined> {
  const head = await currentHead(context, work)
  if (work.lease.kind === 'commit') {
    if (head === work.lease.commit) return head
    throw conflict(work, `moved from ${work.lease.commit} to ${head ?? 'nothing'} since it was planned`)
  }
  if (head === undefined) return undefined
  const history = await work.target.history(work.targetBranch, 2)
  if (history.some((commit) => commit.message.includes('Synced-Run:')))
    throw conflict(work, `was filled by another run (${head})`)
  const foreign = await firstRealFile(work, head)
  if (foreign !== undefined) throw conflict(work, `was absent when it was planned and holds ${foreign} now`)
  return head
}

/** A hub's own first commit may show a moment after the repo: to miss it would be to publish without a lease. */
const looks = 3
const pause = 1000

async function currentHead(context: Context, work: RepoWork): Promise<string | undefined> {
  for (let look = 1; ; look++) {
    const head = await work.target.head(work.targetBranch)
    if (head !== undefined || look === looks || !work.target.profile.firstCommit) return head
    await context.clock.sleep(pause, context.signal)
  }
}

async function firstRealFile(work: RepoWork, commit: string): Promise<string | undefined> {
  const at = { repo: work.target.ref, branch: work.targetBranch, commit }
  for (const file of (await work.target.manifest(at)).values()) {
    if (!(await isPlatformMade(work.target, at, file))) return file.path
  }
  return undefined
}

function conflict(work: RepoWork, what: string): SyncError {
  return new SyncError('conflict', `${formatRepo(work.target.ref)} ${what}.`, {
    next: 'Nothing was published. Run again: it will be compared with what is there now.',
  })
}
