import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SyncError } from '../model/errors.ts'

const interval = 200

export interface FolderWatch {
  /** Fires with `too-large`, while the folder grows. */
  readonly signal: AbortSignal
  /** Must be called when there is nothing more to watch. */
  stop(): void
  /** Throws `too-large` if the folder is over the cap now: what is quick slips through between two looks. */
  check(): Promise<void>
}

/** Watches that the files below `folder` take no more than `cap` bytes. */
export function watchFolderSize(folder: string, cap: number): FolderWatch {
  const controller = new AbortController()
  const timer = setInterval(look, interval)
  let busy = false

  function look(): void {
    if (busy) return
    busy = true
    check()
      .catch((error: unknown) => controller.abort(error))
      .finally(() => {
        busy = false
      })
  }

  async function check(): Promise<void> {
    if ((await folderSize(folder)) > cap) throw tooLarge(cap)
  }

  return { signal: controller.signal, stop: () => clearInterval(timer), check }
}

/** Bytes of all files below a folder; files may come and go meanwhile. */
export async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(noneIfGone)
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) => lstat(join(entry.parentPath, entry.name)).then((stat) => stat.size, zeroIfGone))
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

function tooLarge(cap: number): SyncError {
  return new SyncError('too-large', `The repo's plain files take more than ${cap} bytes of disk.`, {
    next: 'The hub ignores filters, and this repo keeps large files outside LFS: leave it out.',
  })
}

function zeroIfGone(error: NodeJS.ErrnoException): number {
  if (error.code === 'ENOENT') return 0
  throw error
}

function noneIfGone(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return []
  throw error
}
