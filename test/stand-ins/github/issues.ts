import { type Exchange, sendJson } from '../core/server.ts'
import { fullName, type StoredRepo } from '../core/store.ts'
import { openRepo, requireWriter, userOf } from './access.ts'
import type { Hub, RepoName, StoredIssue } from './hub.ts'
import { ownerItem } from './owners.ts'
import { failure, jsonBody, notFound, pageOf } from './wire.ts'

/** `GET /repos/{owner}/{repo}/issues`: pull requests among them, the newest first, `open` ones unless asked otherwise. */
export function listIssues(hub: Hub, exchange: Exchange, wanted: RepoName): void {
  const repo = openIssues(hub, exchange, wanted)
  const { query } = exchange
  const state = query.get('state') ?? 'open'
  const creator = query.get('creator')?.toLowerCase()
  const isKnown = hub.settings.knowsAppsAsCreators || creator?.endsWith('[bot]') !== true
  const rows = issuesOf(hub, repo)
    .filter((issue) => state === 'all' || issue.state === state)
    .filter((issue) => creator === undefined || (isKnown && issue.author.toLowerCase() === creator))
    .toReversed()
  const page = pageOf(exchange, rows, hub.settings.maxPerPage)
  const items = page.rows.map((issue) => issueItem(exchange, repo, issue))
  sendJson(exchange.res, 200, items, page.headers)
}

/** `POST /repos/{owner}/{repo}/issues`: by whoever sees the repo; a token with permissions needs the one for issues. */
export async function openIssue(hub: Hub, exchange: Exchange, wanted: RepoName): Promise<void> {
  const { caller, repo } = opener(hub, exchange, wanted)
  const { title, body } = textsIn(await jsonBody(exchange))
  if (title === undefined || title === '') throw invalid('title', 'missing_field')
  const all = issuesOf(hub, repo)
  const issue: StoredIssue = {
    number: all.length + 1,
    author: caller.account.username,
    isPull: false,
    title,
    body: body ?? '',
    state: 'open',
    comments: [],
  }
  hub.issues.set(repo.number, [...all, issue])
  sendJson(exchange.res, 201, issueItem(exchange, repo, issue))
}

/** `PATCH /repos/{owner}/{repo}/issues/{number}`: its author's, or whoever may write to the repo. */
export async function changeIssue(
  hub: Hub,
  exchange: Exchange,
  wanted: RepoName,
  number: number,
): Promise<void> {
  const { caller, repo } = opener(hub, exchange, wanted)
  const issue = issueOf(hub, repo, number)
  if (issue.author !== caller.account.username) requireWriter(caller, repo.owner)
  const fields = await jsonBody(exchange)
  const { title, body } = textsIn(fields)
  issue.title = title ?? issue.title
  issue.body = body ?? issue.body
  if (fields.state === 'open' || fields.state === 'closed') issue.state = fields.state
  sendJson(exchange.res, 200, issueItem(exchange, repo, issue))
}

/** `POST /repos/{owner}/{repo}/issues/{number}/comments`. */
export async function commentOnIssue(
  hub: Hub,
  exchange: Exchange,
  wanted: RepoName,
  number: number,
): Promise<void> {
  const { caller, repo } = opener(hub, exchange, wanted)
  const issue = issueOf(hub, repo, number)
  const { body } = textsIn(await jsonBody(exchange))
  if (body === undefined || body === '') throw invalid('body', 'missing_field')
  const author = caller.account.username
  issue.comments.push({ author, body })
  const user = ownerItem(exchange, author, false)
  sendJson(exchange.res, 201, { id: issue.comments.length, body, user })
}

/** GitHub's limits of a title and of a body. */
const longest = { title: 256, body: 65_536 }

function textsIn(fields: Record<string, unknown>): Partial<Record<'title' | 'body', string>> {
  const texts: Partial<Record<'title' | 'body', string>> = {}
  for (const name of ['title', 'body'] as const) {
    const text = fields[name]
    if (typeof text !== 'string') continue
    if (text.length > longest[name])
      throw invalid(name, 'custom', `${name} is too long (maximum is ${longest[name]} characters)`)
    texts[name] = text
  }
  return texts
}

function invalid(field: string, code: string, message?: string) {
  return failure(422, 'Validation Failed', {
    errors: [{ resource: 'Issue', field, code, ...(message && { message }) }],
  })
}

/** A repo that the caller sees and that has issues. */
function openIssues(hub: Hub, exchange: Exchange, wanted: RepoName): StoredRepo {
  const repo = openRepo(hub, exchange, wanted)
  if (repo.details.get('has_issues') === 'false')
    throw failure(410, 'Issues has been disabled in this repository.')
  return repo
}

function opener(hub: Hub, exchange: Exchange, wanted: RepoName) {
  const caller = userOf(hub, exchange)
  const repo = openIssues(hub, exchange, wanted)
  if (caller.kind !== 'classic') requireWriter(caller, repo.owner)
  return { caller, repo }
}

function issuesOf(hub: Hub, repo: StoredRepo): readonly StoredIssue[] {
  return hub.issues.get(repo.number) ?? []
}

function issueOf(hub: Hub, repo: StoredRepo, number: number): StoredIssue {
  const issue = issuesOf(hub, repo).find((one) => one.number === number)
  if (issue === undefined) throw notFound()
  return issue
}

function issueItem(exchange: Exchange, repo: StoredRepo, issue: StoredIssue): object {
  const { number, title, body, state, author, isPull, comments } = issue
  const page = `${exchange.origin}/${fullName(repo)}`
  return {
    id: repo.number * 10_000 + number,
    ...{ number, title, body, state, comments: comments.length },
    user: ownerItem(exchange, author, false),
    html_url: `${page}/issues/${number}`,
    performed_via_github_app: author.endsWith('[bot]') ? { slug: author.replace('[bot]', '') } : null,
    ...(isPull && { pull_request: { html_url: `${page}/pull/${number}` } }),
  }
}
