import { expect, test } from 'vitest'
import { preflight } from '../../../src/planning/preflight.ts'
import { profile } from './fake-repo.ts'

const target = { hub: 'ms', type: 'model', owner: 'o', name: 'n' } as const
const problems = (written: readonly string[], all: readonly string[]) =>
  preflight(
    profile,
    target,
    written.map((path) => ({ path, size: 1 })),
    new Set(all),
  )

test('a file that would take the place of a folder, or a folder that of a file, is a problem', () => {
  expect(problems(['a'], ['a', 'a/b', 'c'])).toEqual([expect.stringMatching(/^a: is a file .*a\/b/)])
  expect(problems(['a/b/c'], ['a/b', 'a/b/c'])).toEqual([expect.stringMatching(/^a\/b: is a file /)])
})

test('names that only begin alike are none, nor is what is there already', () => {
  expect(problems(['a', 'ab/c', 'a.b'], ['a', 'ab/c', 'a.b'])).toEqual([])
  expect(problems(['x'], ['a', 'a/b', 'x'])).toEqual([])
})

test('one SHA-256 of two sizes is a problem', () => {
  const object = { oid: 'a'.repeat(64) }
  const files = [
    { path: 'a', size: 1, object },
    { path: 'b', size: 2, object },
    { path: 'c', size: 1, object },
  ]
  expect(preflight(profile, target, files, new Set(['a', 'b', 'c']))).toEqual([
    'b: listed with 2 bytes, and elsewhere with 1 under the same SHA-256',
  ])
})
