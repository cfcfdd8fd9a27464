import { expect, it } from 'vitest'
import { deriveJob } from '../../../src/commands/derive-job.ts'
import type { Session } from '../../../src/commands/session.ts'
import type { Rule } from '../../../src/config/rule.ts'
import type { Plan, WorkItem } from '../../../src/model/plan.ts'
import { formatRepo, type RepoRef } from '../../../src/model/repo.ts'
import { deriveBoth } from '../../../src/planning/derive-both.ts'
import { itemOf } from '../../../src/planning/make-plan.ts'
import type { Hubs } from '../../../src/repos/hubs.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import { ruleBetween } from '../../contract/bring.ts'
import { testContext } from '../hubs/settings.ts'
import { fakeRepo } from '../planning/fake-repo.ts'

const refOf = (hub: string): RepoRef => ({ hub, type: 'model', owner: 'o', name: 'n' })
const commit = '1'.repeat(40)

function twoWay(from: string, to: string): Rule {
  const rule = ruleBetween(fakeRepo(refOf(from), {}), fakeRepo(refOf(to), {}))
  return { ...rule, name: `${from}-${to}`, direction: 'two-way', types: ['model'], lookup: false }
}

const rules = [twoWay('a', 'b'), twoWay('b', 'c')] as const
const released: string[] = []
const held: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  a: { x: '1' },
  b: { x: '1', y: '2' },
  c: {},
}
const repos = new Map(
  Object.entries(held).map(([hub, files]): [string, Repo] => {
    const release = async () => void released.push(hub)
    return [formatRepo(refOf(hub)), { ...fakeRepo(refOf(hub), files, [commit]), release }]
  }),
)
const repo = (ref: RepoRef) => repos.get(formatRepo(ref)) ?? fakeRepo(ref, {})

/** What `deriveJob` needs of a session. */
function sessionOf(): Session {
  const hubs: Pick<Hubs, 'repo'> = { repo }
  return { rules, hubs } as unknown as Session
}

async function backItem(): Promise<WorkItem> {
  const pair = { rule: rules[0], source: repo(refOf('a')), target: repo(refOf('b')) }
  const derived = await deriveBoth(pair)
  const work = derived.kind === 'works' ? derived.works[0] : undefined
  if (work === undefined) throw new Error('no work')
  return itemOf(work)
}

function derive(item: WorkItem) {
  const job = { id: '1', label: '1', items: [item.id], bytes: 0 }
  const plan = { runId: 'r', items: [item], jobs: [job] } as unknown as Plan
  released.length = 0
  return deriveJob(testContext(), sessionOf(), plan, job, [])
}

it('of a way back, what the work does not use is released, and what it does use is kept for it', async () => {
  const item = await backItem()
  expect([item.back, item.source.hub, item.target.hub]).toEqual([true, 'b', 'a'])
  const { works, refused } = await derive(item)
  expect([works.map(({ id }) => id), refused]).toEqual([[item.id], []])
  expect(released).toEqual(['c'])
})

it('of an item that is refused all repos are released', async () => {
  const item = await backItem()
  const moved = { ...item, target: { ...item.target, head: '2'.repeat(40) } }
  const { works, refused } = await derive(moved)
  expect([works, refused.map(({ outcome }) => outcome)]).toEqual([[], ['conflict']])
  expect(released.sort()).toEqual(['a', 'b', 'c'])
})
