import { describe, expect, test } from 'vitest'
import { type OpenObject, resumingSource } from '../../../src/lfs/source-stream.ts'
import { SyncError } from '../../../src/model/errors.ts'
import type { OpenFile } from '../../../src/model/file.ts'
import { httpTo, readAll, startLoopback, testContext } from '../net/loopback.ts'
import { chunksOf, contentOf, fileOf } from './objects.ts'

const content = contentOf(300_000)

/** Opens whose n-th call is answered by the n-th script; the last one repeats. */
function scripted(...scripts: readonly ((start: number) => OpenFile)[]) {
  const starts: number[] = []
  const open: OpenObject = async (range) => {
    const script = scripts[Math.min(starts.length, scripts.length - 1)]
    starts.push(range?.start ?? 0)
    if (script === undefined) throw new Error('no script')
    return script(range?.start ?? 0)
  }
  return { open, starts }
}

const whole = (start: number) => fileOf(chunksOf(content, { start }))
const cut = (start: number) =>
  fileOf(chunksOf(content.subarray(0, start + 50_000), { start }), new SyncError('network', 'cut'))
const fails = (error: SyncError) => () => fileOf([], error)

function read(open: OpenObject, stallTimeout = 5, context = testContext()) {
  return readAll(resumingSource(context, open, content.length, { stallTimeout }))
}

describe('resumingSource', () => {
  test('goes on by Range after three cuts', async () => {
    const { open, starts } = scripted(cut, cut, cut, whole)
    expect((await read(open)).equals(content)).toBe(true)
    expect(starts).toEqual([0, 50_000, 100_000, 150_000])
  })

  test('a source that ends early is resumed too, and given up as truncated after five openings', async () => {
    const short = (start: number) => fileOf(chunksOf(content.subarray(0, 200_000), { start }))
    const once = scripted(short, whole)
    expect((await read(once.open)).equals(content)).toBe(true)
    const always = scripted(short)
    await expect(read(always.open)).rejects.toMatchObject({ code: 'truncated', retryable: false })
    expect(always.starts).toEqual([0, 200_000, 200_000, 200_000, 200_000])
  })

  test('more bytes than expected are passed on for the verifier to refuse', async () => {
    const long = () => fileOf([...chunksOf(content, undefined), Buffer.from('more')])
    expect(await read(scripted(long).open)).toHaveLength(300_004)
  })

  test('an expired address is asked for again once, without waiting', async () => {
    const context = testContext()
    const expired = fails(new SyncError('forbidden', 'expired'))
    const { open, starts } = scripted(cut, expired, whole)
    expect((await read(open, 5, context)).equals(content)).toBe(true)
    expect(starts).toEqual([0, 50_000, 50_000])
    expect(context.sleeps).toHaveLength(1)
    const refused = scripted(expired)
    await expect(read(refused.open)).rejects.toMatchObject({ code: 'forbidden' })
    expect(refused.starts).toHaveLength(2)
  })

  test('a missing object fails at once, even an empty one', async () => {
    const { open, starts } = scripted(fails(new SyncError('object-missing', 'gone')))
    await expect(read(open)).rejects.toMatchObject({ code: 'object-missing' })
    const empty = readAll(resumingSource(testContext(), open, 0, { stallTimeout: 5 }))
    await expect(empty).rejects.toMatchObject({ code: 'object-missing' })
    expect(starts).toHaveLength(2)
  })

  test('a stalled stream is closed and resumed', async () => {
    let closed = 0
    const stalled = (): OpenFile => {
      async function* body() {
        yield content.subarray(0, 1000)
        await new Promise(() => undefined)
      }
      return {
        body: body(),
        close: () => {
          closed += 1
        },
      }
    }
    const { open, starts } = scripted(stalled, whole)
    expect((await read(open, 0.2)).equals(content)).toBe(true)
    expect(starts).toEqual([0, 1000])
    expect(closed).toBe(1)
  })

  test('a source with broken ranges is read again from the beginning', async () => {
    const bad = fails(new SyncError('bad-answer', 'another part'))
    const starts: number[] = []
    const open: OpenObject = async (range) => {
      starts.push(range?.start ?? 0)
      if (starts.length === 1) return cut(0)
      if (range !== undefined) throw new SyncError('bad-answer', 'another part')
      return whole(0)
    }
    expect((await read(open)).equals(content)).toBe(true)
    expect(starts).toEqual([0, 50_000, 0])
    await expect(read(scripted(bad).open)).rejects.toMatchObject({ code: 'bad-answer' })
  })

  test('over real HTTP: cuts, and a server that answers 200 to a Range', async () => {
    let requests = 0
    const { origin } = await startLoopback((req, res) => {
      requests += 1
      const start = Number(/bytes=(\d+)-/.exec(req.headers.range ?? '')?.[1] ?? 0)
      const isWhole = requests % 2 === 0
      const body = content.subarray(isWhole ? 0 : start)
      const last = content.length - 1
      const range = { 'content-range': `bytes ${start}-${last}/${content.length}` }
      res.writeHead(isWhole || start === 0 ? 200 : 206, {
        'content-length': String(body.length),
        ...(isWhole || start === 0 ? {} : range),
      })
      if (requests > 3) res.end(body)
      else
        res.write(body.subarray(0, (isWhole ? start : 0) + 70_000), () => setTimeout(() => res.destroy(), 20))
    })
    const http = httpTo(origin)
    const open: OpenObject = (range) =>
      http.open({ url: `${origin}/o`, ...(range === undefined ? {} : { range }) })
    expect((await read(open)).equals(content)).toBe(true)
    expect(requests).toBe(4)
  })
})
