import type { DeleteGuards } from '../config/rule.ts'
import type { FileEntry, Manifest } from '../model/file.ts'
import { printable } from '../model/printable.ts'
import { type BaseFile, type FoundBase, heldByBoth } from './base.ts'
import { compareContent } from './compare-content.ts'

/** One side that lost files, and the other, which still has them. `from` loses them next, if anything does. */
export interface DeleteQuestion {
  readonly guards: DeleteGuards
  /** Every path that the side which lost files lists, whether it takes part in the rule or not. */
  readonly listed: readonly string[]
  /** How many files of that side take part. */
  readonly left: number
  /** Files that take part on the side where they would be deleted. */
  readonly from: Manifest
  readonly base: FoundBase
  /** Which side of the base `from` is. */
  readonly side: keyof BaseFile
}

export type Deletes =
  | { readonly kind: 'deletes'; readonly files: readonly FileEntry[]; readonly notes: readonly string[] }
  | { readonly kind: 'blocked'; readonly problems: readonly string[] }

/** Files of `from` that the other side does not list: those that may have to go. */
export function extraFiles(listed: readonly string[], from: Manifest): FileEntry[] {
  const there = new Set(listed)
  return [...from.values()].filter(({ path }) => !there.has(path))
}

/**
 * Which files have to be deleted since the other side deleted them: those that both had, and that nobody has changed since. Over a
 * guard it is `blocked`, with the guards and every path. Files of which the base knows nothing are somebody's own, and stay. Pure.
 */
export function decideDeletes(question: DeleteQuestion): Deletes {
  const { listed, from, base, side } = question
  const held = heldByBoth(base)
  const folded = new Set(listed.map(fold))
  const fates = Object.groupBy(extraFiles(listed, from), (file) =>
    fateOf(file, held.get(file.path)?.[side], folded),
  )
  const goes = fates.goes ?? []
  const problems = goes.length === 0 ? [] : brokenGuards(question, goes.length, held.size)
  if (problems.length > 0)
    return { kind: 'blocked', problems: [...problems, ...goes.map(({ path }) => printable(path))] }
  const notes = [
    ...noteOf('deleted on one side, so on the other too', fates.goes),
    ...noteOf('not deleted, since changed after both sides had it', fates.changed),
    ...noteOf('not deleted, since its hub lists nothing that tells a change', fates.untold),
    ...noteOf('not deleted, since the other side only spells it in another way', fates.renamed),
    ...noteOf('not deleted, since it says which files are LFS', fates.attributes),
  ]
  return { kind: 'deletes', files: goes, notes }
}

type Fate = 'goes' | 'own' | 'changed' | 'untold' | 'renamed' | 'attributes'

/** What becomes of a file that the other side does not list; `then`: as this side listed it in the base, if both had it. */
function fateOf(file: FileEntry, then: FileEntry | undefined, folded: ReadonlySet<string>): Fate {
  if (then === undefined) return 'own'
  if (saysWhatIsLfs(file.path)) return 'attributes'
  if (folded.has(fold(file.path))) return 'renamed'
  if (then.mode !== file.mode) return 'changed'
  return ({ same: 'goes', different: 'changed', unknown: 'untold' } as const)[compareContent(then, file)]
}

/** True for a file without which objects would turn into plain files. */
export function saysWhatIsLfs(path: string): boolean {
  return /(^|\/)\.gitattributes$/.test(path)
}

/** As a file system without case, or with one spelling of accents, sees a path. */
export function fold(path: string): string {
  return path.normalize('NFC').toLowerCase()
}

/** Why so many files of one side must not go at once, one line each; `held`: how many both sides had in the base. */
export function brokenGuards(
  { guards, left }: Pick<DeleteQuestion, 'guards' | 'left'>,
  count: number,
  held: number,
): string[] {
  const would = `${count} ${count === 1 ? 'file' : 'files'} would be deleted`
  const { maxFiles, maxRatio } = guards
  return [
    ...(left === 0 ? [`${would}, because the other side holds no file any more (rule: delete)`] : []),
    ...(count > maxFiles ? [`${would}, over max-files: ${maxFiles} (rule: delete)`] : []),
    ...(count > maxRatio * held
      ? [`${would} of the ${held} that both sides had, over max-ratio: ${maxRatio} (rule: delete)`]
      : []),
  ]
}

/** Paths named in one note. */
const named = 5

function noteOf(what: string, files: readonly FileEntry[] | undefined): string[] {
  if (files === undefined) return []
  const more = files.length > named ? `, and ${files.length - named} more` : ''
  const paths = files.slice(0, named).map(({ path }) => printable(path))
  return [`${what}: ${paths.join(', ')}${more}`]
}
