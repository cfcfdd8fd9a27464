import type { Context } from '../context.ts'
import type { Hub } from '../hubs/hub.ts'
import type { CommitChange, NewCommit } from '../model/commit.ts'
import { asSyncError, type ErrorCode, SyncError } from '../model/errors.ts'
import { type CommitInfo, formatRepo, type RepoRef } from '../model/repo.ts'
import { retry } from '../net/retry.ts'
import { fitsApi, piecesOf } from './commit-pieces.ts'
import type { Published } from './repo.ts'

/** Pushes one commit by git; throws `conflict` if the parent is not the head. */
export type PushCommit = (commit: NewCommit) => Promise<string>

export interface PublishWays {
  readonly hub: Hub
  readonly repo: RepoRef
  readonly push: PushCommit
}

/** What says "not this way": another way may do. A bad token, a missing repo or refused content is the same everywhere. */
const notByApi: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['forbidden', 'unsupported', 'too-large'])
/** A host that refuses a push may mind its size alone: smaller commits by the API still stand or fall by their content. */
const notByGit: ReadonlySet<ErrorCode> = new Set<ErrorCode>([...notByApi, 'refused'])
/** What a host without git, or with another token for it, says: worth telling why git was asked at all. */
const notBySwap: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...notByGit,
  'unauthorized',
  'not-found',
  'bad-answer',
  'git',
])

/**
 * Publishes one commit: by the hub's API within its limits, else by one git push; only where git is refused too, in several
 * commits, weights first and the files that make them visible last, and the notes say `not atomic`. A commit that must swap never
 * goes by an API that cannot.
 */
export async function publishCommit(
  context: Context,
  ways: PublishWays,
  commit: NewCommit,
): Promise<Published> {
  const { hub, repo } = ways
  const { commit: send } = hub
  // No API is known to take a commit that changes nothing.
  if (send === undefined || commit.changes.length === 0) return byGit(context, ways, commit, [])
  if (commit.mustSwap && !hub.profile.compareAndSwap) return bySwap(context, ways, commit)
  const byApi = (one: NewCommit) => publishOnce(context, ways, one, (each) => send(repo, each))
  if (fitsApi(commit.changes, hub.profile.commit)) {
    const answer = await attempt(notByApi, () => byApi(commit))
    if (answer.kind === 'done') return { commit: answer.value, by: 'api', notes: [] }
    const notes = [`published by git push, because the API refused: ${answer.error.message}`]
    return byGit(context, ways, commit, notes).catch((thrown: unknown) => {
      throw bothRefused(answer.error, asSyncError(thrown))
    })
  }
  const pushed = await attempt(notByGit, () =>
    byGit(context, ways, commit, ['published by git push: too large for one API commit']),
  )
  if (pushed.kind === 'done') return pushed.value
  const pieces = piecesOf(commit.changes, hub.profile.commit)
  return inPieces(byApi, commit, pieces, pushed.error)
}

/** What the API said is the clearer reason; a moved head, or a run that was stopped, is another matter. */
function bothRefused(api: SyncError, git: SyncError): SyncError {
  if (git.code === 'conflict' || git.code === 'stopped') return git
  return new SyncError(api.code, `${api.message} Git could not do it either: ${git.message}`, {
    ...(api.next === undefined ? {} : { next: api.next }),
    ...(api.status === undefined ? {} : { status: api.status }),
    retryable: false,
    cause: git,
  })
}

type Attempt<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly error: SyncError }

async function attempt<T>(otherWay: ReadonlySet<ErrorCode>, act: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { kind: 'done', value: await act() }
  } catch (thrown) {
    const error = asSyncError(thrown)
    if (!otherWay.has(error.code)) throw error
    return { kind: 'refused', error }
  }
}

async function byGit(
  context: Context,
  ways: PublishWays,
  commit: NewCommit,
  notes: readonly string[],
): Promise<Published> {
  const id = await publishOnce(context, ways, commit, ways.push)
  return { commit: id, by: 'git', notes }
}

/** By git push or not at all: its lease is the compare-and-swap that the API lacks. */
async function bySwap(context: Context, ways: PublishWays, commit: NewCommit): Promise<Published> {
  const push = async (one: NewCommit): Promise<string> => {
    const pushed = await attempt(notBySwap, () => ways.push(one))
    if (pushed.kind === 'done') return pushed.value
    throw noOtherWay(ways.repo, pushed.error)
  }
  const id = await publishOnce(context, ways, commit, push)
  return { commit: id, by: 'git', notes: ['published by git: the API cannot compare and swap'] }
}

function noOtherWay(repo: RepoRef, error: SyncError): SyncError {
  const { code, message, next, status } = error
  const why = 'a two-way rule writes there by git push alone, since the API cannot compare and swap'
  return new SyncError(code, `${message} Nothing was published to ${formatRepo(repo)}: ${why}.`, {
    next: `${next ?? 'See whether the token may push by git.'} Or give the rule direction: one-way.`,
    ...(status === undefined ? {} : { status }),
    retryable: false,
    cause: error,
  })
}

/** Sends one commit until it is known to have landed or known not to; an answer that leaves it open is settled by reading the target. */
async function publishOnce(
  context: Context,
  { hub, repo }: PublishWays,
  commit: NewCommit,
  send: (commit: NewCommit) => Promise<string>,
): Promise<string> {
  const label = `publish to ${formatRepo(repo)}`
  return retry(
    context,
    async (tries) => {
      // An earlier try may have landed although neither its answer nor the look at the target came through.
      const before = tries > 1 ? await landed(hub, repo, commit) : 'not-landed'
      if (before === 'moved') throw moved(repo, commit, undefined)
      const id = typeof before === 'object' ? before.commit : await sendOrFind(hub, repo, commit, send)
      return hub.profile.compareAndSwap ? id : onParent(context, hub, repo, commit, id)
    },
    { label },
  )
}

async function sendOrFind(
  hub: Hub,
  repo: RepoRef,
  commit: NewCommit,
  send: (commit: NewCommit) => Promise<string>,
): Promise<string> {
  try {
    return await send(commit)
  } catch (thrown) {
    const error = asSyncError(thrown)
    if (!leavesOpen.has(error.code)) throw error
    const state = await landed(hub, repo, commit)
    if (typeof state === 'object') return state.commit
    throw state === 'moved' ? moved(repo, commit, error) : error
  }
}

/** After these the commit may have landed all the same: a 5xx came late, or the first try of two landed and the second met it. */
const leavesOpen: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unavailable',
  'network',
  'stalled',
  'conflict',
  'bad-answer',
])

type Landing = { readonly commit: string } | 'not-landed' | 'moved'

/** Reads the branch: our commit on our parent (others may be on top by now), still the parent, or something else. */
async function landed(hub: Hub, repo: RepoRef, commit: NewCommit): Promise<Landing> {
  const history = (await hub.history?.(repo, commit.branch, shownCommits)) ?? []
  if (history[0]?.id === commit.parent) return 'not-landed'
  const index = history.findIndex((entry) => isOurs(entry, commit))
  const ours = history[index]
  const isOnParent = history[index + 1]?.id === commit.parent || commit.parent === undefined
  return ours !== undefined && isOnParent ? { commit: ours.id } : 'moved'
}

/** As far back as our own commit is looked for. */
const shownCommits = 20

function isOurs(entry: CommitInfo, commit: NewCommit): boolean {
  return commit.trailers.every((trailer) => entry.message.includes(trailer))
}

/**
 * A hub without compare-and-swap takes a commit on top of whatever is there: the history must read [ours, the leased head].
 * Returns the id of ours; `told` may be that of a commit which came right after it, where the hub told none but the head.
 */
async function onParent(
  context: Context,
  hub: Hub,
  repo: RepoRef,
  commit: NewCommit,
  told: string,
): Promise<string> {
  const { history, index } = await shownHistory(context, hub, repo, commit, told)
  const id = history[index]?.id ?? told
  const below = history[index + 1]?.id
  if (index >= 0 && below === commit.parent) return id
  const paths = commit.changes.map((change) => change.path)
  throw new SyncError(
    'conflict',
    `Someone else wrote to ${formatRepo(repo)} in the same moment: our commit ${id} is on ${below ?? 'an unknown commit'}, not on ${commit.parent ?? 'nothing'}.`,
    {
      next: `What that commit changed of these may be overwritten: ${paths.slice(0, 20).join(', ')}${paths.length > 20 ? `, and ${paths.length - 20} more` : ''}. Look at both commits, then run again.`,
      retryable: false,
    },
  )
}

/** A hub may show a commit a moment after it took it. */
const looks = 4
const pause = 1000

async function shownHistory(context: Context, hub: Hub, repo: RepoRef, commit: NewCommit, told: string) {
  for (let look = 1; ; look++) {
    const history = (await hub.history?.(repo, commit.branch, shownCommits)) ?? []
    const marked = history.findIndex((entry) => isOurs(entry, commit))
    const index = marked >= 0 ? marked : history.findIndex((entry) => entry.id === told)
    if (index >= 0 || look === looks) return { history, index }
    await context.clock.sleep(pause, context.signal)
  }
}

function moved(repo: RepoRef, commit: NewCommit, cause: SyncError | undefined): SyncError {
  return new SyncError(
    'conflict',
    `${formatRepo(repo)} has moved on from ${commit.parent ?? 'empty'} while this was prepared.`,
    {
      next: 'Nothing was published. Run again: it will be compared with what is there now.',
      cause,
      retryable: false,
    },
  )
}

async function inPieces(
  byApi: (commit: NewCommit) => Promise<string>,
  commit: NewCommit,
  pieces: readonly (readonly CommitChange[])[],
  because: SyncError,
): Promise<Published> {
  let parent = commit.parent
  for (const [index, changes] of pieces.entries()) {
    const title = `${commit.title} (${index + 1}/${pieces.length})`
    parent = await byApi({ ...commit, parent, title, changes }).catch((thrown: unknown) => {
      throw index === 0 ? thrown : halfway(asSyncError(thrown), index, pieces.length)
    })
  }
  if (parent === undefined) throw because
  return {
    commit: parent,
    by: 'api',
    notes: [
      `not atomic: published in ${pieces.length} commits, because it is too large for one and git was refused: ${because.message}`,
    ],
  }
}

/** An error that does not hide what is visible already. */
function halfway(error: SyncError, done: number, total: number): SyncError {
  return new SyncError(error.code, `Only ${done} of ${total} commits were published: ${error.message}`, {
    next: 'Run again: it goes on from what is there.',
    retryable: false,
    cause: error,
  })
}
