import { describe, expect, test } from 'vitest'
import { expandRules } from '../../../src/config/expand.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Rule } from '../../../src/config/rule.ts'
import type { RepoInfo, RepoRef } from '../../../src/model/repo.ts'
import { deriveWork } from '../../../src/planning/derive-work.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import { fakeRepo } from './fake-repo.ts'

const [rule] = expandRules(
  loadConfig('version: 1\nrules: [{ name: a, from: "ms:o/n", to: "ms:p" }]', 'test.yml', {}),
).rules
if (rule === undefined) throw new Error('no rule')
const sourceRef = { hub: 'modelscope', type: 'model', owner: 'o', name: 'n' } as const
const targetRef = { ...sourceRef, owner: 'p' }
const [head, before, stranger] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string]
const source = fakeRepo(sourceRef, { 'config.json': '{}' }, [head, before])
const absent = fakeRepo(targetRef, {})

describe('a commit that a saved plan names', () => {
  const pinnedTo = (sourceCommit: string, sourceBranch = 'master') =>
    deriveWork({ rule, source, target: absent }, { sourceCommit, sourceBranch })

  test.each([head, before])('is taken where it is, or lately was, the head: %s', async (commit) => {
    expect(await pinnedTo(commit)).toMatchObject({ kind: 'work', work: { sourceAt: { commit } } })
  })

  test('is refused where the rule’s branch never held it, such as that of a pull request', async () => {
    expect(await pinnedTo(stranger)).toMatchObject({ kind: 'failed', code: 'plan' })
    expect(await pinnedTo(head, 'refs/pr/1')).toMatchObject({ kind: 'failed', code: 'plan' })
  })
})

test('a source without a file that goes over makes no empty repo', async () => {
  const empty = fakeRepo(sourceRef, {}, [head])
  expect(await deriveWork({ rule, source: empty, target: absent })).toMatchObject({ kind: 'skipped' })
})

describe('a file that the target takes for its own', () => {
  const own = [
    { path: '.msc' },
    { path: 'README.md', isMadeByPlatform: (text: string) => text === 'default' },
  ]
  const target = fakeRepo(targetRef, { '.msc': 'x', 'README.md': 'default' }, [head], own)

  test('is not sent in every run again, and the notes say so', async () => {
    const copied = fakeRepo(sourceRef, { '.msc': 'y', 'README.md': 'default' }, [head])
    const derived = await deriveWork({ rule, source: copied, target })
    expect(derived).toMatchObject({ kind: 'unchanged' })
    expect(derived.kind === 'unchanged' && derived.notes.map((note) => note.split(':')[0])).toEqual([
      '.msc',
      'README.md',
    ])
  })

  test('is sent where its content is a person’s', async () => {
    const real = fakeRepo(sourceRef, { 'README.md': 'mine' }, [head])
    expect(await deriveWork({ rule, source: real, target })).toMatchObject({
      kind: 'work',
      work: { files: [{ path: 'README.md' }] },
    })
  })
})

describe('whether everybody may see both repos', () => {
  type Info = Partial<RepoInfo> | undefined
  const seenOf = async (here: Info, there: Info, changes: Partial<Rule> = {}, more: Partial<Repo> = {}) => {
    const info = (ref: RepoRef, given: Info): RepoInfo | undefined =>
      given && { ref, visibility: 'public', gated: false, defaultBranch: 'master', url: '', ...given }
    let seen: boolean | undefined
    const derived = await deriveWork({
      rule: { ...rule, ...changes },
      source: { ...source, info: async () => info(sourceRef, here) },
      target: { ...absent, ...more, info: async () => info(targetRef, there) },
      onSeen: (isPublic) => {
        seen = isPublic
      },
    })
    return { seen, derived }
  }

  test('they may where both are public, or the target will be created so', async () => {
    expect((await seenOf({}, {})).seen).toBe(true)
    const fresh = await seenOf({}, undefined)
    expect(fresh).toMatchObject({ seen: true, derived: { work: { isPublic: true } } })
  })

  test.each<[string, Info, Info, Partial<Rule>, Partial<Repo>]>([
    ['a private source', { visibility: 'private' }, undefined, {}, {}],
    ['an internal source', { visibility: 'internal' }, {}, {}, {}],
    ['a gated source', { gated: true }, {}, { gated: 'private' }, {}],
    ['a folder that no rule opens', { local: true }, {}, {}, {}],
    ['a private target', {}, { visibility: 'private' }, {}, {}],
    ['a gated target', {}, { gated: true }, {}, {}],
    ['a target to be created private', {}, undefined, { visibility: 'private' }, {}],
    ['a target that a push creates', {}, undefined, {}, { creation: 'push' }],
    ['a folder as target', {}, undefined, {}, { ref: { ...targetRef, hub: 'dir' } }],
  ])('not %s', async (_, here, there, changes, more) => {
    const { seen, derived } = await seenOf(here, there, changes, more)
    expect(seen).toBe(false)
    if (derived.kind === 'work') expect(derived.work.isPublic).toBe(false)
  })

  test('nobody can tell of a source that is not there', async () => {
    expect((await seenOf(undefined, {})).seen).toBeUndefined()
  })

  test('it is told before anything goes wrong', async () => {
    let seen: boolean | undefined
    const broken: Repo = { ...source, head: () => Promise.reject(new Error('no answer')) }
    const onSeen = (isPublic: boolean) => {
      seen = isPublic
    }
    await expect(deriveWork({ rule, source: broken, target: absent, onSeen })).rejects.toThrow('no answer')
    expect(seen).toBe(true)
  })
})
