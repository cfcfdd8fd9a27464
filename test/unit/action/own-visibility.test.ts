import { expect, test } from 'vitest'
import { canStrangersRead } from '../../../src/action/own-visibility.ts'
import { startLoopback, testContext } from '../net/loopback.ts'

/** What is concluded from an answer with this status and body; the request must bring no credentials, and be the only one. */
async function concluded(status: number, body: object, repository = 'me/models'): Promise<string> {
  const authorizations: (string | undefined)[] = []
  const { origin, log } = await startLoopback((req, res) => {
    authorizations.push(req.headers.authorization)
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const answer = await canStrangersRead(testContext(), `${origin}/api/v3/`, repository)
  expect(log).toEqual(['GET /api/v3/repos/me/models'])
  expect(authorizations).toEqual([undefined])
  return answer
}

test('only a clear answer to a stranger is believed', async () => {
  expect(await concluded(200, { private: false })).toBe('yes')
  expect(await concluded(404, { message: 'Not Found' })).toBe('no')
})

test.each<[number, object]>([
  [200, { private: true }],
  [200, {}],
  [401, { message: 'Must authenticate' }],
  [403, { message: 'API rate limit exceeded' }],
  [429, {}],
  [500, {}],
  [302, {}],
])('status %i with %j leaves it open', async (status, body) => {
  expect(await concluded(status, body)).toBe('unknown')
})

test('nothing is asked for what is no repository, and an unreachable GitHub leaves it open', async () => {
  for (const name of ['', 'me', 'me/../x', 'me/a/b', 'me/x?y'])
    expect(await canStrangersRead(testContext(), 'http://127.0.0.1:9', name)).toBe('unknown')
  expect(await canStrangersRead(testContext(), 'http://127.0.0.1:9', 'me/models')).toBe('unknown')
})
