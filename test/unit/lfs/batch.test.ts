import { describe, expect, test } from 'vitest'
import { lfsBatch } from '../../../src/lfs/batch.ts'
import { openLfsObject } from '../../../src/lfs/open-object.ts'
import type { LfsProfile } from '../../../src/model/profile.ts'
import { httpTo, json, readAll, startLoopback } from '../net/loopback.ts'
import { standard } from './objects.ts'

const a = { oid: 'a'.repeat(64), size: 1 }
const b = { oid: 'b'.repeat(64), size: 2 }
const c = { oid: 'c'.repeat(64), size: 3 }
const modelscope: LfsProfile = {
  ...standard,
  envelope: 'modelscope',
  batchSize: 64,
  presence: 'upload-batch',
}

/** A store that answers every batch with what `answer` makes of its request. */
async function store(
  answer: (request: { operation: string; objects: { oid: string }[] }) => [number, unknown],
) {
  const requests: Record<string, unknown>[] = []
  const { origin } = await startLoopback(async (req, res) => {
    const request = JSON.parse((await readAll(req)).toString())
    requests.push({ ...request, accept: req.headers.accept, type: req.headers['content-type'] })
    const [status, body] = answer(request)
    json(res, body, status)
  })
  return { http: httpTo(origin), url: `${origin}/repo.git/info/lfs`, requests }
}

describe('lfsBatch', () => {
  test('asks in chunks, in the words of the specification', async () => {
    const { http, url, requests } = await store(({ objects }) => [200, { objects }])
    const entries = await lfsBatch(http, url, standard, 'upload', [a, b, c])
    expect(entries).toEqual([a, b, c])
    expect(requests).toEqual([
      {
        operation: 'upload',
        transfers: ['basic', 'multipart'],
        objects: [a, b],
        hash_algo: 'sha256',
        accept: 'application/vnd.git-lfs+json',
        type: 'application/vnd.git-lfs+json',
      },
      expect.objectContaining({ objects: [c] }),
    ])
  })

  test('takes what is seen in the wild', async () => {
    const { http, url } = await store(() => [
      200,
      {
        objects: [
          { ...c, actions: { error: { code: 422, message: 'bad size' } } },
          { ...a, actions: null, error: { code: 404, message: 'not here' } },
          {
            ...b,
            actions: {
              download: { href: '/b?x=1', header: null, expires_at: '0001-01-01T00:00:00Z' },
              verify: { href: '/v', header: { Authorization: 'Own' } },
            },
          },
        ],
      },
    ])
    const entries = await lfsBatch(http, url, { ...standard, batchSize: 100 }, 'download', [a, b, c])
    expect(entries[0]).toEqual({ ...a, error: { code: 404, message: 'not here' } })
    expect(entries[1]).toEqual({
      ...b,
      download: { href: new URL('/b?x=1', url).href, headers: {}, purposes: ['transfer', 'signed'] },
      verify: { href: new URL('/v', url).href, headers: { authorization: 'Own' }, purposes: ['signed'] },
    })
    expect(entries[2]?.error?.code).toBe(422)
  })

  test('404 for a download batch means that nothing is there; for an upload it is an error', async () => {
    const { http, url } = await store(() => [404, { message: 'none' }])
    const [entry] = await lfsBatch(http, url, standard, 'download', [a])
    expect(entry?.error?.code).toBe(404)
    await expect(lfsBatch(http, url, standard, 'upload', [a])).rejects.toMatchObject({ code: 'not-found' })
  })

  test('only allowed header names and clean values pass', async () => {
    const header = {
      Authorization: 'Bearer own',
      'Content-Type': 'application/x',
      'x-amz-content-sha256': 'abc',
      'X-Oss-Meta': 'ok',
      Host: 'evil',
      Cookie: 'c=1',
      'Transfer-Encoding': 'chunked',
      'x-forwarded-for': '1.2.3.4',
      'x-ms-evil': 'a\r\nb: c',
    }
    const { http, url } = await store(() => [
      200,
      { objects: [{ ...a, actions: { upload: { href: '/u', header } } }] },
    ])
    const [entry] = await lfsBatch(http, url, standard, 'upload', [a])
    expect(entry?.upload?.kind === 'whole' && entry.upload.to.headers).toEqual({
      authorization: 'Bearer own',
      'content-type': 'application/x',
      'x-amz-content-sha256': 'abc',
      'x-oss-meta': 'ok',
    })
  })

  test.each(['ftp://x/y', 'http://user:pw@127.0.0.1/x', 'http://[bad'])(
    'an address like %s is refused',
    async (href) => {
      const { http, url } = await store(() => [200, { objects: [{ ...a, actions: { upload: { href } } }] }])
      await expect(lfsBatch(http, url, standard, 'upload', [a])).rejects.toMatchObject({ code: 'bad-answer' })
    },
  )

  test('reads the parts of a multipart action in order', async () => {
    const header = { chunk_size: '2', '00002': '/p2', '00001': '/p1' }
    const { http, url } = await store(() => [
      200,
      { objects: [{ ...c, actions: { upload: { href: '/done', header } } }] },
    ])
    const [entry] = await lfsBatch(http, url, standard, 'upload', [c])
    const to = (path: string) => ({ href: new URL(path, url).href, headers: {}, purposes: ['signed'] })
    expect(entry?.upload).toMatchObject({
      kind: 'parts',
      parts: [
        { kind: 'send', start: 0, size: 2, to: to('/p1') },
        { kind: 'send', start: 2, size: 1, to: to('/p2') },
      ],
      completion: { to: { href: new URL('/done', url).href } },
    })
  })

  test('ModelScope: wrapped, what is left out is there, and Code tells failure', async () => {
    const upload = { href: '/blobs/x', upload_header: { Range: 'bytes=0-' }, upload_parameters: {} }
    const { http, url, requests } = await store(() => [
      200,
      { Code: 200, Success: true, Data: { objects: [{ ...a, actions: { upload } }] } },
    ])
    const entries = await lfsBatch(http, url, modelscope, 'upload', [a, b])
    const to = { href: new URL('/blobs/x', url).href, headers: {}, purposes: ['transfer', 'signed'] }
    expect(entries[0]?.upload).toEqual({ kind: 'whole', to })
    expect(entries[1]).toEqual(b)
    expect(requests[0]).not.toHaveProperty('transfers')
    const failing = await store(() => [200, { Code: 10, Success: false, Message: 'no', Data: null }])
    const batch = lfsBatch(failing.http, failing.url, modelscope, 'upload', [a])
    await expect(batch).rejects.toMatchObject({ code: 'bad-answer' })
  })

  test('an answer without a list is a bad answer', async () => {
    const { http, url } = await store(() => [200, { ok: true }])
    await expect(lfsBatch(http, url, standard, 'upload', [a])).rejects.toMatchObject({ code: 'bad-answer' })
  })
})

test('openLfsObject opens by a fresh batch, and says when an object is missing', async () => {
  const { origin } = await startLoopback(async (req, res) => {
    if (req.url === '/d') return void res.end('abc')
    const request = JSON.parse((await readAll(req)).toString())
    const isThere = request.objects[0].oid === c.oid
    json(res, {
      objects: [isThere ? { ...c, actions: { download: { href: '/d' } } } : { ...a, error: { code: 404 } }],
    })
  })
  const http = httpTo(origin)
  const file = await openLfsObject(http, `${origin}/lfs`, standard, c, { start: 1 })
  expect((await readAll(file.body)).toString()).toBe('bc')
  const missing = openLfsObject(http, `${origin}/lfs`, standard, a)
  await expect(missing).rejects.toMatchObject({ code: 'object-missing' })
})
