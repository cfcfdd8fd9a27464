import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Rule } from '../../../src/config/rule.ts'
import { sampleBytes } from '../../../src/lfs/verified-stream.ts'
import { SyncError } from '../../../src/model/errors.ts'
import type { FileEntry } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import { createBandwidth } from '../../../src/net/bandwidth.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import type { RepoWork } from '../../../src/repos/work.ts'
import { verify } from '../../../src/sync/verify.ts'
import { testContext } from '../hubs/settings.ts'
import { fakeRepo } from '../planning/fake-repo.ts'

const content = Buffer.alloc(3 * sampleBytes, 'abc')
const object = { oid: sha256(content), size: content.length }
const path = parseRepoPath('model.bin')
const entry: FileEntry = { path, size: object.size, storage: 'lfs', digests: { sha256: object.oid } }
const ref = { hub: 'here', type: 'model', owner: 'o', name: 'n' } as const
const at = { repo: ref, branch: 'main', commit: 'a'.repeat(40) }

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A repo that serves these bytes for its one object, or this error. */
function serving(hub: string, bytes: Buffer | SyncError): Repo {
  return {
    ...fakeRepo({ ...ref, hub }, {}),
    manifest: async () => new Map([[path, entry]]),
    hashFile: async (_, __, range) => {
      if (bytes instanceof SyncError) throw bytes
      const part = range === undefined ? bytes : bytes.subarray(range.start, (range.end ?? Infinity) + 1)
      return { size: part.length, digests: { sha256: sha256(part) } }
    },
  }
}

/** Verifies an object that the target had before: nothing of it was sent in this run. */
async function verified(source: Repo, target: Repo) {
  const warnings: string[] = []
  const context = testContext()
  const log = { ...context.log, warn: (text: string) => warnings.push(text) }
  const work = {
    ...{ rule: { verify: 'sampled' } as Rule, source, target, sourceAt: at, deletes: [], orphans: [] },
    files: [{ kind: 'add', path, source: entry, size: object.size, move: 'lfs', object, transformed: false }],
  } as unknown as RepoWork
  const sent = { plain: new Map(), samples: new Map() }
  const files = await verify({ ...context, log }, work, at, sent, createBandwidth(undefined))
  return { file: files[0], warnings }
}

const lost = new SyncError('object-missing', 'here:o/n lists model.bin and does not have it.')
const wrong = Buffer.alloc(object.size, 'x')

it('a sample of both that is the same is enough', async () => {
  const { file, warnings } = await verified(serving('here', content), serving('there', content))
  expect(file).toMatchObject({ verification: 'sampled', evidence: 'sample' })
  expect(warnings).toEqual([])
})

it.each([
  ['lost its object', lost],
  ['serves it cut', new SyncError('truncated', 'here:o/n served 1 bytes.')],
])('a source that %s says nothing of the target, which is read whole', async (_, error) => {
  const { file, warnings } = await verified(serving('here', error), serving('there', content))
  expect(file).toMatchObject({ verification: 'verified', evidence: 'read-back' })
  expect(warnings).toEqual([expect.stringContaining('the source here:o/n does not give its LFS object')])
  expect(warnings[0]).toContain(object.oid.slice(0, 12))
})

it('a source that serves other bytes is not taken for the truth', async () => {
  const { file } = await verified(serving('here', wrong), serving('there', content))
  expect(file).toMatchObject({ verification: 'verified', evidence: 'read-back' })
})

it.each([
  ['other bytes', lost, wrong, 'mismatch'],
  ['other bytes than a source that is well', content, wrong, 'mismatch'],
  ['nothing', lost, lost, 'mismatch'],
  ['no answer', lost, new SyncError('network', 'there: connection refused.'), 'unverifiable'],
])('a target that serves %s is told', async (_, source, target, verification) => {
  const { file } = await verified(serving('here', source), serving('there', target))
  expect(file).toMatchObject({ verification })
})

it('a deleted file is gone by the listing, of which nothing is read, or it is told', async () => {
  const still = parseRepoPath('still.txt')
  const target = {
    ...serving('there', content),
    manifest: async () => new Map([[still, { ...entry, path: still }]]),
  }
  const deletes = [entry, { ...entry, path: still }]
  const work = { files: [], orphans: [], deletes, target } as unknown as RepoWork
  const sent = { plain: new Map(), samples: new Map() }
  expect(await verify(testContext(), work, at, sent, createBandwidth(undefined))).toEqual([
    { path: 'model.bin', verification: 'verified', evidence: 'listed-digest' },
    { path: 'still.txt', verification: 'mismatch', evidence: 'listed-digest' },
  ])
})
