import { expect, test } from 'vitest'
import { expandRules } from '../../../src/config/expand.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { RepoInfo } from '../../../src/model/repo.ts'
import { isInStep } from '../../../src/planning/in-step.ts'
import { fakeRepo } from './fake-repo.ts'

const [rule] = expandRules(
  loadConfig('version: 1\nrules: [{ name: a, from: "ms:o/n", to: "ms:p" }]', 'test.yml', {}),
).rules
if (rule === undefined) throw new Error('no rule')
const ref = { hub: 'modelscope', type: 'model', owner: 'o', name: 'n' } as const
const [here, there] = ['a'.repeat(40), 'b'.repeat(40)]
const known = {
  ...{ rule: 'digest', evidence: 'compared' as const, public: true },
  ...{ sourceRevision: 'master', sourceHead: here, targetBranch: 'master', targetHead: there },
}

const candidate = { rule, source: ref, target: ref }

/** Whether a pair of these two passes, and what was asked of its sides. `infoHead`: the hub tells the head with the repo. */
async function looked(source: Partial<RepoInfo>, listed: object = {}, infoHead = true, wasPublic = true) {
  const asked: string[] = []
  const sideOf = (side: string, commit: string, info: Partial<RepoInfo>) => {
    const repo = fakeRepo({ ...ref, owner: side }, {}, [commit])
    return {
      ...repo,
      profile: { ...repo.profile, ...(infoHead && { infoHead }) },
      head: (revision: string) => {
        asked.push(`${side} head`)
        return repo.head(revision)
      },
      info: async () => {
        asked.push(`${side} info`)
        const found = await repo.info()
        return found && { ...found, ...info }
      },
    }
  }
  const inStep = await isInStep(
    { ...known, public: wasPublic },
    { ...candidate, ...listed },
    sideOf('source', here, source),
    sideOf('target', there, {}),
  )
  return { inStep, asked: asked.sort() }
}

test('of an open source that its listing tells with its head, nothing is asked', async () => {
  expect(await looked({}, { head: here, isOpen: true })).toEqual({ inStep: true, asked: ['target head'] })
})

test('one question a side, whatever the hub tells', async () => {
  expect(await looked({ head: here })).toEqual({ inStep: true, asked: ['source info', 'target head'] })
  expect(await looked({}, {}, false)).toEqual({ inStep: true, asked: ['source head', 'target head'] })
  const closed = await looked({ visibility: 'private' }, { head: here, isOpen: false }, true, false)
  expect(closed).toEqual({ inStep: true, asked: ['target head'] })
})

test('another commit on either side is no step', async () => {
  expect((await looked({ head: there })).inStep).toBe(false)
  expect((await looked({}, { head: there, isOpen: true })).inStep).toBe(false)
})

test.each<[string, Partial<RepoInfo>]>([
  ['private', { visibility: 'private' }],
  ['internal', { visibility: 'internal' }],
  ['gated', { gated: true }],
])('a source that was open and is %s now is compared again', async (_, source) => {
  expect((await looked({ head: here, ...source })).inStep).toBe(false)
  expect((await looked({ head: here, ...source }, { head: here, isOpen: false })).inStep).toBe(false)
  expect((await looked({ head: here, ...source }, {}, true, false)).inStep).toBe(true)
})
