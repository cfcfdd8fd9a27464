import type { Context } from '../../src/context.ts'
import type { Hub } from '../../src/hubs/hub.ts'
import { type PushCommit, publishCommit } from '../../src/repos/publish-commit.ts'
import type { Repo } from '../../src/repos/repo.ts'

/** The repo of a hub in memory as if git stood beside its API: `push` is what git does, and fails with `conflict` off the head. */
export function besideGit(context: Context, hub: Hub, repo: Repo, push: PushCommit): Repo {
  const ways = { hub, repo: repo.ref, push }
  return { ...repo, publish: (commit) => publishCommit(context, ways, commit) }
}
