import type { Context } from '../context.ts'
import { isBranchName } from '../model/branch.ts'
import { SyncError } from '../model/errors.ts'
import { printable } from '../model/printable.ts'
import { type GitAccess, remoteName } from './git-environment.ts'
import { runRemoteGit } from './run-git.ts'

/** What a host says of a repo that exists. */
export interface RemoteHead {
  /** The branch that HEAD names; undefined where the host does not tell (an empty repo, or an unborn branch among others). */
  readonly branch: string | undefined
  /** Commit of HEAD. */
  readonly commit: string | undefined
  /** All branches there are. */
  readonly branches: readonly string[]
}

/**
 * HEAD and the branches, in one request that only reads (asking for `receive-pack` makes the repo on some hosts). Throws
 * `not-found` for a repo that the host does not have, or hides. Source: git-ls-remote(1), `--symref`.
 */
export async function remoteHead(context: Context, access: GitAccess): Promise<RemoteHead> {
  const args = ['ls-remote', '--quiet', '--symref', '--end-of-options', remoteName, 'HEAD', 'refs/heads/*']
  const output = await runRemoteGit(context, access, {
    folder: context.workDir,
    args,
    doing: 'look at the repo',
  })
  const lines = output.split('\n')
  const symbolic = lines.map((line) => /^ref: refs\/heads\/(\S+)\tHEAD$/.exec(line)?.[1])
  const commits = lines.map((line) => /^([0-9a-f]{40})\tHEAD$/.exec(line)?.[1])
  const branch = symbolic.find((name) => name !== undefined)
  if (branch !== undefined && !isBranchName(branch)) {
    const shown = JSON.stringify(printable(branch.slice(0, 60)))
    throw new SyncError('bad-answer', `${new URL(access.url).host} calls a branch ${shown}.`)
  }
  return {
    branch,
    commit: commits.find((commit) => commit !== undefined),
    branches: lines
      .flatMap((line) => /^[0-9a-f]{40}\trefs\/heads\/(\S+)$/.exec(line)?.[1] ?? [])
      .filter(isBranchName),
  }
}
