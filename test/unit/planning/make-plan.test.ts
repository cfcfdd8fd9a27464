import { scheduler } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Rule } from '../../../src/config/rule.ts'
import { formatRepo, type RepoRef } from '../../../src/model/repo.ts'
import { makePlan } from '../../../src/planning/make-plan.ts'
import type { Hubs } from '../../../src/repos/hubs.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import { ruleBetween } from '../../contract/bring.ts'
import { testContext } from '../hubs/settings.ts'
import { fakeRepo, profile } from './fake-repo.ts'

const refOf = (hub: string): RepoRef => ({ hub, type: 'model', owner: 'o', name: 'n' })
const commit = '1'.repeat(40)

/** Hubs with one repo each, which note when they are asked for a history, and when they are released. */
function watchedHubs(log: string[]): Hubs {
  const files = { a: { x: '1' }, b: { x: '1' }, c: { x: '2' } }
  const repos = new Map(
    Object.entries(files).map(([hub, held]): [string, Repo] => {
      const plain = fakeRepo(refOf(hub), held, [commit])
      const note = async (what: string) => void log.push(`${what} ${hub}`)
      const history: Repo['history'] = async (...asked) => {
        await note('history')
        return plain.history(...asked)
      }
      // The pair of A and B is done long before that of B and C is looked at.
      const info = async () => {
        if (hub === 'c') await scheduler.wait(20)
        return plain.info()
      }
      return [formatRepo(plain.ref), { ...plain, info, history, release: () => note('release') }]
    }),
  )
  const repo = (ref: RepoRef) => repos.get(formatRepo(ref)) ?? fakeRepo(ref, {})
  return {
    hub: (id) => ({ id, profile, findRepo: (ref) => repo(ref).info() }),
    repo,
    identity: async () => undefined,
    hasToken: () => true,
    reach: async (id) => id,
  }
}

function twoWay(from: string, to: string): Rule {
  const rule = ruleBetween(fakeRepo(refOf(from), {}), fakeRepo(refOf(to), {}))
  const types = ['model'] as const
  return { ...rule, name: `${from}-${to}`, direction: 'two-way', types, lookup: false }
}

it('a repo whose history another pair still has to read is not released before that', async () => {
  const log: string[] = []
  const planned = await makePlan(
    testContext(),
    [twoWay('a', 'b'), twoWay('b', 'c')],
    watchedHubs(log),
    new Map(),
  )
  expect([planned.unchanged.length, planned.conflicts.length]).toEqual([1, 1])
  expect(log).toContain('history a')
  for (const hub of ['a', 'b', 'c']) {
    expect(log.filter((line) => line === `release ${hub}`)).toHaveLength(1)
    expect(log.lastIndexOf(`history ${hub}`)).toBeLessThan(log.indexOf(`release ${hub}`))
  }
})
