import { resolveRevision, setRef } from '../core/git-repo.ts'
import type { Exchange } from '../core/server.ts'
import { openRepo } from './access.ts'
import type { Hub, RepoName } from './hub.ts'
import { failure, jsonBody, sendOk, textOf } from './wire.ts'

const branchName = /^[a-zA-Z0-9_-]{1,100}$/

/** `POST /api/v1/branch/{kind}/{owner}/{name}` `{branch, base_branch}`. */
export async function createBranch(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  const { repo } = openRepo(hub, exchange, wanted, 'write')
  const body = await jsonBody(exchange)
  const branch = textOf(body.branch)
  if (!branchName.test(branch)) throw failure('bad_request_param', 'invalid branch name')
  const base = await resolveRevision(repo.gitDir, `refs/heads/${textOf(body.base_branch)}`)
  if (base === undefined) throw failure('base_branch_not_found', 'base branch not found')
  const isNew = await setRef(repo.gitDir, `refs/heads/${branch}`, base, '0'.repeat(40))
  if (!isNew) throw failure('branch_exist', 'branch already exists')
  sendOk(exchange, { branch_name: branch })
}

/** `DELETE /api/v1/branch/{kind}/{owner}/{name}/{branch}`. */
export async function deleteBranch(
  hub: Hub,
  exchange: Exchange,
  wanted: RepoName,
  branch: string,
): Promise<void> {
  const { repo } = openRepo(hub, exchange, wanted, 'write')
  const isThere = branchName.test(branch) && (await resolveRevision(repo.gitDir, `refs/heads/${branch}`))
  if (!isThere) throw failure('branch_not_exist', 'branch does not exist')
  if (branch === hub.store.defaultBranch) throw failure('bad_request_param', 'the default branch must stay')
  await setRef(repo.gitDir, `refs/heads/${branch}`, undefined)
  sendOk(exchange, null)
}
