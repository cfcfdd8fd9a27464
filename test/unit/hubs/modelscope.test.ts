import { describe, expect, it } from 'vitest'
import { modelScopeHub } from '../../../src/hubs/modelscope/api.ts'
import { modelScopeError } from '../../../src/hubs/modelscope/errors.ts'
import { modelScopeProfile } from '../../../src/hubs/modelscope/profile.ts'
import type { CommitChange } from '../../../src/model/commit.ts'
import { SyncError } from '../../../src/model/errors.ts'
import type { FileEntry, OpenFile } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import type { RepoRef } from '../../../src/model/repo.ts'
import type { Http, Request } from '../../../src/net/http.ts'
import { fakeHttp, type Reply, toAnswer } from './fake-http.ts'
import { collect, failureOf, settingsOf } from './settings.ts'

const model: RepoRef = { hub: 'modelscope', type: 'model', owner: 'my-org', name: 'Qwen3-0.6B' }
const dataset: RepoRef = { ...model, type: 'dataset' }
const sha = 'a'.repeat(40)
const oid = 'b'.repeat(64)
const at = { repo: model, branch: 'master', commit: sha }
const ok = (Data: unknown, beside: object = {}): Reply => ({
  json: { Code: 200, Data, Message: 'success', Success: true, ...beside },
})
const failed = (status: number, Code: number, Message: string): Reply => ({
  status,
  json: { Code, Data: null, Message, Success: false },
})

function hubWith(
  reply: (url: URL, request: Request, n: number) => Reply,
  open?: Http['open'],
  endpoint = 'https://www.modelscope.cn',
) {
  const fake = fakeHttp((request, n) => reply(new URL(request.url), request, n), open)
  const profile = modelScopeProfile(settingsOf('modelscope', endpoint))
  return { hub: modelScopeHub({ id: 'modelscope', endpoint, profile, http: fake.http }), ...fake }
}

describe('findRepo', () => {
  it.each([
    [
      { Visibility: 5, ProtectedMode: 2 },
      { visibility: 'public', gated: false },
    ],
    [
      { Visibility: 1, ProtectedMode: 1, License: 'mit' },
      { visibility: 'private', gated: true, license: 'mit' },
    ],
    [{ Visibility: 3 }, { visibility: 'internal', gated: false }],
  ])('reads %j', async (detail, expected) => {
    const { hub } = hubWith(() => ok(detail))
    expect(await hub.findRepo(model)).toMatchObject({ ref: model, defaultBranch: 'master', ...expected })
  })

  it.each([[{ Visibility: 4 }], [{}], [null], [{ Visibility: '5' }]])(
    'does not believe %j',
    async (detail) => {
      await failureOf(hubWith(() => ok(detail)).hub.findRepo(model), 'bad-answer')
    },
  )

  it.each<[Reply, string | undefined]>([
    [failed(404, 10010205001, 'record not found'), undefined],
    [failed(404, 10010200001, 'no access'), 'forbidden'],
    [failed(404, 10010205001, 'Error 1461: Can not create more'), 'unavailable'],
    [failed(404, 12345, 'something else'), 'not-found'],
    [{ status: 404, json: {} }, 'not-found'],
    [{ status: 403, text: '<p>YUNWAF_CLIENT_UNCLASSIFIED</p>' }, 'refused'],
    [failed(403, 1, '无权访问该数据集'), 'forbidden'],
    [failed(200, 12345, 'odd'), 'refused'],
    [{ json: { Code: 200, Success: false, Data: { Visibility: 5 }, Message: 'odd' } }, 'refused'],
  ])('%j is %s', async (reply, code) => {
    const found = hubWith(() => reply).hub.findRepo(model)
    if (code === undefined) expect(await found).toBeUndefined()
    else expect((await failureOf(found)).code).toBe(code)
  })
})

describe('listRepos', () => {
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => ({ Path: 'my-org', Name: `repo-${from + n}`, Visibility: 5 }))

  it('asks page after page for models, by PUT with the slash', async () => {
    const pages = [rows(0, 50), rows(49, 60)]
    const { hub, requests } = hubWith((_, __, n) => ok({ Models: pages[n - 1], TotalCount: 61 }))
    const found = await collect(hub.listRepos?.('my-org', 'model'))
    expect(found).toHaveLength(60)
    expect(found[0]).toEqual({ ref: { ...model, name: 'repo-0' } })
    const base = { url: 'https://www.modelscope.cn/api/v1/models/', method: 'PUT', idempotent: true }
    expect(requests).toEqual([
      { ...base, json: { Path: 'my-org', PageNumber: 1, PageSize: 50 } },
      { ...base, json: { Path: 'my-org', PageNumber: 2, PageSize: 50 } },
    ])
  })

  it('reads the list of datasets from the top level', async () => {
    const data = [
      { Namespace: 'my-org', Name: 'd', Visibility: 1, ProtectedMode: 1 },
      { Namespace: 'other-org', Name: 'e' },
    ]
    const { hub, requests } = hubWith(() => ok(data, { TotalCount: 2 }))
    const found = await collect(hub.listRepos?.('my-org', 'dataset'))
    expect(found).toEqual([{ ref: { ...dataset, name: 'd' } }])
    expect(new URL(`${requests[0]?.url}`).search).toBe('?owner=my-org&PageNumber=1&PageSize=50')
  })

  it('throws rather than to end early, and at a name that is none', async () => {
    const short = hubWith((_, __, n) => ok({ Models: n === 1 ? rows(0, 50) : [], TotalCount: 70 }))
    await failureOf(collect(short.hub.listRepos?.('my-org', 'model')), 'bad-answer')
    const endless = hubWith((_, __, n) => ok({ Models: rows(n, n + 1), TotalCount: 1e15 }))
    await failureOf(collect(endless.hub.listRepos?.('my-org', 'model')), 'bad-answer')
    const odd = hubWith(() => ok({ Models: [{ Path: 'my-org', Name: '../x' }], TotalCount: 1 }))
    await failureOf(collect(odd.hub.listRepos?.('my-org', 'model')), 'bad-answer')
  })
})

describe('createRepo', () => {
  const create = async (repo: RepoRef, license: string | undefined, endpoint?: string) => {
    const reply = (_: URL, request: Request) => (request.method === 'POST' ? ok(null) : ok({ Visibility: 1 }))
    const { hub, requests } = hubWith(reply, undefined, endpoint)
    const wanted = { visibility: 'private' as const, ...(license === undefined ? {} : { license }) }
    await hub.createRepo?.(repo, wanted)
    return requests[0]
  }

  it.each([
    ['apache-2.0', 'apache-2.0'],
    ['Apache-2.0', 'apache-2.0'],
    ['llama3', 'other'],
    [undefined, 'other'],
  ])('asks for a model by JSON, license %s as %s', async (license, License) => {
    const request = await create(model, license)
    const json = { Path: 'my-org', Name: 'Qwen3-0.6B', Visibility: 1, License }
    expect(request).toMatchObject({ url: 'https://www.modelscope.cn/api/v1/models', method: 'POST', json })
  })

  it('asks for a dataset by a form', async () => {
    const request = await create(dataset, 'mit')
    const type = request?.headers?.['content-type'] ?? ''
    const body = new Response(Buffer.from(request?.body ?? ''), { headers: { 'content-type': type } })
    const form = Object.fromEntries((await body.formData()).entries())
    expect(form).toEqual({ Owner: 'my-org', Name: 'Qwen3-0.6B', Visibility: '1', License: 'mit' })
  })

  it('says its language to the international site only', async () => {
    const language = 'x-modelscope-accept-language'
    const ai = await create(model, 'mit', 'https://www.modelscope.ai')
    expect(ai?.headers?.[language]).toBe('en_US')
    expect((await create(model, 'mit'))?.headers?.[language]).toBeUndefined()
  })

  it('does not take a 200 with Success: false for success', async () => {
    const { hub } = hubWith((_, request) =>
      request.method === 'POST'
        ? failed(200, 10010202008, 'parameter error')
        : failed(404, 10010205001, 'none'),
    )
    await failureOf(Promise.resolve(hub.createRepo?.(model, { visibility: 'public' })), 'refused')
  })
})

describe('resolveRevision', () => {
  it('asks once, and does not take the default branch for a commit', async () => {
    const { hub, requests } = hubWith(() =>
      ok({ Commit: [{ Id: sha, Title: 't', Message: 'm' }], TotalCount: 1 }),
    )
    expect(await hub.resolveRevision?.(model, 'master')).toBe(sha)
    expect(requests).toHaveLength(1)
    expect(await hub.resolveRevision?.(model, 'f'.repeat(40))).toBeUndefined()
    expect(await hubWith(() => ok({ Commit: null })).hub.resolveRevision?.(model, 'x')).toBeUndefined()
  })
})

describe('listFiles', () => {
  const entry = { Type: 'blob', Path: 'a', Mode: '33188', Size: 5, Sha256: oid, IsLFS: false }

  it('reads modes, and no digest where there is none', async () => {
    const Files = [
      entry,
      { ...entry, Path: 'dir', Type: 'tree', Sha256: null, Size: 0 },
      { ...entry, Path: 'run.sh', Mode: '33261', Sha256: sha },
      { ...entry, Path: 'link', Mode: 40960, Sha256: '' },
      { ...entry, Path: 'big', IsLFS: true, Sha256: oid.toUpperCase() },
    ]
    expect(await collect(hubWith(() => ok({ Files })).hub.listFiles?.(at))).toEqual([
      { path: 'a', size: 5, storage: 'git', digests: { sha256: oid } },
      { path: 'run.sh', size: 5, storage: 'git', digests: {}, mode: 'executable' },
      { path: 'link', size: 5, storage: 'git', digests: {}, mode: 'symlink' },
      { path: 'big', size: 5, storage: 'lfs', digests: { sha256: oid } },
    ])
  })

  it('takes an empty list for no proof of an empty repo, and refuses paths that lead out', async () => {
    const nothing = hubWith(() => ok({ Files: null })).hub
    await failureOf(collect(nothing.listFiles?.(at)), 'listing-cut')
    await failureOf(collect(nothing.listFiles?.({ ...at, repo: dataset })), 'listing-cut')
    const { hub } = hubWith(() => ok({ Files: [{ ...entry, Path: 'a/../../b' }] }))
    await failureOf(collect(hub.listFiles?.(at)), 'bad-path')
  })

  it('reads a dataset in pages until one is short', async () => {
    const page = (n: number, length: number) =>
      Array.from({ length }, (_, index) => ({ ...entry, Path: `${n}-${index}` }))
    const { hub, requests } = hubWith((_, __, n) => ok({ Files: page(n, n < 3 ? 200 : 1) }))
    expect(await collect(hub.listFiles?.({ ...at, repo: dataset }))).toHaveLength(401)
    expect(requests).toHaveLength(3)
  })
})

describe('a list of files that is not what it says', () => {
  const entries = (length: number) =>
    Array.from({ length }, (_, n) => ({ Type: 'blob', Path: `${n}`, Size: 1, Sha256: oid }))

  it('goes on behind a short page that is not the last, and ends in listing-cut where rows are missing', async () => {
    const sizes = [100, 100, 50, 0]
    const paged = (TotalCount: number) =>
      hubWith((_, __, n) => ok({ Files: entries(sizes[n - 1] ?? 0), TotalCount }))
    const whole = paged(250)
    expect(await collect(whole.hub.listFiles?.({ ...at, repo: dataset }))).toHaveLength(250)
    expect(whole.requests).toHaveLength(3)
    await failureOf(collect(paged(300).hub.listFiles?.({ ...at, repo: dataset })), 'listing-cut')
  })

  it('takes 3000 entries of a model for a cut', async () => {
    const of = (length: number) => hubWith(() => ok({ Files: entries(length) })).hub.listFiles?.(at)
    expect(await collect(of(2999))).toHaveLength(2999)
    await failureOf(collect(of(3000)), 'listing-cut')
  })
})

describe('openFile', () => {
  const plain: FileEntry = {
    path: parseRepoPath('a b#.txt'),
    size: 9,
    storage: 'git',
    digests: { sha256: oid },
  }
  const lfs: FileEntry = { ...plain, storage: 'lfs' }
  const fails = (code: 'unavailable' | 'not-found') => () => Promise.reject(new SyncError(code, 'no'))
  const gives = (size: number) => async (): Promise<OpenFile> => ({
    body: (async function* () {})(),
    size,
    close: () => undefined,
  })
  const stored = (has: boolean) => () =>
    ok({
      objects: [{ oid, size: 9, actions: has ? { download: { href: 'x' } } : { upload: { href: 'x' } } }],
    })
  const opening = (file: FileEntry, has: boolean, open: Http['open']) => {
    const { hub, requests } = hubWith(stored(has), open)
    return { requests, opened: Promise.resolve(hub.openFile?.(at, file)) }
  }

  it('asks whether an object is there only where its file fails', async () => {
    await failureOf(opening(lfs, false, fails('unavailable')).opened, 'object-missing')
    await failureOf(opening(lfs, true, fails('unavailable')).opened, 'unavailable')
    await failureOf(opening(lfs, false, gives(0)).opened, 'object-missing')
    await failureOf(opening(lfs, true, gives(0)).opened, 'truncated')
    const fine = opening(lfs, false, gives(9))
    expect((await fine.opened)?.size).toBe(9)
    expect(fine.requests).toEqual([])
  })

  it('never calls a plain file an object', async () => {
    const { opened, requests } = opening(plain, false, fails('not-found'))
    await failureOf(opened, 'not-found')
    expect(requests).toEqual([])
  })
})

describe('commit', () => {
  const change: CommitChange = {
    ...{ kind: 'plain', path: parseRepoPath('x'), size: 1, isNew: false },
    read: async () => Buffer.from('1'),
  }
  const changes: CommitChange[] = [
    change,
    { kind: 'lfs', path: parseRepoPath('m.bin'), object: { oid, size: 3e9 }, isNew: true },
    { kind: 'delete', path: parseRepoPath('old') },
  ]
  const commit = { branch: 'master', parent: sha, title: 'Sync', trailers: ['Synced-By: x'], changes }

  it('sends one action a change', async () => {
    const { hub, requests } = hubWith(() => ok({ oid: sha }))
    expect(await hub.commit?.(dataset, commit)).toBe(sha)
    const lfs = { type: 'lfs', size: 3e9, sha256: oid, content: '', encoding: '' }
    const normal = { type: 'normal', sha256: '' }
    expect(requests[0]?.json).toEqual({
      commit_message: 'Sync\n\nSynced-By: x\n',
      actions: [
        { action: 'update', path: 'x', ...normal, size: 1, content: 'MQ==', encoding: 'base64' },
        { action: 'create', path: 'm.bin', ...lfs },
        { action: 'delete', path: 'old', ...normal, size: 0, content: '', encoding: '' },
      ],
    })
    expect(new URL(`${requests[0]?.url}`).pathname).toBe(
      '/api/v1/repos/datasets/my-org/Qwen3-0.6B/commit/master',
    )
  })

  it('looks up the id if the answer has none', async () => {
    const reply = (_: URL, request: Request) =>
      request.method === 'POST' ? ok(null) : ok({ Commit: [{ Id: sha }] })
    expect(await hubWith(reply).hub.commit?.(model, commit)).toBe(sha)
  })
})

describe('modelScopeError', () => {
  const of = (reply: Reply) => modelScopeError(toAnswer({ url: 'https://x.example' }, reply), 'hub')
  const write = (status: number, message: string) => failed(status, 10030000001, message)

  it.each<[Reply, string | undefined, boolean]>([
    [write(429, 'commit lock busy, please try again'), 'busy', true],
    [write(400, 'Could not update refs/heads/master'), 'busy', true],
    [write(409, 'branch changed, please retry'), 'conflict', false],
    [write(429, 'Commit frequency limit exceeded'), 'rate-limited', true],
    [write(400, 'commit rejected by repository policy'), 'refused', false],
    [write(422, 'commit request exceeds actions limit: 3300 > 2000'), 'too-large', false],
    [write(400, 'user not logged in'), 'unauthorized', false],
    [write(403, 'no write permission to repository a/b'), 'forbidden', false],
    [write(404, "could not be found or you don't have permission to view it"), 'forbidden', false],
    [failed(403, 1, '无权访问该数据集'), 'forbidden', true],
    [failed(400, 10010101001, '该名称已被注册使用，请重新命名'), 'conflict', false],
    [failed(404, 10990101007, 'file not found'), 'not-found', false],
    [write(500, 'internal error'), undefined, false],
    [{ status: 403, text: '<html><b>YUNWAF_CLIENT_UNCLASSIFIED</b></html>' }, 'refused', false],
  ])('%j is %s', (reply, code, retryable) => {
    expect([of(reply)?.code, of(reply)?.retryable ?? false]).toEqual([code, retryable])
  })

  it('says which variable holds the token', () => {
    const reply = toAnswer({ url: 'https://x.example' }, write(400, 'user not logged in'))
    expect(modelScopeError(reply, 'hub', 'Set A_TOKEN.')?.next).toBe('Set A_TOKEN.')
    const forbidden = toAnswer({ url: 'https://x.example' }, write(403, 'no write permission'))
    expect(modelScopeError(forbidden, 'hub', 'Set A_TOKEN.')?.next).not.toContain('A_TOKEN')
  })

  it('waits as long as the hub says', () => {
    const headers = { 'retry-after': '90' }
    expect(of({ ...write(429, 'Commit frequency limit exceeded'), headers })?.retryAfter).toBe(90)
    expect(of(write(429, 'commit lock busy'))?.retryAfter).toBeUndefined()
  })
})
