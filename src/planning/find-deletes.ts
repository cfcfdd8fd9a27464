import type { Rule } from '../config/rule.ts'
import { asSyncError, SyncError } from '../model/errors.ts'
import type { FileEntry } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import { printable } from '../model/printable.ts'
import { formatRepo } from '../model/repo.ts'
import { inParallel } from '../repos/in-parallel.ts'
import type { Side } from './compare-repos.ts'
import { type Deletes, decideDeletes, extraFiles } from './deletes.ts'
import { findBase } from './find-base.ts'
import type { Histories } from './histories.ts'
import { filterFiles } from './real-files.ts'

/**
 * What the rule's `delete` takes off the target, whose files are all in `there`. Asks for histories only where the target has files
 * that the source does not list; without a base nothing goes, and a note says so.
 */
export async function findDeletes(
  rule: Rule,
  source: Side,
  there: Side | undefined,
  histories: Histories | undefined,
): Promise<Deletes> {
  const none = { kind: 'deletes', files: [], notes: [] } as const
  if (rule.delete === undefined || there === undefined || histories === undefined) return none
  const listed = [...(await source.repo.manifest(source.at)).keys()]
  const from = filterFiles(rule, there.files)
  const extra = extraFiles(listed, from)
  if (extra.length === 0) return none
  const base = await findBase(rule, histories)
  if (base.kind === 'none') return { ...none, notes: [withoutBase(rule, extra.length, base.why)] }
  const left = source.files.size
  const decided = decideDeletes({ guards: rule.delete, listed, left, from, base, side: 'target' })
  if (decided.kind === 'deletes') await assertGone(source, decided.files)
  return decided
}

function withoutBase({ adopt }: Rule, count: number, why: string): string {
  const files = `${count} ${count === 1 ? 'file is' : 'files are'} on the target only`
  const next = adopt ? '' : ' (adopt: true gives repos that are equal a base)'
  return `${files}, and nothing is deleted, since ${why}${next}`
}

/** Requests at a time. */
const askers = 4

/**
 * A listing that was cut without a word lacks files that are there: each one that would be deleted is asked for, too. Throws
 * `bad-answer` if the hub serves one of them.
 */
export async function assertGone(
  side: Pick<Side, 'repo' | 'at'>,
  files: readonly FileEntry[],
): Promise<void> {
  const paths = files.map(({ path }) => path)
  const served = await inParallel(paths, askers, async (path) => ((await isServed(side, path)) ? [path] : []))
  const [first, ...more] = served.flat()
  if (first === undefined) return
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`
  throw new SyncError(
    'bad-answer',
    `${formatRepo(side.repo.ref)} serves ${printable(first)}${others}, which its listing leaves out.`,
    { next: 'Nothing was deleted. Run again; if it stays, sync this repo with transport: git.' },
  )
}

async function isServed({ repo, at }: Pick<Side, 'repo' | 'at'>, path: RepoPath): Promise<boolean> {
  try {
    // With no digest of it: git looks for the path in its tree then, and not for the content.
    await repo.hashFile(at, { path, storage: 'git', digests: {} }, { start: 0, end: 0 })
    return true
  } catch (thrown) {
    const { code } = asSyncError(thrown)
    // An empty file has no first byte.
    if (code === 'truncated') return true
    if (code === 'not-found') return false
    throw thrown
  }
}
