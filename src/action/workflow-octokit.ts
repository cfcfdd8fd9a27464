import type { Octokit } from '@octokit/rest'
import type { Context } from '../context.ts'
import { gitHubError } from '../hubs/github/errors.ts'
import { createOctokit } from '../hubs/github/octokit.ts'
import type { Secret } from '../model/secret.ts'
import { createCredentials } from '../net/credentials.ts'
import { createHttp } from '../net/http.ts'
import { withRetry } from '../net/with-retry.ts'

/**
 * Octokit for the GitHub that runs the workflow. `apiUrl` is GITHUB_API_URL, of an Enterprise with its path; the token goes to that
 * origin and nowhere else. Sends nothing.
 */
export function createWorkflowOctokit(context: Context, apiUrl: string, token: Secret): Octokit {
  const { origin } = new URL(apiUrl)
  const http = createHttp(context, {
    hub: 'github',
    endpoint: origin,
    credentials: createCredentials(
      [{ purposes: ['api'], covers: (url) => url.origin === origin, form: 'bearer' }],
      token,
      undefined,
    ),
    insecureHttp: false,
    // docs.github.com, "Best practices for using the REST API": a second between requests that write.
    requestsPerSecond: 1,
    explain: (answer) => {
      const asking = {
        hub: 'github',
        hasToken: true,
        tokenVariable: 'github-token',
        now: context.clock.now(),
      }
      const error = gitHubError(answer, asking)
      // A used-up quota comes back within the hour: no run waits that long to tell of itself.
      return error?.code === 'rate-limited' ? withRetry(error, false) : error
    },
  })
  return createOctokit(http, apiUrl.replace(/\/+$/, ''), context.log)
}
