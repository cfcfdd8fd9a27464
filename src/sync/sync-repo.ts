import type { Context } from '../context.ts'
import { asSyncError, SyncError } from '../model/errors.ts'
import { formatRepo } from '../model/repo.ts'
import type { FileResult, ItemResult } from '../model/report.ts'
import type { RepoWork } from '../repos/work.ts'
import { commitFor, type RunStamp } from './commit-for.ts'
import { assertNoLeak } from './leak-guard.ts'
import { assertLease } from './lease.ts'
import { objectsOf, relayObjects, type Tally, type Wire } from './relay-objects.ts'
import { verify } from './verify.ts'

export interface SyncParts {
  readonly stamp: RunStamp
  readonly wire: Wire
}

/** What is done so far: told in the result, however the walk ends. */
interface Done {
  readonly bytes: Tally
  readonly notes: string[]
  published?: NonNullable<ItemResult['published']>
}

/**
 * One work item, start to end. Nothing is visible on the target before `publish`, and a failure before it leaves the target at
 * its old commit. Never rejects: the result says what happened, also when the run is stopped.
 */
export async function syncRepo(context: Context, work: RepoWork, parts: SyncParts): Promise<ItemResult> {
  const started = context.clock.now()
  const done: Done = { bytes: { moved: 0, reused: 0 }, notes: [...work.notes] }
  const ending = await walk(context, work, parts, done).then(verdict, (thrown: unknown) =>
    failure(context, thrown, done),
  )
  const seconds = Math.round(context.clock.now() - started) / 1000
  return { id: work.id, ...ending, ...done, seconds }
}

/** Any line may end the walk by throwing. Returns what became of each file. */
async function walk(
  context: Context,
  work: RepoWork,
  { stamp, wire }: SyncParts,
  done: Done,
): Promise<FileResult[]> {
  const step = (text: string) => context.progress({ kind: 'item-step', item: work.id, text })
  await assertNoLeak(work, await work.target.info())
  step('preparing the target')
  const info = await work.target.createIfAbsent({ visibility: work.visibility, license: work.license })
  const head = await assertLease(context, work)

  step('moving objects')
  const samples = await relayObjects(context, work, wire, done.bytes)
  await assertAllThere(work)

  await assertNoLeak(work, await work.target.info())
  if ((await work.target.head(work.targetBranch)) !== head) throw movedMeanwhile(work)
  step('publishing')
  const { commit, sent } = commitFor(work, head, stamp)
  const published =
    commit.changes.length === 0
      ? { commit: head ?? '', notes: [] }
      : await work.target.publish(commit, work.rule.transport)
  done.published = { commit: published.commit, url: info.url }
  done.notes.push(...published.notes)
  done.bytes.moved += work.files.reduce((sum, file) => sum + (file.move === 'inline' ? file.size : 0), 0)

  step('reading back')
  const at = { repo: work.target.ref, branch: work.targetBranch, commit: published.commit }
  return verify(context, work, at, { plain: sent, samples })
}

function movedMeanwhile(work: RepoWork): SyncError {
  return new SyncError(
    'conflict',
    `${formatRepo(work.target.ref)} got a new commit while its objects were moved.`,
    {
      next: 'Nothing was published. Run again: the objects are there already.',
    },
  )
}

/** Pointers last: nothing is published unless the target says that it has every object. */
async function assertAllThere(work: RepoWork): Promise<void> {
  const objects = objectsOf(work).map(({ object }) => object)
  const [first, ...rest] = await work.target.lacking(objects)
  if (first === undefined) return
  throw new SyncError(
    'object-missing',
    `${formatRepo(work.target.ref)} took the upload of ${first.oid} and does not have it${rest.length > 0 ? ` (and ${rest.length} more)` : ''}.`,
    {
      next: 'Nothing was published. Run again; if it stays, the hub is losing uploads.',
    },
  )
}

type Ending = Pick<ItemResult, 'outcome' | 'files' | 'error'>

function verdict(files: readonly FileResult[]): Ending {
  const wrong = files.filter((file) => file.verification === 'mismatch')
  if (wrong.length === 0) return { outcome: 'synced', files }
  const paths = wrong.slice(0, 5).map((file) => file.path)
  return {
    outcome: 'failed',
    files,
    error: {
      code: 'mismatch',
      message: `${wrong.length} published file(s) do not match the source: ${paths.join(', ')}${wrong.length > 5 ? ' …' : ''}.`,
      next: 'The commit is visible on the target: look at these files there, then run again.',
    },
  }
}

function failure(context: Context, thrown: unknown, { published }: Done): Ending {
  const error = context.signal.aborted ? stopped(thrown) : asSyncError(thrown)
  const outcome = error.code === 'conflict' ? 'conflict' : error.code === 'leak' ? 'blocked' : 'failed'
  const visible =
    published && `Commit ${published.commit} is visible on the target and was not read back to its end.`
  const next = [visible, error.next].filter((text) => text !== undefined).join(' ')
  return {
    outcome,
    files: [],
    error: { code: error.code, message: error.message, ...(next !== '' && { next }) },
  }
}

/** Whatever a stop breaks on its way, the stop is the reason. */
function stopped(thrown: unknown): SyncError {
  const error = asSyncError(thrown)
  const message = error.code === 'stopped' ? error.message : 'Stopped early.'
  return new SyncError('stopped', message, {
    next: 'Run again: what was moved is found there.',
    cause: thrown,
  })
}
