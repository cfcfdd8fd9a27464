import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { httpTo, json, startLoopback, testContext } from './loopback.ts'

/** A proxy on loopback that tunnels CONNECT requests; names what it was asked for. */
async function startProxy() {
  const asked: string[] = []
  const server = createServer((req, res) => {
    asked.push(`forward ${req.url}`)
    json(res, { via: 'proxy' })
  })
  server.on('connect', (req, socket) => {
    asked.push(`tunnel ${req.url}`)
    const [host, port] = (req.url ?? '').split(':')
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      socket.pipe(upstream).pipe(socket)
    })
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
    onTestFinished(() => {
      upstream.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, asked }
}

test('requests go through the proxy of the environment, but for hosts that it leaves out', async () => {
  const proxy = await startProxy()
  const hub = await startLoopback((_req, res) => json(res, { via: 'hub' }))
  const proxied = httpTo(hub.origin, testContext({ proxy: { http: proxy.origin } }))
  await proxied.send({ url: `${hub.origin}/a` })
  expect(proxy.asked).toHaveLength(1)
  const direct = httpTo(hub.origin, testContext({ proxy: { http: proxy.origin, none: '127.0.0.1' } }))
  expect((await direct.send({ url: `${hub.origin}/b` })).json()).toEqual({ via: 'hub' })
  expect(proxy.asked).toHaveLength(1)
})

test('idle connections end with the context', async () => {
  const ended = Promise.withResolvers<string>()
  // By themselves, both sides would keep it for ten minutes.
  const server = createServer({ keepAliveTimeout: 600_000 }, (req, res) => {
    req.socket.once('close', () => ended.resolve('closed'))
    json(res, {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const stop = new AbortController()
  const http = httpTo(`http://127.0.0.1:${port}`, testContext({ signal: stop.signal }))
  await http.send({ url: `http://127.0.0.1:${port}/a` })
  stop.abort(new Error('over'))
  expect(await ended.promise).toBe('closed')
})
