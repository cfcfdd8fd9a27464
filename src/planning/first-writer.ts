import { formatRepo } from '../model/repo.ts'
import type { PairWorks } from './derived.ts'

/**
 * Two-way rules may share repos, and in one run only one of them writes a repo: what a second one has compared is not there any more.
 * Nor is a conflict decided on what another one is about to change: in a ring the sides would chase each other for ever. The function
 * that is returned answers the rule that writes one of these repos already; undefined: it is noted that this one does.
 */
export function createFirstWriter(): (pair: Pick<PairWorks, 'works' | 'resolves'>) => string | undefined {
  const writers = new Map<string, string>()
  return ({ works, resolves }) => {
    const written = works.map(({ target }) => formatRepo(target.ref).toLowerCase())
    const read = works.map(({ source }) => formatRepo(source.ref).toLowerCase())
    const first = [...written, ...(resolves ? read : [])].flatMap((place) => writers.get(place) ?? [])[0]
    if (first !== undefined) return first
    for (const [index, place] of written.entries()) writers.set(place, works[index]?.rule.name ?? '')
    return undefined
  }
}
