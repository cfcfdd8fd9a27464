import type { Rule } from '../config/rule.ts'
import type { FailedRepo, HeldBack } from '../model/plan.ts'
import { formatRepo } from '../model/repo.ts'
import type { Candidate } from './discover.ts'

/** Rules that found nothing, told apart by whether another rule of this run brings what they look for. */
export interface Unfound {
  readonly waiting: readonly HeldBack[]
  readonly failed: readonly FailedRepo[]
}

/** A rule that reads by its name what another rule is about to make has not failed: it follows one run later. */
export function splitUnfound(
  failed: readonly FailedRepo[],
  rules: readonly Rule[],
  candidates: readonly Candidate[],
): Unfound {
  const byName = new Map(rules.map((rule) => [rule.name, rule]))
  const waiting: HeldBack[] = []
  const left: FailedRepo[] = []
  for (const repo of failed) {
    const rule = byName.get(repo.rule)
    const maker = repo.code === 'not-found' && rule ? makerOf(rule, candidates) : undefined
    if (maker === undefined) left.push(repo)
    else waiting.push(heldBack(repo, `not there yet: rule ${maker} writes it, and the next run takes it on`))
  }
  return { waiting, failed: left }
}

function heldBack({ rule, repo, target }: FailedRepo, reason: string): HeldBack {
  return { rule, repo, target, reason }
}

/** Name of the rule that writes the one repo that this rule reads. */
function makerOf({ name, from, types }: Rule, candidates: readonly Candidate[]): string | undefined {
  const isRead = types.map((type) => nameOf({ ...from, type, name: from.name ?? '' }))
  return candidates.find(({ rule, target }) => rule.name !== name && isRead.includes(nameOf(target)))?.rule
    .name
}

function nameOf({ hub, type, owner, name }: Candidate['target']): string {
  return formatRepo({ hub, type, owner, name }).toLowerCase()
}
