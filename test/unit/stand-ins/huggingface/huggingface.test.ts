import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StandIn } from '../../../stand-ins/core/stand-in.ts'
import { startHuggingFace } from '../../../stand-ins/huggingface/index.ts'

let hub: StandIn
let folder: string

beforeAll(async () => {
  hub = await startHuggingFace({ treePageSize: 3, multipartThreshold: 1000, partSize: 600 })
  folder = await mkdtemp(join(tmpdir(), 'stand-in-test-'))
})
afterAll(async () => {
  await hub.close()
  await rm(folder, { recursive: true })
})

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
const model = (name: string, owner = 'alice') => ({ type: 'model', owner, name }) as const

function call(
  method: string,
  path: string,
  body?: unknown,
  token: string | null = hub.token,
): Promise<Response> {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
  if (typeof body === 'string') headers['content-type'] = 'application/x-ndjson'
  else if (body !== undefined) headers['content-type'] = 'application/json'
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const init: RequestInit = { method, headers, redirect: 'manual' }
  if (text !== undefined) init.body = text
  return fetch(hub.endpoint + path, init)
}

const get = (path: string, token?: string | null) => call('GET', path, undefined, token)

function commitBody(header: object, ...rows: [string, object][]): string {
  const lines = [
    { key: 'header', value: { summary: 'test', ...header } },
    ...rows.map(([key, value]) => ({ key, value })),
  ]
  return lines.map((line) => JSON.stringify(line)).join('\n')
}

const textFile = (path: string, text: string): [string, object] => [
  'file',
  { path, content: Buffer.from(text).toString('base64'), encoding: 'base64' },
]

interface BatchAnswer {
  transfer: string
  objects: {
    error?: { code: number }
    actions?: Record<string, { href: string; header?: Record<string, string> }>
  }[]
}

async function batch(
  name: string,
  operation: string,
  objects: object[],
  transfers = ['basic'],
): Promise<BatchAnswer> {
  const headers = { authorization: `Bearer ${hub.token}`, 'content-type': 'application/vnd.git-lfs+json' }
  const body = JSON.stringify({ operation, transfers, objects, hash_algo: 'sha256' })
  const answer = await fetch(`${hub.endpoint}/alice/${name}.git/info/lfs/objects/batch`, {
    method: 'POST',
    headers,
    body,
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as BatchAnswer
}

async function upload(name: string, bytes: Buffer): Promise<Response> {
  const { objects } = await batch(name, 'upload', [{ oid: sha256(bytes), size: bytes.length }])
  return fetch(objects[0]?.actions?.upload?.href ?? '', { method: 'PUT', body: new Uint8Array(bytes) })
}

describe('identity and rights', () => {
  it('knows its tokens and refuses others', async () => {
    expect(hub.token).toMatch(/^hf_/)
    expect(await (await get('/api/whoami-v2')).json()).toMatchObject({
      name: 'alice',
      auth: { accessToken: { role: 'write' } },
    })
    expect((await get('/api/whoami-v2', null)).status).toBe(401)
    const bad = await get('/api/whoami-v2', 'hf_wrong')
    expect(bad.status).toBe(401)
    expect(bad.headers.get('x-error-message')).toBe('Invalid credentials in Authorization header')
  })

  it('hides private repos: 401 for nobody, 404 for a stranger', async () => {
    await hub.seed({ ...model('secret', 'someone'), private: true, files: { a: 'a' } })
    const anonymous = await get('/api/models/someone/secret', null)
    expect([anonymous.status, anonymous.headers.get('x-error-code')]).toEqual([401, 'RepoNotFound'])
    expect((await get('/api/models/someone/secret')).status).toBe(404)
    expect(
      (await get('/someone/secret.git/info/refs?service=git-upload-pack', null)).headers.get(
        'www-authenticate',
      ),
    ).toMatch(/^Basic/)
    expect(await (await get('/api/models?author=someone')).json()).toEqual([])
  })

  it('keeps the files of gated repos back', async () => {
    await hub.seed({ ...model('gated-one'), files: { 'a.txt': 'a' } })
    const answer = await get('/alice/gated-one/resolve/main/a.txt')
    expect([answer.status, answer.headers.get('x-error-code')]).toEqual([403, 'GatedRepo'])
    expect((await get('/api/models/alice/gated-one')).status).toBe(200)
    await hub.seed({ ...model('own-gate'), gated: true, files: { 'a.txt': 'a' } })
    expect((await get('/alice/own-gate/resolve/main/a.txt')).status).toBe(200)
    expect((await get('/alice/own-gate/resolve/main/a.txt', null)).status).toBe(401)
  })
})

describe('repos', () => {
  it('creates once, then answers 409 with the url', async () => {
    const first = await call('POST', '/api/repos/create', {
      name: 'fresh',
      organization: 'my-org',
      type: 'dataset',
    })
    expect(await first.json()).toMatchObject({
      url: `${hub.endpoint}/datasets/my-org/fresh`,
      name: 'my-org/fresh',
    })
    const second = await call('POST', '/api/repos/create', {
      name: 'Fresh',
      organization: 'my-org',
      type: 'dataset',
    })
    expect(second.status).toBe(409)
    expect(await second.json()).toMatchObject({ url: expect.stringContaining('/datasets/my-org/') })
    const files = await hub.files({ type: 'dataset', owner: 'my-org', name: 'fresh' })
    expect([...files.keys()]).toEqual(['.gitattributes'])
    expect(files.get('.gitattributes')?.content?.toString()).toContain('*.mp3 filter=lfs')
  })

  it.each([['a--b'], ['.a'], ['a.git'], ['a b'], ['x'.repeat(97)], ['a..b']])(
    'refuses the name %s',
    async (name) => {
      expect((await call('POST', '/api/repos/create', { name })).status).toBe(400)
    },
  )

  it('refuses strangers, readers and nobody', async () => {
    expect((await call('POST', '/api/repos/create', { name: 'x', organization: 'nobody' })).status).toBe(403)
    expect((await call('POST', '/api/repos/create', { name: 'x' }, hub.readToken)).status).toBe(403)
    expect((await call('POST', '/api/repos/create', { name: 'x' }, null)).status).toBe(401)
  })

  it('redirects from the old name after a move, and deletes', async () => {
    await hub.seed({ ...model('old'), files: { 'a.txt': 'a' } })
    await call('POST', '/api/repos/move', { fromRepo: 'alice/old', toRepo: 'alice/renamed', type: 'model' })
    const moved = await get('/api/models/alice/old')
    expect([moved.status, moved.headers.get('location')]).toEqual([307, '/api/models/alice/renamed'])
    const settings = await call('PUT', '/api/models/alice/renamed/settings', { private: true })
    expect(settings.status).toBe(200)
    expect((await get('/api/models/alice/renamed', null)).status).toBe(401)
    expect((await call('DELETE', '/api/repos/delete', { name: 'renamed' })).status).toBe(200)
    expect((await call('DELETE', '/api/repos/delete', { name: 'renamed' })).status).toBe(404)
  })
})

describe('files', () => {
  const lfs = randomBytes(5000)

  it('pages the tree with absolute links and reports both digests', async () => {
    const files = { 'a.txt': 'hello', 'b.txt': 'b', 'sub/深 #?%.txt': 'c', 'w.bin': { lfs } }
    const commit = await hub.seed({ ...model('tree'), files })
    const rows: { path: string }[] = []
    let url: string | undefined = '/api/models/alice/tree/tree/main?recursive=true'
    let pages = 0
    while (url !== undefined) {
      const page: Response = await get(url)
      rows.push(...((await page.json()) as { path: string }[]))
      const link = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1]
      url = link?.slice(hub.endpoint.length)
      pages++
    }
    expect(pages).toBe(2)
    expect(rows.map(({ path }) => path)).toEqual([
      '.gitattributes',
      'a.txt',
      'b.txt',
      'sub',
      'sub/深 #?%.txt',
      'w.bin',
    ])
    expect(rows[1]).toEqual({
      type: 'file',
      path: 'a.txt',
      size: 5,
      oid: 'b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0',
    })
    expect(rows[5]).toMatchObject({ size: 5000, lfs: { oid: sha256(lfs), size: 5000, pointerSize: 129 } })
    expect(await (await get(`/api/models/alice/tree/revision/${commit}`)).json()).toMatchObject({
      sha: commit,
    })
    expect((await get('/api/models/alice/tree/tree/nope')).headers.get('x-error-code')).toBe(
      'RevisionNotFound',
    )
    expect((await get('/api/models/alice/tree/tree/main/nope')).headers.get('x-error-code')).toBe(
      'EntryNotFound',
    )
  })

  it('takes paths-info as JSON and as a form', async () => {
    const path = '/api/models/alice/tree/paths-info/main'
    const json = await call('POST', path, { paths: ['a.txt', 'missing'] })
    const form = await fetch(hub.endpoint + path, {
      method: 'POST',
      body: new URLSearchParams({ paths: 'a.txt' }),
    })
    expect(await form.json()).toEqual(await json.json())
  })

  it('serves plain files inline, LFS files from the storage, both by Range', async () => {
    const plain = await get('/alice/tree/resolve/main/sub/%E6%B7%B1%20%23%3F%25.txt')
    expect(await plain.text()).toBe('c')
    expect(plain.headers.get('x-repo-commit')).toBe(await hub.head(model('tree')))
    const linked = await get('/alice/tree/resolve/main/w.bin')
    expect([linked.status, linked.headers.get('x-linked-size'), linked.headers.get('x-linked-etag')]).toEqual(
      [302, '5000', `"${sha256(lfs)}"`],
    )
    const location = linked.headers.get('location') ?? ''
    expect(new URL(location).origin).not.toBe(hub.endpoint)
    const part = await fetch(location, { headers: { range: 'bytes=10-19' } })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 10-19/5000'])
    expect(Buffer.from(await part.arrayBuffer())).toEqual(lfs.subarray(10, 20))
    expect((await fetch(location, { headers: { authorization: 'Bearer x' } })).status).toBe(400)
    expect((await fetch(location, { headers: { cookie: 'a=b' } })).status).toBe(400)
    expect((await fetch(location.replace(/expires=\d/, 'expires=9'))).status).toBe(403)
    expect((await get('/alice/tree/resolve/main/nope')).headers.get('x-error-code')).toBe('EntryNotFound')
  })
})

describe('uploads and commits', () => {
  it('says how each file is to be sent', async () => {
    await hub.seed({ ...model('up'), files: { 'old.txt': 'old' } })
    const sample = (text: string) => Buffer.from(text).toString('base64')
    const files = [
      { path: 'a.safetensors', size: 10, sample: sample('x') },
      { path: 'empty.bin', size: 0, sample: '' },
      { path: 'nul.dat', size: 3, sample: sample('a\0b') },
      { path: 'old.txt', size: 20_000_000, sample: sample('x') },
    ]
    const answer = (await (await call('POST', '/api/models/alice/up/preupload/main', { files })).json()) as {
      files: object[]
    }
    expect(answer.files).toMatchObject([
      { uploadMode: 'lfs' },
      { uploadMode: 'regular' },
      { uploadMode: 'lfs' },
      { uploadMode: 'lfs', oid: expect.stringMatching(/^[0-9a-f]{40}$/) },
    ])
  })

  it('commits plain and LFS files, and covers them in .gitattributes', async () => {
    const bytes = randomBytes(500)
    expect((await upload('up', bytes)).status).toBe(200)
    const again = await batch('up', 'upload', [{ oid: sha256(bytes), size: 500 }])
    expect(again.objects[0]?.actions).toBeUndefined()
    const head = await hub.head(model('up'))
    const body = commitBody(
      { parentCommit: head },
      textFile('深/n.txt', 'n'),
      ['lfsFile', { path: 'odd file', oid: sha256(bytes), size: 500 }],
      ['deletedFile', { path: 'old.txt' }],
    )
    const answer = await call('POST', '/api/models/alice/up/commit/main', body)
    expect(await answer.json()).toMatchObject({ success: true, commitOid: await hub.head(model('up')) })
    const files = await hub.files(model('up'))
    expect([...files.keys()]).toEqual(['.gitattributes', 'odd file', '深/n.txt'])
    expect(files.get('odd file')).toEqual({ size: 500, sha256: sha256(bytes), lfs: true, content: bytes })
    expect(files.get('.gitattributes')?.content?.toString()).toContain('\nodd[[:space:]]file filter=lfs')
    expect((await call('POST', '/api/models/alice/up/commit/main', body)).status).toBe(412)
  })

  it.each([
    ['a missing path', ['deletedFile', { path: 'nope' }], 404, 'EntryNotFound'],
    ['an object that was never sent', ['lfsFile', { path: 'x', oid: '0'.repeat(64), size: 1 }], 400, null],
    ['a path that leaves the repo', textFile('../x', 'x'), 400, null],
    ['an unknown license', textFile('README.md', '---\nlicense: Apache License 2.0\n---\n'), 400, null],
    ['broken front matter', textFile('README.md', '---\na: [\n---\n'), 400, null],
  ] as const)('refuses %s', async (_what, row, status, code) => {
    const answer = await call('POST', '/api/models/alice/up/commit/main', commitBody({}, [row[0], row[1]]))
    expect([answer.status, answer.headers.get('x-error-code')]).toEqual([status, code])
  })

  it('takes large objects in parts, each checked', async () => {
    const bytes = randomBytes(1500)
    const { transfer, objects } = await batch(
      'up',
      'upload',
      [{ oid: sha256(bytes), size: 1500 }],
      ['basic', 'multipart'],
    )
    const action = objects[0]?.actions?.upload
    const { chunk_size: size, ...urls } = action?.header ?? {}
    expect([transfer, size, Object.keys(urls)]).toEqual(['multipart', '600', ['00001', '00002', '00003']])
    const send = async (url: string, index: number) => {
      const body = new Uint8Array(bytes.subarray(index * 600, index * 600 + 600))
      return (await fetch(url, { method: 'PUT', body })).headers.get('etag')
    }
    const etags = await Promise.all(Object.values(urls).map(send))
    const parts = etags.map((etag, index) => ({ partNumber: index + 1, etag }))
    const complete = (list: object[]) =>
      fetch(action?.href ?? '', { method: 'POST', body: JSON.stringify({ oid: sha256(bytes), parts: list }) })
    expect((await complete(parts.slice(1))).status).toBe(400)
    expect((await complete(parts)).status).toBe(200)
    expect(
      (await batch('up', 'download', [{ oid: sha256(bytes), size: 1500 }])).objects[0]?.actions?.download,
    ).toBeDefined()
  })

  it('refuses bytes that are not what was announced', async () => {
    const { objects } = await batch('up', 'upload', [{ oid: '1'.repeat(64), size: 3 }])
    const put = await fetch(objects[0]?.actions?.upload?.href ?? '', { method: 'PUT', body: 'abc' })
    expect([put.status, await put.text()]).toEqual([400, expect.stringContaining('BadDigest')])
    const after = await batch('up', 'download', [{ oid: '1'.repeat(64), size: 3 }])
    expect(after.objects[0]?.error?.code).toBe(404)
  })
})

describe('git', () => {
  const run = promisify(execFile)
  const git = (...args: string[]) =>
    run('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid', ...args], {
      env: {
        PATH: process.env.PATH,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TERMINAL_PROMPT: '0',
      },
    })

  it('clones, pushes with a token, and refuses a reader', async () => {
    await hub.seed({ ...model('cloned'), files: { 'a.txt': 'a' } })
    const to = join(folder, 'clone')
    await git('clone', '-q', `${hub.endpoint}/alice/cloned`, to)
    expect(await readFile(join(to, 'a.txt'), 'utf8')).toBe('a')
    await writeFile(join(to, 'b.txt'), 'b'.repeat(2_000_000))
    await git('-C', to, 'add', '.')
    await git('-C', to, 'commit', '-qm', 'b')
    const url = (token: string) => `${hub.endpoint.replace('//', `//any:${token}@`)}/alice/cloned.git`
    await expect(git('-C', to, 'push', '-q', url(hub.readToken), 'HEAD:main')).rejects.toThrow('403')
    await git('-C', to, 'push', '-q', url(hub.token), 'HEAD:main')
    expect((await hub.files(model('cloned'))).get('b.txt')?.size).toBe(2_000_000)
  })
})

describe('faults', () => {
  const bytes = randomBytes(100_000)
  const download = async (name: string, range?: string): Promise<Buffer> => {
    await hub.seed({ ...model(name), files: { 'w.bin': { lfs: bytes } } })
    const init: RequestInit = range === undefined ? {} : { headers: { range } }
    return Buffer.from(
      await (await fetch(`${hub.endpoint}/alice/${name}/resolve/main/w.bin`, init)).arrayBuffer(),
    )
  }

  it('bends downloads', async () => {
    await expect(download('fault-truncated')).rejects.toThrow('terminated')
    expect((await download('fault-short')).length).toBe(50_000)
    expect((await download('fault-overlong')).length).toBe(101_000)
    const corrupt = await download('fault-corrupt')
    expect([corrupt.length, corrupt.equals(bytes)]).toEqual([100_000, false])
    for (const _ of [1, 2, 3]) await expect(download('fault-cut3')).rejects.toThrow('terminated')
    expect((await download('fault-cut3')).equals(bytes)).toBe(true)
    expect((await download('fault-missing-object')).toString()).toContain('NoSuchKey')
    expect((await download('fault-expired-url')).toString()).toContain('AccessDenied')
    expect((await download('fault-expired-url')).equals(bytes)).toBe(true)
  })

  it('stalls until the client gives up', async () => {
    await hub.seed({ ...model('fault-stall'), files: { 'w.bin': { lfs: bytes } } })
    const signal = AbortSignal.timeout(300)
    const answer = await fetch(`${hub.endpoint}/alice/fault-stall/resolve/main/w.bin`, { signal })
    await expect(answer.arrayBuffer()).rejects.toThrow('timeout')
  })

  it('bends uploads', async () => {
    const body = randomBytes(300)
    await hub.seed({ ...model('fault-storage-500'), files: {} })
    expect((await upload('fault-storage-500', body)).status).toBe(500)
    expect((await upload('fault-storage-500', body)).status).toBe(200)
    const lost = randomBytes(300)
    await hub.seed({ ...model('fault-lost-object'), files: {} })
    expect((await upload('fault-lost-object', lost)).status).toBe(200)
    const row: [string, object] = ['lfsFile', { path: 'l.bin', oid: sha256(lost), size: 300 }]
    expect(
      (await call('POST', '/api/models/alice/fault-lost-object/commit/main', commitBody({}, row))).status,
    ).toBe(200)
    expect((await fetch(`${hub.endpoint}/alice/fault-lost-object/resolve/main/l.bin`)).status).toBe(404)
  })

  it('bends the API', async () => {
    await hub.seed({ ...model('fault-429'), files: {} })
    const limited = await get('/api/models/alice/fault-429')
    expect([limited.status, limited.headers.get('retry-after'), limited.headers.get('ratelimit')]).toEqual([
      429,
      '1',
      '"api";r=0;t=1',
    ])
    expect((await get('/api/models/alice/fault-429')).status).toBe(429)
    expect((await get('/api/models/alice/fault-429')).status).toBe(200)
    await hub.seed({ ...model('fault-redirect-elsewhere'), files: {} })
    const away = await get('/api/models/alice/fault-redirect-elsewhere')
    expect(away.status).toBe(307)
    expect(new URL(away.headers.get('location') ?? '').origin).not.toBe(hub.endpoint)
  })

  it('bends commits', async () => {
    for (const [name, status] of [
      ['fault-504-landed', 504],
      ['fault-500-landed', 500],
    ] as const) {
      await hub.seed({ ...model(name), files: {} })
      expect(
        (await call('POST', `/api/models/alice/${name}/commit/main`, commitBody({}, textFile('a', 'a'))))
          .status,
      ).toBe(status)
      expect((await hub.files(model(name))).has('a')).toBe(true)
    }
    await hub.seed({ ...model('fault-stale'), files: {} })
    const send = () =>
      call('POST', '/api/models/alice/fault-stale/commit/main', commitBody({}, textFile('a', 'a')))
    expect((await send()).status).toBe(412)
    expect((await send()).status).toBe(200)
    expect([...(await hub.files(model('fault-stale'))).keys()]).toEqual([
      '.gitattributes',
      'a',
      'someone-else.txt',
    ])
  })
})

it('logs requests without their secrets', async () => {
  hub.requests.length = 0
  await get('/api/models?author=alice&secret=1')
  await get('/alice/tree/resolve/main/w.bin', null)
  expect(hub.requests).toEqual([
    { server: 'api', method: 'GET', path: '/api/models', authorization: true, cookie: false, status: 200 },
    {
      server: 'api',
      method: 'GET',
      path: '/alice/tree/resolve/main/w.bin',
      authorization: false,
      cookie: false,
      status: 302,
    },
  ])
})
