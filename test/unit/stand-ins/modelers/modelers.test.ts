import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isRecordList } from '../../../stand-ins/core/server.ts'
import { type ModelersStandIn, startModelers } from '../../../stand-ins/modelers/index.ts'
import { licenses } from '../../../stand-ins/modelers/push-rules.ts'
import {
  at,
  basic,
  batch,
  blobId,
  call,
  commit,
  create,
  firstOf,
  git,
  lfsType,
  pointerTo,
  push,
} from './host.ts'

let hub: ModelersStandIn
let folder: string
const big = Buffer.from('0123456789'.repeat(25))
const model = (name: string) => ({ type: 'model', owner: 'alice', name }) as const

beforeAll(async () => {
  hub = await startModelers({ partSize: 100, maxRegularSize: 5000, maxBlobSize: 2 << 20, maxBasicSize: 3000 })
  folder = await mkdtemp(join(tmpdir(), 'stand-in-test-'))
})
afterAll(async () => {
  await hub.close()
  await rm(folder, { recursive: true })
})

describe('accounts', () => {
  it('knows who a token belongs to', async () => {
    const { status, code, msg, data } = await call(hub, 'GET', '/api/v1/user')
    expect([status, code, msg, data.account]).toEqual([200, '', '', 'alice'])
  })

  it.each([
    ['none', null],
    ['unknown', 'f'.repeat(40)],
    ['short', 'abc'],
  ])('refuses a token that is %s with 401', async (_, token) => {
    const { status, code } = await call(hub, 'GET', '/api/v1/user', { token })
    expect([status, code]).toEqual([401, 'access_token_invalid'])
  })

  it('takes the prefix of the header exactly', async () => {
    const headers = { authorization: `bearer ${hub.token}` }
    expect((await call(hub, 'GET', '/api/v1/user', { headers })).status).toBe(401)
  })
})

describe('repos', () => {
  it('creates with a first commit and answers a number as text', async () => {
    const { status, body } = await create(hub, 'fresh', { license: 'apache-2.0', desc: 'd' })
    expect(status).toBe(201)
    expect(body.data).toMatch(/^\d+$/)
    const files = await hub.files(model('fresh'))
    expect([...files.keys()].sort()).toEqual(['.gitattributes', 'README.md'])
    expect(files.get('README.md')?.content?.toString()).toBe('---\nlicense: apache-2.0\n---\n')
    const listing = await call(hub, 'GET', '/api/v1/file/alice/fresh?path=&ref=main')
    expect(at(listing.data, 'last_commit', 'commit', 'message')).toBe('Initial commit')
    const info = await call(hub, 'GET', '/api/v1/model/ALICE/Fresh?ref=main')
    expect(info.data).toMatchObject({ id: body.data, visibility: 'public', desc: 'd', name: 'fresh' })
  })

  it('has one space of names for all kinds', async () => {
    await create(hub, 'shared')
    const { status, code } = await create(hub, 'Shared', {}, 'dataset')
    expect([status, code]).toEqual([400, 'duplicate_creating'])
    const dataset = await call(hub, 'GET', '/api/v1/dataset/alice/shared')
    expect([dataset.status, dataset.code]).toEqual([404, 'dataset_not_found'])
  })

  it.each([
    [{ license: 'llama3' }, 400, 'bad_request_param'],
    [{ visibility: 'internal' }, 400, 'bad_request_param'],
    [{ name: 'x.git' }, 400, 'bad_request_param'],
    [{ owner: 'somebody-else' }, 403, 'no_permission'],
  ])('refuses to create %j', async (given, status, code) => {
    expect(await create(hub, 'refused', given)).toMatchObject({ status, code })
  })

  it('lets a reading token write nothing', async () => {
    const body = { owner: 'alice', name: 'r', license: 'mit', visibility: 'public' }
    const answer = await call(hub, 'POST', '/api/v1/model', { body, token: hub.readToken })
    expect([answer.status, answer.code]).toEqual([403, 'no_permission'])
  })

  it('hides private repos from others, and changes visibility by number', async () => {
    const id = (await create(hub, 'hidden', { visibility: 'private' })).body.data
    const path = '/api/v1/model/alice/hidden'
    expect((await call(hub, 'GET', path, { token: null })).code).toBe('model_not_found')
    expect((await call(hub, 'GET', path, { token: hub.readToken })).data.visibility).toBe('private')
    const file = await call(hub, 'GET', '/api/v1/file/alice/hidden', { token: hub.strangerToken })
    expect([file.status, file.code]).toEqual([404, 'repo_not_found'])
    const change = { body: { visibility: 'public' } }
    const other = await call(hub, 'PUT', `/api/v1/model/${id}`, { ...change, token: hub.strangerToken })
    expect(other.status).toBe(404)
    expect((await call(hub, 'PUT', `/api/v1/model/${id}`, change)).status).toBe(202)
    expect((await call(hub, 'GET', path, { token: null })).data.visibility).toBe('public')
  })

  it('deletes by number, with a body only', async () => {
    const id = (await create(hub, 'doomed')).body.data
    const bare = await call(hub, 'DELETE', `/api/v1/model/${id}`)
    expect([bare.status, bare.code, bare.msg]).toEqual([400, 'bad_request_body', 'EOF'])
    const foreign = await call(hub, 'DELETE', `/api/v1/model/${id}`, { body: {}, token: hub.strangerToken })
    expect(foreign.status).toBe(403)
    expect((await call(hub, 'DELETE', `/api/v1/model/${id}`, { body: {} })).status).toBe(204)
    expect(await hub.head(model('doomed'))).toBeUndefined()
    expect((await call(hub, 'DELETE', '/api/v1/model/99999', { body: {} })).status).toBe(204)
  })

  it('lists in pages, and says null for none', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) await create(hub, name, { owner: 'my-org' }, 'dataset')
    await create(hub, 'page-d', { owner: 'my-org', visibility: 'private' }, 'dataset')
    const query = 'owner=my-org&sort_by=alphabetical&count=true'
    const page = await call(hub, 'GET', `/api/v1/dataset?${query}&page_num=2&count_per_page=2`)
    expect(page.data.total).toBe(4)
    expect(at(firstOf(page.data.datasets), 'name')).toBe('page-c')
    const all = await call(hub, 'GET', `/server/dataset?${query}&count_per_page=1000`)
    expect(isRecordList(all.data.datasets) && all.data.datasets.length).toBe(3)
    const none = await call(hub, 'GET', '/api/v1/model?owner=nobody')
    expect(none.data).toEqual({ total: 0, models: null })
  })

  it('makes and deletes branches', async () => {
    await create(hub, 'branched')
    const path = '/api/v1/branch/model/alice/branched'
    const body = { branch: 'v1', base_branch: 'main' }
    expect((await call(hub, 'POST', path, { body })).data).toEqual({ branch_name: 'v1' })
    expect((await call(hub, 'POST', path, { body })).code).toBe('branch_exist')
    expect((await call(hub, 'DELETE', `${path}/v1`)).status).toBe(204)
    expect((await call(hub, 'DELETE', `${path}/v1`)).code).toBe('branch_not_exist')
  })
})

describe('files', () => {
  beforeAll(async () => {
    await hub.seed({
      ...model('full'),
      files: { 'a.txt': 'text', 'sub/w.gguf': { lfs: big }, 'sub/deep/x y.txt': 'deep' },
    })
  })

  it('lists one level, with SHA-256 for LFS and blob ids for the rest', async () => {
    const root = await call(hub, 'GET', '/api/v1/file/alice/full?path=&ref=main', { token: null })
    const entries = isRecordList(root.data.tree) ? root.data.tree : []
    expect(entries.map(({ path, type }) => [path, type])).toEqual([
      ['.gitattributes', 'file'],
      ['README.md', 'file'],
      ['a.txt', 'file'],
      ['sub', 'dir'],
    ])
    expect(entries[2]).toMatchObject({ etag: blobId('text'), size: 4, is_lfs: false })
    expect(at(entries[1], 'commit', 'message')).toBe('Initial commit')
    expect(at(root.data, 'last_commit', 'commit', 'commit_sha')).toBe(await hub.head(model('full')))
    expect(at(root.data, 'last_commit', 'commit', 'created')).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/)
    const sub = await call(hub, 'GET', '/api/v1/file/alice/full?path=sub&ref=main')
    const lfs = isRecordList(sub.data.tree) ? sub.data.tree.find(({ path }) => path === 'sub/w.gguf') : {}
    expect(lfs).toMatchObject({ etag: pointerTo(big).oid, size: big.length, is_lfs: true })
  })

  it('tells of one file', async () => {
    const info = (query: string) => call(hub, 'GET', `/api/v1/file/alice/full/info?${query}`)
    expect((await info('path=sub%2Fw.gguf&ref=main')).data).toMatchObject({
      branch_last_commit: await hub.head(model('full')),
      etag: pointerTo(big).oid,
      size: big.length,
      is_lfs: true,
      path: 'sub/w.gguf',
    })
    expect(await info('path=sub')).toMatchObject({ status: 404, code: 'not_file' })
    expect(await info('path=nope')).toMatchObject({ status: 404, code: 'branch_or_path_not_found' })
    expect(await info('path=a.txt&ref=nope')).toMatchObject({ status: 404, code: 'ref_not_exist' })
  })

  it('sends plain files at once and LFS files from another host, which wants no credentials', async () => {
    const plain = await call(hub, 'GET', '/api/v1/file/alice/full/main/media/sub/deep/x%20y.txt')
    expect([plain.status, plain.text]).toEqual([200, 'deep'])
    const lfs = await call(hub, 'GET', '/api/v1/file/alice/full/main/media/sub/w.gguf', { token: null })
    expect(lfs.status).toBe(302)
    const location = lfs.headers.get('location') ?? ''
    expect(new URL(location).hostname).not.toBe(new URL(hub.endpoint).hostname)
    const part = await fetch(location, { headers: { range: 'bytes=10-' } })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 10-249/250'])
    expect(await part.text()).toBe(big.subarray(10).toString())
    const refused = await fetch(location, { headers: { authorization: 'Bearer x' } })
    expect(refused.status).toBe(400)
    expect((await fetch(`${location.slice(0, -1)}x`)).status).toBe(403)
  })
})

describe('commits by the API', () => {
  it('puts, replaces and deletes, and adds what .gitattributes lacks', async () => {
    await create(hub, 'edited')
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 5`
    const first = await commit(hub, 'edited', { 'a.txt': 'one', 'm.gguf': pointer, 'n.bin': pointer })
    expect(first.status).toBe(201)
    expect(firstOf(first.body.data).commit_oid).toBe(await hub.head(model('edited')))
    const files = await hub.files(model('edited'))
    expect(files.get('m.gguf')).toEqual({ size: 5, sha256: 'a'.repeat(64), lfs: true })
    expect(files.get('.gitattributes')?.content?.toString()).toMatch(/\nm\.gguf filter=lfs[^\n]*\n$/)
    await commit(hub, 'edited', { 'a.txt': 'two', 'm.gguf': null })
    const after = await hub.files(model('edited'))
    expect(after.get('a.txt')?.content?.toString()).toBe('two')
    expect(after.has('m.gguf')).toBe(false)
  })

  it('refuses what changes nothing, and the rest of the table', async () => {
    await create(hub, 'strict')
    await commit(hub, 'strict', { 'a.txt': 'one' })
    const cases: [Record<string, string | null>, number, string][] = [
      [{ 'a.txt': 'one' }, 400, 'file_content_is_not_changed'],
      [{}, 400, 'no_file_or_too_many_files'],
      [{ '': 'x' }, 400, 'empty_file_path'],
      [{ 'nope.txt': null }, 404, 'file_not_found'],
      [{ 'moderated-word.txt': 'x' }, 400, 'sensitive_not_pass'],
      [{ 'README.md': '---\nlicense: gemma\n---\n' }, 400, 'bad_request_param'],
      [{ 'a.txt': 'x'.repeat(5001) }, 400, 'bad_request_param'],
    ]
    for (const [files, status, code] of cases)
      expect(await commit(hub, 'strict', files), JSON.stringify(files).slice(0, 80)).toMatchObject({
        status,
        code,
      })
  })

  it('does not let backups and dumps through the firewall', async () => {
    await create(hub, 'walled')
    expect((await commit(hub, 'walled', { 'dump.SQL': 'x' })).status).toBe(418)
    const body = { branch: null, files: [{ path: 'x.bak', size: 1, sha: '' }] }
    expect((await call(hub, 'POST', '/api/v1/file/alice/walled/pre_upload', { body })).status).toBe(418)
  })

  it('tells LFS from regular files by size and attributes', async () => {
    await create(hub, 'sorted')
    const sizes: [string, number][] = [
      ['a.txt', 5000],
      ['b.txt', 5001],
      ['c.bin', 1],
      ['d.bin', 0],
    ]
    const body = { branch: null, files: sizes.map(([path, size]) => ({ path, size, sha: '' })) }
    const { data } = await call(hub, 'POST', '/api/v1/file/alice/sorted/pre_upload', { body })
    const types = isRecordList(data.files) ? data.files.map(({ type }) => type) : []
    expect(types).toEqual(['regular', 'lfs', 'lfs', 'regular'])
  })

  it('checks licenses in every way to write them', async () => {
    const check = async (text: string) => {
      const body = { content: Buffer.from(text).toString('base64') }
      return (await call(hub, 'POST', '/api/v1/file/license_check', { body, token: null })).body.data
    }
    for (const good of ['mit', 'mit # a remark', '[mit, other]', '\n  - mit\n  - other', '\n  mit'])
      expect(await check(`---\ntags: x\nlicense: ${good}\nmore: y\n---\ntext`), good).toBe(true)
    for (const bad of [
      'MIT',
      '"mit"',
      '[mit, "other"]',
      '[mit, qwen]',
      '# a remark\n  mit',
      '\n  - qwen',
      '\n- mit',
      '',
    ])
      expect(await check(`---\nlicense: ${bad}\n---\n`), bad).toBe(false)
    expect(await check('no front matter')).toBe(true)
    expect(await check('---\ntags: x\n---\n')).toBe(false)
    expect(await check('a table: |---|---|')).toBe(false)
    expect(licenses).toHaveLength(29)
  })
})

describe('LFS by the API', () => {
  const api = (name: string, object: object) =>
    call(hub, 'POST', `/api/v1/file/alice/${name}/info/lfs/objects/batch`, {
      body: {
        operation: 'upload',
        transfers: ['basic', 'multipart'],
        objects: [object],
        hash_algo: 'sha256',
      },
    })
  const partsOf = (object: unknown): Record<string, unknown>[] => {
    const parts = at(object, 'actions', 'parts')
    return isRecordList(parts) ? parts : []
  }
  const sendPart = async (part: Record<string, unknown>, content: Buffer) => {
    const pos = Number(part.pos)
    const body = content.subarray(pos, pos + Number(part.size))
    return fetch(String(part.href), { method: 'PUT', body: new Uint8Array(body) })
  }
  const verify = async (object: unknown, partIds: object[]) => {
    const action = at(object, 'actions', 'verify')
    const url = new URL(String(at(action, 'href')))
    url.searchParams.set('upload_id', String(at(action, 'params', 'upload_id')))
    const body = { upload_id: at(action, 'params', 'upload_id'), part_ids: partIds }
    return call(hub, 'POST', url.pathname + url.search, { body })
  }

  it('takes parts, resumes, and verifies the size but not the hash', async () => {
    await create(hub, 'parts')
    const content = Buffer.from('abcdefghij'.repeat(25))
    const object = pointerTo(content)
    const begun = firstOf((await api('parts', object)).data.objects)
    const [one, two] = partsOf(begun)
    expect(partsOf(begun).map(({ index, pos, size }) => [index, pos, size])).toEqual([
      [1, 0, 100],
      [2, 100, 100],
      [3, 200, 50],
    ])
    const etag = (await sendPart(one ?? {}, content)).headers.get('etag')?.replaceAll('"', '')
    expect((await verify(begun, [{ index: 1, etag }])).status).toBe(404)
    expect((await verify(begun, [])).status).toBe(500)
    const resumed = firstOf((await api('parts', object)).data.objects)
    expect(partsOf(resumed)[0]).toEqual({ index: 1, pos: 0, size: 100, etag })
    expect(partsOf(resumed)[1]).toHaveProperty('href')
    // Wrong bytes of the right length: the hub does not notice.
    const wrong = Buffer.from(content)
    wrong[150] = 0
    const etags = [etag]
    etags.push((await sendPart(two ?? {}, wrong)).headers.get('etag')?.replaceAll('"', ''))
    etags.push((await sendPart(partsOf(resumed)[2] ?? {}, content)).headers.get('etag')?.replaceAll('"', ''))
    const done = await verify(
      resumed,
      etags.map((value, index) => ({ index: index + 1, etag: value })),
    )
    expect(done.status).toBe(201)
    const stored = firstOf((await api('parts', object)).data.objects)
    expect(partsOf(stored).every(({ etag: kept, href }) => kept && href === undefined)).toBe(true)
    expect(partsOf(stored)).toHaveLength(3)
    // The upload is gone, and verifying it once more is fine as the object is there.
    expect((await sendPart(two ?? {}, content)).status).toBe(404)
    expect((await verify(begun, [{ index: 1, etag }])).status).toBe(201)
  })

  it('says what is wrong with an object, beside empty actions', async () => {
    await hub.seed({ ...model('errors'), files: { 'w.bin': { lfs: big } } })
    const { oid } = pointerTo(big)
    const wrong = firstOf((await api('errors', { oid, size: 5 })).data.objects)
    expect(wrong).toMatchObject({
      actions: {},
      error: { code: 422, message: `Object ${oid} is not 5 bytes` },
    })
    const huge = firstOf((await api('errors', { oid: 'b'.repeat(64), size: 60_000_000_000 })).data.objects)
    expect(at(huge, 'error', 'message')).toBe('Size must be less than or equal to 53687091200')
    const bad = firstOf((await api('errors', { oid: 'x', size: 5 })).data.objects)
    expect(at(bad, 'error', 'message')).toBe('Oid or size are invalid')
  })

  it('drops an upload under way, where the name says so', async () => {
    await create(hub, 'x-fault-upload-gone')
    const content = Buffer.from('gone')
    const first = firstOf((await api('x-fault-upload-gone', pointerTo(content))).data.objects)
    expect((await sendPart(partsOf(first)[0] ?? {}, content)).status).toBe(404)
    const again = firstOf((await api('x-fault-upload-gone', pointerTo(content))).data.objects)
    expect((await sendPart(partsOf(again)[0] ?? {}, content)).status).toBe(200)
  })
})

describe('git', () => {
  it('speaks LFS to those who accept it and say who they are', async () => {
    await create(hub, 'lfs')
    const object = pointerTo(Buffer.from('lfs content'))
    expect((await batch(hub, 'lfs', object, { accept: 'application/json' })).status).toBe(415)
    expect((await batch(hub, 'lfs', object, { operation: 'steal' })).status).toBe(400)
    const stranger = await batch(hub, 'lfs', object, { authorization: basic(hub.strangerToken) })
    expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([
      401,
      'Basic realm=gitea-lfs',
    ])
    expect((await batch(hub, 'lfs', object, { authorization: basic(hub.readToken) })).status).toBe(403)
  })

  it('takes objects by one PUT, and only the right bytes', async () => {
    await create(hub, 'basic')
    const content = Buffer.from('basic content')
    const offer = await batch(hub, 'basic', pointerTo(content))
    expect(offer.body).not.toHaveProperty('transfer')
    const upload = at(offer.object, 'actions', 'upload')
    const headers = { authorization: String(at(upload, 'header', 'Authorization')) }
    const put = (body: string) => fetch(String(at(upload, 'href')), { method: 'PUT', headers, body })
    expect((await put('wrong content')).status).toBe(422)
    expect((await put(content.toString())).status).toBe(200)
    const verifyPath = new URL(String(at(offer.object, 'actions', 'verify', 'href'))).pathname
    expect((await call(hub, 'POST', verifyPath, { headers, body: pointerTo(content) })).status).toBe(200)
    expect((await batch(hub, 'basic', pointerTo(content))).object).not.toHaveProperty('actions')
    const down = await batch(hub, 'basic', pointerTo(content), { operation: 'download' })
    expect(await (await fetch(String(at(down.object, 'actions', 'download', 'href')))).text()).toBe(
      'basic content',
    )
    const missing = await batch(hub, 'basic', { oid: 'c'.repeat(64), size: 1 }, { operation: 'download' })
    expect(at(missing.object, 'error', 'code')).toBe(404)
  })

  it('fails at one PUT that is too long, and takes the same in parts', async () => {
    await create(hub, 'long')
    const content = Buffer.alloc(3001, 'l')
    const offer = await batch(hub, 'long', pointerTo(content))
    const headers = { authorization: basic(hub.token) }
    const href = String(at(offer.object, 'actions', 'upload', 'href'))
    expect((await fetch(href, { method: 'PUT', headers, body: new Uint8Array(content) })).status).toBe(500)
    const inParts = await batch(hub, 'long', pointerTo(content), { transfers: ['basic', 'multipart'] })
    expect(inParts.body.transfer).toBe('multipart')
    const parts = at(inParts.object, 'actions', 'parts')
    expect(isRecordList(parts) && parts.length).toBe(31)
  })

  it('wants an object again that only a hidden repo has', async () => {
    const secret = Buffer.from('secret')
    const files = { 'w.bin': { lfs: secret } }
    await hub.seed({ type: 'model', owner: 'stranger', name: 'secret', private: true, files })
    await create(hub, 'curious')
    expect(at((await batch(hub, 'curious', pointerTo(secret))).object, 'actions', 'upload')).toBeDefined()
    await hub.seed({ ...model('open'), files })
    expect((await batch(hub, 'curious', pointerTo(secret))).object).not.toHaveProperty('actions')
  })

  it('clones and pushes, and refuses by its rules', async () => {
    await create(hub, 'pushed')
    const url = `${hub.endpoint.replace('//', `//alice:${hub.token}@`)}/alice/pushed.git`
    const clone = join(folder, 'pushed')
    await git(folder, 'clone', '-q', url, clone)
    expect(await push(clone, { 'a.txt': 'by git' })).toBe('')
    expect((await hub.files(model('pushed'))).get('a.txt')?.content?.toString()).toBe('by git')
    const large = await push(clone, { 'large.txt': 'x'.repeat((2 << 20) + 1) })
    expect(large).toContain('The size of each file should be within 2MB.')
    const license = await push(clone, { 'README.md': '---\nlicense: gemma\n---\n' })
    expect(license).toContain('Sorry, your push was rejected during YAML metadata verification:')
    expect(license).toContain('Error: license must be one of (apache-2.0 mit ')
    const words = await push(clone, { 'b.txt': 'x' }, 'a moderated-word')
    expect(words).toContain('Sensitive data found in submission, Please remove it and try again.')
    expect(await push(clone, { 'README.md': 'no front matter' })).toBe('')
  })

  it('asks strangers for credentials, and hides what they may not see', async () => {
    await create(hub, 'closed', { visibility: 'private' })
    const refs = (name: string, service: string, token?: string) => {
      const headers: Record<string, string> = token ? { authorization: basic(token) } : {}
      return fetch(`${hub.endpoint}/alice/${name}.git/info/refs?service=git-${service}`, { headers })
    }
    expect((await refs('closed', 'upload-pack')).status).toBe(401)
    expect((await refs('closed', 'upload-pack', hub.strangerToken)).status).toBe(404)
    expect((await refs('closed', 'upload-pack', hub.readToken)).status).toBe(200)
    expect((await refs('closed', 'receive-pack', hub.readToken)).status).toBe(403)
    expect((await refs('lfs', 'upload-pack')).status).toBe(200)
    expect((await refs('lfs', 'receive-pack')).status).toBe(401)
  })
})

describe('faults', () => {
  it('fails twice, then answers', async () => {
    await create(hub, 'x-fault-429')
    const statuses: [number, unknown][] = []
    for (let nth = 0; nth < 3; nth++) {
      const { status, code } = await call(hub, 'GET', '/api/v1/model/alice/x-fault-429')
      statuses.push([status, code])
    }
    expect(statuses).toEqual([
      [429, 'rate_limit_over'],
      [429, 'rate_limit_over'],
      [200, ''],
    ])
  })

  it('lands a commit and answers 504', async () => {
    await create(hub, 'x-fault-504-landed')
    expect((await commit(hub, 'x-fault-504-landed', { 'a.txt': 'x' })).status).toBe(504)
    expect((await hub.files(model('x-fault-504-landed'))).has('a.txt')).toBe(true)
  })

  it('is overtaken: the API goes on top', async () => {
    await create(hub, 'x-fault-stale')
    expect((await commit(hub, 'x-fault-stale', { 'a.txt': 'x' })).status).toBe(201)
    expect([...(await hub.files(model('x-fault-stale'))).keys()]).toEqual(
      expect.arrayContaining(['a.txt', 'someone-else.txt']),
    )
  })

  it('spoils downloads, and forgets uploads', async () => {
    const path = '/api/v1/file/alice/x-fault-short/main/media/w.bin'
    await hub.seed({ ...model('x-fault-short'), files: { 'w.bin': { lfs: big } } })
    const short = await fetch((await call(hub, 'GET', path)).headers.get('location') ?? '')
    expect((await short.text()).length).toBe(125)
    await create(hub, 'x-fault-lost-object')
    const content = Buffer.from('lost')
    const offer = await batch(hub, 'x-fault-lost-object', pointerTo(content))
    const headers = { authorization: basic(hub.token), accept: lfsType }
    const href = String(at(offer.object, 'actions', 'upload', 'href'))
    expect((await fetch(href, { method: 'PUT', headers, body: 'lost' })).status).toBe(200)
    const back = await batch(hub, 'x-fault-lost-object', pointerTo(content), { operation: 'download' })
    expect(at(back.object, 'error', 'code')).toBe(404)
  })
})

it('has knobs for what the official client gets wrong', async () => {
  const lax = await startModelers({ bodylessDelete: 'accepted', storageCredentials: 'ignored' })
  try {
    await lax.seed({ ...model('lax'), files: { 'w.bin': { lfs: big } } })
    const media = await call(lax, 'GET', '/api/v1/file/alice/lax/main/media/w.bin')
    const headers = { authorization: `Bearer ${lax.token}` }
    expect((await fetch(media.headers.get('location') ?? '', { headers })).status).toBe(200)
    const { data } = await call(lax, 'GET', '/api/v1/model/alice/lax')
    expect((await call(lax, 'DELETE', `/api/v1/model/${data.id}`)).status).toBe(204)
  } finally {
    await lax.close()
  }
})
