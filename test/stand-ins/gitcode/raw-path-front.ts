import { connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Header that tells the server behind that the path came as raw UTF-8. */
export const rawPathHeader = 'x-stand-in-raw-path'

export interface Front {
  /** `http://127.0.0.1:port`. */
  readonly origin: string
  close(): Promise<void>
}

/**
 * A relay in front of a server. GitCode wants some paths as raw bytes in the request line, which node's parser refuses, so
 * the relay percent-encodes them and marks the request. It looks at the first line of each chunk only: clients send
 * the head of a request in a chunk of its own.
 */
export async function startFront(port: number, target: number): Promise<Front> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    }
    void relay(client, upstream)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

async function relay(client: Socket, upstream: Socket): Promise<void> {
  // An end that breaks takes the other with it; whose fault it was is for the two ends to say.
  const results = [pipeline(client, encoder(), upstream), pipeline(upstream, client)]
  await Promise.allSettled(results)
  client.destroy()
  upstream.destroy()
}

function encoder(): Transform {
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, withEncodedPath(chunk)),
  })
}

/** The chunk, or the same with its request line percent-encoded and marked. */
function withEncodedPath(chunk: Buffer): Buffer {
  if (!/^(GET|HEAD) \//.test(chunk.toString('latin1', 0, 6))) return chunk
  const end = chunk.indexOf('\r\n')
  const line = chunk.toString('latin1', 0, end < 0 ? 0 : end)
  const isRequest = line.endsWith(' HTTP/1.1')
  const encoded = line.replace(/[\x80-\xff]/g, (byte) => {
    return `%${byte.charCodeAt(0).toString(16).toUpperCase()}`
  })
  if (!isRequest || encoded === line) return chunk
  return Buffer.concat([Buffer.from(`${encoded}\r\n${rawPathHeader}: 1`), chunk.subarray(end)])
}
