import { folderHub } from '../model/repo.ts'
import type { RepoPattern, TargetPattern } from './rule.ts'

/** Keys as written in the file, checked by the schema elsewhere: those that need a base, and those that go with no two-way rule. */
export interface BaseKeys {
  readonly direction?: unknown
  readonly adopt?: unknown
  readonly delete?: unknown
  readonly existing?: unknown
  readonly revision?: unknown
}

export interface BaseProblem {
  readonly key: keyof BaseKeys | 'to' | 'transport'
  readonly what: string
}

/** What is wrong with keys that need a base (what both sides had when they were last equal), one line each. */
export function baseProblems(
  keys: BaseKeys,
  from: RepoPattern,
  to: TargetPattern,
  transport: string | undefined,
): BaseProblem[] {
  const isTwoWay = keys.direction === 'two-way'
  return [
    ...(from.hub === folderHub || to.hub === folderHub ? folderProblems(keys) : []),
    ...(isTwoWay ? twoWayProblems(keys, to, transport) : []),
  ]
}

function folderProblems({ direction, adopt, delete: deletes }: BaseKeys): BaseProblem[] {
  const why = 'a local folder has no history that could tell what both sides had'
  return [
    ...(direction === 'two-way' ? [{ key: 'direction', what: `two-way: ${why}` } as const] : []),
    ...(adopt === true ? [{ key: 'adopt', what: why } as const] : []),
    ...(deletes !== undefined && deletes !== false ? [{ key: 'delete', what: why } as const] : []),
  ]
}

function twoWayProblems(
  { existing, revision }: BaseKeys,
  to: TargetPattern,
  transport: string | undefined,
): BaseProblem[] {
  const problems: BaseProblem[] = []
  if (existing === 'skip')
    problems.push({ key: 'existing', what: 'skip: a two-way rule keeps both sides in step, or is one-way' })
  if (revision !== undefined)
    problems.push({ key: 'revision', what: 'a two-way rule writes to the default branch of both sides' })
  if (transport === 'import')
    problems.push({ key: 'transport', what: 'import: a two-way rule writes both sides by itself' })
  if ((to.name?.split('{name}').length ?? 2) > 2)
    problems.push({ key: 'to', what: 'a two-way rule needs {name} once, so that it can be read backwards' })
  return problems
}
