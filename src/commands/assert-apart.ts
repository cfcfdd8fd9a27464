import { SyncError } from '../model/errors.ts'
import type { Plan } from '../model/plan.ts'
import { formatRepo } from '../model/repo.ts'
import type { Candidate } from '../planning/discover.ts'
import { splitOverlaps } from '../planning/overlaps.ts'
import { sitesOf } from '../planning/sites.ts'
import type { Session } from './session.ts'
import { sidesOf } from './sides-of.ts'

/**
 * Throws `plan` where two items write one repo, or one of them one way and the other both ways: planning lets one of them through
 * only, so somebody put the other in.
 */
export async function assertApart({ items }: Plan, { rules, hubs }: Session): Promise<void> {
  const pairs = new Map<string, Candidate>()
  for (const item of items) {
    const rule = rules.find(({ name }) => name === item.rule)
    if (rule === undefined) continue
    const [source, target] = sidesOf(item)
    // The two directions of a two-way pair are two items.
    const both = [rule.name, formatRepo(source), formatRepo(target)].join('\n')
    pairs.set(rule.direction === 'two-way' ? both : item.id, { rule, source, target })
  }
  // Circles are seen by all repos of the rules, and a plan has those only that change.
  const { blocked } = await splitOverlaps([...pairs.values()], sitesOf(hubs), [])
  const [first] = blocked
  if (first === undefined) return
  throw new SyncError(
    'plan',
    `The plan's ${first.repo} → ${first.target} of rule ${first.rule} does not come from this configuration: ${first.reason}.`,
    { next: 'Nothing was done. Plan again.' },
  )
}
