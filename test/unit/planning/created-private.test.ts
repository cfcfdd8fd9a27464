import { expect, test } from 'vitest'
import { expandRules } from '../../../src/config/expand.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { RepoInfo } from '../../../src/model/repo.ts'
import { accessGate } from '../../../src/planning/gates.ts'

const ruleOf = (more: string) => {
  const text = `version: 1\nrules: [{ name: a, from: "ms:o/n", to: "hf:p", gated: private${more} }]`
  const [rule] = expandRules(loadConfig(text, 'test.yml', {})).rules
  if (rule === undefined) throw new Error('no rule')
  return rule
}
const ref = { hub: 'modelscope', type: 'model', owner: 'o', name: 'n' } as const
const info: RepoInfo = {
  ref,
  visibility: 'public',
  gated: false,
  defaultBranch: 'main',
  url: 'https://x.example',
}
const notes = (source: Partial<RepoInfo>, more = '') => {
  const answer = accessGate(ruleOf(more), { ...info, ...source }, undefined)
  return answer.kind === 'pass' ? answer.notes : answer.reason
}

test('a target that nobody asked to be private says why it is', () => {
  expect(notes({})).toEqual([])
  expect(notes({ visibility: 'private' })).toEqual(['the target is created private: the source is private'])
  expect(notes({ gated: true })).toEqual(['the target is created private: the source is gated'])
  expect(notes({ visibility: 'private', local: true })).toEqual([
    expect.stringContaining('--set visibility=public'),
  ])
  expect(notes({ visibility: 'private' }, ', visibility: private')).toEqual([])
})
