import type { Rule } from '../../src/config/rule.ts'
import type { Context } from '../../src/context.ts'
import type { ItemResult } from '../../src/model/report.ts'
import { deriveRest } from '../../src/planning/derive-rest.ts'
import { type Derived, deriveWork } from '../../src/planning/derive-work.ts'
import { failedToDerive } from '../../src/planning/make-plan.ts'
import type { Repo } from '../../src/repos/repo.ts'
import { runJob } from '../../src/sync/run-job.ts'

export type Brought = ItemResult | Exclude<Derived, { kind: 'work' }>

/** Brings the target up to date with the source, as one item of a run does, and answers what came of it. */
export async function bring(
  context: Context,
  source: Repo,
  target: Repo,
  ruled: Partial<Rule> = {},
): Promise<Brought> {
  const rule = { ...ruleBetween(source, target), ...ruled }
  const derived = await deriveWork({ rule, source, target }).catch(failedToDerive)
  if (derived.kind !== 'work') return derived
  const order = { job: '1', attempt: 1, works: [derived.work], refused: [], deriveRest }
  const { items } = await runJob(context, order, { runId: 'contract', version: '0.0.0' })
  const [item] = items
  if (item === undefined) throw new Error('the job left no result')
  return item
}

/** The outcome in a word, and what went wrong. */
export function outcomeOf(brought: Brought): string {
  if ('kind' in brought) return heldBack(brought)
  const { outcome, error } = brought
  return error === undefined ? outcome : `${outcome}: ${error.code}: ${error.message}`
}

function heldBack(derived: Exclude<Derived, { kind: 'work' }>): string {
  if (derived.kind === 'unchanged') return derived.kind
  if (derived.kind === 'failed') return `failed: ${derived.code}: ${derived.reason}`
  return `${derived.kind}: ${derived.reason}`
}

/** Every default filled in, as the configuration does. Folders may be seen by everybody, so that they may go everywhere. */
export function ruleBetween({ ref: from }: Repo, { ref: to }: Repo): Rule {
  return {
    name: 'contract',
    description: undefined,
    from: { hub: from.hub, owner: from.owner, name: from.name, type: from.type },
    to: { hub: to.hub, owner: to.owner, name: to.name, type: to.type },
    types: [from.type],
    lookup: false,
    repos: { include: [], exclude: [] },
    requires: undefined,
    revision: undefined,
    files: { include: ['**'], exclude: [] },
    direction: 'one-way',
    trigger: 'manual',
    existing: 'update',
    adopt: false,
    delete: undefined,
    visibility: from.hub === 'dir' ? 'public' : 'keep',
    gated: 'skip',
    license: 'keep',
    conflict: 'fail',
    bandwidth: undefined,
    verify: 'sampled',
    transport: 'auto',
    stallTimeout: 30,
    named: true,
  }
}
