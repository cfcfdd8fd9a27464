import type { Context } from '../context.ts'
import { asSyncError } from '../model/errors.ts'
import { createCredentials } from '../net/credentials.ts'
import { createHttp } from '../net/http.ts'

/**
 * Whether strangers can read the workflow's own repository, for events that do not say so, as a schedule does not: GitHub is asked
 * once, without a token. Only its clear answer that there is no such repository counts as "no"; a used-up quota, an Enterprise that
 * answers nobody, or no answer leave it open. `apiUrl` is GITHUB_API_URL, `repository` is `owner/name`.
 * Source: docs.github.com, "Get a repository"; 404 is what strangers are told of private ones ("Troubleshooting the REST API").
 */
export async function canStrangersRead(
  context: Context,
  apiUrl: string,
  repository: string,
): Promise<'yes' | 'no' | 'unknown'> {
  if (!/^[A-Za-z0-9_-]+\/[A-Za-z0-9_.-]+$/.test(repository) || !URL.canParse(apiUrl)) return 'unknown'
  const http = createHttp(context, {
    hub: 'github',
    endpoint: new URL(apiUrl).origin,
    credentials: createCredentials([], undefined, undefined),
    insecureHttp: false,
    requestsPerSecond: 1,
    explain: () => undefined,
  })
  try {
    const url = `${apiUrl.replace(/\/+$/, '')}/repos/${repository}`
    const answer = await http.send({ url, idempotent: false, accept: [404] })
    if (answer.status === 404) return 'no'
    const body = answer.json()
    return typeof body === 'object' && body !== null && 'private' in body && body.private === false
      ? 'yes'
      : 'unknown'
  } catch (thrown) {
    context.signal.throwIfAborted()
    context.log.debug(`Whether this repository is public could not be seen: ${asSyncError(thrown).message}`)
    return 'unknown'
  }
}
