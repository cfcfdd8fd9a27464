import type { Octokit } from '@octokit/rest'
import type { Site } from '../site.ts'

/** What the calls of GitHub need. */
export interface GitHubSite extends Site {
  readonly octokit: Octokit
  readonly hasToken: boolean
}
