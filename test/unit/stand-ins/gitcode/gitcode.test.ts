import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { formatPointer } from '../../../stand-ins/core/pointer.ts'
import { type GitCodeOptions, type GitCodeStandIn, startGitCode } from '../../../stand-ins/gitcode/index.ts'
import { startPlainGit } from '../../../stand-ins/plain-git/index.ts'
import { bytes, call, git, gitUrl, ndjson, object, pointerTo, rawGet, repo, upload } from './client.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

async function start(options: GitCodeOptions = {}): Promise<GitCodeStandIn> {
  const hub = await startGitCode(options)
  cleanups.push(() => hub.close())
  return hub
}

/** A hub with `alice/tiny`: a README, and an LFS object in a folder. */
async function startSeeded(options: GitCodeOptions = {}): Promise<GitCodeStandIn> {
  const hub = await start(options)
  const files = { 'README.md': 'Hello.\n', 'sub/w.bin': { lfs: bytes }, 'sub/模.txt': 'x', '模.txt': 'y' }
  await hub.seed({ ...repo, files })
  return hub
}

/** A work tree with one commit of these files. */
async function workTree(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gitcode-test-'))
  cleanups.push(() => rm(folder, { recursive: true, force: true }))
  await git(folder, 'init', '-q', '-b', 'main')
  for (const [path, content] of Object.entries(files)) await writeFile(join(folder, path), content)
  await git(folder, 'add', '.')
  await git(folder, 'commit', '-qm', 'One')
  return folder
}

describe('V5', () => {
  it('takes the token in four ways, and in a fifth for reading only', async () => {
    const hub = await startSeeded()
    const ways: { readonly headers: Record<string, string> }[] = [
      { headers: { 'private-token': hub.token } },
      { headers: { authorization: `Bearer ${hub.token}` } },
      { headers: { authorization: hub.token } },
      { headers: { authorization: `token ${hub.token}` } },
    ]
    const users = await Promise.all(ways.map((way) => call(hub, 'GET', '/api/v5/user', way)))
    expect(users.map(({ status, json }) => [status, json.login])).toEqual(ways.map(() => [200, 'alice']))
    const query = await call(hub, 'GET', `/api/v5/user?access_token=${hub.token}`, { headers: {} })
    expect(query.status).toBe(200)
    const write = { body: { private: true }, headers: { authorization: `token ${hub.token}` } }
    const refused = await call(hub, 'PATCH', '/api/v5/repos/alice/tiny', write)
    expect(refused.json).toMatchObject({ error_code: 404, error_message: '404, token not found' })
  })

  it('refuses nobody with 400, strangers with 404, readers with 403, unknown tokens with 401', async () => {
    const hub = await start()
    await hub.seed({ ...repo, private: true, files: {} })
    const ask = async (method: string, token: string | undefined): Promise<number> => {
      const headers: Record<string, string> = token === undefined ? {} : { 'private-token': token }
      const body = method === 'PATCH' ? { body: { description: 'x' } } : {}
      return (await call(hub, method, '/api/v5/repos/alice/tiny', { headers, ...body })).status
    }
    expect(await ask('GET', undefined)).toBe(400)
    expect(await ask('GET', hub.strangerToken)).toBe(404)
    expect(await ask('GET', 'unknown')).toBe(401)
    expect(await ask('GET', hub.readToken)).toBe(200)
    expect(await ask('PATCH', hub.readToken)).toBe(403)
  })

  it('makes code repos unless told otherwise, and lists code repos only', async () => {
    const hub = await start()
    const create = (name: string, more: object) =>
      call(hub, 'POST', '/api/v5/orgs/my-org/repos', { body: { name, public: 1, ...more } })
    expect((await create('plain', {})).json).toMatchObject({ repo_type: 'code', private: false })
    expect((await create('model', { repository_type: 'model' })).json).toMatchObject({ repo_type: 'model' })
    expect((await create('model', {})).status).toBe(409)
    expect((await create('hidden', { public: 0 })).json).toMatchObject({ private: true })
    const list = async (query: string): Promise<unknown[]> => {
      const { text } = await call(hub, 'GET', `/api/v5/orgs/my-org/repos${query}`)
      return (JSON.parse(text) as Record<string, unknown>[]).map(({ name, private: hidden }) => [
        name,
        hidden,
      ])
    }
    expect(await list('')).toEqual([
      ['plain', 0],
      ['hidden', 1],
    ])
    expect(await list('?repo_type=model')).toEqual([['model', 0]])
    expect(await list('?repo_type=all&per_page=2&page=2')).toEqual([['hidden', 1]])
  })

  it('changes visibility, deletes, and says what is not there', async () => {
    const hub = await startSeeded()
    const path = '/api/v5/repos/alice/tiny'
    const patched = await call(hub, 'PATCH', path, { body: { name: 'tiny', private: true } })
    expect(patched.json).toMatchObject({ private: true, default_branch: 'main' })
    expect((await call(hub, 'DELETE', path)).status).toBe(204)
    const gone = await call(hub, 'GET', path)
    expect([gone.status, gone.json]).toMatchObject([
      404,
      {
        error_code: 404,
        error_code_name: 'UN_KNOW',
        error_message: expect.stringContaining('Project not found'),
      },
    ])
  })

  it('shows commits, branches, trees and contents: pointers for LFS files', async () => {
    const hub = await startSeeded()
    const at = '/api/v5/repos/alice/tiny'
    const head = await hub.head(repo)
    expect((await call(hub, 'GET', `${at}/commits/main`)).json.sha).toBe(head)
    const branch = { body: { branch_name: 'release/one', refs: 'main' } }
    expect((await call(hub, 'POST', `${at}/branches`, branch)).status).toBe(201)
    const read = await call(hub, 'GET', `${at}/branches/release%2Fone`)
    expect(read.json).toMatchObject({ name: 'release/one', commit: { id: head } })
    const { json } = await call(hub, 'GET', `${at}/git/trees/release%2Fone?recursive=1&per_page=2`)
    const tree = json.tree as Record<string, unknown>[]
    expect(tree.map(({ path, type, size }) => [path, type, size])).toEqual([
      ['README.md', 'blob', undefined],
      ['sub', 'tree', undefined],
    ])
    const file = await call(hub, 'GET', `${at}/contents/sub/w.bin?ref=main`)
    expect(Buffer.from(String(file.json.content), 'base64')).toEqual(formatPointer(object))
  })

  it('writes single files, with the sha of the old one', async () => {
    const hub = await startSeeded()
    const at = '/api/v5/repos/alice/tiny/contents/README.md'
    const content = Buffer.from('New.\n').toString('base64')
    const body = { message: 'x', content, branch: 'main' }
    expect((await call(hub, 'POST', at, { body })).status).toBe(400)
    expect((await call(hub, 'PUT', at, { body })).status).toBe(400)
    const { sha } = (await call(hub, 'GET', at)).json
    expect((await call(hub, 'PUT', at, { body: { ...body, sha } })).status).toBe(200)
    expect((await hub.files(repo)).get('README.md')?.content?.toString()).toBe('New.\n')
  })

  it('has a rate, a firewall, and an old API that is closed for writing', async () => {
    const hub = await start({ rateLimit: { requests: 1, seconds: 60 } })
    expect((await call(hub, 'GET', '/api/v5/user')).status).toBe(200)
    const second = await call(hub, 'GET', '/api/v5/user')
    expect(second.status).toBe(429)
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await rawGet(hub, '/api/v5/user', {})).toBe(418)
    expect((await call(hub, 'POST', '/api/v4/projects', { body: {} })).status).toBe(403)
  })
})

describe('hub', () => {
  it('creates private models whatever is asked for, and no datasets', async () => {
    const hub = await start()
    const create = (more: object) =>
      call(hub, 'POST', '/api/repos/create', { body: { name: 'm', private: false, ...more } })
    expect((await create({ type: 'model' })).json).toEqual({ url: `${hub.endpoint}/alice/m` })
    expect((await create({})).status).toBe(409)
    expect((await create({ type: 'dataset', name: 'd' })).status).toBe(401)
    expect((await call(hub, 'GET', '/api/v5/repos/alice/m')).json.private).toBe(true)
    const lax = await start({ strictHubCreate: false })
    const dataset = { body: { name: 'd', type: 'dataset', private: false } }
    expect((await call(lax, 'POST', '/api/repos/create', dataset)).status).toBe(200)
    expect((await call(lax, 'GET', '/api/v5/repos/alice/d')).json).toMatchObject({
      private: false,
      repo_type: 'dataset',
    })
  })

  it('shows a repo by its revision only, unless told otherwise', async () => {
    const hub = await startSeeded()
    expect((await call(hub, 'GET', '/api/models/alice/tiny')).status).toBe(404)
    const revision = await call(hub, 'GET', '/api/models/alice/tiny/revision/main')
    expect(revision.json).toMatchObject({ id: 'alice/tiny', sha: await hub.head(repo) })
    expect((await call(hub, 'GET', '/api/models/alice/tiny/revision/no')).status).toBe(404)
    const bad = await call(hub, 'GET', '/api/models/alice/tiny/revision/main', {
      headers: { authorization: 'Bearer x' },
    })
    expect(bad.status).toBe(401)
    const newer = await startSeeded({ modelInfo: 'default-branch', treeLfs: false })
    expect((await call(newer, 'GET', '/api/models/alice/tiny')).json.default_branch).toBe('main')
    const { text } = await call(newer, 'GET', '/api/models/alice/tiny/tree/main?recursive=true')
    expect((JSON.parse(text) as object[])[2]).toMatchObject({ path: 'sub/w.bin', size: object.size })
    expect(text).not.toContain('lfs')
  })

  it('finds three-level names with a dash on the hub', async () => {
    const hub = await start()
    const deep = { type: 'model', owner: 'hf_mirrors/Qwen', name: 'q' } as const
    await hub.seed({ ...deep, files: { a: 'a' } })
    expect((await call(hub, 'GET', '/api/models/hf_mirrors-Qwen/q/revision/main')).status).toBe(200)
    expect((await call(hub, 'GET', '/api/v1/file/hf_mirrors%2FQwen/q?path=&ref=main')).status).toBe(200)
    expect((await call(hub, 'GET', '/api/v5/repos/hf_mirrors%2FQwen/q')).status).toBe(200)
    expect(await git('/', 'ls-remote', gitUrl(hub, 'hf_mirrors/Qwen/q'))).toContain('refs/heads/main')
  })

  it('resolves: redirect or bytes, hashes in headers, non-ASCII in folders only raw', async () => {
    const hub = await startSeeded()
    const at = '/alice/tiny/resolve/main'
    const linked = await call(hub, 'HEAD', `${at}/sub/w.bin`, { headers: {} })
    expect(linked.status).toBe(302)
    expect(linked.headers.get('x-linked-etag')).toBe(`"${object.oid}"`)
    expect(linked.headers.get('x-linked-size')).toBe(String(object.size))
    expect(linked.headers.get('x-repo-commit')).toBe(await hub.head(repo))
    const location = linked.headers.get('location') ?? ''
    expect((await call(hub, 'GET', location, { headers: {} })).text).toBe(bytes.toString())
    expect((await call(hub, 'GET', location)).status).toBe(400)
    const agent = { 'user-agent': 'x' }
    const raw = Buffer.from('模').toString('latin1')
    expect(await rawGet(hub, `${at}/sub/${encodeURIComponent('模')}.txt`, agent)).toBe(404)
    expect(await rawGet(hub, `${at}/${encodeURIComponent('模')}.txt`, agent)).toBe(200)
    expect(await rawGet(hub, `${at}/sub/${raw}.txt`, agent)).toBe(200)
    const direct = await startSeeded({ resolve: 'direct' })
    const part = await call(direct, 'GET', `${at}/sub/w.bin`, { headers: { range: 'bytes=5-9' } })
    expect([part.status, part.text]).toEqual([206, 'bytes'])
  })

  it('commits, with pointers that lack the final line feed', async () => {
    const hub = await startSeeded()
    const at = '/api/models/alice/tiny'
    const files = [
      { path: 'huge.unknown', size: 1e9 },
      { path: 'a.safetensors', size: 9 },
    ]
    const modes = await call(hub, 'POST', `${at}/preupload/main`, { body: { files } })
    expect(modes.json.files).toMatchObject([{ uploadMode: 'regular' }, { uploadMode: 'lfs' }])
    const file = { key: 'lfsFile', value: { path: 'a.safetensors', algo: 'sha256', ...object } }
    const unknown = { key: 'lfsFile', value: { path: 'b', oid: '0'.repeat(64), size: 1 } }
    expect((await call(hub, 'POST', `${at}/commit/main`, { body: ndjson('x', [unknown]) })).status).toBe(400)
    const done = await call(hub, 'POST', `${at}/commit/main`, { body: ndjson('x', [file]) })
    expect(done.json).toMatchObject({
      commitOid: await hub.head(repo),
      commitUrl: expect.stringContaining(hub.endpoint),
    })
    const { json } = await call(hub, 'GET', '/api/v5/repos/alice/tiny/contents/a.safetensors')
    const text = Buffer.from(String(json.content), 'base64').toString()
    expect(`${text}\n`).toBe(formatPointer(object).toString())
    const stale = ndjson('x', [{ key: 'deletedFile', value: { path: 'README.md' } }], '0'.repeat(40))
    expect((await call(hub, 'POST', `${at}/commit/main`, { body: stale })).status).toBe(412)
  })
})

describe('git and LFS', () => {
  it('refuses a push whose LFS objects are missing, and takes it once they are there', async () => {
    const hub = await start()
    await hub.seed({ ...repo, name: 'other', files: { 'w.bin': { lfs: bytes } } })
    await call(hub, 'POST', '/api/v5/user/repos', { body: { name: 'tiny', repository_type: 'model' } })
    const folder = await workTree({ 'w.bin': formatPointer(object) })
    const push = () => git(folder, 'push', '-q', gitUrl(hub, 'alice/tiny'), 'main')
    await expect(push()).rejects.toThrow(
      'GitCode: LFS objects are missing. Ensure LFS is properly setup or try a manual: git lfs push --all',
    )
    expect(await upload(hub, 'alice/tiny', bytes)).toBe(200)
    await push()
    expect((await hub.files(repo)).get('w.bin')).toMatchObject({ lfs: true, content: bytes })
  })

  it('looks at the history of a push, too', async () => {
    const hub = await start({ maxFileSize: 0.001 })
    await hub.seed({ ...repo, files: {}, message: 'x' })
    const folder = await workTree({ 'big.txt': Buffer.alloc(3000, 'x') })
    await git(folder, 'rm', '-q', 'big.txt')
    await git(folder, 'commit', '-q', '--allow-empty', '-m', 'Two')
    const push = git(folder, 'push', '-q', gitUrl(hub, 'alice/tiny'), 'main:other')
    await expect(push).rejects.toThrow('larger than the allowed size of 0.001 MB')
  })

  it('denies force pushes until the settings allow them', async () => {
    const hub = await startSeeded()
    const folder = await workTree({ a: 'a' })
    const push = () => git(folder, 'push', '-qf', gitUrl(hub, 'alice/tiny'), 'main')
    await expect(push()).rejects.toThrow('not allowed to force push')
    const config = '/api/v5/repos/alice/tiny/push_config'
    expect((await call(hub, 'GET', config)).json).toMatchObject({ deny_force_push: true, max_file_size: 100 })
    await call(hub, 'PUT', config, { body: { deny_force_push: false } })
    await push()
    expect([...(await hub.files(repo)).keys()]).toEqual(['a'])
  })

  it('has a quota of its own for each repo', async () => {
    const hub = await startSeeded({ lfsQuota: 30 })
    const more = Buffer.from('ten bytes!')
    const batch = await call(hub, 'POST', '/alice/tiny.git/info/lfs/objects/batch', {
      body: { operation: 'upload', objects: [pointerTo(more)] },
    })
    expect([batch.status, batch.json]).toMatchObject([
      413,
      { error_code_name: 'UN_KNOW', error_message: expect.stringMatching(/^Insufficient LFS space/) },
    ])
    await hub.seed({ ...repo, name: 'second', files: {} })
    expect(await upload(hub, 'alice/second', more)).toBe(200)
    await hub.seed({ ...repo, name: 'x-fault-lfs-quota', files: {} })
    expect(await upload(hub, 'alice/x-fault-lfs-quota', more)).toBe(413)
  })

  it('reads public repos for anybody, by git, LFS and the raw host', async () => {
    const hub = await startSeeded()
    const body = { operation: 'download', objects: [object] }
    const batch = await call(hub, 'POST', '/alice/tiny.git/info/lfs/objects/batch', { body, headers: {} })
    expect(batch.json.objects).toMatchObject([{ actions: { download: { href: expect.any(String) } } }])
    expect((await call(hub, 'GET', '/alice/tiny/raw/main/README.md', { headers: {} })).text).toBe('Hello.\n')
    expect(await git('/', 'ls-remote', `${hub.endpoint}/alice/tiny.git`)).toContain('refs/heads/main')
  })

  it.each(['fault-504-landed', 'fault-git-refused', 'fault-stale'])('%s', async (fault) => {
    const hub = await start()
    const faulty = { ...repo, name: `x-${fault}` }
    await hub.seed({ ...faulty, files: { a: 'a' } })
    const folder = await workTree({ a: 'a' })
    await git(folder, 'pull', '-q', '--rebase', gitUrl(hub, `alice/${faulty.name}`), 'main')
    await git(folder, 'commit', '-q', '--allow-empty', '-m', 'Ours')
    const ours = (await git(folder, 'rev-parse', 'HEAD')).trim()
    const words = { 'fault-504-landed': '504', 'fault-git-refused': '403', 'fault-stale': 'rejected' }[fault]
    await expect(git(folder, 'push', '-q', gitUrl(hub, `alice/${faulty.name}`), 'main')).rejects.toThrow(
      words,
    )
    expect((await hub.head(faulty)) === ours).toBe(fault === 'fault-504-landed')
  })
})

describe('openMind routes', () => {
  it.each([true, false])('uploads by parts, verify: %s', async (lfsVerify) => {
    const hub = await start({ partSize: 8, lfsVerify })
    const body = { name: 'tiny', owner: 'alice', license: 'mit', visibility: 'public' }
    expect((await call(hub, 'POST', '/api/v1/model', { body })).status).toBe(201)
    expect((await call(hub, 'POST', '/api/v1/dataset', { body })).json.code).toBe('duplicate_creating')
    const at = '/api/v1/file/alice/tiny'
    const batchBody = { body: { operation: 'upload', objects: [object] } }
    const batch = await call(hub, 'POST', `${at}/info/lfs/objects/batch`, batchBody)
    const { objects } = batch.json.data as { objects: { actions: Parts }[] }
    await putParts(objects[0]?.actions)
    const again = await call(hub, 'POST', `${at}/info/lfs/objects/batch`, batchBody)
    expect(again.text).not.toContain('href')
    const content = formatPointer(object).subarray(0, -1).toString('base64')
    const files = [{ operation: 'create', path: 'sub/w.bin', content }]
    const done = await call(hub, 'POST', `${at}/upload`, { body: { files, ref: 'main', title: 'x' } })
    expect(done.json.data).toMatchObject([{ commit_oid: await hub.head(repo) }])
    const tree = await call(hub, 'GET', `${at}?path=sub&ref=main`)
    expect(tree.json.data).toMatchObject({
      tree: [{ path: 'sub/w.bin', is_lfs: true, etag: object.oid, size: object.size }],
    })
    const media = await call(hub, 'GET', `${at}/main/media/sub/w.bin`)
    expect((await fetch(media.headers.get('location') ?? '')).status).toBe(200)
    const list = await call(hub, 'GET', '/api/v1/model?owner=alice&count=true')
    expect(list.json.data).toMatchObject({ total: 1, models: [{ name: 'tiny' }] })
  })
})

interface Parts {
  readonly parts: {
    readonly index: number
    readonly pos: number
    readonly size: number
    readonly href: string
  }[]
  readonly verify?: { readonly href: string; readonly params: { readonly upload_id: string } }
}

async function putParts(actions: Parts | undefined): Promise<void> {
  const done = []
  for (const { index, pos, size, href } of actions?.parts ?? []) {
    const answer = await fetch(href, { method: 'PUT', body: new Uint8Array(bytes.subarray(pos, pos + size)) })
    done.push({ index, etag: answer.headers.get('etag')?.replaceAll('"', '') })
  }
  if (!actions?.verify) return
  const { href, params } = actions.verify
  const body = JSON.stringify({ upload_id: params.upload_id, part_ids: done })
  const answer = await fetch(`${href}?${new URLSearchParams(params)}`, { method: 'POST', body })
  expect(answer.status).toBe(200)
}

describe('import', () => {
  it.each([
    ['source', 'master'],
    ['main', 'main'],
  ] as const)('brings history and objects later, on branch %s', async (importBranch, branch) => {
    const hub = await start({ importDelay: 50, importBranch })
    const source = await startPlainGit({ defaultBranch: 'master', actionHeader: 'query' })
    cleanups.push(() => source.close())
    await source.seed({ ...repo, files: { 'w.bin': { lfs: bytes }, a: 'a' } })
    const body = { name: 'tiny', repository_type: 'model', public: 1, import_url: source.gitUrl(repo) }
    const imported = { ...repo, owner: 'my-org' }
    expect((await call(hub, 'POST', '/api/v5/orgs/my-org/repos', { body })).status).toBe(200)
    expect(await hub.head(imported)).toBeUndefined()
    await hub.imported()
    expect(await hub.head(imported)).toBe(await source.head(repo))
    expect((await hub.files(imported)).get('w.bin')?.content).toEqual(bytes)
    expect((await call(hub, 'GET', '/api/v5/repos/my-org/tiny')).json.default_branch).toBe(branch)
  })

  it('refuses a source that does not answer', async () => {
    const hub = await start()
    const body = { name: 'tiny', repository_type: 'model', import_url: `${hub.endpoint}/not/there.git` }
    const answer = await call(hub, 'POST', '/api/v5/user/repos', { body })
    expect([answer.status, answer.json.error_message]).toEqual([400, 'check url unreachable'])
    expect((await call(hub, 'GET', '/api/v5/repos/alice/tiny')).status).toBe(404)
  })
})
