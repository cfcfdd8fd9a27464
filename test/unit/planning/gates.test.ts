import { describe, expect, it } from 'vitest'
import type { Rule } from '../../../src/config/rule.ts'
import type { RepoInfo, Visibility } from '../../../src/model/repo.ts'
import { accessGate } from '../../../src/planning/gates.ts'

const info = (visibility: Visibility, gated = false): RepoInfo => ({
  ref: { hub: 'hub', type: 'model', owner: 'o', name: 'n' },
  visibility,
  gated,
  defaultBranch: 'main',
  url: 'https://hub.example/o/n',
})
const rule = (visibility: Rule['visibility'], gated: Rule['gated'] = 'skip') =>
  ({ visibility, gated, to: { hub: 'hub' } }) as Rule

const sources: [string, RepoInfo][] = [
  ['public', info('public')],
  ['internal', info('internal')],
  ['private', info('private')],
  ['gated', info('public', true)],
]
const targets: [string, RepoInfo | undefined][] = [
  ['absent', undefined],
  ['public', info('public')],
  ['internal', info('internal')],
  ['private', info('private')],
]

describe('accessGate', () => {
  it('never lets anything but a public, ungated source become readable, whatever the rule says', () => {
    for (const visibility of ['keep', 'private', 'public'] as const) {
      for (const [sourceName, source] of sources) {
        for (const [targetName, target] of targets) {
          const answer = accessGate(rule(visibility, 'private'), source, target)
          const readable =
            target === undefined
              ? answer.kind === 'pass' && answer.visibility === 'public'
              : target.visibility !== 'private'
          if (sourceName !== 'public' && readable)
            expect([visibility, sourceName, targetName, answer.kind]).toEqual([
              visibility,
              sourceName,
              targetName,
              'blocked',
            ])
        }
      }
    }
  })

  it.each([
    ['skip', 'skipped'],
    ['fail', 'failed'],
    ['private', 'pass'],
  ] as const)('gated: %s ends as %s', (gated, kind) => {
    expect(accessGate(rule('keep', gated), info('public', true), undefined).kind).toBe(kind)
  })

  it.each([
    ['private', info('private'), 'blocked'],
    ['internal', info('internal'), 'blocked'],
    ['private and gated', info('private', true), 'blocked'],
    ['public and gated', info('public', true), 'pass'],
  ] as const)('a gated target, which shows names and README, of a source that is %s', (_, source, kind) => {
    expect(accessGate(rule('keep', 'private'), source, info('public', true)).kind).toBe(kind)
  })

  it('creates what is gated as private', () => {
    expect(accessGate(rule('keep', 'private'), info('public', true), undefined)).toEqual({
      kind: 'pass',
      visibility: 'private',
      notes: ['the target is created private: the source is gated'],
    })
  })

  it('keeps public public, and says when the target is not', () => {
    expect(accessGate(rule('keep'), info('public'), undefined)).toEqual({
      kind: 'pass',
      visibility: 'public',
      notes: [],
    })
    const drift = accessGate(rule('keep'), info('public'), info('private'))
    expect(drift.kind === 'pass' && drift.notes[0]).toContain('the target is private')
  })

  it('blocks visibility: private on a target that is public', () => {
    expect(accessGate(rule('private'), info('public'), info('public')).kind).toBe('blocked')
  })
})
