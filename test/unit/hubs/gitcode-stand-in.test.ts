import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Hub } from '../../../src/hubs/hub.ts'
import { createHub } from '../../../src/hubs/index.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import type { RepoRef, RepoType } from '../../../src/model/repo.ts'
import { openHubs } from '../../../src/repos/hubs.ts'
import { type GitCodeStandIn, startGitCode } from '../../stand-ins/gitcode/index.ts'
import { collect, failureOf, settingsOf, testContext } from './settings.ts'

let standIn: GitCodeStandIn
const hubs: Hub[] = []
beforeAll(async () => {
  standIn = await startGitCode()
  for (const token of [standIn.token, standIn.readToken, standIn.strangerToken, 'unknown-token'])
    hubs.push(hubFor(standIn, token))
})
afterAll(() => standIn.close())

function hubFor({ endpoint }: GitCodeStandIn, token: string): Hub {
  return createHub(testContext(), settingsOf('gitcode', endpoint, { token }))
}

function at(index: number): Hub {
  const hub = hubs[index]
  if (hub === undefined) throw new Error('no such hub')
  return hub
}
const writer = () => at(0)
const reader = () => at(1)
const stranger = () => at(2)
const unknown = () => at(3)

const ref = (type: RepoType, name: string, owner = 'my-org'): RepoRef => ({
  hub: 'gitcode',
  type,
  owner,
  name,
})
const seeded = async (repo: RepoRef, extra: object = {}) => ({
  repo,
  commit: await standIn.seed({
    ...repo,
    files: { 'a.txt': 'a', 'm.bin': { lfs: Buffer.from('m') } },
    ...extra,
  }),
})

describe('GitCode against its stand-in', () => {
  it('knows who the token belongs to', async () => {
    expect(await writer().whoAmI?.()).toEqual({ username: 'alice', owners: ['alice', 'my-org'] })
    await failureOf(Promise.resolve(unknown().whoAmI?.()), 'unauthorized')
  })

  it.each<RepoType>(['model', 'dataset'])(
    'finds a %s, and hides nothing behind "absent" but what is hidden',
    async (type) => {
      const { repo } = await seeded(ref(type, `find-${type}`))
      expect(await writer().findRepo?.(repo)).toMatchObject({
        ref: repo,
        visibility: 'public',
        defaultBranch: 'main',
      })
      expect(await stranger().findRepo?.(repo)).toMatchObject({ visibility: 'public' })
      expect(
        await writer().findRepo?.({ ...repo, type: type === 'model' ? 'dataset' : 'model' }),
      ).toBeUndefined()
      expect(await writer().findRepo?.(ref(type, 'not-there'))).toBeUndefined()
      await failureOf(Promise.resolve(unknown().findRepo?.(repo)), 'unauthorized')
      const hidden = (await seeded(ref(type, `hidden-${type}`), { private: true })).repo
      expect(await writer().findRepo?.(hidden)).toMatchObject({ visibility: 'private' })
      expect(await stranger().findRepo?.(hidden)).toBeUndefined()
    },
  )

  it('lists organisations, its own account and others, by type', async () => {
    for (const [owner, type] of [
      ['crowd', 'model'],
      ['alice', 'model'],
      ['alice', 'dataset'],
      ['my-org', 'dataset'],
    ] as const)
      for (let n = 0; n < 2; n++) await seeded(ref(type, `list-${type}-${n}`, owner))
    const names = async (owner: string, type: RepoType) =>
      (await collect(writer().listRepos?.(owner, type)))
        .map(({ ref: found }) => found.name)
        .filter((name) => name.startsWith('list-'))
    expect(await names('crowd', 'model')).toEqual(['list-model-0', 'list-model-1'])
    expect(await names('crowd', 'dataset')).toEqual([])
    expect(await names('alice', 'dataset')).toEqual(['list-dataset-0', 'list-dataset-1'])
    expect(await names('my-org', 'dataset')).toEqual(['list-dataset-0', 'list-dataset-1'])
    expect(await names('nobody', 'model')).toEqual([])
  })

  it('lists more than a page', async () => {
    const files = { 'a.txt': 'a' }
    const many = Array.from({ length: 101 }, (_, n) => `repo-${n}`)
    for (const name of many) await standIn.seed({ ...ref('model', name, 'wide'), files })
    expect(await collect(writer().listRepos?.('wide', 'model'))).toHaveLength(101)
  }, 60_000)

  it.each<RepoType>(['model', 'dataset'])(
    'creates a %s with exactly the visibility, again and again',
    async (type) => {
      for (const owner of ['alice', 'my-org'])
        for (const visibility of ['private', 'public'] as const) {
          const repo = ref(type, `new-${type}-${visibility}`, owner)
          for (let n = 0; n < 2; n++)
            expect(await writer().createRepo?.(repo, { visibility })).toMatchObject({ ref: repo, visibility })
          const other = visibility === 'private' ? 'public' : 'private'
          const clash = Promise.resolve(writer().createRepo?.(repo, { visibility: other }))
          await failureOf(clash, visibility === 'public' ? 'leak' : 'refused')
          expect(await standIn.head(repo)).toBeUndefined()
        }
    },
  )

  it('does not create where the token may not', async () => {
    const foreign = ref('model', 'x', 'somebody-else')
    const error = await failureOf(
      Promise.resolve(writer().createRepo?.(foreign, { visibility: 'private' })),
      'forbidden',
    )
    expect(error.next).toContain('somebody-else')
    const own = ref('model', 'read-only')
    await failureOf(Promise.resolve(reader().createRepo?.(own, { visibility: 'private' })), 'forbidden')
    expect(await writer().findRepo?.(own)).toBeUndefined()
  })

  it('tries again after 429 and 500', async () => {
    for (const name of ['fault-429', 'fault-500']) {
      const { repo } = await seeded(ref('model', name))
      expect(await writer().findRepo?.(repo)).toMatchObject({ visibility: 'public' })
    }
  })

  it('is not led to another origin', async () => {
    const { repo } = await seeded(ref('model', 'fault-redirect-elsewhere'))
    await failureOf(Promise.resolve(writer().findRepo?.(repo)), 'bad-answer')
    expect(standIn.requests.filter(({ server }) => server === 'elsewhere')).toEqual([])
  })
})

describe('a push', () => {
  it('of pointers whose objects the repo lacks is refused in words that say what to do', async () => {
    const workDir = await mkdtemp(join(tmpdir(), 'gitcode-'))
    try {
      const repo = ref('model', 'no-objects')
      const settings = settingsOf('gitcode', standIn.endpoint, { token: standIn.token })
      const context = { ...testContext(), workDir }
      const target = (await openHubs(context, new Map([['gitcode', settings]]))).repo(repo)
      await target.createIfAbsent({ visibility: 'public' })
      const object = { oid: 'a'.repeat(64), size: 12 }
      const publish = target.publish({
        branch: 'main',
        parent: undefined,
        title: 'Pointers only',
        trailers: [],
        changes: [{ kind: 'lfs', path: parseRepoPath('m.bin'), object, isNew: true }],
      })
      const error = await failureOf(publish, 'object-missing')
      expect(error.message).toContain('GitCode: LFS objects are missing')
      expect(error.next).toContain('Nothing was published')
      expect(await standIn.head(repo)).toBeUndefined()
    } finally {
      await rm(workDir, { recursive: true, force: true })
    }
  })
})
