import { describe, expect, test } from 'vitest'
import { SyncError } from '../../../src/model/errors.ts'
import { httpTo, json, readAll, startLoopback, testContext, token } from './loopback.ts'

async function* bytes(...chunks: readonly string[]) {
  for (const chunk of chunks) yield Buffer.from(chunk)
}

describe('statuses', () => {
  test.each([
    [400, 'refused'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [409, 'conflict'],
    [412, 'conflict'],
    [413, 'too-large'],
    [421, 'bad-answer'],
    [422, 'refused'],
    [302, 'bad-answer'],
  ])('%i is %s, named without the query', async (status, code) => {
    const { origin } = await startLoopback((_req, res) => json(res, { error: 'because\u001b[31m' }, status))
    const error = await httpTo(origin)
      .send({ url: `${origin}/api/x?sig=secret` })
      .catch((thrown) => thrown)
    expect(error).toBeInstanceOf(SyncError)
    expect(error).toMatchObject({ code, status })
    expect(error.message).toBe(`test: GET /api/x answered ${status}: because\\x1b[31m`)
  })

  test('a 503 is tried five times with growing waits, a POST once', async () => {
    const { origin, log } = await startLoopback((_req, res) => json(res, {}, 503))
    const context = testContext()
    const http = httpTo(origin, context)
    await expect(http.send({ url: `${origin}/a` })).rejects.toMatchObject({ code: 'unavailable' })
    expect(log).toHaveLength(5)
    expect(context.sleeps).toHaveLength(4)
    await expect(http.send({ url: `${origin}/b`, method: 'POST', json: {} })).rejects.toMatchObject({
      status: 503,
    })
    expect(log).toHaveLength(6)
  })

  test('429 with Retry-After waits that long and slows the whole host', async () => {
    let answers = 0
    const { origin } = await startLoopback((_req, res) => {
      answers += 1
      if (answers === 1) json(res, {}, 429, { 'retry-after': '7' })
      else json(res, { ok: true })
    })
    const context = testContext()
    const answer = await httpTo(origin, context).send({ url: `${origin}/a` })
    expect(answer.json()).toEqual({ ok: true })
    expect(context.sleeps).toEqual([7000])
  })

  test('accepted statuses are answers, and explain comes before the general error', async () => {
    const { origin } = await startLoopback((_req, res) => json(res, { error: 'gone' }, 404))
    const explained = new SyncError('gated', 'explained')
    const http = httpTo(origin, testContext(), { explain: () => explained })
    expect((await http.send({ url: `${origin}/a`, accept: [404] })).status).toBe(404)
    await expect(http.send({ url: `${origin}/a` })).rejects.toBe(explained)
  })
})

describe('what to do next', () => {
  const advice = { token: 'Set A_TOKEN.', endpoint: 'Check A_ENDPOINT.' }

  test.each([
    [401, 'application/json', 'Set A_TOKEN.'],
    [404, 'text/html', 'Check A_ENDPOINT.'],
    [404, 'application/json', undefined],
  ])('after %i as %s', async (status, type, next) => {
    const { origin } = await startLoopback((_req, res) => {
      res.writeHead(status, { 'content-type': type }).end('{}')
    })
    await expect(
      httpTo(origin, testContext(), { advice }).send({ url: `${origin}/a` }),
    ).rejects.toMatchObject({
      status,
      next,
    })
  })

  test('after nobody answers', async () => {
    // Nothing listens on the discard port.
    const origin = 'http://127.0.0.1:9'
    await expect(
      httpTo(origin, testContext(), { advice }).send({ url: `${origin}/a` }),
    ).rejects.toMatchObject({
      code: 'network',
      next: 'Check A_ENDPOINT.',
    })
  })
})

describe('answers', () => {
  test('a body over the cap is too large', async () => {
    const { origin } = await startLoopback((_req, res) => {
      res.end('x'.repeat(100_000))
    })
    await expect(httpTo(origin).send({ url: `${origin}/a`, cap: 1000 })).rejects.toMatchObject({
      code: 'too-large',
    })
  })

  test('a web page and a body that is no JSON are bad answers', async () => {
    const { origin } = await startLoopback((req, res) => {
      res.setHeader('content-type', req.url === '/page' ? 'text/html; charset=utf-8' : 'application/json')
      res.end('<html>')
    })
    const http = httpTo(origin)
    await expect(http.send({ url: `${origin}/page` })).rejects.toMatchObject({ code: 'bad-answer' })
    const answer = await http.send({ url: `${origin}/other` })
    expect(() => answer.json()).toThrow(expect.objectContaining({ code: 'bad-answer' }))
  })

  test('a refused connection and a cut answer are network errors, a stopped run is not tried', async () => {
    const { origin } = await startLoopback((_req, res) => {
      res.writeHead(200, { 'content-length': '10' })
      res.write('x', () => res.destroy())
    })
    const send = httpTo(origin).send({ url: `${origin}/a`, method: 'POST' })
    await expect(send).rejects.toMatchObject({ code: 'network' })
    const closed = httpTo('http://127.0.0.1:1').send({ url: 'http://127.0.0.1:1/', method: 'POST' })
    await expect(closed).rejects.toMatchObject({ code: 'network' })
    const context = testContext({ signal: AbortSignal.abort() })
    await expect(httpTo(origin, context).send({ url: `${origin}/a` })).rejects.toMatchObject({
      code: 'stopped',
    })
  })
})

describe('redirects', () => {
  test('content may move to another origin, which gets no credentials', async () => {
    const seen: (string | undefined)[] = []
    const storage = await startLoopback((req, res) => {
      seen.push(req.headers.authorization, req.headers.cookie)
      res.end('content')
    })
    const hub = await startLoopback((req, res) => {
      seen.push(req.headers.authorization)
      res.writeHead(302, { location: req.url === '/a' ? '/b' : `${storage.origin}/x?sig=1` })
      res.end()
    })
    const http = httpTo(hub.origin)
    const file = await http.open({ url: `${hub.origin}/a`, headers: { Cookie: 'mine' } })
    expect((await readAll(file.body)).toString()).toBe('content')
    expect(file.size).toBe(7)
    expect(seen).toEqual([`Bearer ${token}`, `Bearer ${token}`, undefined, undefined])
  })

  test('JSON stays on its origin, and six redirects are too many', async () => {
    const hub = await startLoopback((req, res) => {
      res.writeHead(307, { location: req.url === '/away' ? 'http://127.0.0.1:9/x' : '/again' })
      res.end()
    })
    const http = httpTo(hub.origin)
    await expect(http.send({ url: `${hub.origin}/away` })).rejects.toMatchObject({ code: 'bad-answer' })
    expect(hub.log).toHaveLength(1)
    await expect(http.open({ url: `${hub.origin}/again` })).rejects.toMatchObject({ code: 'bad-answer' })
    expect(hub.log).toHaveLength(7)
  })

  test('a PUT and a POST follow none', async () => {
    const hub = await startLoopback((req, res) => {
      req.resume().on('end', () => res.writeHead(307, { location: '/other' }).end())
    })
    const http = httpTo(hub.origin)
    const put = http.put({ url: `${hub.origin}/a`, length: 2, body: bytes('hi') })
    await expect(put).rejects.toMatchObject({ code: 'bad-answer', status: 307 })
    await expect(http.send({ url: `${hub.origin}/b`, method: 'POST', json: {} })).rejects.toMatchObject({
      status: 307,
    })
    expect(hub.log).toEqual(['PUT /a', 'POST /b'])
  })
})

describe('addresses', () => {
  test.each([
    'http://example.com/x',
    'https://127.0.0.1:1/x',
    'http://127.0.0.1:1/x',
    'http://localhost:1/x',
    'https://10.0.0.1/x',
    'https://169.254.169.254/latest',
    'https://[::ffff:10.0.0.1]/x',
    'https://user:word@example.com/x',
    'file:///etc/passwd',
  ])('a public hub does not reach %s', async (url) => {
    await expect(httpTo('https://hub.invalid').open({ url })).rejects.toMatchObject({ code: 'refused' })
  })

  test('a redirect of a loopback hub does not reach link-local addresses', async () => {
    const hub = await startLoopback((_req, res) => {
      res.writeHead(302, { location: 'https://169.254.169.254/x' }).end()
    })
    await expect(httpTo(hub.origin).open({ url: `${hub.origin}/a` })).rejects.toMatchObject({
      code: 'refused',
    })
  })

  test('a name that resolves to loopback is checked when it is connected to', async () => {
    const http = httpTo('https://203.0.113.1', testContext(), { insecureHttp: true })
    const { hostname } = await import('node:os')
    const { lookup } = await import('node:dns/promises')
    const own = await lookup(hostname())
    expect(own.address).not.toBe('')
    const open = http.open({ url: `http://${hostname()}:1/x` })
    await expect(open).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('not a public'),
    })
  })
})

describe('paging', () => {
  test('follows next links and stops', async () => {
    const hub = await startLoopback((req, res) => {
      const page = Number(new URL(req.url ?? '/', 'http://x').searchParams.get('p') ?? '1')
      json(res, [page], 200, page < 3 ? { link: `</list?p=${page + 1}>; rel="next"` } : {})
    })
    const pages: unknown[] = []
    for await (const answer of httpTo(hub.origin).pages({ url: `${hub.origin}/list` }))
      pages.push(answer.json())
    expect(pages).toEqual([[1], [2], [3]])
  })

  test.each([
    ['a cursor that comes back', '</list?p=1>; rel="next"'],
    ['another origin', '<https://example.com/list?p=2>; rel="next"'],
  ])('%s is a bad answer', async (_name, link) => {
    const hub = await startLoopback((_req, res) => json(res, [], 200, { link }))
    const walk = async () => {
      for await (const answer of httpTo(hub.origin).pages({ url: `${hub.origin}/list` })) answer.json()
    }
    await expect(walk()).rejects.toMatchObject({ code: 'bad-answer' })
    expect(hub.log.length).toBeLessThanOrEqual(2)
  })
})

describe('ranges', () => {
  const content = '0123456789'
  const answers: Record<string, [number, Record<string, string>, string]> = {
    '/part': [206, { 'content-range': 'bytes 4-9/10' }, '456789'],
    '/gateway': [200, { 'content-range': 'bytes 4-9/10' }, '456789'],
    '/whole': [200, {}, content],
    '/wrong-start': [206, { 'content-range': 'bytes 0-9/10' }, content],
    '/wrong-end': [206, { 'content-range': 'bytes 4-7/10' }, '4567'],
    '/no-range': [206, {}, '456789'],
  }
  const start = () =>
    startLoopback((req, res) => {
      const [status, headers, body] = answers[req.url ?? ''] ?? [404, {}, '']
      res.writeHead(status, { 'content-length': String(body.length), ...headers })
      res.end(body)
    })

  test.each(['/part', '/gateway', '/whole'])('%s gives the bytes from the start asked for', async (path) => {
    const { origin } = await start()
    const file = await httpTo(origin).open({ url: origin + path, range: { start: 4 } })
    expect((await readAll(file.body)).toString()).toBe('456789')
    expect(file.size).toBe(10)
  })

  test('a whole answer is also cut at the end', async () => {
    const { origin } = await start()
    const file = await httpTo(origin).open({ url: `${origin}/whole`, range: { start: 2, end: 3 } })
    expect((await readAll(file.body)).toString()).toBe('23')
  })

  test.each(['/wrong-start', '/wrong-end', '/no-range'])('%s is a bad answer', async (path) => {
    const { origin } = await start()
    const open = httpTo(origin).open({ url: origin + path, range: { start: 4 } })
    await expect(open).rejects.toMatchObject({ code: 'bad-answer' })
  })
})

describe('put', () => {
  test('sends exactly the bytes with their length, and its own Authorization wins', async () => {
    const seen: unknown[] = []
    const hub = await startLoopback(async (req, res) => {
      const body = (await readAll(req)).toString()
      seen.push([req.headers['content-length'], req.headers.authorization, body])
      res.end()
    })
    const http = httpTo(hub.origin)
    await http.put({ url: `${hub.origin}/a`, length: 4, body: bytes('ab', 'cd') })
    await http.put({ url: `${hub.origin}/b`, length: 0, body: bytes(), headers: { Authorization: 'Own' } })
    expect(seen).toEqual([
      ['4', `Bearer ${token}`, 'abcd'],
      ['0', 'Own', ''],
    ])
  })

  test('an error of the body aborts the request and comes back as it is', async () => {
    let complete = false
    const hub = await startLoopback((req) => {
      req.resume().on('end', () => {
        complete = true
      })
    })
    const broken = new SyncError('corrupt', 'wrong bytes')
    async function* body() {
      yield Buffer.from('ab')
      throw broken
    }
    await expect(httpTo(hub.origin).put({ url: `${hub.origin}/a`, length: 4, body: body() })).rejects.toBe(
      broken,
    )
    expect(complete).toBe(false)
  })

  test('a body that is too long or too short never completes', async () => {
    const complete: boolean[] = []
    const hub = await startLoopback((req, res) => {
      req.resume().on('end', () => {
        complete.push(true)
        res.end()
      })
    })
    const http = httpTo(hub.origin)
    const short = http.put({ url: `${hub.origin}/a`, length: 4, body: bytes('ab') })
    await expect(short).rejects.toBeInstanceOf(SyncError)
    const long = http.put({ url: `${hub.origin}/a`, length: 4, body: bytes('ab', 'cde') })
    await expect(long).rejects.toBeInstanceOf(SyncError)
    expect(complete).toEqual([])
  })

  test('a server that takes nothing for too long is stalled', async () => {
    const hub = await startLoopback((req) => {
      req.pause()
    })
    async function* endless() {
      const chunk = Buffer.alloc(1024 * 1024)
      for (let i = 0; i < 64; i++) yield chunk
    }
    const put = httpTo(hub.origin).put({
      url: `${hub.origin}/a`,
      length: 64 * 1024 * 1024,
      body: endless(),
      stallTimeout: 0.3,
    })
    await expect(put).rejects.toMatchObject({ code: 'stalled' })
  })
})

test.each([200, 400])('an answer (%i) that drips without end is given up', async (status) => {
  const { origin } = await startLoopback((_req, res) => {
    res.writeHead(status, { 'content-type': 'application/json' })
    const drip = setInterval(() => res.write(' '), 20)
    res.on('close', () => clearInterval(drip))
  })
  const request = { url: `${origin}/a`, method: 'POST', bodyTimeout: 0.2 } as const
  await expect(httpTo(origin, testContext()).send(request)).rejects.toThrow(/not complete after 0.2 s|400/)
})
