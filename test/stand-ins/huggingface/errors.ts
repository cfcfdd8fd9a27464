import { HttpError } from '../core/server.ts'

export type ErrorCode = 'RepoNotFound' | 'RevisionNotFound' | 'EntryNotFound' | 'GatedRepo'

/** An error as the hub words it: JSON body, and the same text in X-Error-Message. */
export function hubError(
  status: number,
  error: string,
  code?: ErrorCode,
  headers: Readonly<Record<string, string>> = {},
): HttpError {
  // Header values hold ASCII only; the live hub's messages do, ours may quote a path.
  const own: Record<string, string> = { 'x-error-message': error.replaceAll(/[^\x20-\x7e]/g, '?') }
  if (code !== undefined) own['x-error-code'] = code
  return new HttpError(status, { error }, { ...own, ...headers })
}

/** Missing and hidden look alike; who is not logged in is told to log in. */
export function repoNotFound(anonymous: boolean, challenge = false): HttpError {
  const header: Record<string, string> = {}
  if (challenge) header['www-authenticate'] = 'Basic realm="Authentication required", charset="UTF-8"'
  if (anonymous) return hubError(401, 'Invalid username or password.', 'RepoNotFound', header)
  return hubError(404, 'Repository not found', 'RepoNotFound')
}

export function revisionNotFound(revision: string): HttpError {
  return hubError(404, `Invalid rev id: ${revision}`, 'RevisionNotFound')
}
