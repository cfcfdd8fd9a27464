import { rm } from 'node:fs/promises'
import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import type { CommitInfo } from '../model/repo.ts'
import type { GitAccess } from './git-environment.ts'
import { runLocalGit } from './run-git.ts'
import { checkCommitId, fetchOne, initBareRepo, resolveRemote } from './snapshot.ts'

/** Bytes of the messages of all commits asked for. */
const maxLog = 64 * 2 ** 20

/**
 * The last `limit` commits of a branch, newest first, by a fetch without trees (a server may ignore that; the disk cap holds).
 * Empty if there is no such branch.
 */
export async function gitHistory(
  context: Context,
  access: GitAccess,
  branch: string,
  limit: number,
): Promise<CommitInfo[]> {
  const head = await resolveRemote(context, access, branch)
  if (head === undefined) return []
  checkCommitId(head)
  const folder = await initBareRepo(context)
  try {
    await fetchOne(context, access, folder, [`--depth=${limit}`, '--filter=tree:0'], [`refs/heads/${branch}`])
    const args = ['log', `--max-count=${limit}`, '--topo-order', '-z', '--format=%H%n%B', head]
    const log = await runLocalGit(context, { folder, args, doing: 'read the history' }, maxLog)
    return log
      .toString('utf8')
      .split('\0')
      .filter((entry) => entry !== '')
      .map(parseCommit)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

function parseCommit(entry: string): CommitInfo {
  const end = entry.indexOf('\n')
  const id = entry.slice(0, end)
  if (!/^[0-9a-f]{40}$/.test(id)) throw new SyncError('git', 'Git printed no commit id in its log.')
  return { id, message: entry.slice(end + 1).trimEnd() }
}
