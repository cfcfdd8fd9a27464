import { expect, test } from 'vitest'
import type { FileEntry, Manifest } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import { preflight } from '../../../src/planning/preflight.ts'
import { profile } from './fake-repo.ts'

const target = { hub: 'ms', type: 'model', owner: 'o', name: 'n' } as const
/** What the target has of these paths, and what of it leaves; sizes do not matter. */
function held(paths: readonly string[], deleted: readonly string[] = [], swaps = false) {
  const entries = paths.map((path): FileEntry => ({ path: parseRepoPath(path), storage: 'git', digests: {} }))
  const existing: Manifest = new Map(entries.map((entry) => [entry.path, entry]))
  return { existing, deletes: deleted.map((path) => ({ path: parseRepoPath(path) })), swaps }
}

const problems = (written: readonly string[], all: readonly string[]) =>
  preflight(
    profile,
    target,
    written.map((path) => ({ path: parseRepoPath(path), size: 1 })),
    held(all),
  )

test('a file that would take the place of a folder, or a folder that of a file, is a problem', () => {
  expect(problems(['a'], ['a', 'a/b', 'c'])).toEqual([expect.stringMatching(/^a: is a file .*a\/b/)])
  expect(problems(['a/b/c'], ['a/b', 'a/b/c'])).toEqual([expect.stringMatching(/^a\/b: is a file /)])
})

test('what leaves in the same commit is in the way only where the commit cannot do both', () => {
  const swapped = (written: readonly string[], deleted: readonly string[], swaps: boolean) =>
    preflight(
      profile,
      target,
      written.map((path) => ({ path: parseRepoPath(path), size: 1 })),
      held([...deleted, 'c'], deleted, swaps),
    )
  expect(swapped(['a/b', 'a/c'], ['a'], true)).toEqual([])
  expect(swapped(['a'], ['a/b', 'a/c/d'], true)).toEqual([])
  expect(swapped(['a/b'], ['a'], false)).toEqual([
    'a: is a file on one side and a folder (a/b) on the other; ModelScope is not known to take both in one commit',
  ])
  // One of the two in the folder stays.
  expect(
    preflight(profile, target, [{ path: parseRepoPath('a'), size: 1 }], held(['a/b', 'a/c'], ['a/b'], true)),
  ).toEqual([expect.stringMatching(/^a: is a file .*a\/c.* nothing is ever deleted/)])
})

test('a full repo and a full folder can swap files', () => {
  const limits = { ...profile.limits, filesPerRepo: 2, filesPerFolder: 2 }
  const of = (written: readonly string[], deleted: readonly string[]) =>
    preflight(
      { ...profile, limits },
      target,
      written.map((path) => ({ path: parseRepoPath(path), size: 1 })),
      held(['old', 'kept'], deleted),
    )
  expect(of(['new'], ['old'])).toEqual([])
  expect(of(['new', 'more'], ['old'])).toEqual([
    '3 files, over the 2 ModelScope takes in one repo',
    'the top folder: 3 files, over the 2 ModelScope takes in one folder',
  ])
  // What is updated is no file more, and what is deleted and written again is none less.
  expect(of(['old'], ['old'])).toEqual([])
})

test('names that only begin alike are none, nor is what is there already', () => {
  expect(problems(['a', 'ab/c', 'a.b'], ['a', 'ab/c', 'a.b'])).toEqual([])
  expect(problems(['x'], ['a', 'a/b', 'x'])).toEqual([])
})

test('one SHA-256 of two sizes is a problem', () => {
  const object = { oid: 'a'.repeat(64) }
  const sizes = { a: 1, b: 2, c: 1 }
  const files = Object.entries(sizes).map(([path, size]) => ({ path: parseRepoPath(path), size, object }))
  expect(preflight(profile, target, files, held(['a', 'b', 'c']))).toEqual([
    'b: listed with 2 bytes, and elsewhere with 1 under the same SHA-256',
  ])
})

test('a path that the target refuses is a problem, with its reason', () => {
  const strict = { ...profile, pathProblem: (path: string) => (path === 'a.sql' ? 'no SQL here' : undefined) }
  const files = ['a.sql', 'b.txt'].map((path) => ({ path: parseRepoPath(path), size: 1 }))
  expect(preflight(strict, target, files, held(['a.sql', 'b.txt']))).toEqual([
    'a.sql: ModelScope refuses it: no SQL here',
  ])
})

test('more LFS objects than a repo may hold are a problem, each counted once', () => {
  const small = { ...profile, limits: { ...profile.limits, repoBytes: 10 } }
  const file = (path: string, oid: string, size: number) => ({
    path: parseRepoPath(path),
    size,
    object: { oid },
  })
  const fits = [file('a', '1', 6), file('b', '1', 6), file('c', '2', 4)]
  expect(preflight(small, target, fits, held(['a', 'b', 'c']))).toEqual([])
  expect(preflight(small, target, [...fits, file('d', '3', 1)], held(['a', 'b', 'c', 'd']))).toEqual([
    '11 bytes of LFS objects, over the 10 bytes ModelScope takes in one repo',
  ])
  expect(preflight(profile, target, [...fits, file('d', '3', 1)], held(['a']))).toEqual([])
})

test('objects that the target has already count for the whole, but not where none is added', () => {
  const small = { ...profile, limits: { ...profile.limits, repoBytes: 10 } }
  const [path, old] = [parseRepoPath('new'), parseRepoPath('old')]
  const has = new Map([[old, { path: old, size: 8, storage: 'lfs', digests: { sha256: '1' } } as const]])
  const added = { path, size: 3, object: { oid: '2' } }
  const holds = { existing: has, deletes: [], swaps: false }
  expect(preflight(small, target, [added], holds)).toEqual([
    '11 bytes of LFS objects, over the 10 bytes ModelScope takes in one repo',
  ])
  expect(preflight(small, target, [{ ...added, move: 'reuse' }], holds)).toEqual([])
  expect(preflight(small, target, [{ path, size: 3 }], holds)).toEqual([])
})

test('all that is wrong is told, not the first of it', () => {
  const strict = {
    ...profile,
    limits: { ...profile.limits, fileBytes: 5, filesPerRepo: 2, filesPerFolder: 2, plainFileBytes: 3 },
    nameProblem: () => 'not this one',
    pathProblem: (path: string) => (path.startsWith('no') ? 'not so' : undefined),
  }
  const files = [
    ['no-a', 1],
    ['no-b', 1],
    ['large', 6],
    ['plain', 4],
  ] as const
  const sized = files.map(([path, size]) => ({ path: parseRepoPath(path), size }))
  expect(preflight(strict, target, sized, held([]))).toEqual([
    'ModelScope refuses the name o/n: not this one',
    'no-a: ModelScope refuses it: not so',
    'no-b: ModelScope refuses it: not so',
    'large: 6 bytes, over the 5 bytes ModelScope takes in one file',
    'plain: 4 bytes as a plain file, over the 3 bytes ModelScope takes',
    '4 files, over the 2 ModelScope takes in one repo',
    'the top folder: 4 files, over the 2 ModelScope takes in one folder',
  ])
})
