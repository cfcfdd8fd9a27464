import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Context } from '../../../src/context.ts'
import type { CredentialRule } from '../../../src/model/profile.ts'
import { Secret } from '../../../src/model/secret.ts'
import { createCredentials } from '../../../src/net/credentials.ts'
import { createHttp, type Http, type HttpOptions } from '../../../src/net/http.ts'

export interface Loopback {
  readonly origin: string
  /** `METHOD /path` of every request, in order. */
  readonly log: string[]
}

/** A real HTTP server on a free loopback port, closed when the test ends. */
export async function startLoopback(
  handle: (req: IncomingMessage, res: ServerResponse) => void | Promise<void>,
): Promise<Loopback> {
  const log: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((req, res) => {
    log.push(`${req.method} ${req.url}`)
    Promise.resolve(handle(req, res)).catch((error) => res.destroy(error))
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { origin: `http://127.0.0.1:${address.port}`, log }
}

export interface TestContext extends Context {
  /** Milliseconds of every sleep. */
  readonly sleeps: number[]
  readonly lines: string[]
}

/** A context whose clock jumps: sleeping takes no time and is written down. */
export function testContext(changes: Partial<Context> = {}): TestContext {
  const sleeps: number[] = []
  const lines: string[] = []
  let now = Date.parse('2026-01-01T00:00:00Z')
  const log = (line: string) => {
    lines.push(line)
  }
  return {
    clock: {
      now: () => now,
      async sleep(milliseconds, signal) {
        signal?.throwIfAborted()
        sleeps.push(milliseconds)
        now += milliseconds
      },
    },
    log: { debug: log, info: log, warn: log },
    progress: () => undefined,
    signal: new AbortController().signal,
    workDir: '/nowhere',
    proxy: {},
    inherited: { PATH: process.env.PATH ?? '' },
    ...changes,
    sleeps,
    lines,
  }
}

export const token = 'hf_0123456789abcdef'

/** Bearer for everything on `origin`. */
export function bearerFor(origin: string): readonly CredentialRule[] {
  return [{ purposes: ['api', 'lfs', 'transfer'], covers: (url) => url.origin === origin, form: 'bearer' }]
}

export function httpTo(
  origin: string,
  context: Context = testContext(),
  changes: Partial<HttpOptions> = {},
): Http {
  return createHttp(context, {
    hub: 'test',
    endpoint: origin,
    credentials: createCredentials(bearerFor(origin), new Secret(token), undefined),
    insecureHttp: false,
    requestsPerSecond: Number.POSITIVE_INFINITY,
    ...changes,
  })
}

export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export function json(
  res: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers })
  res.end(JSON.stringify(body))
}
