import { faultsOf } from '../core/faults.ts'
import { filesAt } from '../core/files.ts'
import { commitChanges, resolveRevision } from '../core/git-repo.ts'
import { type Exchange, HttpError, parseJson, readBody } from '../core/server.ts'
import { count, fullName, type StoredRepo } from '../core/store.ts'
import { maxCommitBytes, policyMessage, readCommit, type WantedCommit } from './commit-request.ts'
import type { Hub } from './hub.ts'
import { type JsonAnswer, ok, refused } from './wire.ts'

/**
 * `POST /api/v1/repos/{type}s/{id}/commit/{branch}`: no parent is named, so whatever is there gets this commit on top.
 * One commit at a time per repo: a second one meanwhile is told that the lock is busy.
 */
export async function commitByApi(
  hub: Hub,
  repo: StoredRepo,
  branch: string,
  exchange: Exchange,
): Promise<JsonAnswer> {
  const length = Number(exchange.req.headers['content-length'] ?? 0)
  if (length > maxCommitBytes) return refused(413, 'request entity too large')
  const body = parseJson((await readBody(exchange.req, maxCommitBytes)).toString('utf8'))
  if (hub.busy.has(repo.id)) return lockBusy
  hub.busy.add(repo.id)
  try {
    return faultBefore(hub, repo, body) ?? (await apply(hub, repo, branch, body))
  } finally {
    hub.busy.delete(repo.id)
  }
}

const lockBusy = refused(429, 'commit lock busy, please try again')
const notOnBranch = refused(400, 'You can only create or edit files when you are on a branch')

async function apply(hub: Hub, repo: StoredRepo, branch: string, body: unknown): Promise<JsonAnswer> {
  const head = await resolveRevision(repo.gitDir, `refs/heads/${branch}`)
  // Branches are made by git push only; a repo without commits gets its first one on the default branch.
  const isFirst = branch === hub.store.defaultBranch && head === undefined
  if (head === undefined && !isFirst) return notOnBranch
  const files = head === undefined ? [] : [...(await filesAt(hub.cache, repo, head)).values()]
  const paths = files.filter(({ type }) => type === 'blob').map(({ path }) => path)
  const read = readCommit(body, new Set(paths))
  if (read.kind === 'refused') return read.answer
  const parent = (await sneakIn(hub, repo, branch)) ?? head
  return land(repo, { branch, parent, ...read.commit })
}

async function land(
  repo: StoredRepo,
  commit: WantedCommit & { readonly branch: string; readonly parent: string | undefined },
): Promise<JsonAnswer> {
  const result = await commitChanges(repo.gitDir, commit)
  if (result.kind === 'moved') return refused(409, 'branch changed, please retry')
  repo.updatedAt = new Date()
  const faults = faultsOf(repo.name)
  if (faults.has('fault-500-landed')) return refused(500, 'internal error')
  // A gateway that gave up waiting answers in its own words.
  if (faults.has('fault-504-landed'))
    throw new HttpError(504, '<html><h1>504 Gateway Time-out</h1></html>', { 'content-type': 'text/html' })
  return ok({ oid: result.commit })
}

/** What the name of the repo does to a commit before it is even looked at. */
function faultBefore(hub: Hub, repo: StoredRepo, body: unknown): JsonAnswer | undefined {
  const faults = faultsOf(repo.name)
  const nth = count(hub.store, `commit to ${repo.id}`)
  if (faults.has('fault-api-commit-refused'))
    return refused(403, `no write permission to repository ${fullName(repo)}`)
  if (faults.has('fault-lock-busy') && nth <= 2) return lockBusy
  if (faults.has('fault-frequency') && nth === 1)
    return refused(429, 'Commit frequency limit exceeded', { 'retry-after': '1' })
  if (faults.has('fault-policy-once') && nth === 1) return refused(400, policyMessage)
  if (faults.has('fault-policy') && actionsOf(body) > policyActions) return refused(400, policyMessage)
  if (faults.has('fault-success-false')) return { ...refused(200, 'commit failed'), status: 200 }
  return undefined
}

/** With fault-policy, more actions than this in one commit are refused. */
const policyActions = 4

function actionsOf(body: unknown): number {
  const { actions } = (body ?? {}) as { actions?: unknown }
  return Array.isArray(actions) ? actions.length : 0
}

/**
 * fault-stale: once per repo, somebody else commits just before ours is applied. Answers their commit. The hub does
 * not mind, so the history then reads: ours, theirs, the one we thought we were on.
 */
export async function sneakIn(hub: Hub, repo: StoredRepo, branch: string): Promise<string | undefined> {
  if (!faultsOf(repo.name).has('fault-stale') || count(hub.store, `sneaked into ${repo.id}`) > 1)
    return undefined
  const parent = await resolveRevision(repo.gitDir, `refs/heads/${branch}`)
  const changes = [{ path: 'someone-else.txt', content: Buffer.from('Somebody else was faster.\n') }]
  const result = await commitChanges(repo.gitDir, {
    branch,
    parent,
    changes,
    message: 'Another writer was faster',
  })
  return result.kind === 'committed' ? result.commit : undefined
}
