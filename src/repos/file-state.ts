import type { BigIntStats } from 'node:fs'
import { SyncError } from '../model/errors.ts'

/** What tells that a file is still the one that was looked at. */
export interface FileState {
  /** Device, inode, size and time of the last write: stays when a file is renamed. */
  readonly identity: string
  readonly size: number
  /** Nanoseconds since 1970 of the last change of any kind; no tool can set it back. */
  readonly changed: bigint
}

export function fileState(stat: BigIntStats): FileState {
  return {
    identity: `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}`,
    size: Number(stat.size),
    changed: stat.ctimeNs,
  }
}

/** Thrown for a file that is not what was listed any more; not retryable, since everything derived from the listing is stale. */
export function changedFile(path: string): SyncError {
  return new SyncError('corrupt', `${path} in the local folder changed while it was being read.`, {
    next: 'Let what is writing there finish, then run again.',
    retryable: false,
  })
}

/** True for what the system says of a file that is gone, or that something else has taken the place of. */
export function isGone(thrown: unknown): boolean {
  return (
    thrown instanceof Error &&
    'code' in thrown &&
    ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(String(thrown.code))
  )
}
