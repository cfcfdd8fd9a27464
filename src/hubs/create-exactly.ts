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
    next: `Use a token that may create repos for ${JSON.stringify(repo.owner)} on ${repo.hub}.`,
    cause: failure,
  })
}

function otherVisibility(repo: RepoRef, info: RepoInfo, wanted: NewRepo): SyncError {
  // Wider than asked for must never pass for a target that somebody moved.
  const code = wanted.visibility === 'private' ? 'leak' : 'refused'
  return new SyncError(
    code,
    `${formatRepo(repo)} is ${info.visibility}, but ${wanted.visibility} was asked for.`,
    { next: `Change its visibility on ${info.url}, or the rule's visibility.` },
  )
}
