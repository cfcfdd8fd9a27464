import { expect, test } from 'vitest'
import { canonicalLicense, takesLicense } from '../../../src/transform/license.ts'

test.each([
  ['Apache License 2.0', 'apache-2.0'],
  [' apache license, version 2.0 ', 'apache-2.0'],
  ['MIT', 'mit'],
  ['MIT License', 'mit'],
  ['CC-BY-NC-4.0', 'cc-by-nc-4.0'],
  ['OpenRAIL++', 'openrail++'],
  ['Other', 'other'],
  // Never guessed, never weakened.
  ['LIMITED use license', 'LIMITED use license'],
  ['GPL-3.0-or-later', 'GPL-3.0-or-later'],
  ['Llama 2 Community License', 'Llama 2 Community License'],
  ['constructor', 'constructor'],
])('%s is %s', (text, id) => {
  expect(canonicalLicense(text)).toBe(id)
})

test('a hub’s own spellings come first', () => {
  expect(canonicalLicense('Ours', { Ours: 'mit' })).toBe('mit')
  expect(canonicalLicense('toString', {})).toBe('toString')
})

test('a hub takes what it lists and `other`, and without a list anything', () => {
  const profile = { allow: ['mit'], map: {} }
  expect(takesLicense(profile, 'mit')).toBe(true)
  expect(takesLicense(profile, 'apache-2.0')).toBe(false)
  expect(takesLicense(profile, 'other')).toBe(true)
  expect(takesLicense({ map: {} }, 'qwen')).toBe(true)
})
