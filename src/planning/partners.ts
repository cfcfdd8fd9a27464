import type { Rule } from '../config/rule.ts'
import { formatRepo, type RepoRef } from '../model/repo.ts'
import { covers, targetOf } from './discover.ts'
import { sourceOf } from './discover-both.ts'

/** Histories read of repos beside the pair: a hub of many pairs must not be read once for each of them. */
const mostPartners = 4

/**
 * Other repos that two-way rules keep in step with either side: where rules form a ring, what the two sides had in common may be told
 * by a third history alone. Pure: what the rules cover, whether it is there or not.
 */
export function partnersOf(rules: readonly Rule[], source: RepoRef, target: RepoRef): RepoRef[] {
  const own = new Set([source, target].map(placeOf))
  const found = new Map<string, RepoRef>()
  for (const rule of rules.filter(({ direction }) => direction === 'two-way')) {
    for (const side of [source, target]) {
      const forward = covers(rule, side) ? targetOf(rule, side) : undefined
      for (const ref of [forward, sourceOf(rule, side)])
        if (ref !== undefined && !own.has(placeOf(ref))) found.set(placeOf(ref), ref)
    }
  }
  return [...found.values()].slice(0, mostPartners)
}

function placeOf(ref: RepoRef): string {
  return formatRepo(ref).toLowerCase()
}
