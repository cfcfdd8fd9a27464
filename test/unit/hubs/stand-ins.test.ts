import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Hub } from '../../../src/hubs/hub.ts'
import { createHub } from '../../../src/hubs/index.ts'
import type { CommitChange, NewCommit } from '../../../src/model/commit.ts'
import type { FileEntry } from '../../../src/model/file.ts'
import { parseRepoPath, type RepoPath } from '../../../src/model/path.ts'
import type { HubType } from '../../../src/model/profile.ts'
import type { RepoRef, RepoType, Snapshot } from '../../../src/model/repo.ts'
import type { StandIn } from '../../stand-ins/core/stand-in.ts'
import { startHuggingFace } from '../../stand-ins/huggingface/index.ts'
import { startModelers } from '../../stand-ins/modelers/index.ts'
import { startModelScope } from '../../stand-ins/modelscope/index.ts'
import { collect, failureOf, settingsOf, testContext } from './settings.ts'

const big = Buffer.alloc(200_000, 'weights ')
const contents: Readonly<Record<string, Buffer>> = {
  'README.md': Buffer.from('---\nlicense: apache-2.0\n---\n# Hello\n'),
  'a dir/#1 50%?+&.json': Buffer.from('{"awkward": true}'),
  '模型/-leading 🎉.txt': Buffer.from('emoji'),
  'empty.txt': Buffer.alloc(0),
}

/** What not every hub has. */
const gates: ReadonlySet<HubType> = new Set<HubType>(['huggingface', 'modelscope'])
const commits: ReadonlySet<HubType> = new Set<HubType>(['huggingface', 'modelscope'])

describe.each<[HubType, (options: { fileListLimit?: number }) => Promise<StandIn>]>([
  ['huggingface', () => startHuggingFace()],
  ['modelscope', (options) => startModelScope(options)],
  ['modelers', () => startModelers()],
])('%s against its stand-in', (type, start) => {
  let standIn: StandIn
  let hub: Hub
  let anonymous: Hub
  let reader: Hub

  beforeAll(async () => {
    standIn = await start({})
    const of = (token?: string) => settingsOf(type, standIn.endpoint, token === undefined ? {} : { token })
    hub = createHub(testContext(), of(standIn.token))
    reader = createHub(testContext(), of(standIn.readToken))
    anonymous = createHub(testContext(), of())
  })
  afterAll(() => standIn.close())

  /** One name is one repo on Modelers, so its datasets have names of their own. */
  const ref = (repoType: RepoType, name: string): RepoRef => ({
    hub: type,
    type: repoType,
    owner: standIn.username,
    name: type === 'modelers' && repoType === 'dataset' ? `data-${name}` : name,
  })
  const seeded = async (repoType: RepoType, name: string, extra: object = {}): Promise<Snapshot> => {
    const files = { ...contents, 'model.bin': { lfs: big } }
    const repo = ref(repoType, name)
    const commit = await standIn.seed({ type: repoType, owner: repo.owner, name: repo.name, files, ...extra })
    return { repo, branch: hub.profile.defaultBranch, commit }
  }
  const read = async (at: Snapshot, file: FileEntry, range?: { start: number; end?: number }) => {
    const open = await hub.openFile?.(at, file, range)
    return Buffer.concat(await collect(open?.body))
  }
  const listed = async (at: Snapshot) =>
    new Map<string, FileEntry>((await collect(hub.listFiles?.(at))).map((file) => [file.path, file]))

  it('knows who the token belongs to', async () => {
    expect((await hub.whoAmI?.())?.username).toBe(standIn.username)
    await failureOf(Promise.resolve(anonymous.whoAmI?.()), 'unauthorized')
  })

  describe.each<RepoType>(['model', 'dataset'])('%s', (repoType) => {
    it('is found, with what matters about it', async () => {
      const at = await seeded(repoType, 'Find-Me')
      const info = await hub.findRepo?.(at.repo)
      expect(info).toMatchObject({ ref: at.repo, visibility: 'public', gated: false })
      expect(info?.url).toContain(standIn.endpoint)
      expect(await anonymous.findRepo?.(at.repo)).toMatchObject({ visibility: 'public' })
      expect(await hub.findRepo?.(ref(repoType, 'not-there'))).toBeUndefined()
    })

    it('is not taken for absent or public when it is private', async () => {
      const { repo } = await seeded(repoType, 'hidden', { private: true })
      expect(await hub.findRepo?.(repo)).toMatchObject({ visibility: 'private' })
      expect(['unauthorized', 'forbidden']).toContain(
        (await failureOf(Promise.resolve(anonymous.findRepo?.(repo)))).code,
      )
    })

    if (gates.has(type)) {
      it('says that it is gated', async () => {
        const { repo } = await seeded(repoType, 'gated', { gated: true, private: type === 'modelscope' })
        expect(await hub.findRepo?.(repo)).toMatchObject({ gated: true })
      })
    }

    if (commits.has(type)) {
      it('resolves revisions', async () => {
        const at = await seeded(repoType, 'revisions')
        expect(await hub.resolveRevision?.(at.repo, at.branch)).toBe(at.commit)
        expect(await hub.resolveRevision?.(at.repo, at.commit)).toBe(at.commit)
        expect(await hub.resolveRevision?.(at.repo, 'no-such-branch')).toBeUndefined()
        expect(await hub.resolveRevision?.(at.repo, 'e'.repeat(40))).toBeUndefined()
        expect(await hub.resolveRevision?.(ref(repoType, 'not-there'), at.branch)).toBeUndefined()
      })
    }

    it('lists its files with sizes and digests of their content', async () => {
      const files = await listed(await seeded(repoType, 'files'))
      for (const [path, content] of Object.entries({ ...contents, 'model.bin': big })) {
        const file = files.get(path)
        expect(file?.size).toBe(content.length)
        if (file?.digests.sha256 !== undefined) expect(file.digests.sha256).toBe(digest('sha256', content))
        if (file?.digests.gitBlob !== undefined) expect(file.digests.gitBlob).toBe(gitBlob(content))
        expect(Object.keys(file?.digests ?? {})).toHaveLength(1)
      }
      expect(files.get('model.bin')?.storage).toBe('lfs')
      expect(files.get('README.md')?.storage).toBe('git')
    })

    it('opens every file, whole and in part, with no token for the CDN', async () => {
      const at = await seeded(repoType, 'open')
      const files = await listed(at)
      standIn.requests.length = 0
      for (const [path, content] of Object.entries({ ...contents, 'model.bin': big })) {
        const file = files.get(path)
        if (file === undefined) throw new Error(`${path} is not listed`)
        expect(await read(at, file)).toEqual(content)
        if (content.length < 4) continue
        expect(await read(at, file, { start: 2 })).toEqual(content.subarray(2))
        expect(await read(at, file, { start: 1, end: 3 })).toEqual(content.subarray(1, 4))
      }
      const storage = standIn.requests.filter((request) => request.server === 'storage')
      expect(storage).toHaveLength(3)
      expect(storage.filter((request) => request.authorization || request.cookie)).toEqual([])
    })

    it('names an object that is missing', async () => {
      const at = await seeded(repoType, 'fault-missing-object')
      const file = (await listed(at)).get('model.bin')
      if (file === undefined) throw new Error('model.bin is not listed')
      await failureOf(read(at, file), 'object-missing')
    })

    it('is created with exactly the visibility that was asked for, again and again', async () => {
      for (const visibility of ['private', 'public'] as const) {
        const repo = ref(repoType, `new-${visibility}`)
        const wanted = { visibility, license: 'cc-by-nc-nd-4.0' }
        expect(await hub.createRepo?.(repo, wanted)).toMatchObject({ ref: repo, visibility })
        expect(await hub.createRepo?.(repo, wanted)).toMatchObject({ ref: repo, visibility })
        const other = visibility === 'private' ? 'public' : 'private'
        const error = await failureOf(
          Promise.resolve(hub.createRepo?.(repo, { visibility: other })),
          visibility === 'public' ? 'leak' : 'refused',
        )
        expect(error.message).toContain(repo.name)
      }
    })

    it('is not created where the token may not', async () => {
      const foreign = { ...ref(repoType, 'x'), owner: 'somebody-else' }
      const wanted = { visibility: 'private' } as const
      const error = await failureOf(Promise.resolve(hub.createRepo?.(foreign, wanted)), 'forbidden')
      expect(error.next).toContain('somebody-else')
      const own = ref(repoType, 'read-only')
      const refusal = await failureOf(Promise.resolve(reader.createRepo?.(own, wanted)))
      expect(['forbidden', 'unauthorized']).toContain(refusal.code)
      expect(await hub.findRepo?.(own)).toBeUndefined()
    })

    if (commits.has(type)) {
      it('takes a commit and shows it in files and history', async () => {
        const at = await seeded(repoType, 'commit-to')
        const path = parseRepoPath('new dir/ä #"1".txt')
        const changes: CommitChange[] = [
          plain(path, 'new', true),
          plain(parseRepoPath('README.md'), '# Changed', false),
          plain(parseRepoPath('empty too.txt'), '', true),
          { kind: 'lfs', path: parseRepoPath('copy.bin'), object: lfsObject(big), isNew: true },
          { kind: 'delete', path: parseRepoPath('empty.txt') },
        ]
        const commit = await hub.commit?.(at.repo, newCommit(at, changes))
        if (commit === undefined) throw new Error('no commit')
        expect(await standIn.head(at.repo)).toBe(commit)
        expect(await hub.resolveRevision?.(at.repo, at.branch)).toBe(commit)
        const after = { ...at, commit }
        const files = await listed(after)
        expect(files.has('empty.txt')).toBe(false)
        expect(files.get('empty too.txt')?.size).toBe(0)
        expect(files.get('copy.bin')).toMatchObject({
          size: big.length,
          digests: { sha256: digest('sha256', big) },
        })
        const file = files.get(path)
        expect(file && (await read(after, file)).toString()).toBe('new')
        const history = await hub.history?.(at.repo, at.branch, 2)
        expect(history?.map((entry) => entry.id)).toEqual([commit, at.commit])
        expect(history?.[0]?.message.trim()).toBe('Sync it\n\nSynced-From: x@1\nSynced-By: test')
      })
    }

    if (commits.has(type)) {
      it('lets a moved head be a conflict where the hub can tell', async () => {
        const at = await seeded(repoType, 'moved')
        const change = plain(parseRepoPath('one.txt'), '1', true)
        await hub.commit?.(at.repo, newCommit(at, [change]))
        const stale = Promise.resolve(hub.commit?.(at.repo, newCommit(at, [change])))
        // The stand-in compares heads as the live hub does, though nothing elsewhere than there is believed to.
        if (hub.profile.compareAndSwap || type === 'huggingface') await failureOf(stale, 'conflict')
        else expect(await stale).toMatch(/^[0-9a-f]{40}$/)
      })
    }

    if (commits.has(type)) {
      it('refuses a commit without the right to write', async () => {
        const at = await seeded(repoType, 'locked')
        const commit = newCommit(at, [plain(parseRepoPath('x'), '1', true)])
        for (const weak of [reader, anonymous]) {
          const { code } = await failureOf(Promise.resolve(weak.commit?.(at.repo, commit)))
          expect(['forbidden', 'unauthorized']).toContain(code)
        }
        expect(await standIn.head(at.repo)).toBe(at.commit)
      })
    }

    it('is in the list of its owner', async () => {
      const owner = type === 'huggingface' ? 'many' : 'my-org'
      const names = Array.from({ length: 3 }, (_, n) => ref(repoType, `repo-${n}`).name)
      for (const name of names) {
        await standIn.seed({ type: repoType, owner, name, files: { 'x.bin': 'x' } })
      }
      const rows = await collect(hub.listRepos?.(owner, repoType))
      expect(rows.map((row) => row.ref.name).sort()).toEqual(names.sort())
      expect(rows[0]).toMatchObject({ ref: { hub: type, type: repoType, owner } })
      const heads = await Promise.all(names.map((name) => standIn.head({ type: repoType, owner, name })))
      if (rows[0]?.head !== undefined) expect(rows.map((row) => row.head).sort()).toEqual(heads.sort())
      expect(await collect(hub.listRepos?.('nobody', repoType))).toEqual([])
    })

    it('lists more files than a page holds', async () => {
      const files = Object.fromEntries(
        Array.from({ length: 1100 }, (_, n) => [`dir-${n % 7}/${n}.txt`, `${n}`]),
      )
      const repo = ref(repoType, 'many-files')
      const commit = await standIn.seed({ ...repo, files })
      const found = await listed({ repo, branch: hub.profile.defaultBranch, commit })
      const own = [...found.keys()].filter((path) => path.startsWith('dir-'))
      expect(own).toHaveLength(1100)
    })

    it('has a git address that git can be pointed at', async () => {
      const { repo } = await seeded(repoType, 'by-git')
      const { gitUrl, lfsUrl } = hub.remote(repo)
      const answer = await fetch(`${gitUrl}/info/refs?service=git-upload-pack`, {
        headers: { 'user-agent': 'git/2.39' },
        redirect: 'manual',
      })
      expect(answer.status).toBe(200)
      await answer.arrayBuffer()
      expect(lfsUrl).toMatch(/\/info\/lfs$/)
      expect(lfsUrl.startsWith(standIn.endpoint)).toBe(true)
    })
  })
})

describe('faults of Hugging Face', () => {
  let standIn: StandIn
  beforeAll(async () => {
    standIn = await startHuggingFace()
  })
  afterAll(() => standIn.close())

  it('follows a renamed repo', async () => {
    const hub = createHub(
      testContext(),
      settingsOf('huggingface', standIn.endpoint, { token: standIn.token }),
    )
    const owner = standIn.username
    await standIn.seed({ type: 'model', owner, name: 'old', files: { a: 'b' } })
    const move = { fromRepo: `${owner}/old`, toRepo: `${owner}/new`, type: 'model' }
    await hub.http.send({ url: `${standIn.endpoint}/api/repos/move`, method: 'POST', json: move })
    const repo: RepoRef = { hub: 'huggingface', type: 'model', owner, name: 'old' }
    expect((await hub.findRepo?.(repo))?.ref).toEqual({ ...repo, name: 'new' })
  })
})

describe('faults of ModelScope', () => {
  let standIn: StandIn
  let hub: Hub
  beforeAll(async () => {
    standIn = await startModelScope()
    hub = createHub(testContext(), settingsOf('modelscope', standIn.endpoint, { token: standIn.token }))
  })
  afterAll(() => standIn.close())

  it.each([
    ['fault-lock-busy', 'busy', true],
    ['fault-frequency', 'rate-limited', true],
    ['fault-policy-once', 'refused', false],
    ['fault-success-false', 'refused', false],
    ['fault-api-commit-refused', 'forbidden', false],
  ])('%s is %s', async (name, code, retryable) => {
    const repo: RepoRef = { hub: 'modelscope', type: 'model', owner: standIn.username, name }
    const commit = await standIn.seed({ ...repo, files: { a: 'b' } })
    const at = { repo, branch: 'master', commit }
    const change = plain(parseRepoPath('x'), '1', true)
    const error = await failureOf(Promise.resolve(hub.commit?.(repo, newCommit(at, [change]))))
    expect([error.code, error.retryable]).toEqual([code, retryable])
    expect(error.message).toContain('modelscope')
    if (name === 'fault-frequency') expect(error.retryAfter).toBe(1)
    expect(await standIn.head(repo)).toBe(commit)
  })

  it('says that the list was cut, folders counted', async () => {
    const repo: RepoRef = { hub: 'modelscope', type: 'model', owner: standIn.username, name: 'wide' }
    const files = Object.fromEntries(Array.from({ length: 3010 }, (_, n) => [`${n % 30}/${n}`, 'x']))
    const commit = await standIn.seed({ ...repo, files })
    await failureOf(collect(hub.listFiles?.({ repo, branch: 'master', commit })), 'listing-cut')
  })
})

function plain(path: RepoPath, text: string, isNew: boolean): CommitChange {
  const content = Buffer.from(text)
  return { kind: 'plain', path, size: content.length, isNew, read: async () => content }
}

function newCommit(at: Snapshot, changes: readonly CommitChange[]): NewCommit {
  const trailers = ['Synced-From: x@1', 'Synced-By: test']
  return { branch: at.branch, parent: at.commit, title: 'Sync it', trailers, changes }
}

function lfsObject(content: Buffer) {
  return { oid: digest('sha256', content), size: content.length }
}

function digest(algorithm: string, content: Buffer): string {
  return createHash(algorithm).update(content).digest('hex')
}

function gitBlob(content: Buffer): string {
  return digest('sha1', Buffer.concat([Buffer.from(`blob ${content.length}\0`), content]))
}
