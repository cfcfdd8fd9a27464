import { expect, it } from 'vitest'
import type { FileEntry } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
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
  const work = { source, sourceAt, target: source, targetBranch: 'main', files } as unknown as RepoWork
  const { commit } = commitFor(work, undefined, { runId: 'r', version: '0' })
  return commit.changes.map((change) => change.kind !== 'delete' && change.mode)
}

it('a link stays a link, also from a hub that tells links and no executable bits', () => {
  expect(modesOf(false, ['symlink', undefined])).toEqual(['symlink', undefined])
  expect(modesOf(true, ['symlink', 'executable', undefined])).toEqual(['symlink', 'executable', 'plain'])
})
