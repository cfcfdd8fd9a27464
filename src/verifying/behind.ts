import { asSyncError } from '../model/errors.ts'
import type { Manifest } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import { folderHub, snapshotName } from '../model/repo.ts'
import { parseTrailers } from '../model/trailers.ts'
import { compareRepos, type Side } from '../planning/compare-repos.ts'
import type { Decision } from '../planning/decide.ts'
import { readPast } from '../planning/histories.ts'
import { isOnRevision } from '../planning/read-sides.ts'

/** Commits of the target that are looked at for the last sync. */
const searched = 100

/** Differing files that are no damage: the target has them, or lacks them, as the source had them at the last sync. */
export interface Behind {
  /** The source's commit of the last sync. */
  readonly since: string
  readonly paths: ReadonlySet<RepoPath>
}

/**
 * Which differences a run would bring over in any case, since the source has moved on; undefined: none, or no sync of ours is told by
 * the target's last commits, or a hub does not show its past. Asks nothing where nothing differs.
 */
export async function behind(
  source: Side,
  target: Side,
  { add, update }: Pick<Decision, 'add' | 'update'>,
): Promise<Behind | undefined> {
  if (add.length + update.length === 0 || source.repo.ref.hub === folderHub) return undefined
  try {
    const read = await readPast(() => sinceLastSync(source, target, { add, update }))
    return read.kind === 'read' ? read.value : undefined
  } catch (thrown) {
    // Who verifies needs no token, and a hub may show its history to none but members.
    if (asSyncError(thrown).code !== 'unauthorized') throw thrown
    return undefined
  }
}

async function sinceLastSync(
  source: Side,
  target: Side,
  { add, update }: Pick<Decision, 'add' | 'update'>,
): Promise<Behind | undefined> {
  const since = await lastSynced(source, target)
  if (since === undefined || since === source.at.commit) return undefined
  // Hubs give any commit by its id, those of strangers' pull requests too: a trailer that names one would hide what was tampered with.
  const revision = source.at.branch
  if (!(await isOnRevision(source.repo, { sourceCommit: since, sourceBranch: revision }, revision)))
    return undefined
  const before = await source.repo.manifest({ ...source.at, commit: since })
  const added = add.filter(({ path }) => !before.has(path))
  const files = new Map(update.flatMap(({ path }) => pairOf(before, path)))
  const at = { ...source.at, commit: since }
  const { same } = await compareRepos({ repo: source.repo, at, files }, target)
  return { since, paths: new Set([...added, ...same].map(({ path }) => path)) }
}

async function lastSynced(source: Side, target: Side): Promise<string | undefined> {
  const name = snapshotName(source.repo.ref)
  for (const { message } of await target.repo.history(target.at.branch, searched)) {
    const from = parseTrailers(message)?.from
    if (from?.repo === name) return from.commit
  }
  return undefined
}

function pairOf(files: Manifest, path: RepoPath) {
  const file = files.get(path)
  return file === undefined ? [] : [[path, file] as const]
}
