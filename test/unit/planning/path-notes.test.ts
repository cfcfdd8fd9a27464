import { expect, test } from 'vitest'
import { pathNotes } from '../../../src/planning/path-notes.ts'

test.each(['a.', 'a ', 'dir./x', 'CON', 'con.txt', 'x/Nul', 'COM1.bin', 'lpt9', 'a:b', 'a?', 'x|y', '"q"'])(
  'Windows cannot hold %j',
  (path) => {
    expect(pathNotes([path], [])).toEqual([`cannot be checked out on Windows: ${path}`])
  },
)

test.each(['.a', 'a.b', 'console', 'com', 'com0x', 'a b', 'conx.txt', '模型 #1%.json'])(
  'nothing is said of %j',
  (path) => {
    expect(pathNotes([path], ['other'])).toEqual([])
  },
)

test('paths that some disks take for one are named together, with those that are there already', () => {
  expect(pathNotes(['A.txt', 'cafe\u0301'], ['a.txt', 'caf\u00e9', 'b'])).toEqual([
    'are one file where case or the spelling of accents does not count: A.txt and a.txt, cafe\u0301 and caf\u00e9',
  ])
  expect(pathNotes(['x', 'X'], ['x'])).toHaveLength(1)
  expect(pathNotes(['new'], ['there', 'THERE'])).toEqual([])
})

test('many are counted', () => {
  const paths = Array.from({ length: 12 }, (_, index) => `${index}:`)
  expect(pathNotes(paths, [])).toEqual([expect.stringMatching(/: 0:, 1:, 2:, 3:, 4:, and 7 more$/)])
})
