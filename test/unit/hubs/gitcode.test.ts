import { describe, expect, it } from 'vitest'
import { createLogin } from '../../../src/hubs/gitcode/account.ts'
import { gitcodeHub } from '../../../src/hubs/gitcode/api.ts'
import { createGitCode } from '../../../src/hubs/gitcode/create-gitcode.ts'
import { gitcodeError } from '../../../src/hubs/gitcode/errors.ts'
import { gitcodeProfile, v5RequestsPerSecond } from '../../../src/hubs/gitcode/profile.ts'
import { originsOf } from '../../../src/hubs/gitcode/urls.ts'
import type { ErrorCode } from '../../../src/model/errors.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import type { Purpose } from '../../../src/model/profile.ts'
import type { RepoRef } from '../../../src/model/repo.ts'
import type { Request } from '../../../src/net/http.ts'
import { fakeHttp, type Reply } from './fake-http.ts'
import { collect, failureOf, settingsOf, testContext } from './settings.ts'

const model: RepoRef = { hub: 'gitcode', type: 'model', owner: 'my-org', name: 'Qwen3-0.6B' }
const dataset: RepoRef = { ...model, type: 'dataset' }
const api = 'https://api.gitcode.com/api/v5'
const repoUrl = `${api}/repos/my-org/Qwen3-0.6B`
const item = {
  full_name: 'my-org/Qwen3-0.6B',
  default_branch: 'main',
  private: false,
  public: true,
  internal: false,
  repo_type: 'model',
  license: 'Apache_License_v2.0',
}
const failed = (status: number, code: number, name: string, message: string): Reply => ({
  status,
  json: { error_code: code, error_code_name: name, error_message: message, trace_id: 'x' },
})
const absent = failed(404, 404, 'UN_KNOW', 'Project not found, path is my-org/Qwen3-0.6B')

/** Answers by method and address without its query; what is not told of is the account `alice`. */
function hubWith(replies: Readonly<Record<string, Reply | ((request: Request, n: number) => Reply)>>) {
  const fake = fakeHttp((request, n) => {
    const { origin, pathname } = new URL(request.url)
    const reply = replies[`${request.method ?? 'GET'} ${origin}${pathname}`]
    if (reply === undefined && pathname.endsWith('/user')) return { json: { login: 'alice' } }
    if (reply === undefined)
      throw new Error(`not expected: ${request.method ?? 'GET'} ${String(request.url)}`)
    return typeof reply === 'function' ? reply(request, n) : reply
  })
  const profile = gitcodeProfile(settingsOf('gitcode', 'https://gitcode.com'))
  const none = fakeHttp(() => {
    throw new Error('LFS only')
  })
  const login = createLogin(fake.http, api, 'gitcode')
  const site = {
    id: 'gitcode',
    endpoint: 'https://gitcode.com',
    profile,
    http: none.http,
    api,
    v5: fake.http,
    login,
  }
  const asked = () => fake.requests.map(({ method = 'GET', url }) => `${method} ${String(url)}`)
  return { hub: gitcodeHub(site), requests: fake.requests, asked }
}

describe('where things are', () => {
  it.each([
    ['https://gitcode.com', 'https://gitcode.com', api],
    ['https://www.gitcode.com', 'https://gitcode.com', api],
    ['https://ai.gitcode.com', 'https://gitcode.com', api],
    ['https://hub.atomgit.com', 'https://atomgit.com', 'https://api.atomgit.com/api/v5'],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4000', 'http://127.0.0.1:4000/api/v5'],
    ['https://evil-gitcode.com', 'https://evil-gitcode.com', 'https://evil-gitcode.com/api/v5'],
    ['https://gitcode.com.example', 'https://gitcode.com.example', 'https://gitcode.com.example/api/v5'],
  ])('%s', (endpoint, web, v5) => {
    expect(originsOf(endpoint)).toMatchObject({ web, api: v5 })
  })

  it('names git, LFS and pages, with owners of two levels', () => {
    const { hub } = hubWith({})
    expect(hub.remote(dataset)).toEqual({
      gitUrl: 'https://gitcode.com/my-org/Qwen3-0.6B.git',
      lfsUrl: 'https://gitcode.com/my-org/Qwen3-0.6B.git/info/lfs',
    })
    const deep = { ...model, owner: 'hf_mirrors/Qwen' }
    expect(hub.remote(deep).gitUrl).toBe('https://gitcode.com/hf_mirrors/Qwen/Qwen3-0.6B.git')
    expect(hub.mirrorPage?.(model)).toBe('https://gitcode.com/my-org/Qwen3-0.6B/setting/mirror')
  })

  it.each<[string, Purpose, string | undefined]>([
    ['https://api.gitcode.com/api/v5/user', 'api', 'private-token'],
    ['https://gitcode.com/api/v5/user', 'api', undefined],
    ['https://api.atomgit.com/api/v5/user', 'api', undefined],
    ['https://gitcode.com/o/n.git', 'git', 'basic'],
    ['https://hub.gitcode.com/o/n.git/info/lfs', 'lfs', 'basic'],
    ['http://hub.gitcode.com/o/n.git/info/lfs', 'lfs', undefined],
    ['https://lfs-cdn.gitcode.com/x', 'lfs', undefined],
    ['https://api.gitcode.com/o/n.git', 'git', undefined],
    ['https://gitcode.com/x', 'transfer', undefined],
    ['https://api.gitcode.com.evil.example/api/v5', 'api', undefined],
  ])('the token for %s as %s: %s', (url, purpose, form) => {
    const { credentials } = gitcodeProfile(settingsOf('gitcode', 'https://gitcode.com'))
    const rule = credentials.find(
      ({ purposes, covers }) => purposes.includes(purpose) && covers(new URL(url)),
    )
    expect(rule?.form).toBe(form)
  })
})

describe('profile', () => {
  const profile = gitcodeProfile(settingsOf('gitcode', 'https://gitcode.com'))

  it('keeps V5 under 50 requests a minute, and git and LFS apart from it', () => {
    const settings = settingsOf('gitcode', 'https://gitcode.com')
    expect(v5RequestsPerSecond(settings) * 60).toBeLessThanOrEqual(50)
    expect(v5RequestsPerSecond({ ...settings, rateLimit: 0.5 })).toBe(0.5)
    expect(profile.requestsPerSecond).toBeGreaterThan(1)
  })

  it('sends what is over 5 MiB by LFS, and nothing large as a plain file', () => {
    const at = (size: number) => profile.storageOf('model', parseRepoPath('a.json'), size)
    expect([at(0), at(1_000_000), at(6_000_000)]).toEqual(['git', 'as-source', 'lfs'])
    expect(profile.limits).toMatchObject({ plainFileBytes: 10_000_000, repoBytes: 107_374_182_400 })
  })

  it.each([
    ['my-org', 'a.b_c-D', true],
    ['hf_mirrors/Qwen', 'x', true],
    ['my-org', 'a b', false],
    ['my-org', '模型', false],
    ['my-org', 'a.git', false],
    ['..', 'a', false],
  ])('%s/%s', (owner, name, isFine) => {
    expect(profile.nameProblem(owner, name) === undefined).toBe(isFine)
  })
})

describe('findRepo', () => {
  it('reads a repo', async () => {
    const { hub } = hubWith({ [`GET ${repoUrl}`]: { json: item } })
    expect(await hub.findRepo(model)).toEqual({
      ref: model,
      visibility: 'public',
      gated: false,
      defaultBranch: 'main',
      license: 'Apache_License_v2.0',
      url: 'https://gitcode.com/my-org/Qwen3-0.6B',
    })
  })

  it.each([
    [{ private: 1, public: 0, internal: 0 }, 'private'],
    [{ private: 0, public: 1, internal: 0 }, 'public'],
    [{ private: 0, public: 0, internal: 1 }, 'internal'],
    [{ private: false, public: false, internal: undefined }, 'internal'],
    [{ private: undefined, public: undefined, internal: undefined, visibility: 'private' }, 'private'],
    [{ private: true, public: undefined, internal: undefined }, 'private'],
  ])('%j is %s', async (fields, visibility) => {
    const { hub } = hubWith({ [`GET ${repoUrl}`]: { json: { ...item, ...fields } } })
    expect(await hub.findRepo(model)).toMatchObject({ visibility })
  })

  it.each([
    [{ private: undefined, public: undefined, internal: undefined }],
    [{ private: false, public: undefined, internal: undefined }],
    [{ private: true, public: true }],
    [{ private: 0, public: 0, internal: 0 }],
    [{ visibility: 'private' }],
    [{ visibility: 'secret' }],
    [{ public: 'yes' }],
    [{ full_name: undefined }],
    [{ full_name: 'my-org/../x' }],
    [{ default_branch: 'a..b' }],
  ])('does not believe %j', async (fields) => {
    const { hub } = hubWith({ [`GET ${repoUrl}`]: { json: { ...item, ...fields } } })
    await failureOf(hub.findRepo(model), 'bad-answer')
  })

  it.each([
    ['model', 'model', true],
    ['code', 'model', true],
    [undefined, 'model', true],
    ['dataset', 'model', false],
    ['space', 'model', false],
    ['dataset', 'dataset', true],
    ['model', 'dataset', false],
  ] as const)('a repo of type %s is a %s: %s', async (repoType, type, isFound) => {
    const { hub } = hubWith({ [`GET ${repoUrl}`]: { json: { ...item, repo_type: repoType } } })
    expect((await hub.findRepo({ ...model, type })) !== undefined).toBe(isFound)
  })

  it('follows a new name, and encodes owners of two levels', async () => {
    const deep = { ...model, owner: 'hf_mirrors/Qwen' }
    const url = `${api}/repos/hf_mirrors%2FQwen/Qwen3-0.6B`
    const { hub } = hubWith({ [`GET ${url}`]: { json: { ...item, full_name: 'hf_mirrors/Qwen/other' } } })
    expect((await hub.findRepo(deep))?.ref).toEqual({ ...deep, name: 'other' })
  })

  it.each<[Reply, ErrorCode | undefined]>([
    [absent, undefined],
    [failed(404, 404, 'UN_KNOW', '404, token not found'), 'unauthorized'],
    [failed(404, 404, 'NOT_FOUND', 'Not Found'), 'not-found'],
    [{ status: 404, text: '<html>nginx</html>' }, 'not-found'],
    [failed(400, 400, 'BAD_REQUEST', '403 Forbidden'), 'forbidden'],
    [failed(400, 1000, 'PARAMETER_ERROR', 'must not be blank'), 'refused'],
    [failed(403, 403, 'UN_KNOW', 'CH.00000403 apig token has not permission'), 'forbidden'],
    [failed(200, 404, 'UN_KNOW', 'Project not found'), 'not-found'],
    [failed(200, 500, 'FAIL', '系统错误'), 'unavailable'],
  ])('%j is %s', async (reply, code) => {
    const found = hubWith({ [`GET ${repoUrl}`]: reply }).hub.findRepo(model)
    if (code === undefined) expect(await found).toBeUndefined()
    else await failureOf(found, code)
  })
})

describe('errors', () => {
  it('say which variable holds the token', () => {
    const answer = { status: 401, headers: {}, body: Buffer.from('{"message":"401 Unauthorized"}') }
    expect(gitcodeError(answer, 'gitcode', 'Set A_TOKEN.')?.next).toBe('Set A_TOKEN.')
  })

  const errorOf = ({ status = 200, headers = {}, json }: Reply) =>
    gitcodeError({ status, headers, body: Buffer.from(JSON.stringify(json ?? {})) }, 'gitcode')

  it.each<[Reply, ErrorCode, boolean]>([
    [
      failed(413, 413, 'UN_KNOW', 'Insufficient LFS space. Used 115705728911 B of 107374182400 B'),
      'too-large',
      false,
    ],
    [{ status: 507 }, 'too-large', false],
    [{ status: 509 }, 'too-large', false],
    [{ status: 418 }, 'refused', false],
    [failed(500, 500, 'FAIL', '系统错误'), 'unavailable', true],
    [{ status: 401, json: { message: '401 Unauthorized' } }, 'unauthorized', false],
    [failed(400, 400, 'BAD_REQUEST', 'check url unreachable'), 'refused', false],
    [failed(400, 400, 'BAD_REQUEST', 'Project path already exist'), 'conflict', false],
    [failed(422, 422, 'X', '项目路径已存在'), 'conflict', false],
    [
      { ...failed(429, 429, 'X', 'Too many requests'), headers: { 'retry-after': '7' } },
      'rate-limited',
      true,
    ],
  ])('%j is %s', (reply, code, retryable) => {
    const error = errorOf(reply)
    expect([error?.code, error?.retryable]).toEqual([code, retryable])
    if (code === 'rate-limited') expect(error?.retryAfter).toBe(7)
    else if (!['conflict', 'unavailable'].includes(code)) expect(error?.next).toMatch(/\.$/)
  })

  it('leaves what it does not know to the status', () => {
    expect(errorOf({ status: 410, json: { message: 'gone' } })).toBeUndefined()
    expect(errorOf(failed(400, 1000, 'PARAMETER_ERROR', 'must not be blank'))).toBeUndefined()
  })
})

describe('listRepos', () => {
  const rows = (from: number, to: number, owner = 'my-org') =>
    Array.from({ length: to - from }, (_, n) => ({ ...item, full_name: `${owner}/repo-${from + n}` }))
  const pageOf = (request: Request) => Number(new URL(request.url).searchParams.get('page'))

  it('asks an organisation for its type, over short and overlapping pages', async () => {
    const pages = [rows(0, 100), rows(99, 120), rows(118, 130), rows(118, 130)]
    const { hub, asked } = hubWith({
      [`GET ${api}/orgs/my-org/repos`]: (request) => ({ json: pages[pageOf(request) - 1] }),
    })
    const found = await collect(hub.listRepos?.('my-org', 'model'))
    expect(found).toHaveLength(130)
    expect(found[0]).toEqual({ ref: { ...model, name: 'repo-0' } })
    expect(asked()[1]).toBe(`GET ${api}/orgs/my-org/repos?type=all&repo_type=model&page=1&per_page=100`)
    expect(asked()).toHaveLength(5)
  })

  it('ends where total_page says, and throws where total_count says more', async () => {
    const headers = { total_count: '3', total_page: '1' }
    const path = `GET ${api}/orgs/my-org/repos`
    const whole = hubWith({ [path]: { json: rows(0, 3), headers } })
    expect(await collect(whole.hub.listRepos?.('my-org', 'model'))).toHaveLength(3)
    expect(whole.asked()).toHaveLength(2)
    const cut = hubWith({ [path]: { json: rows(0, 2), headers } })
    await failureOf(collect(cut.hub.listRepos?.('my-org', 'model')), 'bad-answer')
  })

  it("lists the token's own account by a list of its own", async () => {
    const mixed = [
      ...rows(0, 2, 'alice'),
      ...rows(5, 7),
      { ...item, full_name: 'alice/d', repo_type: 'dataset' },
    ]
    const { hub } = hubWith({ [`GET ${api}/user/repos`]: { json: mixed, headers: { total_page: '1' } } })
    const found = await collect(hub.listRepos?.('Alice', 'model'))
    expect(found.map(({ ref }) => `${ref.owner}/${ref.name}`)).toEqual(['alice/repo-0', 'alice/repo-1'])
  })

  it('takes what is no organisation for a user', async () => {
    const { hub } = hubWith({
      [`GET ${api}/orgs/bob/repos`]: failed(404, 404, 'UN_KNOW', 'Group not found'),
      [`GET ${api}/users/bob/repos`]: { json: rows(0, 2, 'bob'), headers: { total_page: '1' } },
    })
    expect(await collect(hub.listRepos?.('bob', 'model'))).toHaveLength(2)
    expect(await collect(hub.listRepos?.('bob', 'dataset'))).toHaveLength(0)
  })

  it('does not go on for ever', async () => {
    const { hub } = hubWith({
      [`GET ${api}/orgs/my-org/repos`]: (request) => ({ json: rows(pageOf(request), pageOf(request) + 1) }),
    })
    await failureOf(collect(hub.listRepos?.('my-org', 'model')), 'bad-answer')
  })
})

describe('createRepo', () => {
  const createUrl = `POST ${api}/orgs/my-org/repos`

  it('makes a repo of the type for an organisation, with exactly the visibility', async () => {
    const { hub, requests } = hubWith({
      [createUrl]: { status: 201, json: item },
      [`GET ${repoUrl}`]: { json: { ...item, private: true, public: false } },
    })
    expect(await hub.createRepo?.(model, { visibility: 'private' })).toMatchObject({ visibility: 'private' })
    expect(requests.find(({ method }) => method === 'POST')?.json).toEqual({
      name: 'Qwen3-0.6B',
      path: 'Qwen3-0.6B',
      private: true,
      public: 0,
      repository_type: 'model',
      auto_init: false,
    })
  })

  it('makes one for the account itself by another route', async () => {
    const own = { ...dataset, owner: 'alice' }
    const { hub, requests } = hubWith({
      [`POST ${api}/user/repos`]: { json: {} },
      [`GET ${api}/repos/alice/Qwen3-0.6B`]: {
        json: { ...item, full_name: 'alice/Qwen3-0.6B', repo_type: 'dataset' },
      },
    })
    await hub.createRepo?.(own, { visibility: 'public' })
    const json = requests.find(({ method }) => method === 'POST')?.json
    expect(json).toMatchObject({ private: false, repository_type: 'dataset' })
    expect(json).not.toHaveProperty('public')
  })

  it('puts the visibility right where the hub made it otherwise', async () => {
    let isPrivate = true
    const { hub, requests } = hubWith({
      [createUrl]: { json: item },
      [`PATCH ${repoUrl}`]: (request) => {
        isPrivate = (request.json as { private: boolean }).private
        return { json: item }
      },
      [`GET ${repoUrl}`]: () => ({ json: { ...item, private: isPrivate, public: !isPrivate } }),
    })
    expect(await hub.createRepo?.(model, { visibility: 'public' })).toMatchObject({ visibility: 'public' })
    expect(requests.find(({ method }) => method === 'PATCH')?.json).toEqual({
      name: 'Qwen3-0.6B',
      private: false,
    })
  })

  it('throws where it stays wider than asked for', async () => {
    const { hub } = hubWith({
      [createUrl]: { json: item },
      [`PATCH ${repoUrl}`]: { json: item },
      [`GET ${repoUrl}`]: { json: item },
    })
    await failureOf(Promise.resolve(hub.createRepo?.(model, { visibility: 'private' })), 'leak')
  })

  it('never changes a repo that exists', async () => {
    const { hub, asked } = hubWith({
      [createUrl]: failed(409, 409, 'UN_KNOW', 'Project path already exist'),
      [`GET ${repoUrl}`]: { json: item },
    })
    expect(await hub.createRepo?.(model, { visibility: 'public' })).toMatchObject({ visibility: 'public' })
    await failureOf(Promise.resolve(hub.createRepo?.(model, { visibility: 'private' })), 'leak')
    expect(asked().filter((line) => line.startsWith('PATCH'))).toEqual([])
  })

  it('says that the name is taken by another type', async () => {
    const { hub } = hubWith({
      [createUrl]: failed(400, 400, 'BAD_REQUEST', 'Project path already exist'),
      [`GET ${repoUrl}`]: { json: { ...item, repo_type: 'dataset' } },
    })
    const error = await failureOf(
      Promise.resolve(hub.createRepo?.(model, { visibility: 'public' })),
      'refused',
    )
    expect(error.message).toContain('dataset')
  })
})

describe('importRepo', () => {
  const source = 'https://www.modelscope.cn/Qwen/Qwen3-0.6B.git'
  const createUrl = `POST ${api}/orgs/my-org/repos`

  it('makes the repo from an address', async () => {
    const { hub, requests } = hubWith({
      [createUrl]: { json: item },
      [`GET ${repoUrl}`]: { json: { ...item, default_branch: 'master' } },
    })
    const info = await hub.importRepo?.(model, source, { visibility: 'public' })
    expect(info).toMatchObject({ visibility: 'public', defaultBranch: 'master' })
    expect(requests.find(({ method }) => method === 'POST')?.json).toMatchObject({
      import_url: source,
      repository_type: 'model',
      public: 1,
    })
  })

  it.each<[Reply, ErrorCode]>([
    [failed(400, 400, 'BAD_REQUEST', 'check url unreachable'), 'refused'],
    [failed(200, 400, 'BAD_REQUEST', 'check url unreachable'), 'refused'],
    [failed(409, 409, 'UN_KNOW', 'Project path already exist'), 'conflict'],
  ])('%j is %s, though a repo of the name may be there', async (reply, code) => {
    const { hub } = hubWith({ [createUrl]: reply, [`GET ${repoUrl}`]: { json: item } })
    await failureOf(Promise.resolve(hub.importRepo?.(model, source, { visibility: 'public' })), code)
  })
})

describe('whoAmI', () => {
  it('tells every namespace, and asks for the account once', async () => {
    const rows = [
      { path: 'alice', html_url: 'https://gitcode.com/alice', type: 'user' },
      { path: 'Qwen', html_url: 'https://gitcode.com/hf_mirrors/Qwen', type: 'group' },
      { path: 'my-org', html_url: null, type: 'group' },
    ]
    const { hub, asked } = hubWith({ [`GET ${api}/user/namespaces`]: { json: rows } })
    expect(await hub.whoAmI?.()).toEqual({
      username: 'alice',
      owners: ['alice', 'Qwen', 'hf_mirrors/Qwen', 'my-org'],
    })
    await hub.whoAmI?.()
    const narrow = failed(403, 403, 'UN_KNOW', 'CH.00000403 apig token has not permission')
    expect(await hubWith({ [`GET ${api}/user/namespaces`]: narrow }).hub.whoAmI?.()).toEqual({
      username: 'alice',
    })
    expect(asked().filter((line) => line.endsWith('/user'))).toHaveLength(1)
  })
})

describe('without a token', () => {
  const hub = createGitCode(testContext(), settingsOf('gitcode', 'https://gitcode.com'))

  it('leaves repos to git, and says why it lists none', async () => {
    expect(hub.findRepo).toBeUndefined()
    const error = await failureOf((async () => collect(hub.listRepos?.('my-org', 'model')))(), 'unauthorized')
    expect(error.next).toContain('HUB_TOKEN')
  })
})
