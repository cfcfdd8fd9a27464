import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { lacking, type Proof } from '../../../src/lfs/lacking.ts'
import type { LfsObject } from '../../../src/model/file.ts'
import type { LfsProfile } from '../../../src/model/profile.ts'
import { httpTo, json, readAll, startLoopback, testContext } from '../net/loopback.ts'
import { contentOf, objectOf, sha256, standard } from './objects.ts'

const MiB = 1024 * 1024
const large = contentOf(2_500_000)
const spoilt = Buffer.from(large)
spoilt[1_300_000] = 255 - (spoilt[1_300_000] ?? 0)
const sampleOf = (content: Buffer) => ({
  head: sha256(content.subarray(0, MiB)),
  tail: sha256(content.subarray(-MiB)),
})

/** A store whose batches offer what `actions` says, and whose objects are served by `serve`. */
async function startStore(
  actions: (object: LfsObject) => object,
  serve: (path: string, res: ServerResponse, range: string | undefined) => void = () => undefined,
) {
  const requests: string[] = []
  const { origin, log } = await startLoopback(async (req, res) => {
    if (req.method === 'GET') return serve(req.url ?? '', res, req.headers.range)
    const body: { operation: string; objects: LfsObject[] } = JSON.parse((await readAll(req)).toString())
    requests.push(body.operation)
    json(res, { objects: body.objects.map((object) => ({ ...object, ...actions(object) })) })
  })
  const proven = new Map()
  const lacks = (profile: Partial<LfsProfile>, objects: LfsObject[], proof: Proof = 'read') => {
    const store = {
      http: httpTo(origin),
      lfsUrl: `${origin}/lfs`,
      profile: { ...standard, ...profile },
      proven,
    }
    return lacking(testContext(), store, objects, proof)
  }
  return { lacks, log, requests, proven }
}

const [a, b, c] = [1, 2, 3].map((size) => objectOf(contentOf(size)))
if (a === undefined || b === undefined || c === undefined) throw new Error('three objects')

test('upload-batch: what is offered or complained about is lacking', async () => {
  const { lacks } = await startStore(({ oid }) =>
    oid === a.oid
      ? {}
      : oid === b.oid
        ? { actions: { upload: { href: '/u' } } }
        : { error: { code: 422, message: 'x' } },
  )
  expect(await lacks({ presence: 'upload-batch' }, [a, b, c])).toEqual([b, c])
  expect(await lacks({ presence: 'upload-batch' }, [])).toEqual([])
})

test('download-batch: only a download action proves presence', async () => {
  const { lacks, requests } = await startStore(({ oid }) => ({
    actions: { [oid === a.oid ? 'download' : 'upload']: { href: '/d' } },
  }))
  expect(await lacks({ presence: 'download-batch' }, [a, b])).toEqual([b])
  expect(requests).toEqual(['download'])
})

describe('read-back', () => {
  const presence = 'read-back'
  const offered = ({ oid }: LfsObject) => ({ actions: { download: { href: `/${oid}` } } })
  /** Serves content by path, by Range where it is asked for. */
  const serving =
    (contents: Readonly<Record<string, Buffer>>) =>
    (path: string, res: ServerResponse, range: string | undefined) => {
      const content = contents[path.slice(1)]
      if (content === undefined) return void res.writeHead(404).end()
      const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
      if (start === undefined)
        return void res.writeHead(200, { 'content-length': content.length }).end(content)
      const last = end === '' ? content.length - 1 : Number(end)
      const headers = { 'content-range': `bytes ${start}-${last}/${content.length}` }
      res.writeHead(206, headers).end(content.subarray(Number(start), last + 1))
    }

  test('what is offered but not served, or is other bytes, is lacking', async () => {
    const empty = objectOf(Buffer.alloc(0))
    const whole = objectOf(large)
    const right = objectOf(Buffer.from('right'))
    const contents = { [a.oid]: contentOf(1), [c.oid]: contentOf(9), [right.oid]: Buffer.from('WRONG') }
    const more = { [whole.oid]: large, [empty.oid]: Buffer.alloc(0) }
    const { lacks, proven } = await startStore(offered, serving({ ...contents, ...more }))
    expect(await lacks({ presence }, [a, b, c, right, whole, empty])).toEqual([b, c, right])
    expect(proven.get(whole.oid)).toEqual(sampleOf(large))
  })

  test('an object that was not sent in this run is read as a whole, once', async () => {
    const { lacks, log } = await startStore(offered, serving({ [objectOf(large).oid]: spoilt }))
    expect(await lacks({ presence }, [objectOf(large)])).toEqual([objectOf(large)])
    const fine = await startStore(offered, serving({ [objectOf(large).oid]: large }))
    expect(await fine.lacks({ presence }, [objectOf(large)])).toEqual([])
    expect(fine.log.filter((line) => line.startsWith('GET'))).toHaveLength(1)
    expect(await fine.lacks({ presence }, [objectOf(large)])).toEqual([])
    expect(fine.log.filter((line) => line.startsWith('GET'))).toHaveLength(3)
    expect(log.length).toBeGreaterThan(1)
  })

  test.each([
    ['as it was', large, 0],
    ['other bytes at the end', Buffer.concat([large.subarray(0, -1), Buffer.from('x')]), 1],
    ['other bytes at the start', Buffer.concat([Buffer.from('x'), large.subarray(1)]), 1],
  ])('an object that was sent in this run is read at both ends: %s', async (_what, served, count) => {
    const object = objectOf(large)
    const { lacks, proven } = await startStore(offered, serving({ [object.oid]: served }))
    proven.set(object.oid, sampleOf(large))
    expect(await lacks({ presence }, [object])).toHaveLength(count)
  })

  test('a host that hashes what it takes is asked for a byte; one that is only asked about, for none', async () => {
    const object = objectOf(large)
    const { lacks, log } = await startStore(offered, serving({ [object.oid]: spoilt }))
    expect(await lacks({ presence, hashesUploads: 'its documentation' }, [object])).toEqual([])
    expect(log.filter((line) => line.startsWith('GET'))).toHaveLength(1)
    expect(await lacks({ presence }, [object], 'told')).toEqual([])
    expect(log.filter((line) => line.startsWith('GET'))).toHaveLength(1)
  })

  test('a store that fails is asked again, one that refuses is not taken for empty', async () => {
    let count = 0
    const { lacks } = await startStore(offered, (path, res, range) => {
      count += 1
      if (count === 1) return void res.writeHead(503).end()
      if (count === 2) return void res.writeHead(403).end()
      serving({ [a.oid]: contentOf(1) })(path, res, range)
    })
    expect(await lacks({ presence }, [a])).toEqual([])
    const refusing = await startStore(offered, (_path, res) => void res.writeHead(403).end())
    await expect(refusing.lacks({ presence }, [a])).rejects.toMatchObject({ code: 'forbidden' })
  })
})
