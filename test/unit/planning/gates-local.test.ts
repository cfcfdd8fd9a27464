import { describe, expect, it } from 'vitest'
import type { Rule } from '../../../src/config/rule.ts'
import type { RepoInfo, Visibility } from '../../../src/model/repo.ts'
import { accessGate } from '../../../src/planning/gates.ts'

const ref = { hub: 'hub', type: 'model', owner: 'o', name: 'n' } as const
const info = (visibility: Visibility, gated = false): RepoInfo => ({
  ref,
  visibility,
  gated,
  defaultBranch: 'main',
  url: 'https://hub.example/o/n',
})
const folder: RepoInfo = { ...info('private'), local: true }
const rule = (visibility: Rule['visibility']) =>
  ({ visibility, gated: 'private', to: { hub: 'hub' } }) as Rule

describe('a local folder as source', () => {
  it.each([
    ['keep', 'private'],
    ['private', 'private'],
    ['public', 'public'],
  ] as const)('with visibility: %s is created %s', (says, created) => {
    expect(accessGate(rule(says), folder, undefined)).toEqual({
      kind: 'pass',
      visibility: created,
      notes: says === 'keep' ? [expect.stringContaining('--set visibility=public')] : [],
    })
  })

  it.each([
    ['keep', info('public')],
    ['private', info('public')],
    ['keep', info('internal')],
    ['keep', info('public', true)],
  ] as const)('with visibility: %s never goes to what others can read', (says, target) => {
    const answer = accessGate(rule(says), folder, target)
    expect(answer.kind).toBe('blocked')
    if (answer.kind === 'blocked' && says === 'keep') expect(answer.reason).toContain('visibility: public')
  })

  it('goes to what is public where the rule says so', () => {
    expect(accessGate(rule('public'), folder, info('public')).kind).toBe('pass')
  })
})

describe('a local folder as target', () => {
  it.each([
    ['public', info('public')],
    ['private', info('private')],
    ['gated', info('public', true)],
  ] as const)('takes what is %s, and is no drift', (_, source) => {
    expect(accessGate(rule('keep'), source, folder)).toMatchObject({ kind: 'pass', notes: [] })
  })
})
