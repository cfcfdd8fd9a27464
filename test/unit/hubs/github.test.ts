import { describe, expect, it } from 'vitest'
import { gitHubHub } from '../../../src/hubs/github/api.ts'
import { type Asking, gitHubError } from '../../../src/hubs/github/errors.ts'
import { createOctokit, fetchOver } from '../../../src/hubs/github/octokit.ts'
import { githubProfile } from '../../../src/hubs/github/profile.ts'
import { apiUrl } from '../../../src/hubs/github/urls.ts'
import type { Hub } from '../../../src/hubs/hub.ts'
import { SyncError } from '../../../src/model/errors.ts'
import type { RepoRef } from '../../../src/model/repo.ts'
import type { Request } from '../../../src/net/http.ts'
import { fakeHttp, type Reply } from './fake-http.ts'
import { collect, failureOf, settingsOf, testContext } from './settings.ts'

const endpoint = 'https://github.com'
const api = 'https://api.github.com'
const ref: RepoRef = { hub: 'github', type: 'model', owner: 'o', name: 'n' }
const info = { full_name: 'o/n', topics: [], visibility: 'public', default_branch: 'main', license: null }
const json = { 'content-type': 'application/json; charset=utf-8' }

/** A hub whose requests are answered by path; what is not in the table is absent. */
function hubWith(
  replies: Readonly<Record<string, Reply | ((request: Request) => Reply)>>,
  hasToken = true,
): { readonly hub: Hub; readonly asked: () => string[] } {
  const { http, requests } = fakeHttp((request) => {
    const { pathname, search } = new URL(request.url)
    const reply =
      replies[`${request.method} ${pathname}${search}`] ?? replies[`${request.method} ${pathname}`]
    if (reply === undefined) throw new SyncError('not-found', `${pathname} is absent`, { status: 404 })
    const answer = typeof reply === 'function' ? reply(request) : reply
    return { ...answer, headers: { ...json, ...answer.headers } }
  })
  const profile = githubProfile(settingsOf('github', endpoint))
  const octokit = createOctokit(http, api, testContext().log)
  return {
    hub: gitHubHub({ id: 'github', endpoint, profile, http, octokit, hasToken }),
    asked: () => requests.map((request) => `${request.method} ${new URL(request.url).pathname}`),
  }
}

describe('where the API is', () => {
  it.each([
    ['https://github.com', 'https://api.github.com'],
    ['https://octo.ghe.com', 'https://api.octo.ghe.com'],
    ['https://git.example.org', 'https://git.example.org/api/v3'],
    ['https://github.com.example.org', 'https://github.com.example.org/api/v3'],
    ['https://evilghe.com', 'https://evilghe.com/api/v3'],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4000/api/v3'],
  ])('of %s is %s', (site, url) => {
    expect(apiUrl(site)).toBe(url)
  })
})

describe('the profile', () => {
  const profile = githubProfile(settingsOf('github', endpoint))

  it.each([
    ['https://api.github.com/user', 'api', 'bearer'],
    ['https://github.com/o/n.git', 'git', 'basic'],
    ['https://github.com/o/n.git/info/lfs/objects/batch', 'lfs', 'basic'],
    ['https://github.com/o/n', 'api', undefined],
    ['https://api.github.com/x', 'git', undefined],
    ['https://lfs.github.com/o/n/objects/1/verify', 'lfs', undefined],
    ['https://github-cloud.s3.amazonaws.com/x', 'transfer', undefined],
    ['https://github.com/x', 'transfer', undefined],
    ['http://github.com/o/n.git', 'git', undefined],
    ['https://api.github.com.example.org/user', 'api', undefined],
  ] as const)('a token for %s (%s): %s', (url, purpose, form) => {
    const at = new URL(url)
    const rule = profile.credentials.find((one) => one.purposes.includes(purpose) && one.covers(at))
    expect(rule?.form).toBe(form)
  })

  it.each([
    ['octo-org', 'Qwen3-0.6B', true],
    ['octo_corp', '.github', true],
    ['octo', 'a'.repeat(100), true],
    ['octo', 'a'.repeat(101), false],
    ['o'.repeat(40), 'a', false],
    ['octo.org', 'a', false],
    ['octo', 'a.git', false],
    ['octo', '..', false],
    ['octo', '模型', false],
    ['a/b', 'c', false],
  ])('%s/%s is a good name: %s', (owner, name, isGood) => {
    expect(profile.nameProblem(owner, name) === undefined).toBe(isGood)
  })

  it('knows the largest object of every plan of github.com, and of servers', () => {
    expect(profile.limits.fileBytes).toBe(5 * 2 ** 30)
    const server = githubProfile(settingsOf('github', 'https://git.example.org'))
    expect(server.limits.fileBytes).toBe(5 * 2 ** 30)
    expect(profile.limits.plainFileBytes).toBe(100 * 2 ** 20)
  })
})

describe('findRepo', () => {
  const find = (body: object, repo = ref) =>
    hubWith({ 'GET /repos/o/n': { json: { ...info, ...body } } }).hub.findRepo?.(repo) ??
    Promise.reject(new Error('no findRepo'))

  it.each([
    [{}, { visibility: 'public', gated: false, defaultBranch: 'main', url: 'https://github.com/o/n' }],
    [{ visibility: 'internal' }, { visibility: 'internal' }],
    [{ visibility: 'private', default_branch: 'feature/Über_1' }, { defaultBranch: 'feature/Über_1' }],
    [{ license: { spdx_id: 'Apache-2.0' } }, { license: 'apache-2.0' }],
    [
      { full_name: 'New/Name' },
      { ref: { ...ref, owner: 'New', name: 'Name' }, url: 'https://github.com/New/Name' },
    ],
  ])('%o', async (body, expected) => {
    expect(await find(body)).toMatchObject(expected)
  })

  it.each([[null], [{ spdx_id: 'NOASSERTION' }], [{ spdx_id: null }], ['odd']])(
    'takes %o for no license',
    async (license) => {
      expect(await find({ license })).not.toHaveProperty('license')
    },
  )

  it('goes by the topic "dataset"', async () => {
    const dataset: RepoRef = { ...ref, type: 'dataset' }
    expect(await find({ topics: ['x', 'dataset'] })).toBeUndefined()
    expect(await find({ topics: ['x', 'dataset'] }, dataset)).toMatchObject({ ref: dataset })
    expect(await find({ topics: ['model'] }, dataset)).toBeUndefined()
    expect(await find({ topics: undefined })).toMatchObject({ ref })
  })

  it('knows no repo where GitHub knows none, and nothing where it says something else', async () => {
    expect(await hubWith({}).hub.findRepo?.(ref)).toBeUndefined()
    const refusing = hubWith({
      'GET /repos/o/n': () => {
        throw new SyncError('forbidden', 'no', { status: 403 })
      },
    })
    await failureOf(Promise.resolve(refusing.hub.findRepo?.(ref)), 'forbidden')
  })

  it.each([
    [{ visibility: undefined }],
    [{ visibility: 'unknown' }],
    [{ full_name: '../admin' }],
    [{ full_name: 'o/n/x' }],
    [{ default_branch: '--upload-pack=x' }],
    [{ default_branch: 'a..b' }],
    [{ default_branch: 'a b' }],
    [{ default_branch: '' }],
    [{ topics: 'dataset' }],
  ])('does not believe %o', async (body) => {
    await failureOf(find(body), 'bad-answer')
  })

  it('does not believe an answer that is no JSON', async () => {
    const { hub } = hubWith({ 'GET /repos/o/n': { text: 'not json' } })
    await failureOf(Promise.resolve(hub.findRepo?.(ref)), 'bad-answer')
  })
})

describe('listRepos', () => {
  const rows = (...ids: string[]) => ids.map((id) => ({ full_name: id, topics: [] }))

  it('asks an organisation, page after page, and tells each repo once', async () => {
    const next = `<${api}/orgs/o/repos?page=2>; rel="next", <${api}/orgs/o/repos?page=2>; rel="last"`
    const { hub, asked } = hubWith({
      'GET /users/o': { json: { type: 'Organization' } },
      'GET /orgs/o/repos': { json: rows('O/a', 'O/b'), headers: { link: next } },
      'GET /orgs/o/repos?page=2': {
        json: [...rows('O/b', 'O/c'), { full_name: 'O/d', topics: ['dataset'] }],
      },
    })
    const found = await collect(hub.listRepos?.('o', 'model'))
    expect(found.map(({ ref: { owner, name } }) => `${owner}/${name}`)).toEqual(['O/a', 'O/b', 'O/c'])
    expect(asked()).toEqual(['GET /users/o', 'GET /orgs/o/repos', 'GET /orgs/o/repos'])
    const datasets = await collect(hub.listRepos?.('o', 'dataset'))
    expect(datasets).toEqual([{ ref: { hub: 'github', type: 'dataset', owner: 'O', name: 'd' } }])
  })

  it.each([
    ['its own', { 'GET /user': { json: { login: 'O' } }, 'GET /user/repos': { json: rows('O/a', 'x/b') } }],
    ['another user', { 'GET /user': { json: { login: 'me' } }, 'GET /users/o/repos': { json: rows('O/a') } }],
  ])('of %s', async (_, replies) => {
    const { hub } = hubWith({ 'GET /users/o': { json: { type: 'User' } }, ...replies })
    expect(await collect(hub.listRepos?.('o', 'model'))).toHaveLength(1)
  })

  it('asks for no account without a token', async () => {
    const replies = {
      'GET /users/o': { json: { type: 'User' } },
      'GET /users/o/repos': { json: rows('o/a') },
    }
    const { hub, asked } = hubWith(replies, false)
    expect(await collect(hub.listRepos?.('o', 'model'))).toHaveLength(1)
    expect(asked()).not.toContain('GET /user')
  })

  it('lists nothing of an owner that is none', async () => {
    expect(await collect(hubWith({}).hub.listRepos?.('o', 'model'))).toEqual([])
  })

  it.each([
    ['never ends', `<${api}/orgs/o/repos?page=2>; rel="next"`],
    ['leads elsewhere', '<https://evil.example/orgs/o/repos>; rel="next"'],
    ['leads to plain http', '<http://api.github.com/orgs/o/repos?page=3>; rel="next"'],
  ])('does not follow paging that %s', async (_, link) => {
    const page = { json: rows('o/a'), headers: { link } }
    const { hub, asked } = hubWith({
      'GET /users/o': { json: { type: 'Organization' } },
      'GET /orgs/o/repos': page,
      'GET /orgs/o/repos?page=2': page,
    })
    await failureOf(collect(hub.listRepos?.('o', 'model')), 'bad-answer')
    expect(asked().length).toBeLessThan(5)
  })

  it('throws where a page cannot be read, and where it is no list', async () => {
    const owner = { 'GET /users/o': { json: { type: 'Organization' } } }
    const conflict = () => {
      // Octokit's own paging takes a 409 for the end of the list.
      throw new SyncError('conflict', 'busy', { status: 409 })
    }
    await failureOf(
      collect(hubWith({ ...owner, 'GET /orgs/o/repos': conflict }).hub.listRepos?.('o', 'model')),
      'busy',
    )
    const none = { ...owner, 'GET /orgs/o/repos': { json: { message: 'no' } } }
    await failureOf(collect(hubWith(none).hub.listRepos?.('o', 'model')), 'bad-answer')
  })
})

describe('createRepo', () => {
  const wanted = { visibility: 'private' } as const

  /** A GitHub of one repo, which is made by POST. */
  function small(there: object | undefined, branches: readonly object[] = []) {
    let repo: object | undefined = there
    const bodies: unknown[] = []
    const make = (request: Request) => {
      bodies.push(JSON.parse(String(request.body)))
      repo = { ...info, visibility: 'private' }
      return { status: 201, json: repo }
    }
    const tools = hubWith({
      'GET /user': { json: { login: 'me' } },
      'GET /repos/o/n': () => {
        if (repo === undefined) throw new SyncError('not-found', 'absent', { status: 404 })
        return { json: repo }
      },
      'GET /repos/o/n/branches': { json: branches },
      'POST /orgs/o/repos': make,
      'PUT /repos/o/n/topics': (request) => {
        const { names } = JSON.parse(String(request.body))
        repo = { ...repo, topics: names }
        return { json: { names } }
      },
    })
    return { ...tools, bodies, topics: () => repo }
  }

  it('makes an empty repo with its type as a topic', async () => {
    const { hub, bodies, topics } = small(undefined)
    const dataset: RepoRef = { ...ref, type: 'dataset' }
    expect(await hub.createRepo?.(dataset, wanted)).toMatchObject({ ref: dataset, visibility: 'private' })
    expect(bodies).toEqual([{ name: 'n', private: true, auto_init: false }])
    expect(topics()).toMatchObject({ topics: ['dataset'] })
  })

  it('finishes what a dead run left empty', async () => {
    const { hub, topics, asked } = small({ ...info, visibility: 'private', topics: ['mine'] })
    const dataset: RepoRef = { ...ref, type: 'dataset' }
    expect(await hub.createRepo?.(dataset, wanted)).toMatchObject({ ref: dataset })
    expect(topics()).toMatchObject({ topics: ['mine', 'dataset'] })
    expect(asked()).not.toContain('POST /orgs/o/repos')
  })

  it.each([
    ['holds something', [{ name: 'main' }], []],
    ['says that it is a model', [], ['model']],
  ])('does not make a dataset of a repo that %s', async (_, branches, topics) => {
    const { hub, asked } = small({ ...info, visibility: 'private', topics }, branches)
    const error = await failureOf(
      Promise.resolve(hub.createRepo?.({ ...ref, type: 'dataset' }, wanted)),
      'refused',
    )
    expect(error.next).toContain('topic "dataset"')
    expect(asked()).not.toContain('PUT /repos/o/n/topics')
  })

  it('throws where the visibility is another', async () => {
    const { hub } = small(info)
    await failureOf(Promise.resolve(hub.createRepo?.(ref, wanted)), 'leak')
  })

  it('says so where the owner is none of the token', async () => {
    const { hub } = hubWith({ 'GET /user': { json: { login: 'me' } } })
    const error = await failureOf(Promise.resolve(hub.createRepo?.(ref, wanted)), 'forbidden')
    expect(error.next).toContain('"o"')
  })
})

describe('whoAmI', () => {
  it.each([
    ['repo, read:org', { username: 'me' }],
    ['public_repo', { username: 'me' }],
    ['read:org', { username: 'me', canWrite: false }],
    ['', { username: 'me' }],
    [undefined, { username: 'me' }],
  ])('with the scopes %o', async (scopes, expected) => {
    const headers: Record<string, string> = scopes === undefined ? {} : { 'x-oauth-scopes': scopes }
    const { hub } = hubWith({ 'GET /user': { json: { login: 'me' }, headers } })
    expect(await hub.whoAmI?.()).toEqual(expected)
  })

  it('takes the token of an app, and none that is none', async () => {
    const refusing = (code: 'forbidden' | 'unauthorized') =>
      hubWith({
        'GET /user': () => {
          throw new SyncError(code, 'no')
        },
      }).hub
    expect(await refusing('forbidden').whoAmI?.()).toEqual({ username: 'x-access-token' })
    await failureOf(Promise.resolve(refusing('unauthorized').whoAmI?.()), 'unauthorized')
  })
})

describe('errors', () => {
  const asking: Asking = { hub: 'github', hasToken: true, tokenVariable: 'GH_TOKEN', now: 1_000_000_000 }
  const errorOf = (status: number, headers: Record<string, string>, body: object | string, who = asking) =>
    gitHubError(
      { status, headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) },
      who,
    )

  it.each([
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1000030' }, 'API rate limit exceeded', 30],
    [429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '999999' }, 'API rate limit exceeded', 1],
    [403, { 'retry-after': '7' }, 'abuse', 7],
    [429, {}, 'slow down', 60],
    [403, { 'x-ratelimit-remaining': '12' }, 'You have exceeded a secondary rate limit.', 60],
  ])('%i %o is a limit', (status, headers, message, seconds) => {
    const error = errorOf(status, { ...headers }, { message })
    expect(error).toMatchObject({ code: 'rate-limited', retryAfter: seconds, retryable: true })
  })

  it('does not wait an hour for somebody without a token', () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1003600' }
    const error = errorOf(403, headers, { message: 'limit' }, { ...asking, hasToken: false })
    expect(error).toMatchObject({ code: 'rate-limited', retryable: false })
    expect(error?.next).toContain('GH_TOKEN')
  })

  it('leaves what says nothing of its own to the status', () => {
    expect(
      errorOf(403, { 'x-ratelimit-remaining': '12' }, { message: 'Resource not accessible' }),
    ).toBeUndefined()
    expect(errorOf(404, {}, { message: 'Not Found' })).toBeUndefined()
    expect(errorOf(500, {}, '<html>')).toBeUndefined()
  })

  it('passes on what is wrong with a request, in one printable line', () => {
    const errors = [
      { resource: 'Repository', message: 'name already exists\u001b[2J on this account' },
      'plain',
    ]
    const error = errorOf(422, {}, { message: 'Validation Failed', errors })
    expect(error?.code).toBe('refused')
    expect(error?.message).toContain('Validation Failed: name already exists\\x1b[2J on this account: plain')
    expect(errorOf(422, {}, '[1')?.message).toContain('no reason given')
  })

  it('says where a token is wanted, wrong or not authorised', () => {
    expect(errorOf(401, {}, {})?.next).toContain('expired')
    expect(errorOf(401, {}, {}, { ...asking, hasToken: false })?.next).toContain('Set GH_TOKEN')
    expect(errorOf(403, { 'x-github-sso': 'required' }, {})?.next).toContain('single sign-on')
  })
})

describe('the fetch that Octokit gets', () => {
  it('goes to the API only, and repeats what may be repeated', async () => {
    const { http, requests } = fakeHttp(() => ({ json: { a: 1 }, headers: json }))
    const fetch = fetchOver(http, api)
    for (const method of ['GET', 'PUT', 'POST', 'PATCH', 'DELETE']) {
      await fetch(`${api}/x`, { method, headers: {}, ...(method === 'POST' ? { body: '{}' } : {}) })
    }
    expect(requests.map((request) => request.idempotent)).toEqual([true, true, false, false, false])
    expect(requests[2]?.body).toBe('{}')
    await failureOf(fetch('https://github.com/x', { method: 'GET', headers: {} }), 'bad-answer')
    await failureOf(fetch(`${api}/x`, { method: 'TRACE', headers: {} }), 'internal')
    const answer = await fetch(`${api}/x`, { method: 'GET', headers: {} })
    expect(await answer.text()).toBe('{"a":1}')
    expect(Buffer.from(await answer.arrayBuffer()).toString()).toBe('{"a":1}')
  })

  it('is never told a token, and names the version of the API', async () => {
    const { http, requests } = fakeHttp(() => ({ json: { login: 'me' }, headers: json }))
    await createOctokit(http, api, testContext().log).rest.users.getAuthenticated()
    expect(requests[0]?.headers).toMatchObject({ 'x-github-api-version': '2022-11-28' })
    expect(Object.keys(requests[0]?.headers ?? {})).not.toContain('authorization')
  })
})
