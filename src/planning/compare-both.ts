import type { Rule } from '../config/rule.ts'
import { heldByBoth } from './base.ts'
import { compareRepos } from './compare-repos.ts'
import type { Decision } from './decide.ts'
import { type BothDecision, decideBoth } from './decide-both.ts'
import { findBase } from './find-base.ts'
import type { Histories } from './histories.ts'
import { type BothListed, samePaths } from './read-both.ts'

export interface BothCompared {
  /** The source's files against the target's. */
  readonly compared: Decision
  readonly decided: BothDecision
  /** Files of the base. */
  readonly held: number
  /** Why there is no base; undefined: there is one, or nobody had to look. */
  readonly why: string | undefined
}

/** Compares both sides of a two-way rule with each other and, where they differ, each with its own past. */
export async function compareBoth(
  rule: Rule,
  { source, target }: BothListed,
  histories: Histories,
): Promise<BothCompared> {
  const modes = [source.repo, target.repo].every((repo) => repo.listsModes && repo.keepsModes)
  const compared = await compareRepos(source, target, modes)
  if (compared.update.length === 0 && samePaths(source.files, target.files))
    return { compared, decided: nothing, held: 0, why: undefined }
  const found = await findBase(rule, histories)
  const base = found.kind === 'base' ? heldByBoth(found) : undefined
  const now = {
    source: source.files,
    target: target.files,
    differing: new Set(compared.update.map(({ path }) => path)),
    others: { source: source.others, target: target.others },
    links: { source: source.links, target: target.links },
    modes,
  }
  const why = found.kind === 'base' ? undefined : found.why
  return { compared, decided: decideBoth(base, now, rule), held: base?.size ?? 0, why }
}

const noSide = { add: [], update: [], deletes: [] }
const nothing: BothDecision = { forward: noSide, back: noSide, conflicts: [], resolved: 0, notes: [] }
