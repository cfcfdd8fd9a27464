import type { Context } from '../context.ts'
import { isDefaultBranch, isUntrusted, type WorkflowRun } from './event.ts'
import { issueIdentity, issueScope, updateFailureIssue } from './failure-issue.ts'
import type { Ending } from './failure-state.ts'
import type { IssueInputs } from './inputs.ts'
import { createWorkflowOctokit } from './workflow-octokit.ts'

/** How the run ended, and which work it is about where a workflow has several. */
export interface Told extends Pick<Ending, 'report' | 'verification' | 'error'> {
  /** What narrowed the plan that the run followed. */
  readonly narrowed?: string
  /** Sets the issue of one kind of work apart from that of another in the same workflow; the sync has none. */
  readonly work?: 'verify'
}

/** Opens, updates or closes the issue about failures. Only runs of the default branch that nobody else could start have a say in it. */
export async function tellIssue(
  context: Context,
  { options, env, issueToken, issueTokenInput, issueOnFailure }: IssueInputs,
  run: WorkflowRun,
  { narrowed, work, ...ending }: Told,
): Promise<void> {
  if (!issueOnFailure || !isDefaultBranch(run) || isUntrusted(run)) return
  const [owner, repo] = (env.GITHUB_REPOSITORY ?? '').split('/')
  if (issueToken === undefined || !owner || !repo) {
    const text = `issue-on-failure needs ${issueTokenInput}: no issue was opened or closed.`
    return context.log.warn(text, text)
  }
  const octokit = createWorkflowOctokit(context, env.GITHUB_API_URL || 'https://api.github.com', issueToken)
  await updateFailureIssue(octokit, {
    ...ending,
    ...{ owner, repo, log: context.log, failOn: options.failOn },
    workflow: env.GITHUB_WORKFLOW ?? '',
    identity: [...issueIdentity(env, options), ...(work === undefined ? [] : [work])],
    scope: [
      ...issueScope(work === 'verify' ? everyRule : run, options),
      ...(narrowed === undefined ? [] : [narrowed]),
    ],
    ...(options.run && { run: options.run }),
  })
}

/** `verify` looks at the rules of every cron line, whichever of them has started it. */
const everyRule = { payload: {} }
