import { rm } from 'node:fs/promises'
import type { Context } from '../context.ts'
import { isBranchName } from '../model/branch.ts'
import type { NewCommit } from '../model/commit.ts'
import { SyncError } from '../model/errors.ts'
import type { RepoPath } from '../model/path.ts'
import { importCommit } from './fast-import.ts'
import { type GitAccess, remoteName } from './git-environment.ts'
import { mergedAttributes } from './merged-attributes.ts'
import { listTree, type TreeFile } from './read-tree.ts'
import { runRemoteGit } from './run-git.ts'
import { checkCommitId, fetchOne, initBareRepo } from './snapshot.ts'

/**
 * Publishes one commit by a push that git and the hub accept only while the branch is at `commit.parent` (undefined: while the
 * branch does not exist); returns its id. Throws `conflict` if the branch moved, `refused` if the hub does not want the
 * content. After `network`, `stalled` or `unavailable` the push may have landed: the caller reads the head again.
 */
export async function pushCommit(context: Context, access: GitAccess, commit: NewCommit): Promise<string> {
  checkBranch(commit.branch)
  const folder = await initBareRepo(context)
  try {
    const files = commit.parent === undefined ? [] : await fetchParent(context, access, folder, commit.parent)
    const attributes = await mergedAttributes(context, access, folder, commit, files)
    const modes = new Map<RepoPath, string>(files.map(({ path, mode }) => [path, mode]))
    const id = await importCommit(
      context,
      folder,
      commit,
      attributes === undefined ? [] : [attributes],
      modes,
    )
    await push(context, access, folder, commit, id)
    return id
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** The parent's trees. A parent that the hub does not give any more means that the branch was rewritten. */
async function fetchParent(
  context: Context,
  access: GitAccess,
  folder: string,
  parent: string,
): Promise<readonly TreeFile[]> {
  checkCommitId(parent)
  try {
    await fetchOne(context, access, folder, ['--depth=1', '--filter=blob:none'], [parent])
  } catch (thrown) {
    if (thrown instanceof SyncError && /not our ref|unadvertised object/.test(thrown.message)) {
      throw new SyncError('conflict', `The hub does not have commit ${parent} any more.`, { cause: thrown })
    }
    throw thrown
  }
  return (await listTree({ context, folder, commit: parent })).files
}

/** `--no-thin`: a delta against the parent's files would need files that were left out. */
async function push(
  context: Context,
  access: GitAccess,
  folder: string,
  commit: NewCommit,
  id: string,
): Promise<void> {
  const ref = `refs/heads/${commit.branch}`
  const lease = `--force-with-lease=${ref}:${commit.parent ?? ''}`
  const args = [
    'push',
    '--porcelain',
    '--no-thin',
    '--no-verify',
    lease,
    '--end-of-options',
    remoteName,
    `${id}:${ref}`,
  ]
  await runRemoteGit(context, access, { folder, args, doing: `push to ${commit.branch}` })
}

/** A branch comes from the configuration or a hub. */
function checkBranch(branch: string): void {
  if (!isBranchName(branch)) throw new SyncError('config', `${JSON.stringify(branch)} is no branch name.`)
}
