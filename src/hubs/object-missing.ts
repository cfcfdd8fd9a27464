import { SyncError } from '../model/errors.ts'
import type { FileEntry } from '../model/file.ts'
import { formatRepo, type Snapshot } from '../model/repo.ts'

/** A commit lists a file, and the hub has not its object. */
export function objectMissing({ repo }: Snapshot, { path }: FileEntry, cause: unknown): SyncError {
  const says = `${formatRepo(repo)} lists ${JSON.stringify(path)}, but its LFS object is not there.`
  return new SyncError('object-missing', says, { cause, next: 'Upload the file again at the source.' })
}
