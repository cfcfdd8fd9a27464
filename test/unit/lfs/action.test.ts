import { describe, expect, test } from 'vitest'
import { eitherWay, parseAction } from '../../../src/lfs/action.ts'
import { lfsBatch } from '../../../src/lfs/batch.ts'
import { openLfsObject } from '../../../src/lfs/open-object.ts'
import { SyncError } from '../../../src/model/errors.ts'
import { httpTo, json, readAll, startLoopback } from '../net/loopback.ts'
import { contentOf, objectOf, standard } from './objects.ts'

const lfsUrl = 'https://git.example.org/a/b.git/info/lfs'

describe('whose credentials an address wants', () => {
  test.each([
    ['', ['transfer', 'signed']],
    ['?size=3&expires_in=4', ['transfer', 'signed']],
    ['?token=x', ['signed', 'transfer']],
    ['?X-Amz-Algorithm=AWS4&X-Amz-Signature=x', ['signed', 'transfer']],
    ['?AWSAccessKeyId=x&Expires=1&Signature=x', ['signed', 'transfer']],
    ['?OSSAccessKeyId=x', ['signed', 'transfer']],
    ['?sv=1&se=2&sig=x', ['signed', 'transfer']],
    ['?q-signature=x', ['signed', 'transfer']],
    ['?X-Goog-Signature=x', ['signed', 'transfer']],
    ['?jwt=x', ['signed', 'transfer']],
    ['?access_token=x', ['signed', 'transfer']],
  ])('%s', (query, purposes) => {
    expect(parseAction({ href: `/o${query}` }, lfsUrl, 'transfer')?.purposes).toEqual(purposes)
    const own = { href: `/o${query}`, header: { Authorization: 'Bearer own' } }
    expect(parseAction(own, lfsUrl, 'transfer')?.purposes).toEqual(['signed'])
  })

  test('none of the caller where the object is authenticated, except to verify it', async () => {
    const object = objectOf(contentOf(3))
    const actions = { upload: { href: '/u' }, verify: { href: '/v' } }
    const { origin } = await startLoopback((_req, res) => {
      json(res, { objects: [{ ...object, authenticated: true, actions }] })
    })
    const [entry] = await lfsBatch(httpTo(origin), origin, standard, 'upload', [object])
    expect(entry?.upload).toMatchObject({ to: { purposes: ['signed'] } })
    expect(entry?.verify?.purposes).toEqual(['lfs', 'signed'])
  })
})

describe('eitherWay', () => {
  const action = { href: lfsUrl, headers: {}, purposes: ['signed', 'transfer'] } as const
  const fails = (...codes: (SyncError | undefined)[]) => {
    const tried: string[] = []
    const send = async (purpose: string) => {
      tried.push(purpose)
      const error = codes[tried.length - 1]
      if (error !== undefined) throw error
      return 'done'
    }
    return { tried, send }
  }
  const refused = new SyncError('forbidden', 'first')

  test('goes on to the other way only when it is refused', async () => {
    const fine = fails()
    expect(await eitherWay(action, fine.send)).toBe('done')
    expect(fine.tried).toEqual(['signed'])
    const second = fails(refused)
    expect(await eitherWay(action, second.send)).toBe('done')
    expect(second.tried).toEqual(['signed', 'transfer'])
    const gone = fails(new SyncError('not-found', 'gone'))
    await expect(eitherWay(action, gone.send)).rejects.toMatchObject({ code: 'not-found' })
    expect(gone.tried).toHaveLength(1)
  })

  test('tells the first refusal, or what is worth another try', async () => {
    const twice = fails(refused, new SyncError('not-found', 'hidden'))
    await expect(eitherWay(action, twice.send)).rejects.toBe(refused)
    const broken = fails(refused, new SyncError('network', 'cut'))
    await expect(eitherWay(action, broken.send)).rejects.toMatchObject({ code: 'network' })
    const only = fails(refused)
    const settled = { ...action, purposes: ['signed'] } as const
    await expect(eitherWay(settled, only.send)).rejects.toBe(refused)
    expect(only.tried).toHaveLength(1)
  })
})

test.each([
  ['/o?token=x', false],
  ['/o', true],
])('an object at %s that wants it the other way round is opened all the same', async (href, wantsNone) => {
  const content = contentOf(9)
  const { origin, log } = await startLoopback(async (req, res) => {
    if (req.method === 'POST') {
      return json(res, { objects: [{ ...objectOf(content), actions: { download: { href } } }] })
    }
    const hasSome = req.headers.authorization !== undefined
    if (hasSome === wantsNone) return void res.writeHead(401).end()
    // A Range is answered with another part.
    if (req.headers.range !== undefined) {
      return void res.writeHead(206, { 'content-range': 'bytes 4-9/10' }).end('wrong')
    }
    res.end(content)
  })
  const file = await openLfsObject(httpTo(origin), origin, standard, objectOf(content), { start: 4, end: 6 })
  expect((await readAll(file.body)).equals(content.subarray(4, 7))).toBe(true)
  expect(log.filter((line) => line.startsWith('GET'))).toHaveLength(3)
})
