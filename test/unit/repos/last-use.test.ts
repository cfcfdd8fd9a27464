import { expect, test } from 'vitest'
import { releaseAfterLastUse } from '../../../src/repos/last-use.ts'
import { fakeRepo } from '../planning/fake-repo.ts'

test('a repo is released when the last of its pairs is done, and only then', async () => {
  const released: string[] = []
  const repoOf = (name: string) => ({
    ...fakeRepo({ hub: 'x', type: 'model', owner: 'o', name }, {}),
    release: async () => {
      released.push(name)
    },
  })
  const [source, one, two] = [repoOf('source'), repoOf('one'), repoOf('two')]
  const done = releaseAfterLastUse([source, one, source, two])
  await done([source, one])
  expect(released).toEqual(['one'])
  await done([source, two])
  expect(released).toEqual(['one', 'source', 'two'])
})
