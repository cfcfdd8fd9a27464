import { SyncError } from '../model/errors.ts'
import type { RepoRef } from '../model/repo.ts'
import type { Hubs } from '../repos/hubs.ts'

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
