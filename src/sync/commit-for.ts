import { createHash } from 'node:crypto'
import { filterDigest } from '../config/digest.ts'
import type { CommitChange, NewCommit } from '../model/commit.ts'
import { SyncError } from '../model/errors.ts'
import type { Digests } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import { formatRepo, publicName, snapshotName } from '../model/repo.ts'
import { formatTrailers } from '../model/trailers.ts'
import type { FileWork, RepoWork } from '../repos/work.ts'
import { readmeBytesFor } from '../transform/readme-bytes.ts'

/** Who publishes: goes into the trailers of every commit. */
export interface RunStamp {
  readonly runId: string
  readonly version: string
}

export interface PreparedCommit {
  readonly commit: NewCommit
  /** Digests of every plain file as it was handed over, filled while the commit is sent. */
  readonly sent: ReadonlyMap<RepoPath, Digests>
}

/** The one commit that brings the target up to date. Plain files are read, checked and transformed when the hub's client asks for them. */
export function commitFor(work: RepoWork, parent: string | undefined, stamp: RunStamp): PreparedCommit {
  const sent = new Map<RepoPath, Digests>()
  const deletes = work.deletes.map(({ path }): CommitChange => ({ kind: 'delete', path }))
  const writes = work.files.map((file): CommitChange => {
    const isNew = file.kind === 'add'
    const { path, size, object } = file
    const mode = modeOf(work, file)
    if (object !== undefined)
      return { kind: 'lfs', path, object, isNew, ...(mode !== undefined && mode !== 'symlink' && { mode }) }
    return {
      kind: 'plain',
      path,
      size,
      isNew,
      ...(mode !== undefined && { mode }),
      read: () => readPlain(work, file, sent),
    }
  })
  return {
    commit: {
      branch: work.targetBranch,
      parent,
      title: title(work),
      trailers: trailers(work, stamp),
      changes: [...writes, ...deletes],
      // Where people work on both sides, either may be the one that counts.
      ...(work.rule.direction === 'two-way' && { mustSwap: true }),
    },
    sent,
  }
}

/** As the source has it; a source that does not tell leaves it as the target has it. */
function modeOf(work: RepoWork, { source }: FileWork): 'plain' | 'executable' | 'symlink' | undefined {
  if (source.mode === 'submodule') return undefined
  return source.mode ?? (work.source.listsModes ? 'plain' : undefined)
}

function title(work: RepoWork): string {
  const { add, update } = Object.groupBy(work.files, (file) => file.kind)
  const counts = [
    add && `${add.length} added`,
    update && `${update.length} updated`,
    work.deletes.length > 0 && `${work.deletes.length} deleted`,
  ].filter((text) => text)
  return `${work.repairs === undefined ? 'Sync' : 'Repair'} from ${publicName(work.source.ref)}: ${counts.join(', ') || 'equal, nothing changed'}`
}

function trailers({ rule, sourceAt, commits, repairs }: RepoWork, { runId, version }: RunStamp): string[] {
  const from = { repo: snapshotName(sourceAt.repo), commit: sourceAt.commit }
  const filter = filterDigest(rule)
  const lines = formatTrailers({ from, run: runId, by: version, filter, ...(commits && { commits }) })
  // Who looks for a base takes none but known trailers: files that were not damaged may differ all the same.
  return repairs === undefined ? lines : [...lines, 'Synced-Repair: files']
}

async function readPlain(work: RepoWork, file: FileWork, sent: Map<RepoPath, Digests>): Promise<Uint8Array> {
  const content = await work.source.readFile(
    work.sourceAt,
    file.source,
    work.target.profile.limits.plainFileBytes,
  )
  assertIsListed(work, file, content)
  const written = file.transformed
    ? readmeBytesFor(work.target.profile.licenses, content, work.license)
    : content
  if (written.length !== file.size)
    throw changed(work, file, `${written.length} bytes instead of ${file.size}`)
  sent.set(file.path, digestsOf(written))
  return written
}

/** The bytes that came are those the source lists: a cut or swapped answer never becomes a commit. */
function assertIsListed(work: RepoWork, file: FileWork, content: Buffer): void {
  const { sha256, gitBlob } = file.source.digests
  const got = digestsOf(content)
  if (sha256 !== undefined && got.sha256 !== sha256)
    throw changed(work, file, 'its SHA-256 is not the one listed')
  if (sha256 === undefined && gitBlob !== undefined && got.gitBlob !== gitBlob)
    throw changed(work, file, 'its git id is not the one listed')
}

function changed(work: RepoWork, file: FileWork, what: string): SyncError {
  return new SyncError('corrupt', `${formatRepo(work.source.ref)} served ${file.path} wrongly: ${what}.`, {
    next: 'Nothing was published. Run again; if it stays, the source is damaged.',
    retryable: false,
  })
}

/** Both digests of content in memory. */
export function digestsOf(content: Uint8Array): Required<Digests> {
  const gitBlob = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
  return { sha256: createHash('sha256').update(content).digest('hex'), gitBlob }
}
