import { expect, test } from 'vitest'
import { expandRules } from '../../../src/config/expand.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Context } from '../../../src/context.ts'
import { SyncError } from '../../../src/model/errors.ts'
import type { LfsObject, Manifest } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import type { RepoInfo } from '../../../src/model/repo.ts'
import { deriveWork } from '../../../src/planning/derive-work.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import type { RepoWork } from '../../../src/repos/work.ts'
import { importRepo } from '../../../src/sync/import-repo.ts'
import { failureOf, testContext } from '../hubs/settings.ts'
import { fakeRepo } from '../planning/fake-repo.ts'

const [rule] = expandRules(
  loadConfig(
    'version: 1\nrules: [{ name: a, from: "ms:o/n", to: "ms:p", stall-timeout: 10s }]',
    'test.yml',
    {},
  ),
).rules
if (rule === undefined) throw new Error('no rule')
const imports = { ...rule, transport: 'import' as const }
const sourceRef = { hub: 'modelscope', type: 'model', owner: 'o', name: 'n' } as const
const targetRef = { ...sourceRef, owner: 'p' }
const [head, other] = ['a'.repeat(40), 'b'.repeat(40)]
const files = { 'config.json': '{}' }
const cloneUrl = 'https://hub.example/o/n.git'
const object: LfsObject = { oid: 'c'.repeat(64), size: 5 }
const pointed: Manifest = new Map([
  [
    parseRepoPath('m.bin'),
    { path: parseRepoPath('m.bin'), size: 5, storage: 'lfs', digests: { sha256: object.oid } },
  ],
])

interface Play {
  /** Head of a branch of the target at its n-th look. */
  readonly head?: (branch: string, look: number) => string | undefined
  readonly lacking?: (look: number) => LfsObject[]
  readonly info?: (base: RepoInfo, look: number) => RepoInfo | undefined
  readonly sourceHead?: () => string
  readonly sourceInfo?: (base: RepoInfo) => RepoInfo
  readonly importFrom?: Repo['importFrom']
}

/** One work whose target answers as it is told to, a clock that only counts, and what was asked. */
async function play(given: Play) {
  const base = fakeRepo(sourceRef, files, [head])
  const source: Repo = { ...base, cloneUrl }
  const asked: string[] = []
  const absent: Repo = {
    ...fakeRepo(targetRef, {}),
    importFrom: async (url) => {
      asked.push(url)
      const made = await there.info()
      if (made === undefined) throw new SyncError('internal', 'no repo')
      return made
    },
  }
  const there = fakeRepo(targetRef, files, [head])
  const derived = await deriveWork({ rule: imports, source, target: absent })
  if (derived.kind !== 'work') throw new Error(JSON.stringify(derived))
  const looks = { info: 0, head: 0, lacking: 0 }
  const target: Repo = {
    ...absent,
    ...(given.importFrom && { importFrom: given.importFrom }),
    mirrorPage: 'https://hub.example/p/n/mirror',
    // Absent until the import was asked for.
    info: async () => {
      const made = await there.info()
      if (asked.length === 0 || made === undefined) return undefined
      return given.info === undefined ? made : given.info(made, ++looks.info)
    },
    head: async (branch) =>
      (given.head ?? ((name) => (name === 'master' ? head : undefined)))(branch, ++looks.head),
    manifest: async () => pointed,
    lacking: async () => given.lacking?.(++looks.lacking) ?? [],
  }
  const changedSource: Repo = {
    ...source,
    head: async () => given.sourceHead?.() ?? head,
    info: async () => {
      const now = await base.info()
      return now && (given.sourceInfo?.(now) ?? now)
    },
  }
  const work: RepoWork = { ...derived.work, source: changedSource, target }
  const sleeps: number[] = []
  const events: string[] = []
  const context: Context = {
    ...testContext(),
    clock: {
      now: () => 0,
      sleep: async (milliseconds) => {
        sleeps.push(milliseconds)
      },
    },
    progress: (event) => events.push(event.kind === 'item-step' ? event.text : event.kind),
  }
  return { asked, sleeps, events, imported: () => importRepo(context, work, cloneUrl) }
}

const total = (sleeps: readonly number[]) => sleeps.reduce((sum, one) => sum + one, 0)

test('is waited for, less and less often, until the commit is there', async () => {
  const { imported, asked, sleeps, events } = await play({ head: (_, look) => (look > 4 ? head : undefined) })
  expect(await imported()).toMatchObject({
    at: { branch: 'master', commit: head },
    notes: [
      expect.stringContaining('imported by'),
      expect.stringContaining('https://hub.example/p/n/mirror'),
    ],
  })
  expect(asked).toEqual([cloneUrl])
  expect(sleeps).toEqual([5000, 7500, 11_250, 16_875])
  expect(events).toEqual(Array.from({ length: 4 }, () => 'waiting for the import'))
})

test('is found on the source’s branch where the hub keeps a default branch of its own', async () => {
  const { imported } = await play({
    info: (base) => ({ ...base, defaultBranch: 'main' }),
    head: (branch) => (branch === 'master' ? head : undefined),
  })
  expect((await imported()).at).toMatchObject({ branch: 'master', commit: head })
})

test('is not waited for longer than 30 times the stall-timeout', async () => {
  const { imported, sleeps } = await play({ head: () => undefined })
  const error = await failureOf(imported(), 'unavailable')
  expect(error.message).toContain('no content after 300 s')
  expect(error.next).toContain('filled by a push')
  expect(total(sleeps)).toBe(300_000)
})

test('has failed where the repo is gone again', async () => {
  const { imported } = await play({
    info: (base, look) => (look > 2 ? undefined : base),
    head: () => undefined,
  })
  expect((await failureOf(imported(), 'unavailable')).message).toContain('gone again')
})

test('passes on what the hub refuses', async () => {
  const importFrom = () => Promise.reject(new SyncError('refused', 'check url unreachable'))
  const { imported, sleeps } = await play({ importFrom })
  await failureOf(imported(), 'refused')
  expect(sleeps).toEqual([])
})

test('is not asked for once the source is not public any more', async () => {
  const { imported, asked } = await play({ sourceInfo: (base) => ({ ...base, visibility: 'private' }) })
  await failureOf(imported(), 'leak')
  expect(asked).toEqual([])
})

test('may have a commit of the hub’s own, and none of a source that moved on', async () => {
  const own = await play({ head: () => other })
  expect((await own.imported()).at.commit).toBe(other)
  const moved = await play({ head: () => other, sourceHead: () => other })
  expect((await failureOf(moved.imported(), 'conflict')).next).toContain('Run again')
})

test('is waited for while objects keep coming, and what does not come is told of', async () => {
  const objects = [object, { oid: 'd'.repeat(64), size: 1 }, { oid: 'e'.repeat(64), size: 2 }]
  const { imported, sleeps } = await play({ lacking: (look) => objects.slice(Math.floor(look / 4)) })
  expect((await imported()).notes.join('\n')).not.toContain('did not come')
  expect(total(sleeps)).toBeGreaterThan(50_000)

  const stuck = await play({ lacking: () => [object] })
  expect((await stuck.imported()).notes.join('\n')).toContain('1 LFS object(s) did not come')
  expect(total(stuck.sleeps)).toBe(50_000)
})
