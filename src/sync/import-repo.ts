import pLimit from 'p-limit'
import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import type { Digests, LfsObject } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import { formatRepo, type RepoInfo, type Snapshot } from '../model/repo.ts'
import type { FileResult } from '../model/report.ts'
import type { Bandwidth } from '../net/bandwidth.ts'
import type { FileWork, RepoWork } from '../repos/work.ts'
import { assertNoLeak } from './leak-guard.ts'
import { verify } from './verify.ts'

export interface Imported {
  readonly info: RepoInfo
  /** What the hub's copy is at. */
  readonly at: Snapshot
  readonly notes: readonly string[]
}

/**
 * Has the target's hub copy the repo from `cloneUrl`, and waits until its commit and LFS objects are there. Nothing tells when a hub
 * is done or has given up, so it is waited for as long as something comes: without any content for 30 times the rule's
 * stall-timeout it throws `unavailable`; objects that are missing after 5 times are left to be brought over.
 */
export async function importRepo(context: Context, work: RepoWork, cloneUrl: string): Promise<Imported> {
  const { target } = work
  await assertNoLeak(work, await target.info())
  if (target.importFrom === undefined)
    throw new SyncError('unsupported', `${formatRepo(target.ref)} cannot be made by an import.`)
  await target.importFrom(cloneUrl, { visibility: work.visibility })
  const { info, at } = await arrival(context, work)
  if (at.commit !== work.sourceAt.commit) await assertSourceStays(work, at.commit)
  const missing = await objectsArrived(context, work, at)
  return { info, at, notes: notesOf(work, missing) }
}

/** Looks again and again, less and less often, until the patience is over: returns false then. */
function createPatience(context: Context, work: RepoWork, seconds: number) {
  let waited = 0
  let pause = firstPause
  return async (): Promise<boolean> => {
    if (waited >= seconds * 1000) return false
    context.progress({ kind: 'item-step', item: work.id, text: 'waiting for the import' })
    const length = Math.min(pause, seconds * 1000 - waited)
    await context.clock.sleep(length, context.signal)
    waited += length
    pause = Math.min(pause * 1.5, longestPause)
    return true
  }
}

/** Milliseconds. A look costs one or two requests, of which GitCode counts 50 a minute. */
const firstPause = 5000
const longestPause = 60_000

async function arrival(context: Context, work: RepoWork): Promise<{ info: RepoInfo; at: Snapshot }> {
  const { target, rule } = work
  const seconds = 30 * rule.stallTimeout
  const wait = createPatience(context, work, seconds)
  for (;;) {
    const info = await target.info()
    if (info === undefined)
      throw new SyncError('unavailable', `${formatRepo(target.ref)} is gone again: its import failed.`, {
        next: 'Use transport: auto, which brings the content over through this machine.',
      })
    // The hub's default branch may be its own one while the content is on the source's.
    for (const branch of new Set([info.defaultBranch, work.sourceAt.branch])) {
      const commit = await target.head(branch)
      if (commit !== undefined) return { info, at: { repo: target.ref, branch, commit } }
    }
    if (!(await wait())) throw neverCame(work, info, seconds)
  }
}

function neverCame({ target }: RepoWork, info: RepoInfo, seconds: number): SyncError {
  return new SyncError(
    'unavailable',
    `${formatRepo(target.ref)} was made by an import, and has no content after ${seconds} s.`,
    {
      next: `Look at ${info.url}: it may still be under way (a longer stall-timeout waits longer). If it stays empty, run again: a repo that exists is filled by a push.`,
    },
  )
}

/** Another commit than planned is fine if the hub wrote its own, and not if the source moved on: what we know of it is old then. */
async function assertSourceStays({ source, sourceAt, target }: RepoWork, commit: string): Promise<void> {
  if ((await source.head(sourceAt.branch)) === sourceAt.commit) return
  throw new SyncError(
    'conflict',
    `${formatRepo(source.ref)} moved on while ${formatRepo(target.ref)} was imported, which is at ${commit} now.`,
    { next: 'Run again: it will be compared with what is there now.' },
  )
}

/** Waits for the objects that the imported pointers name; returns how many did not come. */
async function objectsArrived(context: Context, work: RepoWork, at: Snapshot): Promise<number> {
  const { target, rule } = work
  const byOid = new Map<string, LfsObject>()
  for (const { storage, size, digests } of (await target.manifest(at)).values()) {
    if (storage === 'lfs' && digests.sha256 !== undefined && size !== undefined)
      byOid.set(digests.sha256, { oid: digests.sha256, size })
  }
  let missing = await target.lacking([...byOid.values()])
  let wait = createPatience(context, work, 5 * rule.stallTimeout)
  while (missing.length > 0 && (await wait())) {
    const left = await target.lacking(missing)
    if (left.length < missing.length) wait = createPatience(context, work, 5 * rule.stallTimeout)
    missing = left
  }
  return missing.length
}

function notesOf({ target }: RepoWork, missing: number): string[] {
  const { label } = target.profile
  const lost =
    missing === 0 ? [] : [`${missing} LFS object(s) did not come with the import and go over as usual`]
  const mirror =
    target.mirrorPage === undefined
      ? []
      : [`to have ${label} pull from the source by itself, switch the mirror on at ${target.mirrorPage}`]
  return [`imported by ${label} from the source's address`, ...lost, ...mirror]
}

/** Reads back what came by the import and was not brought over after it (`rest`): one result per file. */
export async function verifyImported(
  context: Context,
  work: RepoWork,
  rest: RepoWork | undefined,
  at: Snapshot,
  bandwidth: Bandwidth,
): Promise<FileResult[]> {
  const brought = new Set([...(rest?.files ?? []), ...(rest?.orphans ?? [])].map(({ path }) => path))
  const files = work.files.filter(({ path }) => !brought.has(path))
  const sent = { plain: await plainDigests(work, files, bandwidth), samples: new Map() }
  return verify(context, { ...work, files, orphans: [] }, at, sent, bandwidth)
}

const readers = 4

/** What plain files must be: as the source lists them, with git's ids where it lists none, and read where all is read. */
async function plainDigests(
  work: RepoWork,
  files: readonly FileWork[],
  bandwidth: Bandwidth,
): Promise<ReadonlyMap<RepoPath, Digests>> {
  const { source, sourceAt, rule } = work
  const plain = files.filter((file) => file.object === undefined)
  const lacksIds = plain.some((file) => file.source.digests.gitBlob === undefined)
  const listed = lacksIds ? await source.manifestWithGitBlobs(sourceAt) : undefined
  const known = new Map<RepoPath, Digests>(
    plain.map((file) => [file.path, { ...listed?.get(file.path)?.digests, ...file.source.digests }]),
  )
  if (rule.verify !== 'full') return known
  const unread = plain.filter((file) => known.get(file.path)?.sha256 === undefined)
  await source.willRead(
    sourceAt,
    unread.map((file) => file.source),
  )
  const limit = pLimit(readers)
  const reads = unread.map((file) =>
    limit(async () => {
      const { digests } = await source.hashFile(sourceAt, file.source, undefined, bandwidth)
      known.set(file.path, digests)
    }),
  )
  await Promise.all(reads)
  return known
}
