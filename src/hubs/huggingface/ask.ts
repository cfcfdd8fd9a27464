import { asSyncError, SyncError } from '../../model/errors.ts'
import { formatRepo, type RepoRef } from '../../model/repo.ts'
import type { Answer, Request } from '../../net/http.ts'
import type { Site } from '../site.ts'
import { hubWords, huggingFaceError, isNoRoute, noRouteStatuses } from './errors.ts'
import type { HuggingFaceSite } from './site.ts'

/**
 * The answer, also where its status says that there is no such route, or that this may not be read; undefined if something else
 * answered: a web page, or a redirect to another place. What the request itself accepts is accepted besides.
 */
export async function tryAnswer(site: Site, request: Request): Promise<Answer | undefined> {
  const accept = [...(request.accept ?? []), ...noRouteStatuses]
  try {
    return await site.http.send({ ...request, accept })
  } catch (thrown) {
    if (asSyncError(thrown).code === 'bad-answer') return undefined
    throw thrown
  }
}

/** The pages of a listing; undefined instead of the first one if there is no such route. */
export async function* tryPages(site: Site, url: string): AsyncGenerator<Answer | undefined> {
  let isFirst = true
  try {
    for await (const page of site.http.pages({ url, accept: noRouteStatuses })) {
      yield isNoRoute(page) ? undefined : page
      isFirst = false
    }
  } catch (thrown) {
    if (!isFirst || asSyncError(thrown).code !== 'bad-answer') throw thrown
    yield undefined
  }
}

/**
 * The way is missing, not the repo: `unsupported`, so that git does it. Only for a repo that the same API shows; `what` ends the
 * sentence "the server does not …".
 */
export function noRoute(site: Site, repo: RepoRef, what: string): SyncError {
  return new SyncError('unsupported', `${formatRepo(repo)}: the API of ${site.id} does not ${what}.`, {
    next: 'It speaks only a part of the API of Hugging Face, and git could not do it either.',
  })
}

/** An answer that says no, as an error; none at all is one of a server that is none of this API. */
export function denied(site: HuggingFaceSite, repo: RepoRef, answer: Answer | undefined): SyncError {
  const what = formatRepo(repo)
  if (answer === undefined) {
    return new SyncError('bad-answer', `${what}: something else than the API of ${site.id} answered.`, {
      next: 'Check the endpoint.',
    })
  }
  const { status } = answer
  const code = status === 403 ? 'forbidden' : status === 401 ? 'unauthorized' : 'not-found'
  const next = 'Check the endpoint and what the token may read.'
  const says = isNoRoute(answer)
    ? `the hub answered ${status} without saying that it does not exist`
    : hubWords(answer)
  return (
    huggingFaceError(answer, what, site.account) ?? new SyncError(code, `${what}: ${says}.`, { status, next })
  )
}
