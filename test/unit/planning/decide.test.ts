import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FileEntry } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import { compareContent } from '../../../src/planning/compare-content.ts'
import { decide } from '../../../src/planning/decide.ts'

const sha256 = (digit: string) => digit.repeat(64)
const sha1 = (digit: string) => digit.repeat(40)

describe('compareContent', () => {
  it.each([
    ['a size difference decides', { size: 1, digests: {} }, { size: 2, digests: {} }, 'different'],
    [
      'equal SHA-256',
      { size: 1, digests: { sha256: sha256('a') } },
      { size: 1, digests: { sha256: sha256('a') } },
      'same',
    ],
    [
      'other SHA-256',
      { digests: { sha256: sha256('a') } },
      { digests: { sha256: sha256('b') } },
      'different',
    ],
    [
      'equal git ids',
      { digests: { gitBlob: sha1('a') } },
      { size: 3, digests: { gitBlob: sha1('a') } },
      'same',
    ],
    [
      'no common digest',
      { size: 1, digests: { gitBlob: sha1('a') } },
      { size: 1, digests: { sha256: sha256('a') } },
      'unknown',
    ],
    [
      'two empty files',
      { size: 0, digests: { gitBlob: sha1('a') } },
      { size: 0, digests: { sha256: sha256('a') } },
      'same',
    ],
    ['nothing known', { digests: {} }, { digests: {} }, 'unknown'],
  ] as const)('%s', (_, a, b, answer) => {
    expect(compareContent(a, b)).toBe(answer)
    expect(compareContent(b, a)).toBe(answer)
  })
})

const entry = (name: string, digit: string): FileEntry => ({
  path: parseRepoPath(name),
  size: 1,
  storage: 'git',
  digests: { sha256: sha256(digit) },
})
const manifestOf = (files: readonly FileEntry[]) => new Map(files.map((file) => [file.path, file]))
const manifests = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd/e', 'd/f'), fc.constantFrom('0', '1', '2')), {
    selector: ([name]) => name,
  })
  .map((pairs) => manifestOf(pairs.map(([name, digit]) => entry(name, digit))))

describe('decide', () => {
  it('leaves nothing to decide once it is applied, and never touches what only the target has', () => {
    fc.assert(
      fc.property(manifests, manifests, (source, target) => {
        const { add, update } = decide(source, target, new Map())
        const applied = new Map([...target, ...manifestOf([...add, ...update])])
        const again = decide(source, applied, new Map())
        expect([again.add, again.update, again.unknown]).toEqual([[], [], []])
        for (const path of target.keys()) expect(applied.has(path)).toBe(true)
      }),
    )
  })

  it('puts every source file into exactly one room', () => {
    fc.assert(
      fc.property(manifests, manifests, (source, target) => {
        const { add, update, same, unknown } = decide(source, target, new Map())
        expect([...add, ...update, ...same, ...unknown].map((file) => file.path).sort()).toEqual(
          [...source.keys()].sort(),
        )
      }),
    )
  })

  it('takes what reading has proven over what digests say', () => {
    const file = entry('README.md', '1')
    const other = entry('README.md', '2')
    expect(decide(manifestOf([file]), manifestOf([other]), new Map([[file.path, 'same']])).same).toEqual([
      file,
    ])
  })

  it('asks for reading where no digest is common', () => {
    const plain: FileEntry = {
      path: parseRepoPath('a'),
      size: 1,
      storage: 'git',
      digests: { gitBlob: sha1('a') },
    }
    const decision = decide(manifestOf([plain]), manifestOf([entry('a', '1')]), new Map())
    expect(decision.unknown).toEqual([plain])
  })
})
