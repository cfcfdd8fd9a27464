import { expect, it } from 'vitest'
import type { Rule } from '../../../src/config/rule.ts'
import type { FileEntry } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import type { RepoInfo } from '../../../src/model/repo.ts'
import { createBandwidth } from '../../../src/net/bandwidth.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import type { RepoWork } from '../../../src/repos/work.ts'
import { syncRepo } from '../../../src/sync/sync-repo.ts'
import { testContext } from '../hubs/settings.ts'
import { fakeRepo } from '../planning/fake-repo.ts'

const ref = { hub: 'here', type: 'model', owner: 'o', name: 'n' } as const
const at = { repo: ref, branch: 'main', commit: 'a'.repeat(40) }
const hidden: RepoInfo = {
  ref,
  visibility: 'private',
  gated: false,
  defaultBranch: 'main',
  url: 'https://h.example/o/n',
}

it('a private target that is gone when its turn comes is not made again by the push', async () => {
  const path = parseRepoPath('a.txt')
  const source: Repo = { ...fakeRepo(ref, { 'a.txt': 'a' }, [at.commit]), info: async () => hidden }
  const entry = (await source.manifest(at)).get(path)
  if (entry === undefined) throw new Error('no file')
  let looks = 0
  let pushes = 0
  const target: Repo = {
    ...fakeRepo({ ...ref, hub: 'there' }, {}),
    creation: 'push',
    // There while it is prepared, gone before it is published.
    info: async () => (++looks > 1 ? undefined : hidden),
    createIfAbsent: async () => hidden,
    head: async () => undefined,
    lacking: async () => [],
    publish: async () => {
      pushes += 1
      return { commit: 'b'.repeat(40), by: 'git', notes: [] }
    },
  }
  const work: RepoWork = {
    ...{
      id: 'x',
      rule: { visibility: 'keep', gated: 'private' } as Rule,
      type: 'model',
      source,
      target,
      sourceAt: at,
    },
    ...{
      targetBranch: 'main',
      lease: { kind: 'fresh' },
      targetHead: null,
      visibility: 'private',
      isPublic: false,
    },
    ...{ license: undefined, deletes: [], orphans: [], notes: [] },
    files: [{ kind: 'add', path, source: entry, size: 1, move: 'inline', transformed: false }],
  }
  const wire = { bandwidth: { take: () => undefined }, limit: ((act: () => unknown) => act()) as never }
  const parts = { stamp: { runId: 'r', version: '0' }, wire, deriveRest: async () => undefined }
  const result = await syncRepo(testContext(), work, parts)
  expect(pushes).toBe(0)
  expect(result).toMatchObject({ outcome: 'failed', error: { code: 'not-found' } })
})

const lost: FileEntry = {
  path: parseRepoPath('w.bin'),
  size: 3,
  storage: 'lfs',
  digests: { sha256: 'c'.repeat(64) },
}

/** What became of a repo to which one lost object is sent again, of which `readBack` gives the digest. */
async function resent(readBack: () => string) {
  const source = fakeRepo(ref, {}, [at.commit])
  const target: Repo = {
    ...fakeRepo({ ...ref, hub: 'there' }, {}, ['d'.repeat(40)]),
    info: async () => ({ ...hidden, defaultBranch: 'master' }),
    createIfAbsent: async () => hidden,
    lacking: async () => [],
    manifest: async () => new Map([[lost.path, lost]]),
    hashFile: async () => ({ size: 3, digests: { sha256: readBack() } }),
  }
  const object = { oid: 'c'.repeat(64), size: 3 }
  const files = { include: [], exclude: [] }
  const rule = { visibility: 'keep', gated: 'private', verify: 'sampled', files } as unknown as Rule
  const work: RepoWork = {
    ...{ id: 'x', rule, type: 'model', source, target, sourceAt: at, targetBranch: 'master' },
    ...{ lease: { kind: 'commit', commit: 'd'.repeat(40) }, targetHead: 'd'.repeat(40) },
    ...{ visibility: 'private', isPublic: false, license: undefined, files: [], deletes: [], notes: [] },
    orphans: [{ path: lost.path, source: lost, object }],
  }
  const wire = { bandwidth: createBandwidth(undefined), limit: ((act: () => unknown) => act()) as never }
  const parts = { stamp: { runId: 'r', version: '0' }, wire, deriveRest: async () => undefined }
  return syncRepo(testContext(), work, parts)
}

it('where only lost objects were sent again, no commit is called visible', async () => {
  expect(await resent(() => 'c'.repeat(64))).toMatchObject({ outcome: 'synced' })
  const wrong = await resent(() => 'e'.repeat(64))
  expect(wrong.error).toEqual({
    code: 'mismatch',
    message: '1 file(s) of the target do not match the source: w.bin.',
    next: 'Nothing was published: only objects were sent again, for files that were there already. Look at these files there, then run again.',
  })
})
