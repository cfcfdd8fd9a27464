import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Hub } from '../../../src/hubs/hub.ts'
import { createHub } from '../../../src/hubs/index.ts'
import { modelersHub } from '../../../src/hubs/modelers/api.ts'
import { modelersError } from '../../../src/hubs/modelers/errors.ts'
import { modelersProfile } from '../../../src/hubs/modelers/profile.ts'
import { SyncError } from '../../../src/model/errors.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import type { RepoRef } from '../../../src/model/repo.ts'
import type { Http } from '../../../src/net/http.ts'
import type { StandIn } from '../../stand-ins/core/stand-in.ts'
import { startModelers } from '../../stand-ins/modelers/index.ts'
import { fakeHttp, type Reply, toAnswer } from './fake-http.ts'
import { collect, failureOf, settingsOf, testContext } from './settings.ts'

const endpoint = 'https://modelers.cn'
const model: RepoRef = { hub: 'modelers', type: 'model', owner: 'PyTorch-NPU', name: 'some model' }
const sha = 'a'.repeat(40)
const oid = 'b'.repeat(64)
const at = { repo: model, branch: 'main', commit: sha }
const info = { id: '7', owner: 'PyTorch-NPU', name: 'x', visibility: 'public', labels: { license: ['mit'] } }
const account = { hasToken: true, tokenVariable: 'HUB_TOKEN', endpoint }
const profile = modelersProfile(settingsOf('modelers', endpoint))

const ok = (data: unknown): Reply => ({ json: { code: '', msg: '', data } })
const refused = (status: number, code: string, msg = 'no'): Reply => ({
  status,
  json: { code, msg, data: null },
})

function hubWith(reply: (url: URL, n: number) => Reply, hasToken = true, open?: Http['open']) {
  const fake = fakeHttp((request, n) => reply(new URL(request.url), n), open)
  const site = { id: 'modelers', endpoint, account: { ...account, hasToken }, profile, http: fake.http }
  return { hub: modelersHub(site), ...fake }
}

describe('findRepo', () => {
  it('tells what the hub says, in the hub’s spelling', async () => {
    const { hub, requests } = hubWith(() => ok(info))
    expect(await hub.findRepo(model)).toEqual({
      ref: { ...model, name: 'x' },
      visibility: 'public',
      gated: false,
      defaultBranch: 'main',
      license: 'mit',
      url: 'https://modelers.cn/models/PyTorch-NPU/x',
    })
    expect(new URL(`${requests[0]?.url}`).pathname).toBe('/api/v1/model/PyTorch-NPU/some%20model')
  })

  it.each([
    [{ ...info, visibility: 'private' }, { visibility: 'private' }],
    [{ ...info, labels: null }, { gated: false }],
    [{ ...info, labels: { license: null } }, { gated: false }],
  ])('reads %j', async (json, expected) => {
    expect(await hubWith(() => ok(json)).hub.findRepo(model)).toMatchObject(expected)
  })

  it.each([[['other']], [['mit', 'isc']], [[]], [['']]])('tells no license for %j', async (license) => {
    const found = await hubWith(() => ok({ ...info, labels: { license } })).hub.findRepo(model)
    expect(found).not.toHaveProperty('license')
  })

  it.each([
    [{ ...info, visibility: undefined }],
    [{ ...info, visibility: 'internal' }],
    [{ ...info, name: '../../x' }],
    [null],
    ['<html>'],
  ])('does not believe %j', async (data) => {
    await failureOf(hubWith(() => ok(data)).hub.findRepo(model), 'bad-answer')
  })

  it('knows absence only from the hub itself, and only with a token', async () => {
    const absent = () => refused(404, 'model_not_found')
    expect(await hubWith(absent).hub.findRepo(model)).toBeUndefined()
    const error = await failureOf(hubWith(absent, false).hub.findRepo(model), 'unauthorized')
    expect(error.next).toContain('HUB_TOKEN')
    await failureOf(hubWith(() => ({ status: 404, text: '<html>' })).hub.findRepo(model), 'not-found')
  })
})

describe('listRepos', () => {
  const row = (n: number) => ({ owner: 'pytorch-npu', name: `r${n}` })
  const rows = (from: number, count: number) => Array.from({ length: count }, (_, n) => row(from + n))

  it('reads page after page until the total', async () => {
    const { hub, requests } = hubWith((_, n) =>
      ok({ total: 150, models: n === 1 ? rows(0, 100) : rows(100, 50) }),
    )
    expect(await collect(hub.listRepos?.('PyTorch-NPU', 'model'))).toHaveLength(150)
    const pages = requests.map((request) => new URL(request.url).searchParams)
    expect(pages.map((page) => [page.get('page_num'), page.get('count'), page.get('owner')])).toEqual([
      ['1', 'true', 'PyTorch-NPU'],
      ['2', 'true', 'PyTorch-NPU'],
    ])
  })

  it('takes null for none, and datasets under their own key', async () => {
    expect(
      await collect(hubWith(() => ok({ total: 0, models: null })).hub.listRepos?.('x', 'model')),
    ).toEqual([])
    const { hub } = hubWith(() => ok({ total: 1, datasets: [row(1)] }))
    expect(await collect(hub.listRepos?.('pytorch-npu', 'dataset'))).toEqual([
      { ref: { hub: 'modelers', type: 'dataset', owner: 'pytorch-npu', name: 'r1' } },
    ])
  })

  it('goes on after a full page where no total is told, and leaves out strangers and repeats', async () => {
    const { hub } = hubWith((_, n) =>
      ok({ models: n === 1 ? rows(0, 100) : [row(99), { owner: 'else', name: 'x' }, row(100)] }),
    )
    expect(await collect(hub.listRepos?.('pytorch-npu', 'model'))).toHaveLength(101)
  })

  it('throws where repos are missing, but for the card of an organisation', async () => {
    const listing = (card: Reply) => (url: URL, n: number) =>
      url.pathname.endsWith('/README') ? card : ok({ total: 3, models: n === 1 ? rows(0, 2) : [] })
    const withCard = hubWith(listing(ok({ ...info, name: 'README' }))).hub
    expect(await collect(withCard.listRepos?.('pytorch-npu', 'model'))).toHaveLength(2)
    const without = hubWith(listing(refused(404, 'model_not_found'))).hub
    await failureOf(collect(without.listRepos?.('pytorch-npu', 'model')), 'bad-answer')
    const endless = hubWith(() => ok({ total: 1e9, models: rows(0, 1) })).hub
    await failureOf(collect(endless.listRepos?.('pytorch-npu', 'model')), 'bad-answer')
  })
})

describe('createRepo', () => {
  const create = (reply: (url: URL) => Reply, wanted: { visibility: 'private'; license?: string }) => {
    const fake = hubWith(reply)
    return { ...fake, created: Promise.resolve(fake.hub.createRepo?.(model, wanted)) }
  }
  const hidden = { ...info, visibility: 'private' }

  it.each([
    ['MIT', 'mit'],
    ['llama3', 'other'],
    [undefined, 'other'],
  ])('names the license %s as %s', async (license, sent) => {
    const { created, requests } = create((url) => ok(url.pathname === '/api/v1/model' ? '7' : hidden), {
      visibility: 'private',
      ...(license === undefined ? {} : { license }),
    })
    expect(await created).toMatchObject({ visibility: 'private' })
    expect(requests[0]?.json).toEqual({
      owner: 'PyTorch-NPU',
      name: 'some model',
      license: sent,
      visibility: 'private',
    })
  })

  const duplicate = new SyncError('conflict', 'dulicate creating', { retryable: false })
  const taken = (kind: string | undefined) => (url: URL) => {
    if (url.pathname === '/api/v1/model') throw duplicate
    return kind !== undefined && url.pathname.includes(`/${kind}/`)
      ? ok(info)
      : refused(404, `${kind}_not_found`)
  }

  it.each(['dataset', 'space'])('says that the name is a %s’s', async (kind) => {
    const error = await failureOf(create(taken(kind), { visibility: 'private' }).created, 'refused')
    expect(error.message).toContain(`is a ${kind} on modelers`)
    expect(error.next).toContain('another name')
  })

  it('says that the name is somebody’s whom the token may not see', async () => {
    const error = await failureOf(create(taken('model'), { visibility: 'private' }).created)
    expect(error.code).toBe('leak')
    const unseen = (url: URL) => {
      if (url.pathname === '/api/v1/model') throw duplicate
      return refused(404, `${url.pathname.split('/')[3]}_not_found`)
    }
    const other = await failureOf(create(unseen, { visibility: 'private' }).created, 'refused')
    expect(other.message).toContain('may not see it')
  })
})

describe('listFiles', () => {
  const walk = (folders: Readonly<Record<string, readonly object[]>>) =>
    hubWith((url) => {
      const tree = folders[url.searchParams.get('path') ?? '']
      return tree === undefined ? refused(404, 'not_dir') : ok({ tree })
    })
  const file = { type: 'file', size: 5, etag: sha, is_lfs: false }

  it('walks the folders, and tells digests by their kind', async () => {
    const { hub, requests } = walk({
      '': [
        { ...file, path: 'README.md' },
        { type: 'dir', path: '模型 #1', size: 0, etag: '', is_lfs: false },
        { type: 'dir', path: 'module' },
      ],
      '模型 #1': [
        { ...file, path: '模型 #1/big.bin', size: 9, etag: oid.toUpperCase(), is_lfs: true },
        { ...file, path: '模型 #1/odd.bin', is_lfs: true },
        { ...file, path: '模型 #1/link', type: 'symlink' },
      ],
    })
    expect(await collect(hub.listFiles?.(at))).toEqual([
      { path: 'README.md', size: 5, storage: 'git', digests: { gitBlob: sha } },
      { path: '模型 #1/big.bin', size: 9, storage: 'lfs', digests: { sha256: oid } },
      { path: '模型 #1/odd.bin', size: 5, storage: 'lfs', digests: {} },
      { path: '模型 #1/link', size: 5, storage: 'git', digests: { gitBlob: sha }, mode: 'symlink' },
      { path: 'module', storage: 'git', digests: {}, mode: 'submodule' },
    ])
    expect(requests.every((request) => new URL(request.url).searchParams.get('ref') === sha)).toBe(true)
  })

  it.each(['a', 'a/b', 'other/x', '../a'])('refuses a folder that lists %j', async (path) => {
    const { hub } = walk({ '': [{ type: 'dir', path: 'a' }], a: [{ ...file, path }] })
    if (path === 'a/b') expect(await collect(hub.listFiles?.(at))).toHaveLength(1)
    else expect(['bad-answer', 'bad-path']).toContain((await failureOf(collect(hub.listFiles?.(at)))).code)
  })
})

describe('openFile', () => {
  const lfs = {
    path: parseRepoPath('a b/#1?.bin'),
    size: 9,
    storage: 'lfs',
    digests: { sha256: oid },
  } as const
  const gone = () => Promise.reject(new SyncError('not-found', 'gone'))
  const head = ok({ last_commit: { commit: { commit_sha: sha } } })

  it('encodes each part of the path', async () => {
    const open = async () => ({ body: (async function* () {})(), close: () => undefined })
    const { hub, opened } = hubWith(() => ({}), true, open)
    await hub.openFile?.(at, lfs, { start: 3 })
    const url = `${endpoint}/api/v1/file/PyTorch-NPU/some%20model/${sha}/media/a%20b/%231%3F.bin`
    expect(opened).toEqual([{ url, range: { start: 3 } }])
  })

  it('tells a missing object from a missing commit', async () => {
    await failureOf(
      Promise.resolve(hubWith(() => head, true, gone).hub.openFile?.(at, lfs)),
      'object-missing',
    )
    const absent = hubWith(() => refused(404, 'ref_not_exist'), true, gone).hub
    await failureOf(Promise.resolve(absent.openFile?.(at, lfs)), 'not-found')
  })
})

describe('whoAmI', () => {
  it('takes 403 for a token that is no good any more', async () => {
    expect(await hubWith(() => ok({ account: 'alice' })).hub.whoAmI?.()).toEqual({ username: 'alice' })
    const error = await failureOf(
      Promise.resolve(hubWith(() => refused(403, 'no_permission')).hub.whoAmI?.()),
      'unauthorized',
    )
    expect(error.next).toContain('https://modelers.cn/my/tokens')
  })
})

describe('modelersError', () => {
  it.each<[number, string, string | undefined, boolean]>([
    [401, 'access_token_invalid', 'unauthorized', false],
    [403, 'no_permission', 'forbidden', false],
    [400, 'user_no_email', 'forbidden', false],
    [400, 'disagreed_privacy', 'forbidden', false],
    [400, 'duplicate_creating', 'conflict', false],
    [400, 'count_exceeded', 'refused', false],
    [400, 'bad_request_param', 'refused', false],
    [400, 'resource_disabled', 'refused', false],
    [400, 'sensitive_not_pass', 'refused', false],
    [400, 'concurrent_updating', 'busy', true],
    [429, 'rate_limit_over', 'rate-limited', true],
    [500, 'system_error', 'unavailable', true],
    [418, '', 'refused', false],
    [404, 'model_not_found', undefined, false],
    [400, 'something_new', undefined, false],
  ])('%i %s is %s', (status, code, expected, retryable) => {
    const error = modelersError(toAnswer({ url: endpoint }, refused(status, code)), 'hub', account)
    expect(error?.code).toBe(expected)
    if (error !== undefined) expect(error.retryable).toBe(retryable)
    if (expected !== undefined && expected !== 'unavailable' && expected !== 'conflict')
      expect(error?.next).toMatch(/\.$/)
  })

  it('repeats the words of the hub without their control characters', () => {
    const reply = toAnswer({ url: endpoint }, refused(403, 'no_permission', 'no\u001b[2J'))
    expect(modelersError(reply, 'hub', account)?.message).toBe(
      'hub: the hub answered 403 (no_permission): no\\x1b[2J.',
    )
  })
})

describe('the profile', () => {
  it.each([
    ['my-org', 'Qwen3-0.6B', true],
    ['my-org', '_x_', true],
    ['my-org', 'a.git', false],
    ['my-org', '..', false],
    ['my-org', 'a b', false],
    ['my-org', 'a'.repeat(101), false],
    ['1org', 'a', false],
    ['my--org', 'a', false],
    ['my-org-', 'a', false],
    ['ab', 'a', false],
    ['a'.repeat(41), 'a', false],
  ])('names: %s/%s', (owner, name, fine) => {
    expect(profile.nameProblem(owner, name) === undefined).toBe(fine)
  })

  it.each([
    ['dump.sql', false],
    ['a/b/x.TMP', false],
    ['x.Bak', false],
    ['.swp', false],
    ['sql/x.txt', true],
    ['old', true],
    ['x.sql.gz', true],
  ])('paths: %s', (path, fine) => {
    expect(profile.pathProblem?.(parseRepoPath(path)) === undefined).toBe(fine)
  })

  const readme = profile.platformFiles.find((file) => file.path === 'README.md')
  it.each([
    ['---\nlicense: apache-2.0\n---\n', true],
    ['---\r\nlicense: "mit"\r\n---', true],
    ['---\nlicense: mit\n---\n\n', true],
    ['---\nlicense: mit\n---\n# x\n', false],
    ['---\nlicense: mit\ntags: [a]\n---\n', false],
    ['---\nlicense: other # model-hub-sync: front matter added with other\n---\n', false],
    ['', false],
  ])('is the initial README: %j', (text, made) => {
    expect(readme?.isMadeByPlatform?.(text)).toBe(made)
  })

  it('requires a license whatever list the settings give', () => {
    const licenses = { allow: ['mit'], map: {} }
    const own = modelersProfile(settingsOf('modelers', endpoint, { licenses, rateLimit: 2 }))
    expect(own.licenses).toEqual({ ...licenses, required: true })
    expect(own.requestsPerSecond).toBe(2)
    expect(profile.requestsPerSecond).toBe(6)
    expect(new Set(profile.licenses.allow).size).toBe(29)
  })

  it.each([
    ['https://modelers.cn/api/v1/user', 'api', 'bearer'],
    ['https://modelers.cn/o/n.git', 'git', 'basic'],
    ['https://modelers.cn/o/n.git/info/lfs/objects/batch', 'lfs', 'basic'],
    ['https://modelers.cn.evil.example/api', 'api', undefined],
    ['http://modelers.cn/api', 'api', undefined],
    ['https://storage.example/x', 'transfer', undefined],
  ] as const)('%s for %s: %s', (url, purpose, form) => {
    const rule = profile.credentials.find((one) => one.purposes.includes(purpose) && one.covers(new URL(url)))
    expect(rule?.form).toBe(form)
  })
})

describe('against the stand-in', () => {
  let standIn: StandIn
  let hub: Hub
  beforeAll(async () => {
    standIn = await startModelers()
    hub = createHub(testContext(), settingsOf('modelers', standIn.endpoint, { token: standIn.token }))
  })
  afterAll(() => standIn.close())
  const ref = (name: string, type: RepoRef['type'] = 'model'): RepoRef => ({
    hub: 'modelers',
    type,
    owner: standIn.username,
    name,
  })

  it('says that the name is taken by the other type', async () => {
    const { owner } = ref('one-name')
    await standIn.seed({ type: 'dataset', owner, name: 'one-name', files: { a: 'b' } })
    expect(await hub.findRepo?.(ref('one-name'))).toBeUndefined()
    const created = hub.createRepo?.(ref('one-name'), { visibility: 'public', license: 'mit' })
    const error = await failureOf(Promise.resolve(created), 'refused')
    expect(error.message).toContain('is a dataset')
  })

  it('tries again after 429 and 500', async () => {
    for (const name of ['fault-429', 'fault-500']) {
      const { owner } = ref(name)
      await standIn.seed({ type: 'model', owner, name, files: { a: 'b' } })
      expect(await hub.findRepo?.(ref(name))).toMatchObject({ visibility: 'public' })
    }
  })

  it('has a first commit whose README is the platform’s own', async () => {
    await hub.createRepo?.(ref('fresh'), { visibility: 'private', license: 'gpl-3.0' })
    const files = await standIn.files(ref('fresh'))
    expect([...files.keys()].sort()).toEqual(['.gitattributes', 'README.md'])
    const text = `${files.get('README.md')?.content}`
    const rule = hub.profile.platformFiles.find((file) => file.path === 'README.md')
    expect(rule?.isMadeByPlatform?.(text)).toBe(true)
    expect(text).toContain('gpl-3.0')
  })
})
