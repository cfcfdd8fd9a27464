import type { Stats } from 'node:fs'
import { chmod, lstat, mkdir, rename, rmdir, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Context } from '../context.ts'
import type { CommitChange, NewCommit } from '../model/commit.ts'
import { SyncError } from '../model/errors.ts'
import type { Digests } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import { publishRank } from './commit-pieces.ts'
import { type FileState, fileState, isGone } from './file-state.ts'
import { assertWritable } from './folder-paths.ts'
import type { FolderScanner, FolderState } from './scan-folder.ts'
import { type StagedFile, stageFiles } from './stage-files.ts'
import type { TemporaryObjects } from './temporary-objects.ts'

export interface LocalTarget {
  /** How messages call it. */
  readonly label: string
  readonly scanner: FolderScanner
  readonly objects: TemporaryObjects
}

/**
 * Makes the folder what the commit says: every file is made ready beside it first, then all are renamed into place, weights first,
 * those that make them visible last. Throws `conflict` if the folder is not at the commit's parent any more. Returns the new commit.
 */
export async function publishFolder(
  context: Context,
  target: LocalTarget,
  commit: NewCommit,
): Promise<string> {
  const before = await leased(target, commit)
  const staged = await stageFiles(context, target.objects, before, commit.changes)
  const { root } = before
  await assertWritable(root, [...before.manifest.keys()], commit.changes)
  await assertOneDisk(target, root, staged)
  // Making ready may have taken long.
  await leased(target, commit)
  context.signal.throwIfAborted()
  await replaceAll(target, root, staged)
  for (const { kind, path } of commit.changes) if (kind === 'delete') await remove(root, path)
  await target.objects.clear()
  return (await target.scanner.scan())?.commit ?? ''
}

/** A rename does not cross disks: told before anything is replaced. */
async function assertOneDisk(
  target: LocalTarget,
  root: string,
  staged: readonly StagedFile[],
): Promise<void> {
  const checked = new Set<string>()
  for (const { file, change } of staged) {
    const folder = dirname(join(root, change.path))
    if (checked.has(folder)) continue
    checked.add(folder)
    if ((await nearest(folder)).dev !== (await stat(file)).dev) throw otherDisk(target, folder)
  }
}

/** The folder, or the one that it will be made in. */
async function nearest(folder: string): Promise<Stats> {
  try {
    return await stat(folder)
  } catch (thrown) {
    if (isGone(thrown)) return nearest(dirname(folder))
    throw thrown
  }
}

/** The folder, which must be at the commit's parent. */
async function leased(target: LocalTarget, commit: NewCommit): Promise<FolderState> {
  const state = await target.scanner.scan()
  if (state !== undefined && state.commit === commit.parent) return state
  throw new SyncError('conflict', `${target.label} changed since it was looked at.`, {
    next: 'Nothing was published. Run again: it will be compared with what is there now.',
  })
}

async function replaceAll(target: LocalTarget, root: string, staged: readonly StagedFile[]): Promise<void> {
  const ordered = [...staged].sort((a, b) => publishRank(a.change) - publishRank(b.change))
  let done = 0
  try {
    for (const file of ordered) {
      await replace(target.scanner, root, file)
      done += 1
    }
  } catch (thrown) {
    throw new SyncError(
      'refused',
      `Only ${done} of ${ordered.length} files of ${target.label} were replaced: ${thrown instanceof Error ? thrown.message : String(thrown)}.`,
      {
        next: 'Each file is either the old or the new one. Run again: it goes on from what is there.',
        cause: thrown,
      },
    )
  }
}

async function replace(scanner: FolderScanner, root: string, staged: StagedFile): Promise<void> {
  const { path } = staged.change
  const place = join(root, path)
  await mkdir(dirname(place), { recursive: true })
  const mode = await modeOf(place)
  if (mode !== undefined) await chmod(staged.file, mode)
  const ready = fileState(await stat(staged.file, { bigint: true }))
  await rename(staged.file, place)
  await remember(scanner, place, path, ready, staged.digests)
}

/** Its digests are known from writing it, unless something else has taken its place in the same moment. */
async function remember(
  scanner: FolderScanner,
  place: string,
  path: RepoPath,
  ready: FileState,
  digests: Required<Digests>,
): Promise<void> {
  const now = fileState(await stat(place, { bigint: true }))
  if (now.identity === ready.identity) scanner.remember(path, now, digests)
}

/** Permissions of the file that is replaced: who could run or read it still can. */
async function modeOf(place: string): Promise<number | undefined> {
  try {
    const found = await lstat(place)
    return found.isFile() ? found.mode & 0o777 : undefined
  } catch (thrown) {
    if (isGone(thrown)) return undefined
    throw thrown
  }
}

/** Removes a file, and the folders that are empty without it, as git does. */
async function remove(root: string, path: CommitChange['path']): Promise<void> {
  await unlink(join(root, path))
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    try {
      await rmdir(join(root, folder))
    } catch (thrown) {
      // Not empty, or a link: it stays, and so does what it lies in.
      const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
      if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') return
      throw thrown
    }
  }
}

function otherDisk({ label }: LocalTarget, folder: string): SyncError {
  return new SyncError(
    'unsupported',
    `${folder} in ${label} is another disk: files cannot be renamed into it.`,
    {
      next: 'Nothing was published. Make it a repo of its own, or a plain folder.',
    },
  )
}
