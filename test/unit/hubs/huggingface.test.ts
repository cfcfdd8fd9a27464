import { describe, expect, it } from 'vitest'
import { huggingFaceError } from '../../../src/hubs/huggingface/errors.ts'
import type { CommitChange } from '../../../src/model/commit.ts'
import { SyncError } from '../../../src/model/errors.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import { type Reply, toAnswer } from './fake-http.ts'
import { at, dataset, endpoint, hubWith, info, model, oid, sha } from './huggingface-hub.ts'
import { collect, failureOf } from './settings.ts'

describe('findRepo', () => {
  it('tells what the hub says', async () => {
    const { hub, requests } = hubWith(() => ({ json: info }))
    expect(await hub.findRepo(model)).toEqual({
      ref: model,
      visibility: 'public',
      gated: false,
      defaultBranch: 'main',
      head: sha,
      license: 'apache-2.0',
      url: 'https://huggingface.co/Qwen/Qwen3-0.6B',
    })
    expect(new URL(`${requests[0]?.url}`).pathname).toBe('/api/models/Qwen/Qwen3-0.6B')
  })

  it('follows a rename, and says so in the ref', async () => {
    const { hub } = hubWith(() => ({ json: { ...info, id: 'new-org/new-name' } }))
    expect((await hub.findRepo(model))?.ref).toEqual({ ...model, owner: 'new-org', name: 'new-name' })
  })

  it.each([
    [
      { ...info, private: true },
      { visibility: 'private', gated: false },
    ],
    [
      { ...info, gated: 'manual' },
      { visibility: 'public', gated: true },
    ],
    [
      { ...info, gated: 'auto', private: true },
      { visibility: 'private', gated: true },
    ],
    [{ ...info, cardData: { license: ['mit', 'other'] } }, { visibility: 'public' }],
    [{ ...info, cardData: null, sha: null }, { gated: false }],
  ])('reads %j', async (json, expected) => {
    expect(await hubWith(() => ({ json })).hub.findRepo(model)).toMatchObject(expected)
  })

  it('tells no license and no head where there is not exactly one', async () => {
    const json = { ...info, sha: null, cardData: { license: ['mit', 'other'] } }
    const found = await hubWith(() => ({ json })).hub.findRepo(model)
    expect(found).not.toHaveProperty('license')
    expect(found).not.toHaveProperty('head')
  })

  it.each([
    [{ ...info, private: 'no' }],
    [{ ...info, gated: 1 }],
    [{ ...info, id: '../../settings/x' }],
    [{ ...info, id: 'a/..' }],
    [{ ...info, id: 'gpt2' }],
    [[]],
    ['<html>'],
  ])('does not believe %j', async (json) => {
    await failureOf(hubWith(() => ({ json })).hub.findRepo(model), 'bad-answer')
  })

  it('knows absence only from the hub itself', async () => {
    const code = (value: string) => ({ 'x-error-code': value })
    const absent = hubWith(() => ({ status: 404, headers: code('RepoNotFound') }))
    expect(await absent.hub.findRepo(model)).toBeUndefined()
    await failureOf(hubWith(() => ({ status: 404 })).hub.findRepo(model), 'not-found')
    await failureOf(hubWith(() => ({ status: 401 })).hub.findRepo(model), 'unauthorized')
    await failureOf(hubWith(() => ({ status: 403 })).hub.findRepo(model), 'forbidden')
    await failureOf(hubWith(() => ({ status: 403, headers: code('GatedRepo') })).hub.findRepo(model), 'gated')
    const anonymous = hubWith(() => ({ status: 401, headers: code('RepoNotFound') }), false)
    const error = await failureOf(anonymous.hub.findRepo(model), 'unauthorized')
    expect(error.message).toContain('Qwen/Qwen3-0.6B')
    expect(error.next).toContain('HUB_TOKEN')
  })
})

describe('resolveRevision', () => {
  it('encodes the revision and asks once', async () => {
    const { hub, requests } = hubWith(() => ({ json: { id: info.id, sha } }))
    expect(await hub.resolveRevision?.(model, 'refs/pr/1')).toBe(sha)
    expect(requests.map((request) => new URL(request.url).pathname)).toEqual([
      '/api/models/Qwen/Qwen3-0.6B/revision/refs%2Fpr%2F1',
    ])
  })

  it('gives undefined for an unknown revision, and refuses an id that is none', async () => {
    const unknown = hubWith(() => ({ status: 404, headers: { 'x-error-code': 'RevisionNotFound' } }))
    expect(await unknown.hub.resolveRevision?.(model, 'x')).toBeUndefined()
    const odd = hubWith(() => ({ json: { sha: '../../x' } })).hub.resolveRevision?.(model, 'x')
    await failureOf(Promise.resolve(odd), 'bad-answer')
  })
})

describe('listFiles', () => {
  const lfs = { oid, size: 999, pointerSize: 130 }

  it('tells digests and sizes of the content', async () => {
    const json = [
      { type: 'directory', path: 'a', oid: sha, size: 0 },
      { type: 'file', path: 'a/model.bin', oid: sha, size: 999, lfs },
      { type: 'file', path: 'a/配置 #1.json', oid: sha, size: 5 },
      { type: 'unknown', path: 'module', oid: sha },
    ]
    const { hub, requests } = hubWith(() => ({ json }))
    expect(await collect(hub.listFiles?.({ ...at, repo: dataset }))).toEqual([
      { path: 'a/model.bin', size: 999, storage: 'lfs', digests: { sha256: oid } },
      { path: 'a/配置 #1.json', size: 5, storage: 'git', digests: { gitBlob: sha } },
      { path: 'module', storage: 'git', digests: {}, mode: 'submodule' },
    ])
    expect(new URL(`${requests[0]?.url}`).pathname).toBe(`/api/datasets/Qwen/some%20data/tree/${sha}`)
  })

  it.each(['../up', '/etc/passwd', 'a/.GIT/config', 'a\nb'])('refuses the path %j', async (path) => {
    const { hub } = hubWith(() => ({ json: [{ type: 'file', path, oid: sha, size: 1 }] }))
    await failureOf(collect(hub.listFiles?.(at)), 'bad-path')
  })

  it('refuses an object id that is none', async () => {
    const json = [{ type: 'file', path: 'x', oid: sha, size: 1, lfs: { ...lfs, oid: sha } }]
    await failureOf(collect(hubWith(() => ({ json })).hub.listFiles?.(at)), 'bad-answer')
  })
})

describe('openFile', () => {
  const file = {
    path: parseRepoPath('a b/#1?.bin'),
    size: 9,
    storage: 'lfs',
    digests: { sha256: oid },
  } as const
  const gone = () => Promise.reject(new SyncError('not-found', 'gone'))

  it('encodes each part of the path', async () => {
    const { hub, opened } = hubWith(
      () => ({}),
      true,
      async () => ({ body: (async function* () {})(), close: () => undefined }),
    )
    await hub.openFile?.({ ...at, repo: dataset }, file, { start: 3 })
    const url = `https://huggingface.co/datasets/Qwen/some%20data/resolve/${sha}/a%20b/%231%3F.bin`
    expect(opened).toEqual([{ url, range: { start: 3 } }])
  })

  it('answers for an empty file by itself', async () => {
    const { hub, opened } = hubWith(() => ({}))
    const open = await hub.openFile?.(at, { ...file, size: 0 }, { start: 0 })
    expect(open?.size).toBe(0)
    expect(await collect(open?.body)).toEqual([])
    expect(opened).toEqual([])
  })

  const code = (value: string) => ({ status: 404, headers: { 'x-error-code': value } })
  const opening = (reply: (url: URL) => Reply, storage: 'lfs' | 'git' = 'lfs') =>
    failureOf(Promise.resolve(hubWith(reply, true, gone).hub.openFile?.(at, { ...file, storage })))

  it('tells a missing object from a missing commit, where the hub says what is missing', async () => {
    const there = (url: URL) => (url.pathname.includes('/resolve/') ? code('EntryNotFound') : { json: info })
    expect((await opening(there)).code).toBe('object-missing')
    expect((await opening(there, 'git')).code).toBe('not-found')
    expect((await opening(() => code('RevisionNotFound'))).code).toBe('not-found')
  })

  it('leaves it to git where a server says 404 and no more of a repo that it shows', async () => {
    const bare = (url: URL) => (url.pathname.includes('/resolve/') ? { status: 404 } : { json: info })
    expect((await opening(bare)).code).toBe('unsupported')
    expect((await opening(bare, 'git')).code).toBe('unsupported')
    expect(
      (await opening((url) => (url.pathname.includes('/resolve/') ? { status: 404 } : code('RepoNotFound'))))
        .code,
    ).toBe('not-found')
  })
})

describe('commit', () => {
  const path = parseRepoPath('a "quoted".txt')
  const changes: CommitChange[] = [
    { kind: 'lfs', path: parseRepoPath('m.bin'), object: { oid, size: 3e9 }, isNew: true },
    { kind: 'plain', path, size: 5, isNew: false, read: async () => Buffer.from('hello') },
    { kind: 'delete', path: parseRepoPath('old') },
  ]
  const commit = {
    branch: 'main',
    parent: sha,
    title: 'Sync',
    trailers: ['Synced-By: x', 'Synced-Run: y'],
    changes,
  }

  it('sends one line a change under the parent', async () => {
    const { hub, requests } = hubWith(() => ({ json: { success: true, commitOid: sha } }))
    expect(await hub.commit?.(model, commit)).toBe(sha)
    const [request] = requests
    expect(request).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/x-ndjson' } })
    const lines = `${Buffer.from(request?.body ?? '')}`.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        key: 'header',
        value: { summary: 'Sync', description: 'Synced-By: x\nSynced-Run: y', parentCommit: sha },
      },
      { key: 'lfsFile', value: { path: 'm.bin', algo: 'sha256', oid, size: 3e9 } },
      { key: 'file', value: { path, content: 'aGVsbG8=', encoding: 'base64' } },
      { key: 'deletedFile', value: { path: 'old' } },
    ])
  })

  it('sends nothing if a file is not as long as planned', async () => {
    const { hub, requests } = hubWith(() => ({ json: { commitOid: sha } }))
    const wrong: CommitChange = {
      kind: 'plain',
      path,
      size: 6,
      isNew: true,
      read: async () => Buffer.from('hello'),
    }
    await failureOf(Promise.resolve(hub.commit?.(model, { ...commit, changes: [wrong] })), 'corrupt')
    expect(requests).toEqual([])
  })
})

describe('createRepo', () => {
  it('believes what the hub shows, not what it answered', async () => {
    const { hub } = hubWith((url) => (url.pathname === '/api/repos/create' ? {} : { json: info }))
    await failureOf(Promise.resolve(hub.createRepo?.(model, { visibility: 'private' })), 'leak')
    expect(await hub.createRepo?.(model, { visibility: 'public' })).toMatchObject({ visibility: 'public' })
  })
})

describe('whoAmI', () => {
  it('tells the organisations, and that a read token cannot write', async () => {
    const auth = { type: 'access_token', accessToken: { displayName: 'x', role: 'read' } }
    const json = { type: 'user', name: 'alice', orgs: [{ name: 'my-org' }], auth }
    expect(await hubWith(() => ({ json })).hub.whoAmI?.()).toEqual({
      username: 'alice',
      owners: ['alice', 'my-org'],
      canWrite: false,
    })
    const { auth: _, ...bare } = json
    // Without what only the hub itself tells, nothing follows from its list of organisations.
    expect(await hubWith(() => ({ json: bare })).hub.whoAmI?.()).toEqual({ username: 'alice' })
  })

  const fineGrained = (scoped: unknown, global: unknown = []) => {
    const accessToken = { role: 'fineGrained', fineGrained: { canReadGatedRepos: true, global, scoped } }
    const json = { type: 'user', name: 'alice', orgs: [{ name: 'my-org' }], auth: { accessToken } }
    return hubWith(() => ({ json })).hub.whoAmI?.()
  }
  const may = (type: string, name: string, ...permissions: string[]) => ({
    entity: { type, name },
    permissions,
  })
  it('tells for whom a fine-grained token may write', async () => {
    const read = may('user', 'alice', 'repo.content.read')
    const scopes = [read, may('org', 'my-org', 'repo.write'), may('model', 'other/x', 'repo.write')]
    expect(await fineGrained(scopes)).toEqual({ username: 'alice', owners: ['my-org', 'other'] })
    expect(await fineGrained([read])).toEqual({ username: 'alice', canWrite: false })
    expect(await fineGrained([])).toEqual({ username: 'alice', canWrite: false })
  })

  it('concludes nothing from what it does not know', async () => {
    expect(await fineGrained([], ['repo.write'])).toEqual({ username: 'alice' })
    expect(await fineGrained([may('collection', 'x', 'repo.write')])).toEqual({ username: 'alice' })
    const all = { username: 'alice', owners: ['alice', 'my-org'] }
    expect(await fineGrained('another form')).toEqual(all)
  })
})

describe('readmeProblems', () => {
  const asked = (reply: Reply) => {
    const { hub, requests } = hubWith(() => reply)
    return { requests, problems: hub.readmeProblems?.(model, Buffer.from('---\nlanguage: 7\n---\n')) }
  }
  it('asks the hub itself, with the text as it will be written', async () => {
    const { requests, problems } = asked({ json: { errors: [], warnings: [{ message: 'no license' }] } })
    expect(await problems).toEqual([])
    expect(requests[0]).toMatchObject({
      method: 'POST',
      json: { content: '---\nlanguage: 7\n---\n', repoType: 'model' },
    })
  })
  it('tells every error', async () => {
    const errors = [{ message: '"language" must be a string' }, { message: '"widget" must be an array' }]
    expect(await asked({ status: 400, json: { errors } }).problems).toEqual(
      errors.map(({ message }) => message),
    )
  })
  it.each<Reply>([
    { status: 404, json: {} },
    { status: 405, text: '' },
    { status: 400, json: { error: 'what is this' } },
    { status: 400, text: '<html>' },
    { status: 403, json: {} },
  ])('takes %j for a server that does not check', async (reply) => {
    expect(await asked(reply).problems).toEqual([])
  })
})

describe('huggingFaceError', () => {
  const of = (reply: Reply) =>
    huggingFaceError(toAnswer({ url: endpoint }, reply), 'hub', {
      hasToken: true,
      tokenVariable: 'HUB_TOKEN',
    })

  it.each<[Reply, string | undefined]>([
    [{ status: 412 }, 'conflict'],
    [
      { status: 409, json: { error: 'Cannot create repo: another conflicting operation is in progress' } },
      'busy',
    ],
    [{ status: 409, json: { error: 'You already created this model repo' } }, undefined],
    [{ status: 402 }, 'forbidden'],
    [{ status: 500 }, undefined],
    [{ status: 403, json: { error: 'Your storage patterns tripped our internal systems!' } }, 'forbidden'],
    [{ status: 403, json: { error: 'no' } }, undefined],
    [{ status: 401, json: { error: 'Invalid credentials in Authorization header' } }, 'unauthorized'],
  ])('%j is %s', (reply, code) => {
    expect(of(reply)?.code).toBe(code)
  })

  it('repeats the words of the hub without their control characters', () => {
    const error = of({ status: 412, headers: { 'x-error-message': 'no\u001b[2J' } })
    expect(error?.message).toBe('hub: the hub answered 412: no\\x1b[2J')
  })
})
