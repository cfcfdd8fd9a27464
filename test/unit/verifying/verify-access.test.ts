import { describe, expect, it } from 'vitest'
import type { Rule } from '../../../src/config/rule.ts'
import type { RepoInfo } from '../../../src/model/repo.ts'
import { licenseFinding, visibilityFinding } from '../../../src/verifying/verify-access.ts'

const info = (more: Partial<RepoInfo> = {}): RepoInfo => ({
  ref: { hub: 'h', type: 'model', owner: 'o', name: 'n' },
  visibility: 'public',
  gated: false,
  defaultBranch: 'main',
  url: 'https://hub.example/o/n',
  ...more,
})

const isPrivate = { visibility: 'private' } as const
const isGated = { gated: true } as const
const isFolder = { ...isPrivate, local: true } as const

describe('visibilityFinding', () => {
  it.each<[Rule['visibility'], Partial<RepoInfo>, Partial<RepoInfo>, 'critical' | 'problem' | undefined]>([
    ['keep', {}, {}, undefined],
    ['keep', {}, isPrivate, 'problem'],
    ['keep', {}, { visibility: 'internal' }, 'problem'],
    ['keep', {}, isGated, 'problem'],
    ['keep', isPrivate, {}, 'critical'],
    ['keep', isPrivate, { visibility: 'internal' }, 'critical'],
    ['keep', isPrivate, isGated, 'critical'],
    ['keep', isPrivate, isPrivate, undefined],
    ['keep', isGated, {}, 'critical'],
    ['keep', isGated, isGated, undefined],
    ['private', {}, isPrivate, undefined],
    ['private', {}, {}, 'critical'],
    ['public', isPrivate, {}, 'critical'],
    ['keep', isFolder, {}, 'critical'],
    ['public', isFolder, {}, undefined],
    ['keep', {}, isFolder, undefined],
    ['keep', isPrivate, isFolder, undefined],
  ])('visibility: %s, source %o, target %o: %s', (visibility, source, target, severity) => {
    const rule = { visibility } as Rule
    const finding = visibilityFinding(rule, info(source), info(target))
    expect(finding?.severity).toBe(severity)
    expect(finding?.repairable ?? false).toBe(false)
  })
})

describe('licenseFinding', () => {
  const map = { 'Apache License 2.0': 'apache-2.0' }
  const find = (source: string | undefined, target: string | undefined, readme?: string, allow?: string[]) =>
    licenseFinding({
      source: info(source === undefined ? {} : { license: source }),
      target: info(target === undefined ? {} : { license: target }),
      sourceLicenses: { map: {} },
      targetLicenses: { map, ...(allow && { allow }) },
      readme,
    })?.severity

  it.each([
    ['apache-2.0', 'Apache License 2.0', undefined, undefined],
    ['apache-2.0', 'mit', undefined, 'problem'],
    ['apache-2.0', undefined, undefined, undefined],
    [undefined, 'mit', undefined, undefined],
    [undefined, 'mit', 'apache-2.0', 'problem'],
    ['mit', 'Apache License 2.0', 'apache-2.0', undefined],
    ['apache-2.0', 'other', undefined, 'note'],
  ])('source %s, target %s, README %s: %s', (source, target, readme, severity) => {
    expect(find(source, target, readme)).toBe(severity)
  })

  it('takes `other` for a license that the target does not take', () => {
    expect(find('llama3', 'other', undefined, ['mit'])).toBeUndefined()
  })
})
