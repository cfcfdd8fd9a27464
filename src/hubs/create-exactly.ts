import { asSyncError, SyncError } from '../model/errors.ts'
import { formatRepo, type NewRepo, type RepoInfo, type RepoRef } from '../model/repo.ts'

/**
 * Creates a repo and reads it again: what counts is what the hub shows afterwards. A failed create is fine if the repo is
 * there (it existed, or the answer was lost). Throws `conflict` if its visibility is another than wanted.
 */
export async function createExactly(
  repo: RepoRef,
  wanted: NewRepo,
  findRepo: (repo: RepoRef) => Promise<RepoInfo | undefined>,
  create: () => Promise<void>,
): Promise<RepoInfo> {
  const failure = await failureOf(create)
  const info = await findRepo(repo)
  if (info === undefined) throw failure === undefined ? notShownYet(repo) : ownerNamed(repo, failure)
  if (info.visibility !== wanted.visibility) throw otherVisibility(repo, info, wanted)
  return info
}

async function failureOf(create: () => Promise<void>): Promise<SyncError | undefined> {
  try {
    await create()
    return undefined
  } catch (thrown) {
    const error = asSyncError(thrown)
    if (error.code === 'internal' || error.code === 'stopped') throw error
    return error
  }
}

function notShownYet(repo: RepoRef): SyncError {
  return new SyncError('unavailable', `${formatRepo(repo)} was created, but the hub does not show it yet.`, {
    next: 'Run again in a minute.',
  })
}

function ownerNamed(repo: RepoRef, failure: SyncError): SyncError {
  if (failure.code !== 'forbidden' && failure.code !== 'unauthorized') return failure
  return new SyncError(failure.code, `${formatRepo(repo)} could not be created: ${failure.message}`, {
    next: `Use a token that may create repos for ${JSON.stringify(repo.owner)} on ${repo.hub}, and check that this owner exists there.`,
    cause: failure,
  })
}

function otherVisibility(repo: RepoRef, info: RepoInfo, wanted: NewRepo): SyncError {
  const says = `${formatRepo(repo)} is ${info.visibility}, but ${wanted.visibility} was asked for.`
  // Wider than asked for must never pass for a target that somebody moved.
  if (wanted.visibility === 'private') {
    return new SyncError('leak', `${says} Nothing was put into it; if it is new, it stays there empty.`, {
      next: `Make it private on ${info.url}, or delete it there: some hubs let the owner alone decide who sees a repo.`,
    })
  }
  return new SyncError('refused', says, {
    next: `Change its visibility on ${info.url}, or the rule's visibility.`,
  })
}
