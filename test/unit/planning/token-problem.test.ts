import { describe, expect, test } from 'vitest'
import type { Identity } from '../../../src/model/repo.ts'
import { assertWritable, tokenProblem } from '../../../src/planning/token-problem.ts'
import type { Hubs } from '../../../src/repos/hubs.ts'
import { fakeRepo } from './fake-repo.ts'

const target = { hub: 'huggingface', type: 'model', owner: 'My-Org', name: 'n' } as const
const problemOf = (identity: Identity | undefined) =>
  tokenProblem({ identity: async () => identity } as Partial<Hubs> as Hubs, target)

describe('tokenProblem', () => {
  test('none where the hub says nothing against it', async () => {
    expect(await problemOf(undefined)).toBeUndefined()
    expect(await problemOf({ username: 'alice' })).toBeUndefined()
    expect(await problemOf({ username: 'alice', owners: ['alice', 'my-org'] })).toBeUndefined()
  })

  test('a token that only reads, and one of other owners, with what to do', async () => {
    expect(await problemOf({ username: 'alice', canWrite: false })).toMatchObject({
      code: 'forbidden',
      next: expect.stringContaining('write permission'),
    })
    expect(await problemOf({ username: 'alice', owners: ['alice'] })).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('My-Org'),
      next: expect.stringContaining('alice'),
    })
  })
})

describe('assertWritable', () => {
  const there = fakeRepo(target, { a: 'a' }, ['a'.repeat(40)])
  test('passes where the hub says nothing, or the repo is yet to be made', async () => {
    await assertWritable(there, await there.info())
    await assertWritable({ ...there, takesPush: async () => true }, await there.info())
    const never = () => Promise.reject(new Error('a push must not be asked for: some hosts make the repo'))
    await assertWritable({ ...there, takesPush: never }, undefined)
  })

  test('throws where the hub or a push says no', async () => {
    const info = await there.info()
    if (info === undefined) throw new Error('it is there')
    const refusal = { code: 'forbidden', next: expect.stringContaining('write permission') }
    await expect(assertWritable(there, { ...info, canWrite: false })).rejects.toMatchObject(refusal)
    const closed = { ...there, takesPush: async () => false }
    await expect(assertWritable(closed, info)).rejects.toMatchObject(refusal)
  })
})
