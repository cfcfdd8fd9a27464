import { SyncError } from '../model/errors.ts'
import { formatRepo, type RepoInfo, type RepoRef } from '../model/repo.ts'
import type { Hubs } from '../repos/hubs.ts'
import type { Repo } from '../repos/repo.ts'

/** Why this hub's token cannot write for the owner, as far as the hub tells without writing; asked once per hub. */
export async function tokenProblem(hubs: Hubs, target: RepoRef): Promise<SyncError | undefined> {
  const identity = await hubs.identity(target.hub)
  if (identity === undefined) return undefined
  if (identity.canWrite === false) {
    return new SyncError('forbidden', `The token of ${identity.username} on ${target.hub} can only read.`, {
      next: 'Make a token with write permission and try again.',
    })
  }
  if (
    identity.owners !== undefined &&
    !identity.owners.some((owner) => owner.toLowerCase() === target.owner.toLowerCase())
  ) {
    return new SyncError(
      'forbidden',
      `The token of ${identity.username} on ${target.hub} belongs to none called ${target.owner}.`,
      {
        next: `It can write for ${identity.owners.join(', ')}: check the spelling of the target, or that ${target.owner} exists and has you as a member.`,
      },
    )
  }
  return undefined
}

/** Why a target that is there cannot be written with this token, as far as its hub tells without writing. */
export async function assertWritable(target: Repo, info: RepoInfo | undefined): Promise<void> {
  if (info === undefined) return
  const refused = info.canWrite === false || (await target.takesPush?.()) === false
  if (!refused) return
  throw new SyncError(
    'forbidden',
    `${target.ref.hub} lets this token not write to ${formatRepo(target.ref)}.`,
    {
      next: `Use a token with write permission, of an account that may write to repos of ${target.ref.owner}.`,
    },
  )
}
