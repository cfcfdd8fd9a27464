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
  ...{ rule: 'digest', evidence: 'compared' as const },
  ...{ sourceRevision: 'master', sourceHead: here, targetBranch: 'master', targetHead: there },
}

const candidate = { rule, source: ref, target: ref }

/** Whether a pair of these two passes, and what was asked of its sides. */
async function looked(source: Partial<RepoInfo>, target: Partial<RepoInfo>, listed: object = {}) {
  const asked: string[] = []
  const sideOf = (side: string, commit: string, info: Partial<RepoInfo>) => {
    const repo = fakeRepo({ ...ref, owner: side }, {}, [commit])
    return {
      ...repo,
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
    known,
    { ...candidate, ...listed },
    sideOf('source', here, source),
    sideOf('target', there, target),
  )
  return { inStep, asked: asked.sort() }
}

test('of an open source that its listing tells with its head, nothing is asked', async () => {
  expect(await looked({}, {}, { head: here, isOpen: true })).toEqual({ inStep: true, asked: ['target head'] })
})

test('one question tells head and visibility where the hub tells both', async () => {
  expect(await looked({ head: here }, {})).toEqual({ inStep: true, asked: ['source info', 'target head'] })
  expect((await looked({}, {})).asked).toEqual(['source head', 'source info', 'target head'])
})

test('another commit on either side is no step', async () => {
  expect((await looked({ head: there }, {})).inStep).toBe(false)
  expect((await looked({}, {}, { head: there, isOpen: true })).inStep).toBe(false)
})

test.each<[string, Partial<RepoInfo>, Partial<RepoInfo>, boolean]>([
  ['closed, and the target too', { visibility: 'private' }, { visibility: 'private' }, true],
  ['closed, and the target open', { visibility: 'private' }, {}, false],
  ['internal, and the target open', { visibility: 'internal' }, {}, false],
  ['gated where rules skip that', { gated: true }, { visibility: 'private' }, false],
])('a source that is %s', async (_, source, target, inStep) => {
  expect((await looked({ head: here, ...source }, target)).inStep).toBe(inStep)
  expect((await looked(source, target, { head: here })).inStep).toBe(inStep)
})
