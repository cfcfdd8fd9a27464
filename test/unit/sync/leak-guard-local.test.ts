import { describe, expect, it } from 'vitest'
import type { Rule } from '../../../src/config/rule.ts'
import type { RepoInfo, Visibility } from '../../../src/model/repo.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import type { RepoWork } from '../../../src/repos/work.ts'
import { assertNoLeak } from '../../../src/sync/leak-guard.ts'

const ref = { hub: 'hub', type: 'model', owner: 'o', name: 'n' } as const
const info = (visibility: Visibility): RepoInfo => ({
  ref,
  visibility,
  gated: false,
  defaultBranch: 'main',
  url: 'https://hub.example/o/n',
})
const folder: RepoInfo = { ...info('private'), local: true }
const rule = (visibility: Rule['visibility']) => ({ visibility, gated: 'private' }) as Rule

describe('the last look before something becomes visible', () => {
  const work = (says: Rule['visibility'], visibility: 'public' | 'private', source: RepoInfo) =>
    ({
      rule: rule(says),
      visibility,
      source: { ref, info: async () => source } as unknown as Repo,
      target: { ref } as unknown as Repo,
    }) as unknown as RepoWork

  it('lets a folder be public by its rule alone', async () => {
    await expect(assertNoLeak(work('public', 'public', folder), info('public'))).resolves.toBeUndefined()
    await expect(assertNoLeak(work('keep', 'public', folder), undefined)).rejects.toMatchObject({
      code: 'leak',
    })
    await expect(assertNoLeak(work('keep', 'private', folder), info('public'))).rejects.toMatchObject({
      code: 'leak',
    })
  })

  it('takes no rule for more than the word of a hub', async () => {
    await expect(assertNoLeak(work('public', 'public', info('private')), undefined)).rejects.toMatchObject({
      code: 'leak',
    })
  })
})
