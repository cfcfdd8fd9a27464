import type { FileEntry, Manifest } from '../model/file.ts'
import type { RepoPath } from '../model/path.ts'
import { compareContent } from './compare-content.ts'

/** What reading has proven of pairs that their digests could not tell, or whose bytes may differ by design (the README). */
export type Proven = ReadonlyMap<RepoPath, 'same' | 'different'>

export interface Decision {
  /** Files the target lacks. */
  readonly add: readonly FileEntry[]
  /** Files whose content differs. */
  readonly update: readonly FileEntry[]
  /** Files of equal content, as the source lists them. */
  readonly same: readonly FileEntry[]
  /** Files that must be read before this can be told. */
  readonly unknown: readonly FileEntry[]
}

/**
 * One-way: what must change on the target so that it holds every file of the source. Files that only the target has stay.
 * `modes`: both sides tell and keep executable bits, so these count too.
 * Pure; calling it again with `proven` for every unknown path leaves nothing unknown.
 */
export function decide(source: Manifest, target: Manifest, proven: Proven, modes = false): Decision {
  const add: FileEntry[] = []
  const update: FileEntry[] = []
  const same: FileEntry[] = []
  const unknown: FileEntry[] = []
  const rooms = { same, different: update, unknown }
  for (const file of source.values()) {
    const there = target.get(file.path)
    if (there === undefined) add.push(file)
    else if (otherKind(file, there) || (modes && file.mode !== there.mode)) update.push(file)
    else rooms[proven.get(file.path) ?? compareContent(file, there)].push(file)
  }
  return { add, update, same, unknown }
}

/** A link and a file are never the same, whatever they hold. */
function otherKind(a: FileEntry, b: FileEntry): boolean {
  return b.mode !== undefined && (a.mode === 'symlink') !== (b.mode === 'symlink')
}
