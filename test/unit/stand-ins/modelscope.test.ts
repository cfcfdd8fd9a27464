import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ModelScopeStandIn, startModelScope } from '../../stand-ins/modelscope/index.ts'

const run = promisify(execFile)

let hub: ModelScopeStandIn
beforeAll(async () => {
  hub = await startModelScope({ fileListLimit: 5 })
})
afterAll(() => hub.close())

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex')

/** Headers of a legacy call as the official client sends them. */
const as = (token: string): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  cookie: `m_session_id=${token}`,
})

interface Reply {
  readonly status: number
  readonly headers: Headers
  /** Value in the JSON body by its path, `Data.Files.0.Path`; undefined if there is none. */
  readonly at: (path: string) => unknown
  /** A field of every item of a list in the body. */
  readonly each: (path: string, field: string) => string[]
}

function valueAt(body: unknown, path: string): unknown {
  const step = (value: unknown, name: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return path.split('.').reduce(step, body)
}

async function call(method: string, path: string, token?: string, body?: unknown): Promise<Reply> {
  const url = path.startsWith('http') ? path : hub.endpoint + path
  const init: RequestInit = { method, headers: token ? as(token) : {}, redirect: 'manual' }
  if (body !== undefined) init.body = body instanceof FormData ? body : JSON.stringify(body)
  const response = await fetch(url, init)
  const text = await response.text()
  const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '')
  const json: unknown = isJson ? JSON.parse(text) : undefined
  const each = (list: string, field: string): string[] => {
    const items = valueAt(json, list)
    if (!Array.isArray(items)) throw new Error(`no list ${list} in ${text}`)
    return items.map((item) => String(valueAt(item, field)))
  }
  return { status: response.status, headers: response.headers, at: (at) => valueAt(json, at), each }
}

const put = (path: string, content: string) => ({
  action: 'create',
  path,
  type: 'normal',
  size: Buffer.byteLength(content),
  sha256: '',
  content: Buffer.from(content).toString('base64'),
  encoding: 'base64',
})
const link = (path: string, content: string) => {
  const size = Buffer.byteLength(content)
  return { action: 'create', path, type: 'lfs', size, sha256: sha256(content), content: '', encoding: '' }
}
const remove = (path: string) => ({ action: 'delete', path })
const commit = (name: string, actions: object[], branch = 'master', token = hub.token) =>
  call('POST', `/api/v1/repos/models/alice/${name}/commit/${branch}`, token, {
    commit_message: 'change',
    actions,
  })
const batch = (name: string, operation: string, content: string, token = hub.token) =>
  call('POST', `/api/v1/repos/models/alice/${name}/info/lfs/objects/batch`, token, {
    operation,
    objects: [{ oid: sha256(content), size: Buffer.byteLength(content) }],
  })
const uploadHref = async (name: string, content: string) =>
  String((await batch(name, 'upload', content)).at('Data.objects.0.actions.upload.href'))
const fileUrl = (name: string, path: string) =>
  `/api/v1/models/alice/${name}/repo?Revision=master&FilePath=${encodeURIComponent(path)}`
const seed = (name: string, files: Parameters<typeof hub.seed>[0]['files'] = { 'a.txt': 'a' }) =>
  hub.seed({ type: 'model', owner: 'alice', name, files })
const history = async (name: string): Promise<string[]> => {
  const reply = await call('GET', `/api/v1/models/alice/${name}/commits?Ref=master&PageSize=10`)
  return reply.each('Data.Commit', 'Id')
}

describe('accounts', () => {
  test('users/me tells who, login refuses tokens that only read', async () => {
    expect((await call('GET', '/openapi/v1/users/me', hub.readToken)).at('data.username')).toBe('alice')
    const bad = await call('GET', '/openapi/v1/users/me', 'ms-none')
    expect([bad.status, bad.at('code')]).toEqual([401, 'InvalidAuthentication'])
    const login = await call('POST', '/api/v1/login', undefined, { AccessToken: hub.token })
    expect(login.headers.get('set-cookie')).toContain(`m_session_id=${hub.token}`)
    const refused = await call('POST', '/api/v1/login', undefined, { AccessToken: hub.readToken })
    expect([refused.status, refused.at('Code')]).toEqual([400, 10010103009])
  })

  test('writing wants Bearer and cookie together, and rights', async () => {
    await seed('rights')
    const path = '/api/v1/repos/models/alice/rights/commit/master'
    const body = JSON.stringify({ commit_message: 'x', actions: [put('b', 'b')] })
    for (const name of ['authorization', 'cookie']) {
      const headers = { [name]: as(hub.token)[name] ?? '' }
      const reply = await fetch(hub.endpoint + path, { method: 'POST', body, headers })
      expect([reply.status, await reply.json()]).toMatchObject([400, { Message: 'user not logged in' }])
    }
    expect((await commit('rights', [put('b', 'b')], 'master', hub.readToken)).status).toBe(403)
    expect((await commit('rights', [put('b', 'b')], 'master', hub.strangerToken)).status).toBe(403)
    await hub.seed({ type: 'model', owner: 'alice', name: 'hidden', private: true, files: {} })
    expect((await commit('hidden', [put('b', 'b')], 'master', hub.strangerToken)).status).toBe(404)
  })

  test('hidden and absent are both 404, a bad token is ignored where anyone may read', async () => {
    await hub.seed({ type: 'dataset', owner: 'alice', name: 'secret', visibility: 'internal', files: {} })
    const code = async (path: string, token?: string) => {
      const { status, at } = await call('GET', path, token)
      return [status, at('Code'), at('Data.Visibility')]
    }
    expect(await code('/api/v1/datasets/alice/secret')).toEqual([404, 10010200001, undefined])
    expect(await code('/api/v1/datasets/alice/absent')).toEqual([404, 10010205001, undefined])
    expect(await code('/api/v1/datasets/alice/secret', hub.readToken)).toEqual([200, 200, 3])
    await seed('open')
    expect(await code('/api/v1/models/alice/open', 'ms-expired')).toEqual([200, 200, 5])
  })
})

describe('repos', () => {
  test('create takes JSON for models and a form for datasets, once', async () => {
    const model = { Path: 'alice', Name: 'made', Visibility: 1, License: 'apache-2.0' }
    expect((await call('POST', '/api/v1/models', hub.token, model)).at('Success')).toBe(true)
    const again = await call('POST', '/api/v1/models', hub.token, model)
    expect([again.status, again.at('Code')]).toEqual([400, 10010101001])
    expect([...(await hub.files({ type: 'model', owner: 'alice', name: 'made' })).keys()]).toEqual([
      '.gitattributes',
      'README.md',
    ])
    const { License: _, ...bare } = { ...model, Name: 'unlicensed' }
    expect((await call('POST', '/api/v1/models', hub.token, bare)).status).toBe(400)
    const fields = { Owner: 'alice', Name: 'made', Visibility: '5', License: 'mit' }
    expect((await call('POST', '/api/v1/datasets', hub.token, fields)).status).toBe(400)
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.set(name, value)
    expect((await call('POST', '/api/v1/datasets', hub.token, form)).status).toBe(200)
    const twice = await call('POST', '/api/v1/datasets', hub.token, form)
    expect([twice.status, twice.at('Code')]).toEqual([400, 10020101001])
  })

  test('settings and deletion', async () => {
    await seed('changed')
    const at = '/api/v1/models/alice/changed'
    expect(
      (await call('PUT', at, hub.token, { Visibility: 1, ProtectedMode: 1, License: 'mit' })).status,
    ).toBe(200)
    expect((await call('GET', at, hub.token)).at('Data')).toMatchObject({
      Visibility: 1,
      ProtectedMode: 1,
      License: 'mit',
    })
    await hub.seed({ type: 'dataset', owner: 'alice', name: 'numbered', files: {} })
    const Id = (await call('GET', '/api/v1/datasets/alice/numbered')).at('Data.Id')
    expect((await call('PUT', `/api/v1/datasets/${Id}`, hub.token, { Visibility: 1 })).status).toBe(200)
    expect((await call('GET', '/api/v1/datasets/alice/numbered')).status).toBe(404)
    expect((await call('DELETE', at, hub.token)).status).toBe(401)
    expect((await call('DELETE', at, hub.adminToken)).status).toBe(200)
    expect((await call('GET', at, hub.token)).status).toBe(404)
  })

  test('lists page, cap at 50, leave out the thin and, in the index, the private', async () => {
    const seeded = Array.from({ length: 52 }, (_, i) =>
      hub.seed({
        type: 'model',
        owner: 'my-org',
        name: `m${i}`,
        private: i === 0,
        files: { 'w.bin': 'w' },
      }),
    )
    await Promise.all(seeded)
    await hub.seed({ type: 'model', owner: 'my-org', name: 'thin', files: { 'config.json': '{}' } })
    const query = { Path: 'my-org', PageNumber: 1, PageSize: 500 }
    const first = await call('PUT', '/api/v1/models/', hub.token, query)
    expect([first.each('Data.Models', 'Name').length, first.at('Data.TotalCount')]).toEqual([50, 52])
    expect((await call('PUT', '/api/v1/models/', undefined, query)).at('Data.TotalCount')).toBe(51)
    expect((await call('PUT', '/api/v1/models', hub.token, query)).status).toBe(307)
    const open = await call('GET', '/openapi/v1/models?owner=my-org&page_size=5&page_number=11', hub.token)
    expect([open.each('data.models', 'id').length, open.at('data.total_count')]).toEqual([1, 51])
    await hub.seed({ type: 'dataset', owner: 'my-org', name: 'd', private: true, files: { 'd.csv': 'd' } })
    const datasets = await call('GET', '/api/v1/datasets?owner=my-org&PageNumber=1', hub.token)
    expect([datasets.at('Data.0.Name'), datasets.at('TotalCount')]).toEqual(['d', 1])
    const past = await call('GET', '/api/v1/datasets?owner=my-org&PageNumber=2', hub.token)
    expect(past.at('Message')).toMatch(/fromIndex.*toIndex/)
  })
})

describe('files', () => {
  test('a model list ends silently at the limit, and folders can be walked', async () => {
    await seed('many', { 'x/1': '1', 'x/2': '2', 'x/y/3': '3', 'w.bin': { lfs: Buffer.from('weights') } })
    const list = async (query: string): Promise<string[]> => {
      const reply = await call('GET', `/api/v1/models/alice/many/repo/files?Revision=master&${query}`)
      return reply.each('Data.Files', 'Path')
    }
    expect(await list('Recursive=True')).toEqual(['.gitattributes', 'README.md', 'w.bin', 'x', 'x/1'])
    expect(await list('recursive=True')).toEqual(['.gitattributes', 'README.md', 'w.bin', 'x'])
    expect(await list('Recursive=True&Root=x')).toEqual(['x/1', 'x/2', 'x/y', 'x/y/3'])
    const flat = await call('GET', '/api/v1/models/alice/many/repo/files?Recursive=False')
    expect(flat.at('Data.Files.2')).toMatchObject({
      Path: 'w.bin',
      Size: 7,
      Sha256: sha256('weights'),
      IsLFS: true,
      Type: 'blob',
    })
    expect(flat.at('Data.Files.1.Sha256')).toMatch(/^[0-9a-f]{64}$/)
    const nowhere = await call('GET', '/api/v1/models/alice/many/repo/files?Revision=none')
    expect([nowhere.status, nowhere.at('Data.Files')]).toEqual([200, null])
  })

  test('a dataset tree has pages', async () => {
    await hub.seed({
      type: 'dataset',
      owner: 'alice',
      name: 'pages',
      files: { 'a/1': '1', 'a/2': '2', b: 'b' },
    })
    const page = async (number: number): Promise<string[]> => {
      const query = `Root=/&Recursive=True&PageNumber=${number}&PageSize=4`
      const reply = await call('GET', `/api/v1/datasets/alice/pages/repo/tree?${query}`)
      expect(reply.at('Data.TotalCount')).toBe(6)
      return reply.each('Data.Files', 'Path')
    }
    expect([...(await page(1)), ...(await page(2))]).toEqual([
      '.gitattributes',
      'README.md',
      'a',
      'a/1',
      'a/2',
      'b',
    ])
  })

  test('LFS files come from another host name without credentials, plain ones at once', async () => {
    const odd = 'dir x/ü #?%+.bin'
    await seed('reads', { [odd]: { lfs: Buffer.from('weights') }, 'plain.txt': '0123456789' })
    const redirect = await call('GET', fileUrl('reads', odd))
    const location = redirect.headers.get('location') ?? ''
    expect(redirect.status).toBe(302)
    expect([new URL(location).hostname, new URL(hub.endpoint).hostname]).toEqual(['localhost', '127.0.0.1'])
    const part = await fetch(location, { headers: { range: 'bytes=3-' } })
    expect([part.status, await part.text()]).toEqual([206, 'ghts'])
    expect((await fetch(location, { headers: as(hub.token) })).status).toBe(400)
    const plain = await fetch(hub.endpoint + fileUrl('reads', 'plain.txt'), {
      headers: { range: 'bytes=2-4' },
    })
    expect([plain.status, plain.headers.get('content-range'), await plain.text()]).toEqual([
      200,
      'bytes 2-4/10',
      '234',
    ])
    expect((await call('HEAD', fileUrl('reads', odd))).status).toBe(200)
    const missing = await call('GET', fileUrl('reads', 'none'))
    expect([missing.status, missing.at('Code')]).toEqual([404, 10990101007])
    expect((await call('GET', '/api/v1/repos/models/alice/reads/repo?FilePath=plain.txt')).status).toBe(421)
  })

  test('revisions and commits, newest first; an unknown ref has none', async () => {
    const first = await seed('logged')
    const second = String((await commit('logged', [put('b', 'b')])).at('Data.oid'))
    expect((await history('logged')).slice(0, 2)).toEqual([second, first])
    const unknown = await call('GET', '/api/v1/models/alice/logged/commits?Ref=nope')
    expect([unknown.status, unknown.at('Data.Commit')]).toEqual([200, null])
    const tag = { TagName: 'v1', Ref: 'master' }
    expect((await call('POST', '/api/v1/models/alice/logged/repo/tag', hub.token, tag)).status).toBe(200)
    const map = await call('GET', '/api/v1/models/alice/logged/revisions')
    expect([
      ...map.each('Data.RevisionMap.Branches', 'Revision'),
      ...map.each('Data.RevisionMap.Tags', 'Revision'),
    ]).toEqual(['master', 'v1'])
    expect((await commit('logged', [put('c', 'c')], 'v1')).status).toBe(400)
    expect((await commit('logged', [put('c', 'c')], second)).status).toBe(400)
  })
})

describe('uploads and commits', () => {
  const upload = (href: string, content: string, headers: Record<string, string> = as(hub.token)) =>
    fetch(href, { method: 'PUT', body: content, headers })

  test('an object is uploaded once for the whole hub, with both credentials and the right bytes', async () => {
    await seed('up')
    const href = await uploadHref('up', 'object')
    expect(new URL(href).pathname).toBe(`/api/v1/repos/models/alice/up/blobs/${sha256('object')}/6`)
    expect((await upload(href, 'object', { authorization: `Bearer ${hub.token}` })).status).toBe(400)
    expect((await upload(href, 'too long')).status).toBe(400)
    expect((await upload(href, 'Object')).status).toBe(400)
    const stream = new Blob(['object']).stream()
    const chunked = { method: 'PUT', body: stream, headers: as(hub.token), duplex: 'half' }
    expect((await fetch(href, chunked as RequestInit)).status).toBe(411)
    expect((await batch('up', 'download', 'object')).at('Data.objects.0.actions')).not.toHaveProperty(
      'download',
    )
    expect(await (await upload(href, 'object')).json()).toMatchObject({ Code: 200, Success: true })
    await seed('elsewhere')
    expect((await batch('elsewhere', 'upload', 'object')).at('Data.objects')).toEqual([])
    expect((await batch('up', 'download', 'object')).at('Data.objects.0.actions')).toHaveProperty('download')
  })

  test('a commit puts, links and deletes', async () => {
    await seed('edit', { 'a.txt': 'old', gone: 'x', 'w.bin': { lfs: Buffer.from('weights') } })
    const actions = [put('a.txt', 'new'), link('copy.bin', 'weights'), put('empty.txt', ''), remove('gone')]
    const reply = await commit('edit', actions)
    expect(reply.at('Data.oid')).toBe(await hub.head({ type: 'model', owner: 'alice', name: 'edit' }))
    const files = await hub.files({ type: 'model', owner: 'alice', name: 'edit' })
    expect(files.get('a.txt')?.content?.toString()).toBe('new')
    expect(files.get('copy.bin')).toMatchObject({ lfs: true, size: 7 })
    expect([files.get('empty.txt')?.size, files.has('gone')]).toEqual([0, false])
  })

  test('a commit may link to nothing, and the file then cannot be read', async () => {
    await seed('dangling')
    expect((await commit('dangling', [link('w.bin', 'never uploaded')])).at('Success')).toBe(true)
    expect((await call('GET', fileUrl('dangling', 'w.bin'))).status).toBe(500)
  })

  test('refusals leave the repo as it was', async () => {
    const head = await seed('refuses')
    const many = Array.from({ length: 2001 }, (_, i) => put(`f${i}`, ''))
    expect((await commit('refuses', many)).status).toBe(422)
    const missing = await commit('refuses', [put('b', 'b'), remove('none')])
    expect([missing.status, missing.at('Message')]).toEqual([400, 'commit rejected by repository policy'])
    expect((await commit('refuses', [put('./b', 'b')])).status).toBe(400)
    expect((await commit('refuses', [put('big', 'x'.repeat(7 << 20))])).status).toBe(413)
    expect(await hub.head({ type: 'model', owner: 'alice', name: 'refuses' })).toBe(head)
  })

  test('two commits at once: one is told that the lock is busy', async () => {
    await seed('race')
    const replies = await Promise.all(['b', 'c', 'd'].map((path) => commit('race', [put(path, path)])))
    const statuses = replies.map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 429)).toHaveLength(2)
  })
})

describe('faults', () => {
  const file = put('b', 'b')

  test.each([
    ['fault-lock-busy', [429, 429, 200]],
    ['fault-frequency', [429, 200]],
    ['fault-policy-once', [400, 200]],
    ['fault-429', [429, 429, 200]],
    ['fault-500-landed', [500, 500]],
    ['fault-504-landed', [504, 504]],
    ['fault-api-commit-refused', [403, 403]],
  ])('%s', async (name, expected) => {
    await seed(name)
    const statuses: number[] = []
    for (const _ of expected) statuses.push((await commit(name, [file])).status)
    expect(statuses).toEqual(expected)
  })

  test('fault-500-landed lands', async () => {
    const before = await seed('x-fault-500-landed')
    expect((await commit('x-fault-500-landed', [file])).status).toBe(500)
    expect((await history('x-fault-500-landed'))[1]).toBe(before)
  })

  test('fault-stale: ours, theirs, leased', async () => {
    const leased = await seed('fault-stale')
    const ours = (await commit('fault-stale', [file])).at('Data.oid')
    const log = await history('fault-stale')
    expect([log[0], log[2]]).toEqual([ours, leased])
    expect((await commit('fault-stale', [put('c', 'c')])).at('Data.oid')).toBe(
      (await history('fault-stale'))[0],
    )
    expect(await history('fault-stale')).toHaveLength(log.length + 1)
  })

  test('fault-policy refuses more than four actions, fault-success-false says so with 200', async () => {
    await seed('fault-policy')
    const five = Array.from({ length: 5 }, (_, i) => put(`f${i}`, ''))
    expect((await commit('fault-policy', five)).status).toBe(400)
    expect((await commit('fault-policy', five.slice(1))).status).toBe(200)
    const head = await seed('fault-success-false')
    const reply = await commit('fault-success-false', [file])
    expect([reply.status, reply.at('Success')]).toEqual([200, false])
    expect(await hub.head({ type: 'model', owner: 'alice', name: 'fault-success-false' })).toBe(head)
  })

  test('fault-lost-object: confirmed, called stored, and not there', async () => {
    await seed('fault-lost-object')
    const href = await uploadHref('fault-lost-object', 'lost')
    expect((await call('PUT', href, hub.token)).status).toBe(400)
    expect((await fetch(href, { method: 'PUT', body: 'lost', headers: as(hub.token) })).status).toBe(200)
    expect((await batch('fault-lost-object', 'upload', 'lost')).at('Data.objects')).toEqual([])
    const entry = await batch('fault-lost-object', 'download', 'lost')
    expect(entry.at('Data.objects.0.actions')).not.toHaveProperty('download')
  })

  test('fault-storage-500 fails the first PUT, fault-missing-object every download', async () => {
    await seed('fault-storage-500')
    const href = await uploadHref('fault-storage-500', 'again')
    const send = () => fetch(href, { method: 'PUT', body: 'again', headers: as(hub.token) })
    expect([(await send()).status, (await send()).status]).toEqual([500, 200])
    await seed('fault-missing-object', { 'w.bin': { lfs: Buffer.from('weights') } })
    expect((await call('GET', fileUrl('fault-missing-object', 'w.bin'))).status).toBe(500)
  })

  test('fault-corrupt and fault-expired-url', async () => {
    const files = { 'w.bin': { lfs: Buffer.from('weights') } }
    const location = async (name: string) =>
      (await call('GET', fileUrl(name, 'w.bin'))).headers.get('location') ?? ''
    await seed('fault-corrupt', files)
    expect(await (await fetch(await location('fault-corrupt'))).text()).not.toBe('weights')
    await seed('fault-expired-url', files)
    expect((await fetch(await location('fault-expired-url'))).status).toBe(403)
    expect(await (await fetch(await location('fault-expired-url'))).text()).toBe('weights')
  })

  test('fault-redirect-elsewhere sends the caller to a foreign host', async () => {
    await seed('fault-redirect-elsewhere')
    const reply = await call('GET', '/api/v1/models/alice/fault-redirect-elsewhere', hub.token)
    expect(reply.status).toBe(302)
    expect(new URL(reply.headers.get('location') ?? '').port).not.toBe(new URL(hub.endpoint).port)
  })
})

describe('git', () => {
  const git = (folder: string, ...args: string[]) =>
    run('git', args, {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TERMINAL_PROMPT: '0',
        GIT_AUTHOR_NAME: 'a',
        GIT_AUTHOR_EMAIL: 'a@example.invalid',
        GIT_COMMITTER_NAME: 'a',
        GIT_COMMITTER_EMAIL: 'a@example.invalid',
      },
    })
  const address = (user: string, token: string, path: string) =>
    `${hub.endpoint.replace('//', `//${user}:${token}@`)}${path}`

  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modelscope-test-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('clone and push with either user name; no rewriting of history', async () => {
    await hub.seed({
      type: 'dataset',
      owner: 'alice',
      name: 'cloned',
      private: true,
      files: { 'a.txt': 'a' },
    })
    const url = address('oauth2', hub.token, '/datasets/alice/cloned.git')
    await git(folder, 'clone', '-q', url, 'work')
    const work = join(folder, 'work')
    await writeFile(join(work, 'b.txt'), 'b')
    await git(work, 'add', 'b.txt')
    await git(work, 'commit', '-qm', 'Pushed')
    await git(work, 'push', '-q', address('alice', hub.token, '/datasets/alice/cloned.git'), 'HEAD:master')
    const files = await hub.files({ type: 'dataset', owner: 'alice', name: 'cloned' })
    expect(files.get('b.txt')?.content?.toString()).toBe('b')
    await git(work, 'commit', '-q', '--amend', '-m', 'Rewritten')
    await expect(git(work, 'push', '-qf', url, 'HEAD:master')).rejects.toThrow(/non-fast-forward/)
    const reading = address('oauth2', hub.readToken, '/datasets/alice/cloned.git')
    await expect(git(work, 'push', '-q', reading, 'HEAD:x')).rejects.toThrow(/403/)
    await expect(git(work, 'ls-remote', `${hub.endpoint}/datasets/alice/cloned.git`)).rejects.toThrow(
      /terminal prompts/,
    )
  })

  test('other user agents are sent away; fault-git-refused', async () => {
    await seed('fault-git-refused')
    const refs = `${hub.endpoint}/alice/fault-git-refused.git/info/refs?service=git-upload-pack`
    expect((await fetch(refs)).status).toBe(421)
    const url = address('oauth2', hub.token, '/models/alice/fault-git-refused.git')
    await expect(git(folder, 'ls-remote', url)).resolves.toMatchObject({ stderr: '' })
    await git(folder, 'init', '-q', 'empty')
    const empty = join(folder, 'empty')
    await git(empty, 'commit', '-q', '--allow-empty', '-m', 'x')
    await expect(git(empty, 'push', '-q', url, 'HEAD:x')).rejects.toThrow(/403/)
  })

  test('the LFS address git-lfs derives', async () => {
    await seed('lfs', { 'w.bin': { lfs: Buffer.from('weights') } })
    const ask = async (operation: string, content: string) => {
      const authorization = `Basic ${Buffer.from(`oauth2:${hub.token}`).toString('base64')}`
      const objects = [{ oid: sha256(content), size: content.length }]
      const init = {
        method: 'POST',
        headers: { authorization },
        body: JSON.stringify({ operation, objects }),
      }
      const reply = await fetch(`${hub.endpoint}/alice/lfs.git/info/lfs/objects/batch`, init)
      const { objects: answered } = (await reply.json()) as {
        objects: { actions?: Record<string, { href: string }> }[]
      }
      return answered[0]?.actions
    }
    const read = await ask('download', 'weights')
    expect(await (await fetch(read?.download?.href ?? '')).text()).toBe('weights')
    expect(await ask('upload', 'weights')).toBeUndefined()
    const write = await ask('upload', 'by git-lfs')
    expect((await fetch(write?.upload?.href ?? '', { method: 'PUT', body: 'by git-lfs' })).status).toBe(200)
    expect((await batch('lfs', 'upload', 'by git-lfs')).at('Data.objects')).toEqual([])
  })
})
