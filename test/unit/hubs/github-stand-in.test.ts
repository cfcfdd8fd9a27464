import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Octokit } from '@octokit/rest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGitHub } from '../../../src/hubs/github/create-github.ts'
import type { Hub } from '../../../src/hubs/hub.ts'
import type { RepoRef, RepoType } from '../../../src/model/repo.ts'
import { gitEnvironment } from '../../stand-ins/core/git-repo.ts'
import { formatPointer } from '../../stand-ins/core/pointer.ts'
import { type GitHubStandIn, startGitHub } from '../../stand-ins/github/index.ts'
import { collect, failureOf, settingsOf, testContext } from './settings.ts'

const run = promisify(execFile)

let standIn: GitHubStandIn
let hub: Hub
const hubFor = (token?: string) =>
  createGitHub(testContext(), settingsOf('github', standIn.endpoint, token === undefined ? {} : { token }))
beforeAll(async () => {
  standIn = await startGitHub({ maxPerPage: 2 })
  hub = hubFor(standIn.token)
})
afterAll(() => standIn.close())

const ref = (type: RepoType, name: string, owner = 'alice'): RepoRef => ({ hub: 'github', type, owner, name })
const seeded = async (repo: RepoRef, extra: object = {}) => {
  const { type, owner, name } = repo
  await standIn.seed({ type, owner, name, files: { 'README.md': '# Hello' }, ...extra })
  return repo
}

/** The official client as it comes: its own fetch, its own credentials. */
const official = (token?: string) => {
  const silent = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  }
  const auth = token === undefined ? {} : { auth: token }
  return new Octokit({ baseUrl: `${standIn.endpoint}/api/v3`, log: silent, ...auth })
}

async function statusOf(call: Promise<unknown>): Promise<unknown> {
  const thrown = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  return typeof thrown === 'object' && thrown !== null && 'status' in thrown ? thrown.status : thrown
}

describe('GitHub against its stand-in', () => {
  it('knows who a token belongs to and what it may do', async () => {
    expect(await hub.whoAmI?.()).toEqual({ username: 'alice' })
    expect(await hubFor(standIn.readToken).whoAmI?.()).toEqual({ username: 'alice' })
    expect(await hubFor(standIn.weakToken).whoAmI?.()).toEqual({ username: 'alice', canWrite: false })
    expect(await hubFor(standIn.appToken).whoAmI?.()).toEqual({ username: 'x-access-token' })
    await failureOf(Promise.resolve(hubFor().whoAmI?.()), 'unauthorized')
    await failureOf(Promise.resolve(hubFor('ghp_wrong').whoAmI?.()), 'unauthorized')
  })

  it.each<RepoType>(['model', 'dataset'])('finds a %s as what it is', async (type) => {
    const repo = await seeded(ref(type, `find-${type}`), {
      files: { LICENSE: 'Apache License\nVersion 2.0\n' },
    })
    const expected = {
      ref: repo,
      visibility: 'public',
      gated: false,
      defaultBranch: 'main',
      license: 'apache-2.0',
    }
    expect(await hub.findRepo?.(repo)).toMatchObject(expected)
    expect(await hubFor().findRepo?.(repo)).toMatchObject({ visibility: 'public' })
    const other = type === 'model' ? 'dataset' : 'model'
    expect(await hub.findRepo?.({ ...repo, type: other })).toBeUndefined()
    expect(await hub.findRepo?.({ ...repo, owner: 'ALICE' })).toMatchObject({ ref: repo })
    expect(await hub.findRepo?.(ref(type, 'not-there'))).toBeUndefined()
  })

  it('never takes what is private for public', async () => {
    const repo = await seeded(ref('model', 'hidden'), { private: true })
    const inside = await seeded(ref('model', 'inside', 'my-org'), { visibility: 'internal' })
    expect(await hub.findRepo?.(repo)).toMatchObject({ visibility: 'private' })
    expect(await hub.findRepo?.(inside)).toMatchObject({ visibility: 'internal' })
    for (const token of [undefined, standIn.strangerToken, standIn.weakToken])
      expect(await hubFor(token).findRepo?.(repo)).toBeUndefined()
  })

  it('follows a renamed repo', async () => {
    const repo = await seeded(ref('model', 'old-name'))
    await official(standIn.token).rest.repos.update({ owner: 'alice', repo: 'old-name', name: 'new-name' })
    expect((await hub.findRepo?.(repo))?.ref).toEqual({ ...repo, name: 'new-name' })
  })

  it('lists every repo of an organisation and of a user, by type', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await seeded(ref('model', `list-${name}`, 'my-org'))
    await seeded(ref('dataset', 'list-rows', 'my-org'), { private: true })
    await seeded(ref('model', 'list-own'), { private: true })
    await seeded(ref('model', 'public-one', 'Somebody'))
    await official(standIn.token).rest.repos.update({ owner: 'my-org', repo: 'list-c', archived: true })
    const names = async (by: Hub, owner: string, type: RepoType) =>
      (await collect(by.listRepos?.(owner, type)))
        .map((row) => row.ref.name)
        .filter((name) => name !== 'inside')
    expect(await names(hub, 'my-org', 'model')).toEqual(['list-a', 'list-b', 'list-c', 'list-d', 'list-e'])
    expect(await names(hub, 'My-Org', 'dataset')).toEqual(['list-rows'])
    expect(await names(hubFor(), 'my-org', 'dataset')).toEqual([])
    expect(await names(hub, 'alice', 'model')).toContain('list-own')
    expect(await names(hubFor(standIn.appToken), 'alice', 'model')).not.toContain('list-own')
    expect(await names(hub, 'somebody', 'model')).toEqual(['public-one'])
    expect(await names(hub, 'nobody', 'model')).toEqual([])
    expect((await collect(hub.listRepos?.('my-org', 'dataset')))[0]?.ref).toEqual(
      ref('dataset', 'list-rows', 'my-org'),
    )
  })

  it.each<[RepoType, string]>([
    ['model', 'alice'],
    ['dataset', 'my-org'],
  ])(
    'creates a %s of %s with exactly the visibility that was asked for, again and again',
    async (type, owner) => {
      for (const visibility of ['private', 'public'] as const) {
        const repo = ref(type, `new-${type}-${visibility}`, owner)
        expect(await hub.createRepo?.(repo, { visibility })).toMatchObject({ ref: repo, visibility })
        expect(await hub.createRepo?.(repo, { visibility })).toMatchObject({ ref: repo, visibility })
        const isPrivate = visibility === 'private'
        const other = isPrivate ? 'public' : 'private'
        await failureOf(
          Promise.resolve(hub.createRepo?.(repo, { visibility: other })),
          isPrivate ? 'refused' : 'leak',
        )
        const { data } = await official(standIn.token).rest.repos.getAllTopics({ owner, repo: repo.name })
        expect(data.names).toEqual([type])
      }
    },
  )

  it('creates nothing where the token may not', async () => {
    const wanted = { visibility: 'private' } as const
    const foreign = ref('model', 'x', 'somebody-else')
    const error = await failureOf(Promise.resolve(hub.createRepo?.(foreign, wanted)), 'forbidden')
    expect(error.next).toContain('somebody-else')
    for (const token of [standIn.readToken, standIn.weakToken, undefined]) {
      const { code } = await failureOf(
        Promise.resolve(hubFor(token).createRepo?.(ref('model', 'read-only'), wanted)),
      )
      expect(code).toBe(token === undefined ? 'unauthorized' : 'forbidden')
    }
    expect(await hub.findRepo?.(ref('model', 'read-only'))).toBeUndefined()
    const app = hubFor(standIn.appToken)
    expect(await app.createRepo?.(ref('model', 'by-app', 'my-org'), wanted)).toMatchObject({
      visibility: 'private',
    })
  })

  it.each(['fault-rate-limit', 'fault-429', 'fault-500'])('gets over %s', async (name) => {
    const repo = await seeded(ref('model', name))
    standIn.requests.length = 0
    expect(await hub.findRepo?.(repo)).toMatchObject({ ref: repo })
    expect(standIn.requests.map(({ status }) => status).at(-1)).toBe(200)
    expect(standIn.requests).toHaveLength(3)
  })

  it('does not take a token elsewhere', async () => {
    standIn.requests.length = 0
    await failureOf(Promise.resolve(hub.findRepo?.(ref('model', 'fault-redirect-elsewhere'))), 'bad-answer')
    expect(standIn.requests.filter(({ server }) => server === 'elsewhere')).toEqual([])
  })

  it('has a git address that git can be pointed at', async () => {
    const { gitUrl, lfsUrl } = hub.remote(await seeded(ref('model', 'by-git')))
    const answer = await fetch(`${gitUrl}/info/refs?service=git-upload-pack`)
    expect(answer.status).toBe(200)
    await answer.arrayBuffer()
    expect(lfsUrl).toBe(`${gitUrl}/info/lfs`)
  })
})

describe('the official client against the stand-in', () => {
  it('creates, reads, changes, lists and deletes', async () => {
    const { rest, paginate } = official(standIn.token)
    const made = await rest.repos.createInOrg({ org: 'my-org', name: 'lifecycle', private: true })
    expect(made.status).toBe(201)
    expect(made.data).toMatchObject({ full_name: 'my-org/lifecycle', visibility: 'private', topics: [] })
    const at = { owner: 'my-org', repo: 'lifecycle' }
    expect((await rest.repos.listBranches(at)).data).toEqual([])
    expect((await rest.repos.replaceAllTopics({ ...at, names: ['dataset', 'x'] })).data.names).toEqual([
      'dataset',
      'x',
    ])
    expect((await rest.repos.update({ ...at, visibility: 'public' })).data.private).toBe(false)
    expect((await official().rest.repos.get(at)).data.topics).toEqual(['dataset', 'x'])
    const all = await paginate(rest.repos.listForOrg, { org: 'my-org', per_page: 100 })
    expect(all.filter(({ name }) => name === 'lifecycle')).toHaveLength(1)
    expect(all.length).toBeGreaterThan(2)
    expect((await rest.repos.delete(at)).status).toBe(204)
    expect(await statusOf(rest.repos.get(at))).toBe(404)
  })

  it('is told who it is and where it belongs', async () => {
    const me = await official(standIn.token).rest.users.getAuthenticated()
    expect(me.data.login).toBe('alice')
    expect(me.headers['x-oauth-scopes']).toContain('repo')
    expect(me.headers['x-ratelimit-limit']).toBe('5000')
    const orgs = async (token: string) =>
      (await official(token).rest.orgs.listForAuthenticatedUser()).data.map(({ login }) => login)
    expect(await orgs(standIn.token)).toEqual(['my-org'])
    expect(await orgs(standIn.readToken)).toEqual([])
    expect(await statusOf(orgs(standIn.strangerToken))).toBe(403)
  })

  it('is refused as GitHub refuses', async () => {
    const { rest } = official(standIn.token)
    const weak = official(standIn.weakToken).rest
    await rest.repos.createForAuthenticatedUser({ name: 'taken', private: true })
    expect(await statusOf(rest.repos.createForAuthenticatedUser({ name: 'Taken' }))).toBe(422)
    expect(await statusOf(rest.repos.createForAuthenticatedUser({ name: 'a b' }))).toBe(422)
    expect(await statusOf(rest.repos.createInOrg({ org: 'none', name: 'x' }))).toBe(404)
    expect(await statusOf(weak.repos.get({ owner: 'alice', repo: 'taken' }))).toBe(404)
    expect(await statusOf(weak.repos.createForAuthenticatedUser({ name: 'x' }))).toBe(403)
    expect(await statusOf(official('wrong').rest.users.getAuthenticated())).toBe(401)
    expect(await statusOf(official(standIn.appToken).rest.users.getAuthenticated())).toBe(403)
  })
})

describe('git against the stand-in', () => {
  const pointer = formatPointer({ oid: 'a'.repeat(64), size: 5 }).toString()

  it.each([
    ['pointers without objects', pointer, 'GH008: Your push referenced at least 1 unknown Git LFS objects'],
    ['large files', Buffer.alloc(2_000_000, 'x'), 'GH001: Large files detected'],
  ])('refuses a push of %s', async (_, content, words) => {
    const small = await startGitHub({ maxBlobSize: 1_000_000 })
    try {
      const { rest } = new Octokit({ baseUrl: `${small.endpoint}/api/v3`, auth: small.token })
      await rest.repos.createForAuthenticatedUser({ name: 'guarded' })
      const output = await push(`${small.endpoint}/alice/guarded.git`, small.token, content)
      expect(output).toContain(words)
      expect(await small.head(ref('model', 'guarded'))).toBeUndefined()
    } finally {
      await small.close()
    }
  })

  it('takes a push of what is right, by any user name', async () => {
    await official(standIn.token).rest.repos.createForAuthenticatedUser({ name: 'pushed' })
    await push(`${standIn.endpoint}/alice/pushed.git`, standIn.token, 'plain')
    expect((await standIn.files(ref('model', 'pushed'))).get('file')?.size).toBe(5)
  })

  it('is sent on from the old name of a repo', async () => {
    await seeded(ref('model', 'git-before'))
    await official(standIn.token).rest.repos.update({ owner: 'alice', repo: 'git-before', name: 'git-after' })
    const at = (name: string) => `${standIn.endpoint}/alice/${name}.git/info/refs?service=git-upload-pack`
    const answer = await fetch(at('git-before'), { redirect: 'manual' })
    await answer.arrayBuffer()
    expect([answer.status, answer.headers.get('location')]).toEqual([301, at('git-after')])
  })
})

/** Commits one file and pushes it with stock git; answers what git said. */
async function push(url: string, token: string, content: string | Buffer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mhs-push-'))
  try {
    const header = `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid']
    const git = (...args: string[]) =>
      run('git', ['-C', folder, ...identity, ...args], { env: gitEnvironment })
    await git('init', '-q', '-b', 'main')
    await writeFile(join(folder, 'file'), content)
    await git('add', 'file')
    await git('commit', '-q', '-m', 'One')
    const pushed = git('-c', `http.extraHeader=${header}`, 'push', url, 'main')
    return await pushed.then(
      ({ stderr }) => stderr,
      (failure: unknown) => String(failure),
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
