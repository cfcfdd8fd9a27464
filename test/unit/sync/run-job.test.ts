import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { configure } from '../../../src/config/configure.ts'
import { emptyConfig } from '../../../src/config/load.ts'
import type { FileEntry } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import type { Bandwidth } from '../../../src/net/bandwidth.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import type { RepoWork } from '../../../src/repos/work.ts'
import { runJob } from '../../../src/sync/run-job.ts'
import { testContext } from '../net/loopback.ts'
import { fakeRepo } from '../planning/fake-repo.ts'

const ref = { hub: 'here', type: 'model', owner: 'o', name: 'n' } as const
const at = { repo: ref, branch: 'master', commit: 'a'.repeat(40) }
const path = parseRepoPath('model.bin')
const content = Buffer.from('weights')
const object = { oid: createHash('sha256').update(content).digest('hex'), size: content.length }
const entry: FileEntry = { path, size: object.size, storage: 'lfs', digests: { sha256: object.oid } }

const [base] = configure(
  emptyConfig({}),
  {
    ...{ from: 'hf:o/n', to: 'ms:o', type: 'model', event: { kind: 'manual' } },
    ...{ rules: [], repos: [], include: [], exclude: [], set: ['verify=full'] },
  },
  {},
  () => undefined,
).rules

/** One repo with one object to move, by a rule with this limit; what it was given to take from is noted. */
function workOf(id: string, limit: number | undefined, given: Map<string, Bandwidth>): RepoWork {
  const source = fakeRepo(ref, {}, [at.commit])
  let isThere = false
  const target: Repo = {
    ...fakeRepo({ ...ref, hub: 'there', name: id }, {}, ['b'.repeat(40)]),
    createIfAbsent: async () => ({
      ...{ ref, visibility: 'public', gated: false, defaultBranch: 'master', url: 'https://h.example' },
    }),
    manifest: async () => new Map([[path, entry]]),
    lacking: async (objects) => (isThere ? [] : objects),
    put: async (_, __, { bandwidth }) => {
      isThere = true
      given.set(`${id} put`, bandwidth)
      return { head: object.oid, tail: object.oid }
    },
    publish: async () => ({ commit: 'c'.repeat(40), by: 'git', notes: [] }),
    hashFile: async (_, __, ___, bandwidth) => {
      if (bandwidth !== undefined) given.set(`${id} read-back`, bandwidth)
      return { size: object.size, digests: { sha256: object.oid } }
    },
  }
  if (base === undefined) throw new Error('no rule')
  const rule = { ...base, bandwidth: limit }
  return {
    ...{ id, rule, type: 'model', source, target, sourceAt: at, targetBranch: 'master' },
    ...{
      lease: { kind: 'commit', commit: 'b'.repeat(40) },
      targetHead: 'b'.repeat(40),
      visibility: 'public',
    },
    ...{ isPublic: true, license: undefined, orphans: [], deletes: [], notes: [] },
    files: [
      { kind: 'add', path, source: entry, size: object.size, move: 'relay', object, transformed: false },
    ],
  } as RepoWork
}

/** Milliseconds that each of the repos waits for a thousand bytes, one after the other. */
async function waits(limits: readonly (number | undefined)[], atOnce?: number) {
  const given = new Map<string, Bandwidth>()
  const context = testContext()
  const works = limits.map((limit, index) => workOf(`repo-${index}`, limit, given))
  const order = { job: 'one', attempt: 1, works, refused: [], ...(atOnce !== undefined && { atOnce }) }
  const { items } = await runJob(context, { ...order, deriveRest: async () => undefined }, stamp)
  expect(items.map(({ outcome, error }) => [outcome, error])).toEqual(limits.map(() => ['synced', undefined]))
  expect(context.sleeps).toEqual([])
  for (const bandwidth of given.values()) await bandwidth.take(1000)
  return { keys: [...given.keys()].sort(), given, sleeps: context.sleeps }
}

const stamp = { runId: 'run', version: '0' }

it('rules with the same limit share it, what is read back goes over the same line, and another limit is another line', async () => {
  const { given } = await waits([1000, 1000, 500, undefined])
  const line = given.get('repo-0 put')
  for (const name of ['repo-0 read-back', 'repo-1 put', 'repo-1 read-back'])
    expect(given.get(name)).toBe(line)
  expect(given.get('repo-2 put')).not.toBe(line)
  expect(given.get('repo-2 read-back')).toBe(given.get('repo-2 put'))
  expect(given.get('repo-3 put')?.take(1e12)).toBeUndefined()
})

it('a job alone takes all of the limit, one of four a quarter of it', async () => {
  expect((await waits([1000])).sleeps[0]).toBe(1000)
  expect((await waits([1000], 4)).sleeps[0]).toBe(4000)
})
