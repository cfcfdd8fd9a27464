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
