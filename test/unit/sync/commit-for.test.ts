import { describe, expect, it } from 'vitest'
import { filterDigest } from '../../../src/config/digest.ts'
import { commitMessage } from '../../../src/model/commit.ts'
import type { FileEntry } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import { parseTrailers } from '../../../src/model/trailers.ts'
import type { RepoWork } from '../../../src/repos/work.ts'
import { commitFor } from '../../../src/sync/commit-for.ts'
import { fakeRepo } from '../planning/fake-repo.ts'

const ref = { hub: 'modelers', type: 'model', owner: 'o', name: 'n' } as const

/** The modes of a commit of these files, from a source that lists them so. */
function modesOf(listsModes: boolean, modes: readonly FileEntry['mode'][]) {
  const source = { ...fakeRepo(ref, {}), listsModes }
  const files = modes.map((mode, index) => {
    const path = parseRepoPath(`f${index}`)
    const entry: FileEntry = { path, size: 1, storage: 'git', digests: {}, ...(mode && { mode }) }
    return { kind: 'add', path, source: entry, size: 1, move: 'inline', transformed: false } as const
  })
  const sourceAt = { repo: ref, branch: 'main', commit: 'a'.repeat(40) }
  const rule = { files: { include: ['**'], exclude: [] } }
  const sides = { source, sourceAt, target: source, targetBranch: 'main' }
  const work = { rule, ...sides, files, deletes: [] } as unknown as RepoWork
  const { commit } = commitFor(work, undefined, { runId: 'r', version: '0' })
  return commit.changes.map((change) => change.kind !== 'delete' && change.mode)
}

it('a link stays a link, also from a hub that tells links and no executable bits', () => {
  expect(modesOf(false, ['symlink', undefined])).toEqual(['symlink', undefined])
  expect(modesOf(true, ['symlink', 'executable', undefined])).toEqual(['symlink', 'executable', 'plain'])
})

describe('a commit with deletes', () => {
  const file = (kind: 'add' | 'update', name: string) => {
    const path = parseRepoPath(name)
    const entry: FileEntry = { path, size: 1, storage: 'git', digests: {} }
    return { kind, path, source: entry, size: 1, move: 'inline', transformed: false } as const
  }
  const gone = ['x', 'y'].map((name): FileEntry => ({ ...file('add', name).source }))
  const source = fakeRepo(ref, {})
  const work = {
    rule: { files: { include: ['**'], exclude: [] } },
    ...{ source, target: source, targetBranch: 'main' },
    sourceAt: { repo: ref, branch: 'main', commit: 'a'.repeat(40) },
    ...{ files: [file('add', 'a'), file('update', 'b')], deletes: gone },
  } as unknown as RepoWork
  const commitOf = (more: Partial<RepoWork> = {}) =>
    commitFor({ ...work, ...more }, 'b'.repeat(40), { runId: 'r', version: '0' }).commit

  it('holds them beside the rest, and its title counts them', () => {
    const { title, changes } = commitOf()
    expect(changes.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'plain a',
      'plain b',
      'delete x',
      'delete y',
    ])
    expect(title).toBe('Sync from modelers:o/n: 1 added, 1 updated, 2 deleted')
    expect(commitOf({ files: [] }).title).toBe('Sync from modelers:o/n: 2 deleted')
    expect(commitOf({ files: [], deletes: [] }).title).toBe('Sync from modelers:o/n: equal, nothing changed')
  })

  it('must not be put on top of what somebody writes meanwhile, where people work on both sides', () => {
    const twoWay = { ...work.rule, direction: 'two-way' as const }
    expect([commitOf().mustSwap, commitOf({ rule: twoWay }).mustSwap]).toEqual([undefined, true])
  })

  it('says in its message what it rests on', () => {
    const from = { repo: 'modelers:models/o/n', commit: 'a'.repeat(40) }
    const told = { from, run: 'r', by: '0', filter: filterDigest(work.rule) }
    expect(parseTrailers(commitMessage(commitOf()))).toEqual(told)
    expect(parseTrailers(commitMessage(commitOf({ commits: 2 })))).toEqual({ ...told, commits: 2 })
  })
})

it('the digest of filters is of what they let through, in any order', () => {
  const of = (include: string[], exclude: string[] = []) => filterDigest({ files: { include, exclude } })
  expect(of(['a', 'b'])).toBe(of(['b', 'a', 'b']))
  expect(of(['a'], ['b'])).not.toBe(of(['b'], ['a']))
  expect(of(['**'])).not.toBe(of(['**'], ['*.md']))
})
