import { expect, test } from 'vitest'
import type { Rule } from '../../../src/config/rule.ts'
import type { RepoRef } from '../../../src/model/repo.ts'
import { discoverBoth } from '../../../src/planning/discover-both.ts'
import type { RepoFinder } from '../../../src/repos/hubs.ts'

const base = {
  name: 'r',
  direction: 'two-way',
  from: { hub: 'here', owner: 'o', name: undefined },
  to: { hub: 'there', owner: 'p', name: undefined },
  types: ['model'],
  lookup: false,
  repos: { include: [], exclude: [] },
} as unknown as Rule

/** A hub with these models, or datasets where it says so. */
function hubWith(id: string, owner: string, names: readonly string[]): RepoFinder {
  const repos = names.map((text): RepoRef => {
    const [type, name = ''] = text.startsWith('datasets/') ? ['dataset', text.slice(9)] : ['model', text]
    return { hub: id, type: type === 'dataset' ? 'dataset' : 'model', owner, name }
  })
  async function* listRepos(asked: string, type: RepoRef['type']) {
    for (const ref of repos)
      if (asked === owner && ref.type === type && !ref.name.startsWith('hidden')) yield { ref }
  }
  const findRepo = async (ref: RepoRef) =>
    repos.some((one) => one.type === ref.type && one.owner === ref.owner && one.name === ref.name)
      ? {}
      : undefined
  return { id, listRepos, findRepo } as unknown as RepoFinder
}

/** `source name > target name`. */
async function found(
  rule: Partial<Rule>,
  here: readonly string[],
  there: readonly string[],
): Promise<string[]> {
  const hubs = [hubWith('here', 'o', here), hubWith('there', 'p', there)] as const
  const candidates = await discoverBoth({ ...base, ...rule }, ...hubs, () => false)
  const text = ({ type, hub, owner, name }: RepoRef) =>
    `${hub}:${type === 'dataset' ? 'datasets/' : ''}${owner}/${name}`
  return candidates.map(({ source, target }) => `${text(source)} > ${text(target)}`)
}

const named = (name: string, to?: string): Partial<Rule> => ({
  from: { ...base.from, name },
  to: { ...base.to, name: to },
})

test('the repos of both owners, each pair once, whatever case the other hub spells it in', async () => {
  expect(await found({}, ['a', 'B'], ['b', 'c'])).toEqual([
    'here:o/a > there:p/a',
    'here:o/B > there:p/B',
    'here:o/c > there:p/c',
  ])
})

test('names of the target are read backwards, and those that the rule gives nobody are left out', async () => {
  const rule = { to: { ...base.to, name: 'x-{name}-y' } }
  expect(await found(rule, [], ['x-a-y', 'x-y', 'x--y', 'a', 'x-a'])).toEqual(['here:o/a > there:p/x-a-y'])
})

test('filters are for the names of the source', async () => {
  const rule = { to: { ...base.to, name: 'x-{name}' }, repos: { include: ['q*'], exclude: ['q2'] } }
  expect(await found(rule, ['q1', 'x-q'], ['x-q2', 'x-q3', 'q4', 'x-r'])).toEqual([
    'here:o/q1 > there:p/x-q1',
    'here:o/q3 > there:p/x-q3',
  ])
})

test('what a rule includes by its plain name is asked for on either side', async () => {
  const rule = { repos: { include: ['hidden-1', 'hidden-2', 'hidden-3', 'a'], exclude: [] } }
  expect(await found(rule, ['hidden-1'], ['hidden-2', 'hidden-4'])).toEqual([
    'here:o/hidden-1 > there:p/hidden-1',
    'here:o/hidden-2 > there:p/hidden-2',
  ])
})

test('one name is found on either side, and on neither is an error', async () => {
  expect(await found(named('n'), ['n'], [])).toEqual(['here:o/n > there:p/n'])
  expect(await found(named('n', 'x-{name}'), [], ['x-n'])).toEqual(['here:o/n > there:p/x-n'])
  await expect(found(named('n'), ['m'], ['m'])).rejects.toMatchObject({ code: 'not-found' })
})

test('a name without a type is what the source has of it, then what the target has', async () => {
  const rule = { ...named('n'), types: ['model', 'dataset'] as const, lookup: true }
  expect(await found(rule, ['datasets/n'], ['n'])).toEqual(['here:datasets/o/n > there:datasets/p/n'])
  expect(await found(rule, [], ['datasets/n'])).toEqual(['here:datasets/o/n > there:datasets/p/n'])
  await expect(found(rule, [], ['n', 'datasets/n'])).rejects.toMatchObject({ code: 'usage' })
  expect(await found({ ...rule, lookup: false }, ['n'], ['datasets/n'])).toEqual([
    'here:o/n > there:p/n',
    'here:datasets/o/n > there:datasets/p/n',
  ])
})
