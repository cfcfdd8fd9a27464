import { describe, expect, it, test } from 'vitest'
import type { FileEntry, Manifest } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import { type Deletes, decideDeletes } from '../../../src/planning/deletes.ts'

function file(path: string, content = 'same', mode?: FileEntry['mode']): FileEntry {
  const sha256 = Buffer.from(content).toString('hex').padEnd(64, '0')
  const digests = content === 'untold' ? {} : { sha256 }
  return { path: parseRepoPath(path), size: 1, storage: 'git', digests, ...(mode && { mode }) }
}

function manifest(...files: (FileEntry | string)[]): Manifest {
  return new Map(
    files.map((one) => (typeof one === 'string' ? file(one) : one)).map((one) => [one.path, one]),
  )
}

const at = { repo: { hub: 'h', type: 'model', owner: 'o', name: 'n' }, branch: 'main', commit: '' } as const
const ten = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']

interface Case {
  readonly source: readonly string[]
  readonly target: Manifest
  readonly base?: readonly [Manifest, Manifest]
  readonly maxFiles?: number
  readonly maxRatio?: number
  readonly left?: number
}

function decided({
  source,
  target,
  base,
  maxFiles = 20,
  maxRatio = 0.2,
  left = source.length,
}: Case): Deletes {
  const [here, there] = base ?? [manifest(...ten), manifest(...ten)]
  return decideDeletes({
    ...{ guards: { maxFiles, maxRatio }, listed: source, left, from: target, side: 'target' },
    base: { kind: 'base', source: here, target: there, sourceAt: at, targetAt: at, run: 'r' },
  })
}

function goes(given: Case): string {
  const deletes = decided(given)
  return deletes.kind === 'blocked' ? 'blocked' : deletes.files.map(({ path }) => path).join(' ')
}

const withoutJ = ten.slice(0, 9)

describe('what goes', () => {
  const changed = (content: string, mode?: FileEntry['mode']) =>
    manifest(...withoutJ, file('j', content, mode))
  test.each<[string, Case, string, string?]>([
    [
      'what both had and one deleted',
      { source: withoutJ, target: manifest(...ten) },
      'j',
      'deleted on one side, so on the other too: j',
    ],
    ['nothing where nothing was deleted', { source: ten, target: manifest(...ten) }, ''],
    ['not what people added', { source: ten, target: manifest(...ten, 'mine') }, ''],
    [
      'not what only the target had',
      { source: withoutJ, target: manifest(...ten), base: [manifest(...withoutJ), manifest(...ten)] },
      '',
    ],
    [
      'not what only the source had',
      { source: withoutJ, target: manifest(...ten), base: [manifest(...ten), manifest(...withoutJ)] },
      '',
    ],
    [
      'not what differed even then',
      { source: withoutJ, target: manifest(...ten), base: [changed('other'), manifest(...ten)] },
      '',
    ],
    [
      'not what a person changed',
      { source: withoutJ, target: changed('edited') },
      '',
      'not deleted, since changed after both sides had it: j',
    ],
    [
      'not what a person made executable',
      { source: withoutJ, target: changed('same', 'executable') },
      '',
      'not deleted, since changed after both sides had it: j',
    ],
    [
      'not what cannot be told',
      { source: withoutJ, target: changed('untold') },
      '',
      'not deleted, since its hub lists nothing that tells a change: j',
    ],
    [
      'not what is only spelled in another case',
      { source: [...withoutJ, 'J'], target: manifest(...ten) },
      '',
      'not deleted, since the other side only spells it in another way: j',
    ],
    [
      'not what is only composed in another way',
      {
        source: [...ten, 'e\u0301'],
        target: manifest(...ten, '\u00e9'),
        base: [manifest(...ten, '\u00e9'), manifest(...ten, '\u00e9')],
      },
      '',
      'not deleted, since the other side only spells it in another way: \u00e9',
    ],
    [
      'not what says which files are LFS',
      {
        source: ten,
        target: manifest(...ten, 'x/.gitattributes'),
        base: [manifest(...ten, 'x/.gitattributes'), manifest(...ten, 'x/.gitattributes')],
      },
      '',
      'not deleted, since it says which files are LFS: x/.gitattributes',
    ],
  ])('%s', (_, given, expected, note) => {
    const deletes = decided(given)
    expect(goes(given)).toBe(expected)
    expect(deletes.kind === 'deletes' && deletes.notes).toEqual(note === undefined ? [] : [note])
  })

  it('on the other side just as well', () => {
    const question = {
      ...{ guards: { maxFiles: 1, maxRatio: 1 }, listed: withoutJ, left: 9, from: manifest(...ten) },
      base: {
        kind: 'base',
        source: manifest(...ten),
        target: manifest(...ten),
        sourceAt: at,
        targetAt: at,
        run: 'r',
      },
    } as const
    expect(decideDeletes({ ...question, side: 'source' })).toMatchObject({ files: [{ path: 'j' }] })
  })
})

describe('guards', () => {
  const source = ten.slice(0, 7)
  const target = manifest(...ten)
  test.each<[string, Case, string[] | undefined]>([
    ['max-files met', { source, target, maxFiles: 3, maxRatio: 1 }, undefined],
    [
      'max-files passed',
      { source, target, maxFiles: 2, maxRatio: 1 },
      ['3 files would be deleted, over max-files: 2 (rule: delete)'],
    ],
    ['max-ratio met', { source, target, maxRatio: 0.3 }, undefined],
    [
      'max-ratio passed',
      { source, target, maxRatio: 0.29 },
      ['3 files would be deleted of the 10 that both sides had, over max-ratio: 0.29 (rule: delete)'],
    ],
    [
      'max-files of none',
      { source, target, maxFiles: 0, maxRatio: 1 },
      ['3 files would be deleted, over max-files: 0 (rule: delete)'],
    ],
    [
      'both passed',
      { source, target, maxFiles: 1, maxRatio: 0.1 },
      [
        '3 files would be deleted, over max-files: 1 (rule: delete)',
        '3 files would be deleted of the 10 that both sides had, over max-ratio: 0.1 (rule: delete)',
      ],
    ],
  ])('%s', (_, given, problems) => {
    const deletes = decided(given)
    if (problems === undefined)
      expect(deletes).toMatchObject({ files: [{ path: 'h' }, { path: 'i' }, { path: 'j' }] })
    else expect(deletes).toEqual({ kind: 'blocked', problems: [...problems, 'h', 'i', 'j'] })
  })

  it('an empty listing deletes nothing, whatever the guards say', () => {
    const open = { target, maxFiles: 100, maxRatio: 1 }
    const empty = decided({ ...open, source: [] })
    expect(empty).toEqual({
      kind: 'blocked',
      problems: [
        '10 files would be deleted, because the other side holds no file any more (rule: delete)',
        ...ten,
      ],
    })
    // Files that take no part in the rule do not count.
    expect(goes({ ...open, source: ['.gitattributes'], left: 0 })).toBe('blocked')
  })

  it('a listing that is cut is over the ratio', () => {
    expect(goes({ source: ten.slice(0, 5), target })).toBe('blocked')
  })

  it('only what would really go counts', () => {
    const edited = manifest(...withoutJ.slice(0, 5), ...ten.slice(5).map((path) => file(path, 'edited')))
    expect(goes({ source: ten.slice(0, 4), target: edited })).toBe('e')
  })
})
