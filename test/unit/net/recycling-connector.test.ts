import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { httpTo, readAll, startLoopback } from './loopback.ts'

const mebibyte = 1024 * 1024

/** `size` bytes that are others for every seed. */
function contentOf(seed: number, size: number): Buffer {
  const block = createHash('sha512').update(String(seed)).digest()
  const content = Buffer.alloc(size, block)
  for (let at = 0; at < size; at += 4096) content.writeUInt32LE(at, at)
  return content
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A store that serves content by seed, and keeps the digest of what it is sent; `pause` makes it read slowly. */
async function startStore(size: number, pause = false) {
  const sent = new Map<string, string>()
  const { origin } = await startLoopback(async (req, res) => {
    const name = (req.url ?? '').slice(1)
    if (req.method === 'GET') {
      res.writeHead(200, { 'content-length': String(size) }).end(contentOf(Number(name), size))
      return
    }
    const hash = createHash('sha256')
    for await (const chunk of req) {
      hash.update(chunk)
      if (pause) await new Promise((resolve) => setImmediate(resolve))
    }
    sent.set(name, hash.digest('hex'))
    res.end()
  })
  return { origin, sent, http: httpTo(origin) }
}

test('relayed bodies stay right in reused buffers, at once and with a slow receiver', async () => {
  const size = 16 * mebibyte
  const [source, target] = [await startStore(size), await startStore(size, true)]
  const buffers = new Set<ArrayBufferLike>()
  let known: ReadonlySet<ArrayBufferLike> = new Set()
  let reused = 0
  const relay = async (seed: number) => {
    const { body } = await source.http.open({ url: `${source.origin}/${seed}` })
    async function* watched() {
      for await (const chunk of body) {
        if (known.has(chunk.buffer)) reused += 1
        buffers.add(chunk.buffer)
        yield chunk
      }
    }
    await target.http.put({ url: `${target.origin}/${seed}`, length: size, body: watched() })
    expect(target.sent.get(String(seed))).toBe(sha256(contentOf(seed, size)))
  }
  await Promise.all([1, 2, 3].map(relay))
  known = new Set(buffers)
  await relay(4)
  expect(reused).toBeGreaterThan(0)
})

test('what was read and not sent stays as it was, while other bodies are relayed', async () => {
  const size = 4 * mebibyte
  const [source, target] = [await startStore(size), await startStore(size)]
  const kept: Uint8Array[] = []
  const { body } = await source.http.open({ url: `${source.origin}/1` })
  for await (const chunk of body) kept.push(chunk)
  for (const seed of [2, 3, 4]) {
    const file = await source.http.open({ url: `${source.origin}/${seed}` })
    await target.http.put({ url: `${target.origin}/${seed}`, length: size, body: file.body })
  }
  expect(sha256(Buffer.concat(kept))).toBe(sha256(contentOf(1, size)))
})

test('a chunk that is sent twice keeps its buffer from being used again too early', async () => {
  const size = 4 * mebibyte
  const [source, target] = [await startStore(size), await startStore(size)]
  const kept: Uint8Array[] = []
  const { body } = await source.http.open({ url: `${source.origin}/1` })
  for await (const chunk of body) kept.push(chunk)
  for (const chunk of kept) {
    const half = chunk.subarray(0, chunk.length / 2)
    async function* twice() {
      yield half
      yield half
    }
    await target.http.put({ url: `${target.origin}/half`, length: half.length * 2, body: twice() })
  }
  const file = await source.http.open({ url: `${source.origin}/2` })
  await readAll(file.body)
  expect(sha256(Buffer.concat(kept))).toBe(sha256(contentOf(1, size)))
})

test('a receiver that goes away while it is sent to gets nobody wrong bytes', async () => {
  const size = 8 * mebibyte
  const source = await startStore(size)
  const leaving = await startLoopback(async (req, res) => {
    await once(req, 'data')
    res.destroy()
  })
  const target = await startStore(size)
  for (const seed of [1, 2, 3]) {
    const lost = await source.http.open({ url: `${source.origin}/${seed}` })
    const put = httpTo(leaving.origin).put({ url: `${leaving.origin}/a`, length: size, body: lost.body })
    await expect(put).rejects.toMatchObject({ code: 'network' })
    const file = await source.http.open({ url: `${source.origin}/${seed}` })
    await target.http.put({ url: `${target.origin}/${seed}`, length: size, body: file.body })
    expect(target.sent.get(String(seed))).toBe(sha256(contentOf(seed, size)))
  }
})
