import { describe, expect, test } from 'vitest'
import type { CredentialRule } from '../../../src/model/profile.ts'
import { Secret } from '../../../src/model/secret.ts'
import { createCredentials, keyOfTokens, secretForms } from '../../../src/net/credentials.ts'

const onHub = (url: URL) => url.hostname === 'hub.example'
const rules: readonly CredentialRule[] = [
  { purposes: ['api', 'transfer'], covers: onHub, form: 'bearer+session' },
  { purposes: ['lfs'], covers: onHub, form: 'bearer' },
  { purposes: ['git'], covers: onHub, form: 'basic' },
]

describe('createCredentials', () => {
  const credentials = createCredentials(rules, new Secret('top-secret'), 'me')
  const url = new URL('https://hub.example/x')

  test('each purpose has its form', () => {
    expect(credentials.headersFor(url, 'api')).toEqual({
      authorization: 'Bearer top-secret',
      cookie: 'm_session_id=top-secret',
    })
    expect(credentials.headersFor(url, 'lfs')).toEqual({ authorization: 'Bearer top-secret' })
    const basic = Buffer.from('me:top-secret').toString('base64')
    expect(credentials.headersFor(url, 'git')).toEqual({ authorization: `Basic ${basic}` })
  })

  test('no rule, no credentials; no token, none either', () => {
    expect(credentials.headersFor(new URL('https://evil.example/x'), 'api')).toEqual({})
    expect(createCredentials(rules, undefined, 'me').headersFor(url, 'api')).toEqual({})
  })
})

test('secretForms has every form a log could hold, and nothing short', () => {
  const forms = secretForms(new Secret('first line/+\nab\nsecond-line'), ['me'])
  expect(forms).toContain('first line/+')
  expect(forms).toContain('second-line')
  expect(forms).toContain('first%20line%2F%2B')
  expect(forms).toContain(Buffer.from('second-line').toString('base64'))
  expect(forms).toContain(Buffer.from('me:second-line').toString('base64'))
  expect(forms.every((form) => form.length >= 8)).toBe(true)
  expect(secretForms(new Secret('short'))).toEqual([])
})

test('a key of tokens depends on all of them, on purpose and salt, and on nothing else', () => {
  const [one, two] = [new Secret('token-one-1'), new Secret('token-two-2')]
  const salt = Buffer.alloc(32, 1)
  const key = keyOfTokens([one, two], 'plan', salt)
  expect(key).toHaveLength(32)
  expect(keyOfTokens([two, one, two, new Secret('ghs_of-one-job')], 'plan', salt)).toEqual(key)
  for (const other of [
    keyOfTokens([one], 'plan', salt),
    keyOfTokens([one, two], 'ledger', salt),
    keyOfTokens([one, two], 'plan', Buffer.alloc(32, 2)),
  ])
    expect(other).not.toEqual(key)
  expect(keyOfTokens([], 'plan', salt)).toBeUndefined()
})
