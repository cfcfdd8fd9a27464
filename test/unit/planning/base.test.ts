import { describe, expect, it, test } from 'vitest'
import type { FileEntry, Manifest } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import type { CommitInfo } from '../../../src/model/repo.ts'
import { formatTrailers, type SyncTrailers } from '../../../src/model/trailers.ts'
import { chooseBase, heldByBoth } from '../../../src/planning/base.ts'

const [a, b, c] = ['hf:models/o/a', 'ms:models/o/b', 'ml:models/o/c']
const filter = 'f'.repeat(16)

/** A commit id by a short name. */
function id(name: string): string {
  return Buffer.from(name).toString('hex').padEnd(40, '0')
}

/** A person's commit. */
function own(name: string): CommitInfo {
  return { id: id(name), message: name }
}

/** A commit that brought `commit` of `repo`. */
function synced(
  name: string,
  repo: string,
  commit: string,
  run: string,
  more: Partial<SyncTrailers> = {},
): CommitInfo {
  const trailers = { from: { repo, commit: id(commit) }, run, by: '0', filter, ...more }
  return { id: id(name), message: `Sync\n\n${formatTrailers(trailers).join('\n')}` }
}

/** `source commit + target commit`, or why there is none. Histories newest first. */
function base(source: readonly CommitInfo[], target: readonly CommitInfo[]): string {
  const chosen = chooseBase({ name: a, commits: source }, { name: b, commits: target }, filter)
  if (chosen.kind === 'none') return chosen.why
  const name = (commit: string) => [...source, ...target].find((one) => one.id === commit)
  const short = (commit: string) =>
    Buffer.from(name(commit)?.id ?? '', 'hex')
      .toString()
      .replaceAll('\0', '')
  return `${short(chosen.source)} + ${short(chosen.target)}`
}

const none = 'the history of neither side shows a sync of the two that is complete'

describe('the base', () => {
  const older = { filter: undefined } as unknown as Partial<SyncTrailers>
  test.each<[string, CommitInfo[], CommitInfo[], string]>([
    [
      'what was brought over',
      [own('s2'), own('s1')],
      [own('t3'), synced('t2', a, 's1', '1'), own('t1')],
      's1 + t2',
    ],
    [
      'the newest of several',
      [own('s2'), own('s1')],
      [synced('t2', a, 's2', '2'), synced('t1', a, 's1', '1')],
      's2 + t2',
    ],
    [
      'what the other way brought',
      [synced('s2', b, 't1', '1'), own('s1')],
      [own('t2'), own('t1')],
      's2 + t1',
    ],
    [
      'one run from a third repo',
      [synced('s1', c, 'x', '7')],
      [own('t2'), synced('t1', c, 'x', '7')],
      's1 + t1',
    ],
    ['not two runs from a third repo', [synced('s1', c, 'x', '7')], [synced('t1', c, 'x', '8')], none],
    ['not one run from two snapshots', [synced('s1', c, 'x', '7')], [synced('t1', c, 'y', '7')], none],
    [
      'both commits of a run',
      [synced('s2', b, 't1', '5', { commits: 2 }), own('s1')],
      [synced('t2', a, 's1', '5', { commits: 2 }), own('t1')],
      's2 + t2',
    ],
    [
      'not one commit of a run that planned two',
      [own('s1')],
      [synced('t2', a, 's1', '5', { commits: 2 }), own('t1')],
      none,
    ],
    [
      'an older one where a run died between its two',
      [own('s2'), own('s1')],
      [synced('t2', a, 's2', '5', { commits: 2 }), synced('t1', a, 's1', '4')],
      's1 + t1',
    ],
    [
      'not two commits of a run that are of other repos',
      [synced('s2', c, 't1', '5', { commits: 2 }), own('s1')],
      [synced('t2', a, 's1', '5', { commits: 2 }), own('t1')],
      none,
    ],
    [
      'not where the commit came before what it brought',
      [own('s1'), synced('s2', b, 't1', '5', { commits: 2 })],
      [synced('t2', a, 's1', '5', { commits: 2 }), own('t1')],
      none,
    ],
    ['none without a sync', [own('s1')], [own('t1')], none],
    ['none where the source was rewritten', [own('s9')], [synced('t1', a, 's1', '1')], none],
    ['none of a repo under another name', [own('s1')], [synced('t1', 'hf:models/o/old', 's1', '1')], none],
    [
      'none where the filters changed since',
      [own('s2'), own('s1')],
      [synced('t2', a, 's2', '2', { filter: '0'.repeat(16) }), synced('t1', a, 's1', '1')],
      "the rule's files changed since the last sync",
    ],
    [
      'none of a version that told no filter',
      [own('s1')],
      [synced('t1', a, 's1', '1', older)],
      'the last sync does not say which files took part in it',
    ],
    [
      'none where the histories contradict each other',
      [own('s2'), own('s1')],
      [synced('t2', a, 's1', '2'), synced('t1', a, 's2', '1')],
      'the histories of the two sides tell of their syncs in different orders',
    ],
    [
      'the newest, though two rules crossed before it',
      [synced('s3', b, 't2', '3'), synced('s2', b, 't1', '1'), own('s1')],
      [synced('t2', a, 's1', '1'), own('t1')],
      's3 + t2',
    ],
  ])('is %s', (_, source, target, expected) => {
    expect(base(source, target)).toBe(expected)
  })
})

describe('a file counts as in the base', () => {
  const file = (path: string, digests: FileEntry['digests'], size = 1): FileEntry => ({
    ...{ path: parseRepoPath(path), size, storage: 'git', digests },
  })
  const manifest = (...files: FileEntry[]): Manifest => new Map(files.map((one) => [one.path, one]))
  const held = (source: Manifest, target: Manifest) => [...heldByBoth({ source, target }).keys()]
  const [x, y] = ['x', 'y'].map((digit) => ({ sha256: digit.repeat(64) }))
  if (x === undefined || y === undefined) throw new Error('no digests')

  it('if both listings hold it with the same content, as far as they tell', () => {
    const source = manifest(file('same', x), file('other', x), file('here', x), file('untold', x))
    const target = manifest(file('same', x), file('other', y), file('there', x), file('untold', {}))
    expect(held(source, target)).toEqual(['same', 'untold'])
  })

  it('the README also in another form', () => {
    expect(held(manifest(file('README.md', x, 3)), manifest(file('README.md', y, 4)))).toEqual(['README.md'])
  })
})

describe('the base by way of other repos', () => {
  const through = (
    source: readonly CommitInfo[],
    target: readonly CommitInfo[],
    other: readonly CommitInfo[],
  ) => {
    const chosen = chooseBase({ name: a, commits: source }, { name: b, commits: target }, filter, [
      { name: c, commits: other },
    ])
    return chosen.kind === 'none' ? chosen.why : [chosen.source, chosen.target]
  }

  it('is where each side met the same commit of the other repo', () => {
    const source = [own('s3'), own('s2'), own('s1')]
    const target = [synced('t2', c, 'o1', '2'), own('t1')]
    const other = [own('o2'), synced('o1', a, 's2', '1')]
    expect(through(source, target, other)).toEqual([id('s2'), id('t2')])
    expect(base(source, target)).toBe(none)
  })

  it('is newer than what the two tell of each other', () => {
    const source = [own('s3'), own('s2'), own('s1')]
    const target = [synced('t2', c, 'o1', '2'), synced('t1', a, 's1', '1')]
    expect(through(source, target, [synced('o1', a, 's2', '1')])).toEqual([id('s2'), id('t2')])
  })

  it('is none where they met different commits of it, or by other filters', () => {
    const source = [own('s1')]
    expect(through(source, [synced('t1', c, 'o2', '2')], [own('o2'), synced('o1', a, 's1', '1')])).toBe(none)
    const filtered = [synced('t1', c, 'o1', '2', { filter: 'e'.repeat(16) })]
    expect(through(source, filtered, [synced('o1', a, 's1', '1')])).toBe(none)
  })
})
