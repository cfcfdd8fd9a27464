import type { Octokit } from '@octokit/rest'
import { z } from 'zod'
import type { Environment, RunOptions } from '../commands/options.ts'
import type { Logger } from '../context.ts'
import { parseData } from '../hubs/parse-answer.ts'
import { asSyncError, explain, SyncError } from '../model/errors.ts'
import type { WorkflowRun } from './event.ts'
import { goodNews, type IssueSubject, issueBody, issueMarker, issueTitle } from './failure-issue-text.ts'
import {
  type Ending,
  type FailureState,
  isFailing,
  nextState,
  noFailures,
  parseState,
} from './failure-state.ts'

export interface FailureIssueRequest extends IssueSubject, Ending {
  /** The repository that has the issue: as a rule the workflow's own. */
  readonly owner: string
  readonly repo: string
  readonly log: Logger
}

/** What was done to the issue. `refused`: GitHub did not let us, and the log says what to do. */
export type IssueChange = 'opened' | 'updated' | 'closed' | 'none' | 'refused'

/**
 * Opens an issue for a failed run, or brings the open one up to date, or closes it after a good run. Ours is an open issue that
 * begins with our hidden line and was opened by whoever the token stands for, never one that only looks like it. Never throws: a run
 * does not fail because it could not tell of a failure.
 */
export async function updateFailureIssue(
  octokit: Octokit,
  request: FailureIssueRequest,
): Promise<IssueChange> {
  try {
    if (nextState(noFailures, request) === undefined) return 'none'
    const issues = await ownIssues(octokit, request)
    return isFailing(request)
      ? await tellFailure(octokit, request, issues)
      : await tellSuccess(octokit, request, issues)
  } catch (thrown) {
    warn(request.log, asSyncError(thrown))
    return 'refused'
  }
}

/**
 * What stays the same in every run of a workflow; part of `IssueSubject`. The branch is not in it: call this for runs of the default
 * branch only.
 */
export function issueIdentity(
  env: Environment,
  { configFile, from, to }: Pick<RunOptions, 'configFile' | 'from' | 'to'>,
): readonly string[] {
  // `owner/repo/.github/workflows/sync.yml@refs/heads/main`, in a reusable workflow that of its caller.
  const file = env.GITHUB_WORKFLOW_REF?.replace(/@[^@]*$/, '')
  return [file ?? env.GITHUB_WORKFLOW ?? '', configFile ?? '', from ?? '', to ?? '']
}

/** What narrowed a run; part of `Ending`. */
export function issueScope(
  { payload }: Pick<WorkflowRun, 'payload'>,
  { rules, repos }: Pick<RunOptions, 'rules' | 'repos'>,
): readonly string[] {
  const cron = typeof payload.schedule === 'string' ? [`cron ${payload.schedule}`] : []
  return [...rules.map((rule) => `rule ${rule}`), ...repos.map((repo) => `repo ${repo}`), ...cron].sort()
}

async function tellFailure(
  octokit: Octokit,
  request: FailureIssueRequest,
  issues: readonly OwnIssue[],
): Promise<IssueChange> {
  const [oldest] = issues
  const { owner, repo } = request
  const state = nextState(stateOf(issues), request) ?? noFailures
  const text = { title: issueTitle(request, request), body: issueBody(request, state, request) }
  if (oldest === undefined) await octokit.rest.issues.create({ owner, repo, ...text })
  else await octokit.rest.issues.update({ owner, repo, issue_number: oldest.number, ...text })
  return oldest === undefined ? 'opened' : 'updated'
}

/** Closes first: a comment without an end would come again with every good run. */
async function tellSuccess(
  octokit: Octokit,
  request: FailureIssueRequest,
  issues: readonly OwnIssue[],
): Promise<IssueChange> {
  const left = nextState(stateOf(issues), request)
  if (issues.length === 0 || left === undefined || left.failures.size > 0) return 'none'
  for (const { number } of issues) {
    const at = { owner: request.owner, repo: request.repo, issue_number: number }
    await octokit.rest.issues.update({ ...at, state: 'closed', state_reason: 'completed' })
    await octokit.rest.issues.createComment({ ...at, body: goodNews(request, request) })
  }
  return 'closed'
}

interface OwnIssue {
  readonly number: number
  readonly body: string
}

/** Two runs at once may have opened two: then it is all of them together. */
function stateOf(issues: readonly OwnIssue[]): FailureState {
  const states = issues.map(({ body }) => parseState(body))
  return {
    runs: Math.max(0, ...states.map(({ runs }) => runs)),
    failures: new Map(states.flatMap(({ failures }) => [...failures])),
  }
}

/** Our open issues, the oldest first. */
async function ownIssues(octokit: Octokit, request: FailureIssueRequest): Promise<readonly OwnIssue[]> {
  const login = await viewerLogin(octokit)
  const named = await openIssues(octokit, request, login)
  // The filter does not know the apps of every GitHub (renovatebot/renovate#44730): without this, each run would open one more.
  const rows = named.length > 0 ? named : await openIssues(octokit, request, undefined)
  const marker = issueMarker(request)
  return rows
    .filter((row) => row.pull_request === undefined && isBy(row.user, login))
    .map(({ number, body }) => ({ number, body: body ?? '' }))
    .filter(({ body }) => body.startsWith(marker))
    .sort((a, b) => a.number - b.number)
}

/**
 * Who the token stands for, apps such as `github-actions[bot]` included, which `GET /user` refuses. Source: docs.github.com, GraphQL
 * `viewer`; Renovate asks the same way (lib/modules/platform/github/user.ts).
 */
async function viewerLogin(octokit: Octokit): Promise<string> {
  const data = await octokit.graphql('query { viewer { login } }')
  return parseData(viewerSchema, data, 'Account of github-token').viewer.login
}

/** An app is called `name[bot]` by REST, and may be called `name` by GraphQL. */
function isBy(user: IssueRow['user'], login: string): boolean {
  const name = user?.login.toLowerCase()
  const wanted = login.toLowerCase()
  return name === wanted || (user?.type === 'Bot' && name === `${wanted}[bot]`)
}

/** More open issues than anybody reads; beyond it paging is taken for endless. */
const mostPages = 100

async function openIssues(
  octokit: Octokit,
  { owner, repo }: FailureIssueRequest,
  creator: string | undefined,
): Promise<readonly IssueRow[]> {
  const rows: IssueRow[] = []
  let pages = 0
  const asked = { owner, repo, state: 'open', per_page: 100, ...(creator && { creator }) } as const
  for await (const { data } of octokit.paginate.iterator(octokit.rest.issues.listForRepo, asked)) {
    rows.push(...parseData(rowsSchema, data, `Issues of ${owner}/${repo}`))
    pages += 1
    if (pages >= mostPages)
      throw new SyncError('too-large', `${owner}/${repo} has more than ${rows.length} open issues.`)
  }
  return rows
}

const viewerSchema = z.object({ viewer: z.object({ login: z.string().min(1) }) })

const rowsSchema = z.array(
  z.object({
    number: z.number(),
    body: z.string().nullish(),
    user: z.object({ login: z.string(), type: z.string().optional() }).nullable(),
    pull_request: z.unknown().optional(),
  }),
)

type IssueRow = z.infer<typeof rowsSchema>[number]

function warn(log: Logger, error: SyncError): void {
  const next = nextSteps.get(error.code) ?? 'The next run tries again.'
  const what = 'The issue about failures could not be brought up to date'
  log.warn(`${what}: ${explain(error)} ${next}`, `${what} [${error.code}]. ${next}`)
}

const giveRights =
  'Give the job "permissions: issues: write" and pass it as github-token, or set issue-on-failure: false.'

const nextSteps: ReadonlyMap<string, string> = new Map([
  ['unauthorized', giveRights],
  ['forbidden', giveRights],
  [
    'not-found',
    `Turn on issues in the settings of the repository, or set issue-on-failure: false. ${giveRights}`,
  ],
])
