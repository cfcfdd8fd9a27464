import type { Socket } from 'node:net'
import { buildConnector } from 'undici'

/**
 * A connector of undici for plain http whose sockets read into large buffers and use a buffer again once another such socket has
 * written all of it: what is relayed then needs no new memory, which halves what it costs (new buffers keep the garbage collector busy).
 * A buffer is used again only if its bytes were written from first to last, each once and in order; any other is left to the garbage
 * collector. So whoever reads a body may keep its chunks, but not those that went into a request's body. https goes undici's own
 * way: it comes in records of 16 KiB.
 */
export function recyclingConnector(options: buildConnector.BuildOptions): buildConnector.connector {
  const secure = buildConnector(options)
  return (target, callback) => {
    if (target.protocol === 'https:') return secure(target, callback)
    const reader = createReader()
    const connect = buildConnector({ ...options, onread: reader })
    connect(target, (...result) => {
      const [, socket] = result
      // A failure is told without a second argument, whatever the type says.
      if (socket) {
        reader.readInto(socket)
        noteWrites(socket)
      }
      callback(...result)
    })
  }
}

const bufferBytes = 512 * 1024
/** With less room than this a buffer is full: a read of a few bytes costs as much as one of many. */
const leastRoom = 64 * 1024
const mostIdle = 16

interface Slab {
  readonly bytes: Uint8Array
  filled: number
  /** Bytes from the beginning that were written to a socket. */
  written: number
  /** No more is read into it. */
  isFull: boolean
}

/** For all hubs: the connection that reads belongs to one, the connection that writes to another. */
const slabs = new WeakMap<ArrayBufferLike, Slab>()
const idle: Slab[] = []

function takeSlab(): Slab {
  const used = idle.pop()
  if (used !== undefined) return Object.assign(used, { filled: 0, written: 0, isFull: false })
  const slab = { bytes: new Uint8Array(bufferBytes), filled: 0, written: 0, isFull: false }
  slabs.set(slab.bytes.buffer, slab)
  return slab
}

function putBack(slab: Slab): void {
  if (!slab.isFull || slab.written < slab.filled || idle.length === mostIdle) return
  slab.isFull = false
  idle.push(slab)
}

/** What node asks for a place to read to, and tells what it read (net.Socket's `onread`). */
function createReader() {
  let slab: Slab | undefined
  let socket: Socket | undefined
  return {
    readInto(connected: Socket) {
      socket = connected
    },
    buffer(): Uint8Array {
      if (slab !== undefined && bufferBytes - slab.filled < leastRoom) {
        slab.isFull = true
        putBack(slab)
        slab = undefined
      }
      slab ??= takeSlab()
      return slab.bytes.subarray(slab.filled)
    },
    callback(count: number, into: Uint8Array): boolean {
      if (slab !== undefined) slab.filled += count
      return socket?.push(Buffer.from(into.buffer, into.byteOffset, count)) ?? false
    },
  }
}

/** Undici writes a body's chunks with no callback of its own, so the only place to see that one is gone is the socket. */
function noteWrites(socket: Socket): void {
  const write = socket.write.bind(socket)
  const noted = (data: string | Uint8Array, ...rest: [BufferEncoding?]): boolean => {
    const slab = typeof data === 'string' ? undefined : slabs.get(data.buffer)
    if (typeof data === 'string' || slab === undefined) return write(data, ...rest)
    return write(data, (error) => {
      if (error || data.byteOffset !== slab.written) return
      slab.written += data.length
      putBack(slab)
    })
  }
  Object.assign(socket, { write: noted })
}
