import { describe, expect, test } from 'vitest'
import { expandRules } from '../../../src/config/expand.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Rule } from '../../../src/config/rule.ts'
import { SyncError } from '../../../src/model/errors.ts'
import type { RepoInfo } from '../../../src/model/repo.ts'
import { deriveRest } from '../../../src/planning/derive-rest.ts'
import { type Derived, deriveWork } from '../../../src/planning/derive-work.ts'
import { itemOf } from '../../../src/planning/make-plan.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import { fakeRepo } from './fake-repo.ts'

const [given] = expandRules(
  loadConfig('version: 1\nrules: [{ name: a, from: "ms:o/n", to: "ms:p" }]', 'test.yml', {}),
).rules
if (given === undefined) throw new Error('no rule')
const rule: Rule = { ...given, transport: 'import' }
const sourceRef = { hub: 'modelscope', type: 'model', owner: 'o', name: 'n' } as const
const targetRef = { ...sourceRef, owner: 'p' }
const head = 'a'.repeat(40)
const files = {
  'README.md': '---\nlicense: Apache License 2.0\n---\n# x\n',
  'config.json': '{}',
  '.msc': 'x',
}
const cloneUrl = 'https://hub.example/o/n.git'

const repoWith = (base: Repo, changes: Partial<Repo> = {}, info: Partial<RepoInfo> = {}): Repo => ({
  ...base,
  info: async () => {
    const there = await base.info()
    return there && { ...there, ...info }
  },
  ...changes,
})
const never = () => Promise.reject(new SyncError('internal', 'planning imports nothing'))
const ownFiles = [{ path: '.msc' }]
const source = repoWith(fakeRepo(sourceRef, files, [head], ownFiles), { cloneUrl })
const absent = repoWith(fakeRepo(targetRef, {}), {
  importFrom: never,
})

function workOf(derived: Derived) {
  if (derived.kind !== 'work') throw new Error(JSON.stringify(derived))
  return derived.work
}

describe('an import', () => {
  test('is planned for an absent target, without a byte of ours', async () => {
    const work = workOf(await deriveWork({ rule, source, target: absent }))
    expect(work.importUrl).toBe(cloneUrl)
    expect(work.files.map(({ path, move, size }) => [path, move, size])).toEqual([
      ['README.md', 'import', files['README.md'].length],
      ['config.json', 'import', 2],
    ])
    expect(itemOf(work).bytes).toEqual({ move: 0, reuse: 0 })
    expect(work.notes).toEqual(['.msc: comes with the import, though ModelScope made it'])
  })

  test('is not planned for a target that exists: that one is pushed to', async () => {
    const target = repoWith(fakeRepo(targetRef, { 'config.json': '{}' }, [head]), {
      importFrom: never,
    })
    const work = workOf(await deriveWork({ rule, source, target }))
    expect(work.importUrl).toBeUndefined()
    expect(work.files.map(({ path, move }) => [path, move])).toEqual([['README.md', 'inline']])
  })

  test.each<[string, Partial<Rule>, Repo, Repo, RegExp]>([
    ['a target that cannot', {}, source, fakeRepo(targetRef, {}), /cannot make a repo from an address/],
    [
      'an existing target that cannot',
      {},
      source,
      fakeRepo(targetRef, { 'config.json': '1' }, [head]),
      /cannot make a repo from an address/,
    ],
    ['a folder', {}, fakeRepo(sourceRef, files, [head]), absent, /no address to import from/],
    [
      'a private source',
      {},
      repoWith(source, {}, { visibility: 'private' }),
      absent,
      /is private, and an import/,
    ],
    ['an internal source', {}, repoWith(source, {}, { visibility: 'internal' }), absent, /is internal, and/],
    ['a gated source', { gated: 'private' }, repoWith(source, {}, { gated: true }), absent, /is gated, and/],
    [
      'a rule for another revision',
      { revision: 'v1' },
      repoWith(source, { head: async () => head }),
      absent,
      /default branch \(master\), not the rule's revision v1/,
    ],
    [
      'a rule that leaves files out',
      { files: { include: ['**'], exclude: ['config.json'] } },
      source,
      absent,
      /^config\.json: left out by the rule's files/,
    ],
    [
      'what is never copied',
      {},
      repoWith(fakeRepo(sourceRef, { ...files, '.lfsconfig': 'x' }, [head], ownFiles), { cloneUrl }),
      absent,
      /\.lfsconfig is never copied.*; an import would bring it/,
    ],
  ])('%s blocks it', async (_, changes, from, to, why) => {
    const derived = await deriveWork({ rule: { ...rule, ...changes }, source: from, target: to })
    expect(derived.kind).toBe('blocked')
    expect(derived.kind === 'blocked' && derived.reason).toMatch(why)
  })

  test('is asked for by the rule alone', async () => {
    const work = workOf(await deriveWork({ rule: given, source, target: absent }))
    expect(work.importUrl).toBeUndefined()
    expect(work.files.every(({ move }) => move === 'inline')).toBe(true)
  })
})

describe('what is left after an import', () => {
  const planned = async (target: Repo, changes: Partial<Rule> = {}) => ({
    ...workOf(await deriveWork({ rule: { ...rule, ...changes }, source, target: absent })),
    target,
  })

  test('is nothing where the files are the same, also where the rule skips what exists', async () => {
    const copy = repoWith(fakeRepo(targetRef, files, [head]), { importFrom: never })
    expect(await deriveRest(await planned(copy, { existing: 'skip' }))).toBeUndefined()
  })

  test('is what differs', async () => {
    const copy = repoWith(fakeRepo(targetRef, { ...files, 'config.json': '[]' }, [head]), {
      importFrom: never,
    })
    const rest = await deriveRest(await planned(copy))
    expect(rest?.files.map(({ path, kind }) => [path, kind])).toEqual([['config.json', 'update']])
    expect(rest?.importUrl).toBeUndefined()
    expect(rest?.lease).toEqual({ kind: 'commit', commit: head })
  })

  test('is an error where it may not be synced any more', async () => {
    const gone = repoWith(fakeRepo(targetRef, files, [head]), {}, { ref: { ...targetRef, name: 'other' } })
    await expect(deriveRest(await planned(gone))).rejects.toMatchObject({ code: 'refused' })
  })
})
