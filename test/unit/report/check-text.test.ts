import { expect, it } from 'vitest'
import type { Check } from '../../../src/model/check.ts'
import { checkText, checkValue, publicChecks } from '../../../src/report/check-text.ts'

const checks: Check[] = [
  { check: 'git', status: 'ok', text: 'git 2.47.1' },
  { hub: 'modelscope', check: 'token', status: 'ok', text: 'as alice' },
  { hub: 'ms', owner: 'my-org', check: 'write', status: 'warn', text: 'it is unknown', next: 'Sync.' },
  {
    hub: 'ms',
    owner: 'my-org',
    check: 'read',
    status: 'fail',
    text: '::error::no\nsuch repo',
    next: 'Look.',
  },
]

it('has one line for each, with what to do, and a last one that counts', () => {
  expect(checkText(checks).split('\n')).toEqual([
    'ok    git               git 2.47.1',
    'ok    modelscope token  as alice',
    'warn  ms write          it is unknown → Sync.',
    expect.stringMatching(/^fail {2}ms read {11}::error::no\S*such repo → Look\.$/),
    '',
    '1 check failed, 1 warning.',
    '',
  ])
  expect(checkText(checks.slice(0, 2)).split('\n').at(-2)).toBe('Nothing failed.')
})

it('is in order for programs as long as nothing failed', () => {
  expect(checkValue(checks)).toEqual({ version: 1, ok: false, checks })
  expect(checkValue(checks.slice(0, 3)).ok).toBe(true)
})

it('for everybody only hub, kind and status are left', () => {
  const text = JSON.stringify(publicChecks(checks))
  for (const word of ['alice', 'my-org', 'repo', 'Sync.']) expect(text).not.toContain(word)
  expect(publicChecks(checks).map(({ hub, check, status }) => [hub, check, status])).toEqual(
    checks.map(({ hub, check, status }) => [hub, check, status]),
  )
})
