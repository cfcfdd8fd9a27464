import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { lacking } from '../../../src/lfs/lacking.ts'
import { openLfsObject } from '../../../src/lfs/open-object.ts'
import { type OpenObject, relayObject } from '../../../src/lfs/relay.ts'
import { Secret } from '../../../src/model/secret.ts'
import { createBandwidth } from '../../../src/net/bandwidth.ts'
import { createCredentials } from '../../../src/net/credentials.ts'
import { createHttp } from '../../../src/net/http.ts'
import { startModelers } from '../../stand-ins/modelers/index.ts'
import { httpTo, json, readAll, startLoopback, testContext } from '../net/loopback.ts'
import { chunksOf, contentOf, fileOf, objectOf, standard } from './objects.ts'

const content = contentOf(2_500_000)
const object = objectOf(content)
const whole: OpenObject = async (range) => fileOf(chunksOf(content, range))
const sizes = [1_000_000, 400_000, 1_100_000]

interface StoreOptions {
  /** What the store has of an earlier upload, by number of the part. */
  readonly stored?: ReadonlyMap<number, Buffer>
  readonly sizes?: readonly number[]
  /** The first part that is sent finds its upload gone. */
  readonly isGoneOnce?: boolean
  /** The API's answer instead of git's: all of it inside `data`. */
  readonly wraps?: boolean
  /** Says nothing of `basic`. */
  readonly onlyParts?: boolean
  readonly verify?: object | null
}

/** A store in Modelers' dialect: ETags are MD5s, and completing looks at sizes only. */
async function startStore(options: StoreOptions = {}) {
  const parts = new Map(options.stored)
  const lengths = options.sizes ?? sizes
  const completions: { url: string; body: unknown; credentials: boolean }[] = []
  const partCredentials: (string | undefined)[] = []
  let done: Buffer | undefined
  let isGone = options.isGoneOnce === true
  const { origin, log } = await startLoopback(async (req, res) => {
    const url = req.url ?? ''
    const number = Number(/^\/part\/(\d)/.exec(url)?.[1])
    const body = await readAll(req)
    if (req.method === 'PUT' && url === '/whole') {
      done = body
      return void res.end()
    }
    if (req.method === 'PUT') {
      partCredentials.push(req.headers.authorization)
      if (isGone) {
        isGone = false
        return void res.writeHead(404).end('NoSuchUpload')
      }
      parts.set(number, body)
      return void res.writeHead(200, { etag: `"${md5(body)}"` }).end()
    }
    if (url.startsWith('/verify')) {
      completions.push({ url, body: JSON.parse(`${body}`), credentials: 'authorization' in req.headers })
      done = Buffer.concat([...parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes))
      return json(res, {})
    }
    const { transfers } = JSON.parse(`${body}`)
    const takesParts = transfers.includes('multipart') || options.onlyParts
    const rows = lengths.map((size, index) => {
      const row = { index: index + 1, pos: lengths.slice(0, index).reduce((sum, one) => sum + one, 0), size }
      const known = parts.get(index + 1)
      const to = { href: `/part/${index + 1}?sig=x`, method: 'PUT', headers: {}, expires_in: 10_800 }
      return known === undefined ? { ...row, ...to } : { ...row, etag: md5(known) }
    })
    const verify = { href: '/verify?oid=x', method: 'POST', headers: {}, params: { upload_id: 'u&1' } }
    // In any order, as a map gives them.
    const inParts = { parts: rows.toReversed(), ...(options.verify === null ? {} : { verify }) }
    const objects = [{ ...object, actions: takesParts ? inParts : { upload: { href: '/whole' } } }]
    json(res, options.wraps === true ? { code: '', msg: '', data: { objects } } : { transfer: 'x', objects })
  })
  const relay = {
    http: httpTo(origin),
    lfsUrl: `${origin}/lfs`,
    profile: standard,
    object,
    onBytes: () => undefined,
    bandwidth: createBandwidth(undefined),
    stallTimeout: 5,
  }
  return {
    log,
    completions,
    partCredentials,
    done: () => done,
    send: (open: OpenObject = whole) => relayObject(testContext(), { ...relay, open }),
  }
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}

const partAt = (start: number, size: number) => content.subarray(start, start + size)

describe("Modelers' parts", () => {
  test.each([false, true])(
    'are sent in order, of any size, and completed once (wrapped: %s)',
    async (wraps) => {
      const store = await startStore({ wraps })
      expect((await store.send()).kind).toBe('sent')
      expect(store.done()?.equals(content)).toBe(true)
      const etags = [partAt(0, 1_000_000), partAt(1_000_000, 400_000), partAt(1_400_000, 1_100_000)].map(md5)
      expect(store.completions).toEqual([
        {
          url: '/verify?oid=x&upload_id=u%261',
          body: { upload_id: 'u&1', part_ids: etags.map((etag, index) => ({ index: index + 1, etag })) },
          credentials: true,
        },
      ])
      expect(store.partCredentials).toEqual([undefined, undefined, undefined])
    },
  )

  test('parts the store has are hashed, not sent again', async () => {
    const store = await startStore({ stored: new Map([[1, partAt(0, 1_000_000)]]) })
    expect((await store.send()).kind).toBe('sent')
    expect(store.log.filter((line) => line.startsWith('PUT')).map((line) => line.slice(4, 11))).toEqual([
      '/part/2',
      '/part/3',
    ])
    expect(store.done()?.equals(content)).toBe(true)
  })

  test('a part of other bytes is never completed: the object goes in one request', async () => {
    const store = await startStore({ stored: new Map([[2, Buffer.alloc(400_000)]]) })
    expect((await store.send()).kind).toBe('sent')
    expect(store.completions).toEqual([])
    expect(store.done()?.equals(content)).toBe(true)
  })

  test('a store that insists on such parts is refused', async () => {
    const store = await startStore({ stored: new Map([[2, Buffer.alloc(400_000)]]), onlyParts: true })
    await expect(store.send()).rejects.toMatchObject({ code: 'refused' })
    expect(store.completions).toEqual([])
  })

  test('wrong bytes of the source are never completed, and what they left is not built upon', async () => {
    const wrong = Buffer.from(content)
    wrong[1_200_000] = 255 - (wrong[1_200_000] ?? 0)
    const store = await startStore()
    let opened = 0
    const open: OpenObject = async (range) => {
      opened += 1
      return fileOf(chunksOf(opened === 1 ? wrong : content, range))
    }
    expect((await store.send(open)).kind).toBe('sent')
    expect(store.completions).toEqual([])
    expect(store.done()?.equals(content)).toBe(true)
  })

  test('an upload that is gone is asked for again', async () => {
    const store = await startStore({ isGoneOnce: true })
    expect((await store.send()).kind).toBe('sent')
    expect(store.done()?.equals(content)).toBe(true)
  })

  test.each([
    ['too few', { sizes: [1_000_000, 400_000] }],
    ['too many', { sizes: [...sizes, 1] }],
    ['an empty one', { sizes: [1_000_000, 0, 1_500_000] }],
    ['none', { sizes: [] }],
    ['nothing that completes them', { verify: null }],
  ])('%s of them is a bad answer, before any byte', async (_what, options) => {
    const store = await startStore(options)
    await expect(store.send()).rejects.toMatchObject({ code: 'bad-answer' })
    expect(store.log.filter((line) => line.startsWith('PUT'))).toEqual([])
  })
})

describe('the stand-in of Modelers', () => {
  test.each(['', '-fault-storage-500', '-fault-upload-gone', '-fault-expired-url'])(
    'gets the object in parts: tiny%s',
    async (fault) => {
      const hub = await startModelers({ partSize: 900_000 })
      try {
        const repo = { type: 'model', owner: hub.username, name: `tiny${fault}` } as const
        await hub.seed({ ...repo, files: { 'a.txt': 'a' } })
        const covers = (url: URL) => url.origin === hub.endpoint
        const rules = [{ purposes: ['lfs' as const], covers, form: 'basic' as const }]
        const http = createHttp(testContext(), {
          hub: 'modelers',
          endpoint: hub.endpoint,
          credentials: createCredentials(rules, new Secret(hub.token), hub.username),
          insecureHttp: false,
          requestsPerSecond: Number.POSITIVE_INFINITY,
        })
        const lfsUrl = `${hub.endpoint}/${repo.owner}/${repo.name}.git/info/lfs`
        const profile = { ...standard, batchSize: 100 }
        const store = { http, lfsUrl, profile, proven: new Map() }
        const options = { onBytes: () => undefined, bandwidth: createBandwidth(undefined), stallTimeout: 5 }
        expect(await lacking(testContext(), store, [object], 'read')).toEqual([object])
        hub.requests.length = 0
        expect((await relayObject(testContext(), { ...store, ...options, object, open: whole })).kind).toBe(
          'sent',
        )
        expect(hub.requests.filter(({ server }) => server === 'storage').length).toBeGreaterThanOrEqual(3)
        expect(await lacking(testContext(), store, [object], 'read')).toEqual([])
        const read = () => openLfsObject(http, lfsUrl, profile, object, { start: 900_000 })
        // The first address of an object may be a dead one.
        const file = await read().catch(read)
        expect((await readAll(file.body)).equals(content.subarray(900_000))).toBe(true)
      } finally {
        await hub.close()
      }
    },
  )
})
