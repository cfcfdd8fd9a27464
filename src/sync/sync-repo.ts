import type { Context } from '../context.ts'
import { asSyncError, SyncError } from '../model/errors.ts'
import { formatRepo, type RepoInfo } from '../model/repo.ts'
import type { FileResult, ItemResult } from '../model/report.ts'
import type { Bandwidth } from '../net/bandwidth.ts'
import type { RepoWork } from '../repos/work.ts'
import { commitFor, type RunStamp } from './commit-for.ts'
import { assertNoLeak } from './leak-guard.ts'
import { assertLease } from './lease.ts'
import { objectsOf, relayObjects, type Tally } from './relay-objects.ts'
import { verify } from './verify.ts'

/**
 * One work item, start to end. Any line may end the walk by throwing; nothing is visible on the target before `publish`, and a
 * failure leaves it at its old commit. Never rejects but for the run being stopped: the result says what happened.
 */
export async function syncRepo(
  context: Context,
  work: RepoWork,
  stamp: RunStamp,
  bandwidth: Bandwidth,
): Promise<ItemResult> {
  const started = context.clock.now()
  const seconds = () => (context.clock.now() - started) / 1000
  const progress = (text: string) => context.progress({ kind: 'item-step', item: work.id, text })
  const bytes: Tally = { moved: 0, reused: 0 }
  try {
    await assertNoLeak(work, await work.target.info())
    progress('preparing the target')
    const info = await work.target.createIfAbsent({ visibility: work.visibility, license: work.license })
    const head = await assertLease(context, work)

    progress('moving objects')
    const samples = await relayObjects(context, work, bandwidth, bytes)
    await assertAllThere(work)

    await assertNoLeak(work, await work.target.info())
    if ((await work.target.head(work.targetBranch)) !== head) throw movedMeanwhile(work)
    progress('publishing')
    const { commit, sent } = commitFor(work, head, stamp)
    const published =
      commit.changes.length === 0
        ? { commit: head ?? '', notes: [] }
        : await work.target.publish(commit, work.rule.transport)

    progress('reading back')
    const at = { repo: work.target.ref, branch: work.targetBranch, commit: published.commit }
    const files = await verify(context, work, at, { plain: sent, samples })
    bytes.moved += work.files.reduce((sum, file) => sum + (file.move === 'inline' ? file.size : 0), 0)
    const notes = [...work.notes, ...published.notes]
    return resultOf(work, info, published.commit, files, bytes, notes, seconds())
  } catch (thrown) {
    context.signal.throwIfAborted()
    return failed(work, asSyncError(thrown), bytes, seconds())
  }
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

function resultOf(
  work: RepoWork,
  info: RepoInfo,
  commit: string,
  files: readonly FileResult[],
  bytes: Tally,
  notes: readonly string[],
  seconds: number,
): ItemResult {
  const wrong = files.filter((file) => file.verification === 'mismatch')
  const result = { id: work.id, published: { commit, url: info.url }, files, bytes, seconds, notes }
  if (wrong.length === 0) return { ...result, outcome: 'synced' }
  const paths = wrong.slice(0, 5).map((file) => file.path)
  return {
    ...result,
    outcome: 'failed',
    error: {
      code: 'mismatch',
      message: `${wrong.length} published file(s) do not match the source: ${paths.join(', ')}${wrong.length > 5 ? ' …' : ''}.`,
      next: 'The commit is visible on the target: look at these files there, then run again.',
    },
  }
}

function failed(work: RepoWork, error: SyncError, bytes: Tally, seconds: number): ItemResult {
  const outcome = error.code === 'conflict' ? 'conflict' : error.code === 'leak' ? 'blocked' : 'failed'
  return {
    id: work.id,
    outcome,
    files: [],
    bytes,
    seconds,
    error: {
      code: error.code,
      message: error.message,
      ...(error.next !== undefined && { next: error.next }),
    },
    notes: work.notes,
  }
}
