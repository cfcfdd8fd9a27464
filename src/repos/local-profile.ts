import { type ErrorCode, SyncError } from '../model/errors.ts'
import type { Profile } from '../model/profile.ts'

/** Where unfinished work lies in a folder that is a target; never part of its content. */
export const temporaryFolder = '.model-hub-sync-tmp'

/** Largest file that a commit hands over in memory. */
const plainFileBytes = 16 * 1024 * 1024
/** Larger files are streamed, a few at a time, and survive a run that is killed. */
const inlineBytes = 1024 * 1024

/**
 * A local folder as data, `type` aside: it belongs to no hub type. What tools leave in a folder counts as platform-made, so that it
 * is neither published nor written. Sources: huggingface_hub _local_folder.py (`.cache/huggingface` below a `local_dir`),
 * modelscope_hub constants.py (the dot files; `.cache` is never committed).
 */
export const localProfile: Omit<Profile, 'type'> = {
  label: 'the local folder',
  defaultBranch: 'main',
  credentials: [],
  gitUsername: '',
  lfs: {
    envelope: 'standard',
    transfers: [],
    batchSize: 1000,
    presence: 'upload-batch',
    hashesUploads:
      'temporary-objects.ts: hashed while it is written, and named only if size and SHA-256 match',
  },
  limits: {
    fileBytes: Number.POSITIVE_INFINITY,
    filesPerRepo: Number.POSITIVE_INFINITY,
    filesPerFolder: Number.POSITIVE_INFINITY,
    plainFileBytes,
  },
  compareAndSwap: true,
  firstCommit: false,
  licenses: { map: {} },
  platformFiles: [
    ...[temporaryFolder, '.model-hub-sync', '.cache', '._____temp', '.ms_upload_cache'].map((path) => ({
      path,
      folder: true as const,
    })),
    ...['.msc', '.mv', '.mdl', '.ms_upload_cache'].map((path) => ({ path })),
  ],
  nameProblem: () => undefined,
  storageOf: (_type, _path, size) => (size > inlineBytes ? 'lfs' : 'git'),
  requestsPerSecond: Number.POSITIVE_INFINITY,
  concurrency: 4,
}

/** An error of the file system as one that says what to do; anything else stays as it is. */
export function folderError(thrown: unknown): unknown {
  if (thrown instanceof SyncError || !(thrown instanceof Error) || !('code' in thrown)) return thrown
  const known = systemErrors.get(String(thrown.code))
  if (known === undefined) return thrown
  return new SyncError(known.code, `${thrown.message}.`, { next: known.next, cause: thrown })
}

interface SystemRefusal {
  readonly code: ErrorCode
  readonly next: string
}

const noRight: SystemRefusal = {
  code: 'forbidden',
  next: 'Check who owns the folder and its permissions.',
}
const noSpace: SystemRefusal = {
  code: 'refused',
  next: 'Make room and run again: what was fetched so far is kept.',
}

const systemErrors: ReadonlyMap<string, SystemRefusal> = new Map([
  ...['EACCES', 'EPERM', 'EROFS'].map((code) => [code, noRight] as const),
  ...['ENOSPC', 'EDQUOT', 'EFBIG'].map((code) => [code, noSpace] as const),
])
