import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type PlainGitOptions,
  type PlainGitStandIn,
  startPlainGit,
} from '../../../stand-ins/plain-git/index.ts'
import { actionOf, authOf, basic, batch, bytes, git, object, put, repo } from './host.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

/** A host with the repo `alice/tiny`, holding a README. */
async function start(options: PlainGitOptions = {}): Promise<PlainGitStandIn> {
  const host = await startPlainGit(options)
  cleanups.push(() => host.close())
  await host.seed({ ...repo, files: { 'README.md': 'Hello.\n' } })
  return host
}

/** The same with an LFS object in it. */
async function startWithObject(options: PlainGitOptions = {}): Promise<PlainGitStandIn> {
  const host = await start(options)
  await host.seed({ ...repo, files: { 'w.bin': { lfs: bytes } } })
  return host
}

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'plain-git-test-'))
  cleanups.push(() => rm(made, { recursive: true, force: true }))
  return made
}

describe('credentials', () => {
  it.each([
    ['basic', 401, 'www-authenticate'],
    ['lfs-authenticate', 401, 'lfs-authenticate'],
    ['forbidden-with-challenge', 403, 'www-authenticate'],
    ['forbidden', 403, undefined],
  ] as const)('asks in the way of %s', async (challenge, status, header) => {
    const host = await start({ challenge })
    const answer = await batch(host, { authorization: undefined })
    expect(answer.status).toBe(status)
    const seen = ['www-authenticate', 'lfs-authenticate'].filter((name) => answer.headers.has(name))
    expect(seen).toEqual(header ? [header] : [])
  })

  it.each([401, 403, 500] as const)(
    'answers wrong ones with %i, even to readers',
    async (wrongCredentials) => {
      const host = await start({ wrongCredentials })
      const answer = await batch(host, { operation: 'download', authorization: basic('alice', 'wrong') })
      expect(answer.status).toBe(wrongCredentials)
    },
  )

  it('accepts the forms it was told to, and no other', async () => {
    const forms = [
      'user-token',
      'oauth2-token',
      'token-as-user',
      'user-password',
      'bearer',
      'token-scheme',
    ] as const
    const accepted: string[][] = []
    for (const form of ['any-user-token', ...forms] as const) {
      const host = await start({ credentialForms: [form] })
      const tries: [string, string][] = [
        ['any-user-token', basic('x', host.token)],
        ['user-token', basic('alice', host.token)],
        ['oauth2-token', basic('oauth2', host.token)],
        ['token-as-user', basic(host.token, '')],
        ['user-password', basic('alice', host.password)],
        ['bearer', `Bearer ${host.token}`],
        ['token-scheme', `Token ${host.token}`],
      ]
      const rows = await Promise.all(
        tries.map(async ([name, authorization]) => ({ name, ...(await batch(host, { authorization })) })),
      )
      accepted.push(rows.filter(({ status }) => status === 200).map(({ name }) => name))
    }
    expect(accepted).toEqual([
      ['any-user-token', 'user-token', 'oauth2-token'],
      ...forms.map((form) => [form]),
    ])
  })

  it('lets nobody read a private repo, and nobody write with the token for reading', async () => {
    const host = await startPlainGit()
    cleanups.push(() => host.close())
    await host.seed({ ...repo, private: true, files: { a: 'a' } })
    expect((await batch(host, { operation: 'download', authorization: undefined })).status).toBe(401)
    expect((await batch(host, { authorization: basic('x', host.readToken) })).status).toBe(403)
  })
})

describe('actions', () => {
  it.each(['none', 'null', 'own-bearer', 'caller', 'query'] as const)(
    'round trip with header %s',
    async (actionHeader) => {
      for (const objectHost of ['same', 'other'] as const) {
        const host = await start({ actionHeader, objectHost })
        const own: Record<string, string> = actionHeader === 'none' ? { authorization: authOf(host) } : {}
        const upload = await actionOf(host, 'upload')
        expect(upload.header).toEqual(
          {
            none: undefined,
            query: undefined,
            null: null,
            caller: { Authorization: authOf(host) },
            'own-bearer': { Authorization: expect.stringMatching(/^Bearer /) },
          }[actionHeader],
        )
        expect((await put(upload, bytes, own)).status).toBe(200)
        const download = await actionOf(host, 'download')
        const read = await fetch(download.href, { headers: { ...download.header, ...own } })
        expect(Buffer.from(await read.arrayBuffer())).toEqual(bytes)
        expect(new URL(download.href).hostname).toBe(objectHost === 'same' ? '127.0.0.1' : 'localhost')
      }
    },
  )

  it('wants what the action says, and refuses an Authorization it did not ask for', async () => {
    const signed = await start({ actionHeader: 'own-bearer' })
    const bearer = await actionOf(signed, 'upload')
    expect((await put({ href: bearer.href }, bytes, { authorization: authOf(signed) })).status).toBe(403)
    const callers = await start({ actionHeader: 'none' })
    expect((await put(await actionOf(callers, 'upload'), bytes)).status).toBe(401)
    const strict = await start({ actionHeader: 'query', strayAuthorization: 401 })
    const query = await actionOf(strict, 'upload')
    expect((await put(query, bytes, { authorization: authOf(strict) })).status).toBe(401)
    expect((await put(query, bytes)).status).toBe(200)
  })

  it('says when they end, or does not, or lies', async () => {
    const expiries = ['none', 'expires-in', 'zero-date', 'early'] as const
    const rows = []
    for (const expiry of expiries) {
      const host = await startWithObject({
        expiry,
        actionHeader: 'query',
        urlLifetime: 0,
        expiredStatus: 401,
      })
      const { href, expires_in, expires_at } = await actionOf(host, 'download')
      rows.push([expiry, expires_in, expires_at, (await fetch(href)).status])
    }
    expect(rows).toEqual([
      ['none', undefined, undefined, 200],
      ['expires-in', 0, undefined, 401],
      ['zero-date', undefined, '0001-01-01T00:00:00Z', 200],
      ['early', 900, undefined, 401],
    ])
  })

  it('is dead the first time with fault-expired-url', async () => {
    const host = await startPlainGit({ actionHeader: 'own-bearer' })
    cleanups.push(() => host.close())
    const name = 'x-fault-expired-url'
    await host.seed({ ...repo, name, files: { 'w.bin': { lfs: bytes } } })
    const statuses = []
    for (let turn = 0; turn < 2; turn++) {
      const { first } = await batch(host, { operation: 'download', name })
      const { download } = first.actions as { download: { href: string; header: Record<string, string> } }
      statuses.push((await fetch(download.href, { headers: download.header })).status)
    }
    expect(statuses).toEqual([403, 200])
  })

  it.each([
    ['full', 404],
    ['size', 200],
    ['none', undefined],
  ] as const)('verify: %s', async (verifyAction, status) => {
    const host = await start({ verifyAction, wrongBytes: 'kept' })
    const { first } = await batch(host)
    const { upload, verify } = first.actions as Record<'upload' | 'verify', { href: string } | undefined>
    if (!upload) throw new Error('no upload')
    const wrong = Buffer.alloc(bytes.length, 'x')
    expect((await put(upload, wrong, { authorization: authOf(host) })).status).toBe(200)
    const headers = { authorization: authOf(host) }
    const answer =
      verify && (await fetch(verify.href, { method: 'POST', headers, body: JSON.stringify(object) }))
    expect(answer?.status).toBe(status)
  })
})

describe('batches', () => {
  it.each([
    ['no-actions', {}],
    ['null-actions', { actions: null }],
    ['download-action', { actions: { download: { href: expect.any(String) } } }],
    [
      'offered-again',
      { actions: { upload: { href: expect.any(String) }, verify: { href: expect.any(String) } } },
    ],
  ] as const)('stored object: %s', async (storedObject, said) => {
    const host = await startWithObject({ storedObject })
    expect((await batch(host)).first).toEqual({ ...object, ...said })
  })

  it.each([
    ['error', 200, { error: { code: 404 } }],
    ['nested-error', 200, { actions: { error: { code: 404 } } }],
    ['null-actions', 200, { actions: null, error: { code: 404 } }],
    ['whole-batch', 404, {}],
  ] as const)('missing object: %s', async (missingObject, status, said) => {
    const host = await start({ missingObject })
    const answer = await batch(host, { operation: 'download' })
    expect([answer.status, answer.first]).toMatchObject([status, said])
  })

  it('answers for the present objects when not all are missing', async () => {
    const host = await startWithObject({ missingObject: 'whole-batch' })
    const other = { oid: '0'.repeat(64), size: 3 }
    const answer = await batch(host, { operation: 'download', objects: [object, other] })
    expect(answer.body.objects).toMatchObject([{ actions: { download: {} } }, { error: { code: 404 } }])
  })

  it.each([
    ['error', 200, { error: { code: 422 } }],
    ['nested-error', 200, { actions: { error: { code: 422 } } }],
    ['batch-422', 422, {}],
    ['batch-400', 400, {}],
    ['offered', 200, { actions: { upload: {} } }],
  ] as const)('impossible oid: %s', async (invalidObject, status, said) => {
    const host = await start({ invalidObject })
    const answer = await batch(host, { objects: [{ oid: '../..', size: 1 }] })
    expect([answer.status, answer.first]).toMatchObject([status, said])
  })

  it('minds ref, Accept and content type as told', async () => {
    const strict = await start({
      emptyRef: 'refused',
      strictAccept: true,
      batchContentType: 'application/json',
      transfer: 'absent',
    })
    expect((await batch(strict, { body: { ref: {} } })).status).toBe(422)
    expect((await batch(strict, { accept: '*/*' })).status).toBe(415)
    const answer = await batch(strict, { body: { ref: { name: 'refs/heads/main' } } })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json'])
    expect(answer.body).not.toHaveProperty('transfer')
    const lax = await start()
    const easy = await batch(lax, { body: { ref: {} }, accept: '*/*' })
    expect([easy.status, easy.body.transfer]).toEqual([200, 'basic'])
    expect(easy.headers.get('content-type')).toBe('application/vnd.git-lfs+json')
  })

  it.each(['repo', 'global'] as const)('store: %s', async (objectStore) => {
    const host = await startWithObject({ objectStore })
    const isGlobal = objectStore === 'global'
    const absent = await batch(host, { name: 'not-there' })
    expect(absent.status).toBe(isGlobal ? 200 : 404)
    await host.seed({ ...repo, name: 'second', files: {} })
    const { first } = await batch(host, { name: 'second' })
    expect('actions' in first).toBe(!isGlobal)
  })

  it.each([
    ['message', '{"message":"Repository not found"}'],
    ['error', '{"error":"Repository not found"}'],
    ['empty', ''],
    ['html', expect.stringContaining('<h1>Repository not found')],
    ['text', 'Repository not found\n'],
  ] as const)('errors as %s', async (errorBody, text) => {
    const host = await start({ errorBody })
    expect(await batch(host, { name: 'not-there' })).toMatchObject({ status: 404, text })
  })

  it.each([
    ['not-found', 404, 404],
    ['served', 201, 409],
    ['refused', 403, 403],
  ] as const)('locks: %s', async (locks, made, again) => {
    const host = await start({ locks })
    const url = `${host.gitUrl(repo)}/info/lfs/locks`
    const call = (path: string, body: object) =>
      fetch(url + path, {
        method: 'POST',
        headers: { authorization: authOf(host) },
        body: JSON.stringify(body),
      })
    expect((await call('', { path: 'w.bin' })).status).toBe(made)
    expect((await call('', { path: 'w.bin' })).status).toBe(again)
    const verified = await call('/verify', {})
    if (locks === 'served')
      expect(await verified.json()).toMatchObject({ ours: [{ path: 'w.bin' }], theirs: [] })
    else expect(verified.status).toBe(made)
  })
})

describe('objects', () => {
  it.each([
    [400, 400],
    [500, 500],
    ['closed', 'closed'],
    ['kept', 200],
    ['kept-for-ever', 200],
  ] as const)('wrong bytes: %s', async (wrongBytes, status) => {
    const host = await start({ wrongBytes, actionHeader: 'query' })
    const action = await actionOf(host, 'upload')
    const wrong = await put(action, Buffer.from('wrong')).then(
      (answer) => answer.status,
      () => 'closed',
    )
    expect(wrong).toBe(status)
    expect((await put(action, bytes)).status).toBe(200)
    const { href } = await actionOf(host, 'download')
    const isSpoilt = wrongBytes === 'kept-for-ever'
    expect(await (await fetch(href)).text()).toBe(isSpoilt ? 'wrong' : bytes.toString())
    expect((await batch(host)).first).toEqual(object)
  })

  it.each([
    ['served', 206, `bytes 5-9/${bytes.length}`, 5],
    ['ignored', 200, null, bytes.length],
    ['wrong', 206, `bytes 5-${bytes.length}/${bytes.length + 1}`, bytes.length - 5],
  ] as const)('ranges: %s', async (ranges, status, contentRange, length) => {
    const host = await startWithObject({ ranges, actionHeader: 'query', headObject: 405 })
    const { href } = await actionOf(host, 'download')
    const answer = await fetch(href, { headers: { range: 'bytes=5-9' } })
    expect([answer.status, answer.headers.get('content-range')]).toEqual([status, contentRange])
    expect((await answer.arrayBuffer()).byteLength).toBe(length)
    expect((await fetch(href, { method: 'HEAD' })).status).toBe(405)
  })
})

describe('git', () => {
  it('clones, and pushes with pointers whose objects are nowhere', async () => {
    const host = await start()
    const work = join(await folder(), 'work')
    const url = host.gitUrl(repo).replace('://', `://x:${host.token}@`)
    await git(['clone', '-q', url, work])
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${object.oid}\nsize ${object.size}\n`
    await git(['-C', work, 'config', 'user.email', 'a@example.invalid'])
    await git(['-C', work, 'config', 'user.name', 'a'])
    await writeFile(join(work, 'w.bin'), pointer)
    await git(['-C', work, 'add', '.'])
    await git(['-C', work, 'commit', '-qm', 'Pointer'])
    await git(['-C', work, 'push', '-q', 'origin', 'HEAD'])
    expect((await host.files(repo)).get('w.bin')).toMatchObject({ lfs: true, sha256: object.oid })
  })

  it.each([
    ['never', false, false],
    ['push', false, true],
    ['info-refs', true, true],
  ] as const)('creates repos: %s', async (createOn, onAsking, onPush) => {
    const host = await start({ createOn })
    const made = { ...repo, name: 'made' }
    const url = host.gitUrl(made)
    const headers = { authorization: authOf(host) }
    expect((await fetch(`${url}/info/refs?service=git-upload-pack`, { headers })).status).toBe(404)
    await fetch(`${url}/info/refs?service=git-receive-pack`, { headers })
    const probe = await fetch(`${url}/info/refs?service=git-upload-pack`, { headers })
    expect(probe.status).toBe(onAsking ? 200 : 404)
    const work = join(await folder(), 'work')
    await git(['clone', '-q', host.gitUrl(repo), work])
    const push = git(['-C', work, 'push', '-q', url.replace('://', `://x:${host.token}@`), 'HEAD:main'])
    expect(
      await push.then(
        () => true,
        () => false,
      ),
    ).toBe(onPush)
    expect((await host.head(made)) !== undefined).toBe(onPush)
  })

  it.each([
    [2, 'version 2'],
    [1, '# service=git-upload-pack'],
    [0, '# service=git-upload-pack'],
  ] as const)('speaks version %i at most', async (gitProtocol, banner) => {
    const host = await start({ gitProtocol })
    const ask = async (version: number): Promise<string> => {
      const headers = { 'git-protocol': `version=${version}` }
      return (await fetch(`${host.gitUrl(repo)}/info/refs?service=git-upload-pack`, { headers })).text()
    }
    expect(await ask(2)).toContain(banner)
    expect((await ask(1)).includes('version 1')).toBe(gitProtocol >= 1)
  })

  it.each([true, false])('filter: %s', async (filter) => {
    const host = await start({ filter })
    await host.seed({ ...repo, files: { big: Buffer.alloc(5000, 'b') } })
    const work = join(await folder(), 'work.git')
    const said = await git(['clone', '-q', '--bare', '--filter=blob:limit=1k', host.gitUrl(repo), work])
    expect(said.includes('filtering not recognized')).toBe(!filter)
    const missing = await git(['-C', work, 'rev-list', '--objects', '--all', '--missing=print'])
    expect(/^\?/m.test(missing)).toBe(filter)
  })

  it('answers with an error though the push landed (fault-504-landed)', async () => {
    const host = await start({ createOn: 'push' })
    const work = join(await folder(), 'work')
    await git(['clone', '-q', host.gitUrl(repo), work])
    const landed = { ...repo, name: 'x-fault-504-landed' }
    const url = host.gitUrl(landed).replace('://', `://x:${host.token}@`)
    await expect(git(['-C', work, 'push', '-q', url, 'HEAD:main'])).rejects.toThrow('504')
    expect(await host.head(landed)).toBe(await host.head(repo))
  })

  it('refuses the first push with fault-stale', async () => {
    const host = await startPlainGit({ newRepo: 'attributes' })
    cleanups.push(() => host.close())
    const stale = { ...repo, name: 'x-fault-stale' }
    await host.seed({ ...stale, files: { a: 'a' } })
    expect([...(await host.files(stale)).keys()]).toEqual(['.gitattributes', 'a'])
    const work = join(await folder(), 'work')
    await git(['clone', '-q', host.gitUrl(stale), work])
    await git([
      '-C',
      work,
      '-c',
      'user.name=a',
      '-c',
      'user.email=a@b.invalid',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'x',
    ])
    const url = host.gitUrl(stale).replace('://', `://x:${host.token}@`)
    await expect(git(['-C', work, 'push', '-q', url, 'HEAD:main'])).rejects.toThrow('rejected')
    expect((await host.files(stale)).has('someone-else.txt')).toBe(true)
  })
})

it.each([
  ['not-found', 404, /json/],
  ['web-page', 200, /^text\/html/],
] as const)('unserved paths: %s', async (unservedPath, status, type) => {
  const host = await start({ unservedPath })
  const answer = await fetch(`${host.endpoint}/api/v1/user`)
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toMatch(type)
})
