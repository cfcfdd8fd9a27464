import { expect, test } from 'vitest'
import type { Rule } from '../../../src/config/rule.ts'
import { type ErrorCode, SyncError } from '../../../src/model/errors.ts'
import type { RepoRef } from '../../../src/model/repo.ts'
import { discover } from '../../../src/planning/discover.ts'
import type { RepoFinder } from '../../../src/repos/hubs.ts'

const rule = {
  from: { hub: 'hub', owner: 'o', name: 'n' },
  to: { hub: 'other' },
  types: ['model', 'dataset'],
  lookup: true,
} as unknown as Rule

/** A hub that has models, and answers with an error for every dataset. */
function hubFailing(code: ErrorCode, hasModel: boolean): RepoFinder {
  const findRepo = async ({ type }: RepoRef) => {
    if (type === 'dataset') throw new SyncError(code, 'no answer for datasets')
    return hasModel ? {} : undefined
  }
  return { id: 'hub', findRepo } as unknown as RepoFinder
}

const found = (hub: RepoFinder) => discover(rule, hub, () => false)

test('without a token a name is found as the type that shows, whatever the hub says of the other', async () => {
  const candidates = await found(hubFailing('unauthorized', true))
  expect(candidates.map(({ source }) => source.type)).toEqual(['model'])
})

test.each([
  ['unauthorized', false],
  ['unavailable', true],
] as const)('%s says nothing of absence (the other type found: %s)', async (code, hasModel) => {
  await expect(found(hubFailing(code, hasModel))).rejects.toMatchObject({ code })
})

test('a hub that lists nothing asks for a name: on a command line in its own way', async () => {
  const forge = { id: 'forge' } as unknown as RepoFinder
  const whole = { ...rule, from: { hub: 'forge', owner: 'alice' }, repos: { include: ['*'], exclude: [] } }
  const next = (name: string) => discover({ ...whole, name } as unknown as Rule, forge, () => false)
  await expect(next('ad-hoc')).rejects.toMatchObject({ next: 'Name a repo of it: forge:alice/NAME' })
  await expect(next('daily')).rejects.toMatchObject({ next: 'Name each repo in repos.include.' })
})

test('a name that is nearly one of the owner’s is told, and a space is called one', async () => {
  async function* listRepos(_: string, type: RepoRef['type']) {
    yield { ref: { hub: 'hub', type, owner: 'o', name: 'tiny' } }
  }
  const hub = { ...hubFailing('unavailable', false), findRepo: async () => undefined, listRepos }
  const from = { hub: 'hub', owner: 'o', name: 'tinny' }
  await expect(discover({ ...rule, from } as Rule, hub as RepoFinder, () => false)).rejects.toMatchObject({
    next: 'Did you mean o/tiny? If not: a private repo needs a token that may read it.',
  })
  const space = { ...rule, from: { ...from, space: true } } as unknown as Rule
  await expect(discover(space, hub as RepoFinder, () => false)).rejects.toMatchObject({
    message: 'hub has no space o/tinny.',
    next: 'Check the spelling; a private repo needs a token that may read it.',
  })
})
