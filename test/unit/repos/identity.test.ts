import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { openHubs } from '../../../src/repos/hubs.ts'
import { failureOf, settingsOf, testContext } from '../hubs/settings.ts'

/** Hubs with one whose account call answers as `answer` says; `asked` counts. */
async function hubsOf(answer: () => { readonly status: number; readonly json: object }) {
  let asked = 0
  const server = createServer((_, response) => {
    asked += 1
    const { status, json } = answer()
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const settings = settingsOf('huggingface', `http://127.0.0.1:${port}`, { token: 'hf_x' })
  const hubs = await openHubs(testContext(), new Map([['huggingface', settings]]))
  return {
    hubs,
    asked: () => asked,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

test('who a token belongs to is asked once', async () => {
  await using one = await hubsOf(() => ({ status: 200, json: { name: 'alice' } }))
  for (let count = 0; count < 3; count += 1)
    expect(await one.hubs.identity('huggingface')).toEqual({ username: 'alice' })
  expect(one.asked()).toBe(1)
})

test('a hub that is down for a while is asked again', async () => {
  let isDown = true
  await using one = await hubsOf(() =>
    isDown ? { status: 503, json: {} } : { status: 200, json: { name: 'alice' } },
  )
  await failureOf(one.hubs.identity('huggingface'), 'unavailable')
  isDown = false
  expect(await one.hubs.identity('huggingface')).toEqual({ username: 'alice' })
})

test('a token that is none stays none: every repo of a run is not asked for it again', async () => {
  await using one = await hubsOf(() => ({ status: 401, json: { error: 'Invalid credentials' } }))
  await failureOf(one.hubs.identity('huggingface'), 'unauthorized')
  await failureOf(one.hubs.identity('huggingface'), 'unauthorized')
  expect(one.asked()).toBe(1)
})
