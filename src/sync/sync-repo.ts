import type { Context, Step } from '../context.ts'
import { asSyncError, SyncError } from '../model/errors.ts'
import type { FileEntry } from '../model/file.ts'
import { formatRepo } from '../model/repo.ts'
import type { FileResult, ItemResult } from '../model/report.ts'
import type { RepoWork } from '../repos/work.ts'
import { commitFor, type RunStamp } from './commit-for.ts'
import { importRepo, verifyImported } from './import-repo.ts'
import { assertNoLeak } from './leak-guard.ts'
import { assertLease } from './lease.ts'
import { pacedCommit } from './paced-commit.ts'
import { objectsOf, relayObjects, type Samples, type Tally, unproven, type Wire } from './relay-objects.ts'
import { verify } from './verify.ts'

export interface SyncParts {
  readonly stamp: RunStamp
  readonly wire: Wire
  /** What is left to do for a repo after its hub has imported it; undefined: nothing. */
  readonly deriveRest: (work: RepoWork) => Promise<RepoWork | undefined>
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
  const { importUrl } = work
  const way =
    importUrl === undefined
      ? walk(context, work, parts, done)
      : walkImport(context, work, importUrl, parts, done)
  const ending = await way.then(
    (files) => verdict(files, isNew(work, done)),
    (thrown: unknown) => failure(context, thrown, work, done),
  )
  done.notes.push(
    ...[...work.source.detours, ...work.target.detours].filter((note) => !done.notes.includes(note)),
  )
  const seconds = Math.round(context.clock.now() - started) / 1000
  const page = work.sourceUrl === undefined ? {} : { sourceUrl: work.sourceUrl }
  return { id: work.id, ...ending, ...done, seconds, ...page }
}

/** The hub copies the repo by itself; what then still differs is brought over like anything else. */
async function walkImport(
  context: Context,
  work: RepoWork,
  importUrl: string,
  parts: SyncParts,
  done: Done,
): Promise<FileResult[]> {
  const { info, at, notes } = await importRepo(context, work, importUrl)
  const byImport = { commit: at.commit, url: info.url, by: 'import' } as const
  done.published = byImport
  done.notes.push(...notes)
  const rest = await parts.deriveRest(work)
  if (rest !== undefined) done.notes.push(...rest.notes.filter((note) => !done.notes.includes(note)))
  const brought = rest === undefined ? [] : await walk(context, rest, parts, done)
  if (brought === 'moved') throw new SyncError('internal', 'A repo that its hub imports is never cut.')
  done.published = { ...byImport, ...done.published }
  const branch = rest?.targetBranch ?? at.branch
  const end = { ...at, branch, commit: done.published.commit }
  const imported = await verifyImported(context, work, rest, end, parts.wire.bandwidth)
  return [...imported, ...brought]
}

/** Any line may end the walk by throwing. Returns what became of each file; `moved` where this job has only a part of the objects. */
async function walk(
  context: Context,
  work: RepoWork,
  { stamp, wire }: SyncParts,
  done: Done,
): Promise<FileResult[] | 'moved'> {
  const step = (text: Step) => context.progress({ kind: 'item-step', item: work.id, text })
  await assertNoLeak(work, await work.target.info())
  step('preparing the target')
  const info = await work.target.createIfAbsent({ visibility: work.visibility, license: work.license })
  const head = await assertLease(context, work)

  step('moving objects')
  const samples = await relayObjects(context, work, wire, done.bytes)
  await assertAllThere(work, samples)
  if (work.part !== undefined) return 'moved'

  const there = await work.target.info()
  if (there === undefined) throw goneMeanwhile(work)
  await assertNoLeak(work, there)
  if ((await work.target.head(work.targetBranch)) !== head) throw movedMeanwhile(work)
  step('publishing')
  const { commit, sent } = commitFor(work, head, stamp)
  await work.source.willRead(work.sourceAt, plainSources(work))
  const isKnown = commit.changes.length === 0 && !work.adopts
  const paced = pacedCommit(commit, wire.bandwidth, context.signal)
  const published = isKnown ? atHead(head) : await work.target.publish(paced)
  done.published = {
    commit: published.commit,
    url: info.url,
    ...(published.by !== undefined && { by: published.by }),
  }
  done.notes.push(...published.notes)
  done.bytes.moved += work.files.reduce((sum, file) => sum + (file.move === 'inline' ? file.size : 0), 0)

  step('reading back')
  const at = { repo: work.target.ref, branch: work.targetBranch, commit: published.commit }
  return verify(context, work, at, { plain: sent, samples }, wire.bandwidth)
}

/** Only lost objects were brought back: the commit that names them is there already. */
function atHead(head: string | undefined) {
  return { commit: head ?? '', by: undefined, notes: [] }
}

function plainSources(work: RepoWork): FileEntry[] {
  return work.files.filter((file) => file.move === 'inline').map((file) => file.source)
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

/** Where a push makes what is absent, nobody could say with which visibility. */
function goneMeanwhile(work: RepoWork): SyncError {
  return new SyncError('not-found', `${formatRepo(work.target.ref)} is gone since its objects were moved.`, {
    next: 'Nothing was published. Run again: it is looked at anew.',
  })
}

/** Pointers last: nothing is published unless the target says that it has every object. */
async function assertAllThere(work: RepoWork, sent: Samples): Promise<void> {
  const objects = objectsOf(work).map(({ object }) => object)
  const [first, ...rest] = await unproven(work, objects, sent)
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

/** Whether the target has a commit now that it had not before: not where only lost objects were sent again. */
function isNew({ targetHead }: RepoWork, { published }: Done): boolean {
  return published !== undefined && published.commit !== targetHead
}

const onlyObjects = 'Nothing was published: only objects were sent again, for files that were there already.'

function verdict(files: readonly FileResult[] | 'moved', isVisible: boolean): Ending {
  if (files === 'moved') return { outcome: 'moved', files: [] }
  const wrong = files.filter((file) => file.verification === 'mismatch')
  if (wrong.length === 0) return { outcome: 'synced', files }
  const paths = wrong.slice(0, 5).map((file) => file.path)
  const what = isVisible ? 'published file(s)' : 'file(s) of the target'
  return {
    outcome: 'failed',
    files,
    error: {
      code: 'mismatch',
      message: `${wrong.length} ${what} do not match the source: ${paths.join(', ')}${wrong.length > 5 ? ' …' : ''}.`,
      next: isVisible
        ? 'The commit is visible on the target: look at these files there, then run again.'
        : `${onlyObjects} Look at these files there, then run again.`,
    },
  }
}

function failure(context: Context, thrown: unknown, work: RepoWork, done: Done): Ending {
  const error = context.signal.aborted ? stopped(thrown) : asSyncError(thrown)
  const outcome = error.code === 'conflict' ? 'conflict' : error.code === 'leak' ? 'blocked' : 'failed'
  const { published } = done
  const visible =
    published &&
    (isNew(work, done)
      ? `Commit ${published.commit} is visible on the target and was not read back to its end.`
      : `${onlyObjects} They were not read back to their end.`)
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
