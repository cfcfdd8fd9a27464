import type { FileEntry } from '../model/file.ts'
import { printable } from '../model/printable.ts'
import { formatRepo } from '../model/repo.ts'
import type { Side } from './compare-repos.ts'
import type { PathConflict } from './decide-both.ts'
import type { Ending } from './derived.ts'

/** Digits of a digest that tell two files of a repo apart. */
const digits = 12

/** A pair that is held, with what both sides have, one path a line. `noBase`: why nothing is known of the past. */
export function conflictEnding(
  conflicts: readonly PathConflict[],
  source: Side,
  target: Side,
  noBase: string | undefined,
): Ending {
  const [first, ...more] = conflicts
  const what = more.length === 0 ? 'a file is' : `${conflicts.length} files are`
  const known = noBase === undefined ? '' : `; there is no base, since ${noBase}`
  const named = first === undefined ? '' : `: ${printable(first.path)}${more.length === 0 ? '' : ', …'}`
  const side = ({ repo }: Side, file: FileEntry | undefined) => `${formatRepo(repo.ref)}: ${shown(file)}`
  return {
    kind: 'conflict',
    reason: `${what} different on the two sides, and nothing was written${named}${known}`,
    details: conflicts.map(
      ({ path, why, source: here, target: there }) =>
        `${printable(path)}: ${why}; ${side(source, here)}; ${side(target, there)}`,
    ),
  }
}

function shown(file: FileEntry | undefined): string {
  if (file === undefined) return 'no file'
  const { sha256, gitBlob } = file.digests
  const size = file.size === undefined ? [] : [`${file.size} bytes`]
  const digest =
    sha256 === undefined
      ? gitBlob && `git id ${gitBlob.slice(0, digits)}`
      : `SHA-256 ${sha256.slice(0, digits)}`
  return [...size, ...(digest ? [digest] : [])].join(', ') || 'a file'
}
