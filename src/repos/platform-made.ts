import type { FileEntry } from '../model/file.ts'
import type { Profile } from '../model/profile.ts'
import type { Snapshot } from '../model/repo.ts'
import { platformFileKind } from '../transform/platform-files.ts'
import { readIfSmall } from './read-if-small.ts'
import type { Repo } from './repo.ts'

/** Larger than any file a platform makes by itself. */
const cap = 1_048_576

/**
 * Whether a hub made this file by itself: told by its name where that is enough, otherwise by reading it. `platformFiles` are
 * those of the repo's own hub, or of another one that may take the file for its own once it is written there (`asWritten`).
 */
export async function isPlatformMade(
  repo: Repo,
  at: Snapshot,
  file: FileEntry,
  platformFiles: Profile['platformFiles'] = repo.profile.platformFiles,
  asWritten: (content: Buffer) => Buffer = (content) => content,
): Promise<boolean> {
  const kind = platformFileKind(platformFiles, file.path)
  if (kind !== 'needs-content') return kind === 'platform'
  const content = file.storage === 'lfs' ? undefined : await readIfSmall(repo, at, file, cap)
  if (content === undefined) return false
  return platformFileKind(platformFiles, file.path, asWritten(content).toString('utf8')) === 'platform'
}
