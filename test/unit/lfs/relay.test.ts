import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { type OpenObject, type Relay, relayObject } from '../../../src/lfs/relay.ts'
import { SyncError } from '../../../src/model/errors.ts'
import type { LfsObject } from '../../../src/model/file.ts'
import { createBandwidth } from '../../../src/net/bandwidth.ts'
import { httpTo, json, readAll, startLoopback, testContext, token } from '../net/loopback.ts'
import { chunksOf, contentOf, fileOf, objectOf, sha256, standard } from './objects.ts'

const content = contentOf(2_500_000)
const object = objectOf(content)
const whole: OpenObject = async (range) => fileOf(chunksOf(content, range))

interface StoreOptions {
  /** Answers a PUT itself; false leaves it to the store. */
  readonly onPut?: (req: IncomingMessage, res: ServerResponse, count: number) => boolean
  /** Bytes of a part: the multipart dialect. */
  readonly chunkSize?: number
  readonly verify?: boolean
}

/** A small LFS store: keeps complete PUT bodies by path; `bodies` are objects as clients would get them. */
async function startStore(options: StoreOptions = {}) {
  const kept = new Map<string, Buffer>()
  const aborted: string[] = []
  const completions: unknown[] = []
  const headers: IncomingMessage['headers'][] = []
  let puts = 0
  const { origin, log } = await startLoopback(async (req, res) => {
    const path = req.url ?? ''
    if (req.method === 'PUT') {
      puts += 1
      headers.push(req.headers)
      if (options.onPut?.(req, res, puts) === true) return
      try {
        kept.set(path, await readAll(req))
      } catch {
        aborted.push(path)
        return
      }
      res.writeHead(200, { etag: `"${path}"` }).end()
      return
    }
    const body = JSON.parse((await readAll(req)).toString())
    if (path !== '/lfs/objects/batch') {
      completions.push({ path, ...body })
      return json(res, {})
    }
    const [asked]: LfsObject[] = body.objects
    if (asked === undefined || kept.has(`/o/${asked.oid}`)) return json(res, { objects: [asked] })
    const upload = { href: `/o/${asked.oid}`, header: partHeaders(asked.size, options.chunkSize) }
    const verify = options.verify === true ? { verify: { href: '/verify' } } : {}
    json(res, { transfer: 'basic', objects: [{ ...asked, actions: { upload, ...verify } }] })
  })
  return { origin, log, kept, aborted, completions, headers, http: httpTo(origin) }
}

function partHeaders(size: number, chunkSize: number | undefined): Record<string, string> {
  if (chunkSize === undefined) return {}
  const count = Math.ceil(size / chunkSize)
  const hrefs = Array.from({ length: count }, (_, i) => [
    String(i + 1).padStart(5, '0'),
    `/part/${i + 1}?sig=x`,
  ])
  return { chunk_size: String(chunkSize), ...Object.fromEntries(hrefs) }
}

function relayTo(
  store: { origin: string; http: Relay['http'] },
  open: OpenObject,
  changes: Partial<Relay> = {},
): Relay {
  return {
    http: store.http,
    lfsUrl: `${store.origin}/lfs`,
    profile: standard,
    object,
    open,
    onBytes: () => undefined,
    bandwidth: createBandwidth(undefined),
    stallTimeout: 5,
    ...changes,
  }
}

const fail = (status: number) => (req: IncomingMessage, res: ServerResponse, count: number) => {
  if (count > 1) return false
  req.resume().on('end', () => res.writeHead(status).end())
  return true
}

describe('basic', () => {
  test('sends the object once, samples it, and asks to verify it', async () => {
    const store = await startStore({ verify: true })
    let bytes = 0
    const onBytes = (count: number) => {
      bytes += count
    }
    const relayed = await relayObject(testContext(), relayTo(store, whole, { onBytes }))
    const MiB = 1024 * 1024
    const sample = { head: sha256(content.subarray(0, MiB)), tail: sha256(content.subarray(-MiB)) }
    expect(relayed).toEqual({ kind: 'sent', sample })
    expect(store.kept.get(`/o/${object.oid}`)?.equals(content)).toBe(true)
    expect(bytes).toBe(object.size)
    expect(store.completions).toEqual([{ path: '/verify', oid: object.oid, size: object.size }])
    expect(store.headers[0]).toMatchObject({
      'content-type': 'application/octet-stream',
      authorization: `Bearer ${token}`,
    })
    expect(await relayObject(testContext(), relayTo(store, whole))).toEqual({ kind: 'present' })
  })

  test('an empty object is sent as an empty body', async () => {
    const store = await startStore()
    const empty = objectOf(Buffer.alloc(0))
    const relayed = await relayObject(
      testContext(),
      relayTo(store, async () => fileOf([]), { object: empty }),
    )
    expect(relayed.kind).toBe('sent')
    expect(store.kept.get(`/o/${empty.oid}`)).toHaveLength(0)
  })

  const flipped = Buffer.from(content)
  flipped[2_000_000] = 255 - (flipped[2_000_000] ?? 0)
  test.each([
    ['truncated', 'truncated', content.subarray(0, 2_400_000)],
    ['corrupt', 'over-long', Buffer.concat([content, Buffer.from('x')])],
    ['corrupt', 'corrupt', flipped],
  ])('%s: %s bytes never complete on the target', async (code, _name, bytes) => {
    for (const chunkSize of [undefined, 1_000_000]) {
      const store = await startStore(chunkSize === undefined ? {} : { chunkSize })
      const open: OpenObject = async (range) => fileOf(chunksOf(bytes, range))
      await expect(relayObject(testContext(), relayTo(store, open))).rejects.toMatchObject({ code })
      expect(store.kept.has(`/o/${object.oid}`)).toBe(false)
      expect(store.completions).toEqual([])
    }
  })

  test('wrong bytes once are fetched again', async () => {
    const store = await startStore()
    let opened = 0
    const open: OpenObject = async (range) => {
      opened += 1
      return fileOf(chunksOf(opened === 1 ? flipped : content, range))
    }
    expect((await relayObject(testContext(), relayTo(store, open))).kind).toBe('sent')
    expect(store.aborted).toHaveLength(1)
  })

  test('a cut source is resumed under the same PUT', async () => {
    const store = await startStore()
    let opened = 0
    const open: OpenObject = async (range) => {
      opened += 1
      const start = range?.start ?? 0
      if (opened === 4) return fileOf(chunksOf(content, range))
      return fileOf(chunksOf(content.subarray(0, start + 400_000), range), new SyncError('network', 'cut'))
    }
    expect((await relayObject(testContext(), relayTo(store, open))).kind).toBe('sent')
    expect(store.log.filter((line) => line.startsWith('PUT'))).toHaveLength(1)
    expect(opened).toBe(4)
  })

  test.each([500, 503, 401, 403])('a %i of the target starts over with a fresh action', async (status) => {
    const store = await startStore({ onPut: fail(status) })
    expect((await relayObject(testContext(), relayTo(store, whole))).kind).toBe('sent')
    expect(store.log.map((line) => line.split(' ')[0])).toEqual(['POST', 'PUT', 'POST', 'PUT'])
  })

  test('a target that keeps refusing is asked three times, one that breaks off five times', async () => {
    const refusing = await startStore({
      onPut: (req, res) => {
        req.resume().on('end', () => res.writeHead(403).end())
        return true
      },
    })
    const refused = relayObject(testContext(), relayTo(refusing, whole))
    await expect(refused).rejects.toMatchObject({ code: 'forbidden' })
    expect(refusing.log).toHaveLength(6)
    // A fresh address first, then without our credentials.
    expect(refusing.headers.map((line) => line.authorization !== undefined)).toEqual([true, true, false])
    const breaking = await startStore({
      onPut: (req) => {
        req.socket.destroy()
        return true
      },
    })
    await expect(relayObject(testContext(), relayTo(breaking, whole))).rejects.toMatchObject({
      code: 'network',
    })
    expect(breaking.log).toHaveLength(10)
  })

  test('a target that says yes before it has everything is not believed', async () => {
    const store = await startStore({
      onPut: (_req, res, count) => {
        if (count === 1) res.writeHead(200).end()
        return count === 1
      },
    })
    const slow: OpenObject = async (range) => {
      async function* body() {
        for (const chunk of chunksOf(content, range)) {
          await new Promise((resolve) => setTimeout(resolve, 2))
          yield chunk
        }
      }
      return { body: body(), close: () => undefined }
    }
    expect((await relayObject(testContext(), relayTo(store, slow))).kind).toBe('sent')
    expect(store.kept.get(`/o/${object.oid}`)?.equals(content)).toBe(true)
    expect(store.log.filter((line) => line.startsWith('PUT'))).toHaveLength(2)
  })

  test('ModelScope says no with status 200', async () => {
    const store = await startStore({
      onPut: (req, res, count) => {
        if (count > 1) return false
        req.resume().on('end', () => json(res, { Code: 500, Message: 'try later', Success: false }))
        return true
      },
    })
    const context = testContext()
    expect((await relayObject(context, relayTo(store, whole))).kind).toBe('sent')
    expect(context.lines.join()).toContain('try later')
  })

  test('an object the target refuses is not tried again', async () => {
    const { origin, log } = await startLoopback((_req, res) => {
      json(res, { objects: [{ ...object, error: { code: 422, message: 'too big' } }] })
    })
    const relayed = relayObject(testContext(), relayTo({ origin, http: httpTo(origin) }, whole))
    await expect(relayed).rejects.toMatchObject({ code: 'refused', status: 422 })
    expect(log).toHaveLength(1)
  })
})

describe('multipart', () => {
  const chunkSize = 1_000_000

  test('streams the parts in order from one reading, then completes', async () => {
    const store = await startStore({ chunkSize })
    let opened = 0
    const open: OpenObject = (range) => {
      opened += 1
      return whole(range)
    }
    expect((await relayObject(testContext(), relayTo(store, open))).kind).toBe('sent')
    const parts = [1, 2, 3].map((part) => `/part/${part}?sig=x`)
    expect(Buffer.concat(parts.map((path) => store.kept.get(path) ?? Buffer.alloc(0))).equals(content)).toBe(
      true,
    )
    expect(opened).toBe(1)
    expect(store.completions).toEqual([
      {
        path: `/o/${object.oid}`,
        oid: object.oid,
        parts: parts.map((path, index) => ({ partNumber: index + 1, etag: `"${path}"` })),
      },
    ])
  })

  test('a part that fails is sent again alone, from its start', async () => {
    const starts: number[] = []
    const store = await startStore({
      chunkSize,
      onPut: (req, res, count) => {
        if (count !== 2) return false
        req.resume().on('end', () => res.writeHead(500).end())
        return true
      },
    })
    const open: OpenObject = (range) => {
      starts.push(range?.start ?? 0)
      return whole(range)
    }
    expect((await relayObject(testContext(), relayTo(store, open))).kind).toBe('sent')
    expect(starts).toEqual([0, 1_000_000])
    const puts = store.log.filter((line) => line.startsWith('PUT')).map((line) => line.slice(4, 11))
    expect(puts).toEqual(['/part/1', '/part/2', '/part/2', '/part/3'])
    expect(store.completions).toHaveLength(1)
    const parts = [1, 2, 3].map((part) => store.kept.get(`/part/${part}?sig=x`) ?? Buffer.alloc(0))
    expect(Buffer.concat(parts).equals(content)).toBe(true)
  })

  test('a part that keeps failing ends the relay without starting over', async () => {
    const store = await startStore({
      chunkSize,
      onPut: (req, res) => {
        req.resume().on('end', () => res.writeHead(500).end())
        return true
      },
    })
    await expect(relayObject(testContext(), relayTo(store, whole))).rejects.toMatchObject({
      code: 'unavailable',
    })
    expect(store.log).toHaveLength(6)
  })
})
