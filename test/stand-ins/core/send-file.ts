import { type FileHandle, open, stat } from 'node:fs/promises'
import type { BodyFault } from './faults.ts'
import type { Exchange } from './server.ts'
import type { Throttle } from './throttle.ts'

/** Bytes to send: in memory, or a file. */
export type Source = Buffer | SentFile

export interface SentFile {
  readonly file: string
  /** After the first `filled` bytes of each `step` there is nothing but zeros: they are sent without being read. */
  readonly sparse?: { readonly step: number; readonly filled: number }
}

export interface SendOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly fault?: BodyFault | undefined
  readonly throttle?: Throttle
  /** False: Range is ignored and the whole body comes with 200, as on some hosts. */
  readonly ranges?: boolean
  /** Status of an answer to a Range; 206 unless told otherwise (some gateways say 200 and mean 206). */
  readonly partialStatus?: 200 | 206
}

interface Span {
  readonly start: number
  /** First byte not to be sent. */
  readonly end: number
}

/**
 * Answers GET and HEAD with 200, 206 or 416 and streams the bytes; one Range only.
 * Faults: see the table in ../README.md. Resolves when all is sent or the client is gone.
 */
export async function sendFile(exchange: Exchange, source: Source, options: SendOptions = {}): Promise<void> {
  const { req, res, method } = exchange
  const size = Buffer.isBuffer(source) ? source.length : (await stat(source.file)).size
  const range = options.ranges === false ? undefined : req.headers.range
  const span = range === undefined ? { start: 0, end: size } : parseRange(range, size)
  const headers = { 'accept-ranges': 'bytes', 'content-type': 'application/octet-stream', ...options.headers }
  if (span === undefined) {
    res.writeHead(416, { ...headers, 'content-range': `bytes */${size}`, 'content-length': '0' }).end()
    return
  }
  const sent = spanWithFault(span, size, options.fault)
  const partial =
    range === undefined ? {} : { 'content-range': `bytes ${span.start}-${span.end - 1}/${size}` }
  const length = { 'content-length': String(sent.announced) }
  res.writeHead(range === undefined ? 200 : (options.partialStatus ?? 206), {
    ...headers,
    ...partial,
    ...length,
  })
  if (method === 'HEAD') res.end()
  else await sendBody(exchange, source, sent, options)
}

interface SentSpan extends Span {
  readonly announced: number
  /** What happens after the last byte. */
  readonly after: 'end' | 'cut' | 'stall'
  /** Bytes of noise after the content. */
  readonly noise: number
  /** Offset of a byte to be flipped. */
  readonly flip: number
}

function spanWithFault(span: Span, size: number, fault: BodyFault | undefined): SentSpan {
  const announced = span.end - span.start
  const sound: SentSpan = { ...span, announced, after: 'end', noise: 0, flip: -1 }
  const half = Math.min(span.end, Math.max(span.start, Math.floor(size / 2)))
  if (size === 0 || fault === undefined) return sound
  if (fault === 'truncated') return { ...sound, end: half, after: half < span.end ? 'cut' : 'end' }
  if (fault === 'stall') return { ...sound, end: half, after: half < span.end ? 'stall' : 'end' }
  if (fault === 'short') return { ...sound, end: half, announced: half - span.start }
  if (fault === 'overlong') return { ...sound, announced: announced + 1000, noise: 1000 }
  if (fault === 'corrupt') return { ...sound, flip: Math.floor(size / 2) }
  return { ...sound, end: span.start + Math.ceil(announced / 4), after: 'cut' }
}

async function sendBody(
  exchange: Exchange,
  source: Source,
  sent: SentSpan,
  options: SendOptions,
): Promise<void> {
  const { res } = exchange
  const gone = new AbortController()
  res.once('close', () => gone.abort())
  let at = sent.start
  for await (const chunk of chunksOf(source, sent)) {
    await options.throttle?.(chunk.length)
    if (res.destroyed) return
    const bytes = sent.flip >= at && sent.flip < at + chunk.length ? flipped(chunk, sent.flip - at) : chunk
    at += chunk.length
    if (!(await written(res, bytes, gone.signal))) return
  }
  if (sent.noise > 0) res.write(Buffer.alloc(sent.noise, '!'))
  if (sent.after === 'end') res.end()
  // The bytes so far must leave before the connection is cut.
  else if (sent.after === 'cut') res.write('', () => setTimeout(() => res.destroy(), 20))
  if (sent.after === 'stall') res.flushHeaders()
}

/** Waits until the bytes have left, since the next ones go into the same buffer. False: the client is gone. */
function written(res: Exchange['res'], bytes: Buffer, gone: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const leave = () => resolve(false)
    gone.addEventListener('abort', leave, { once: true })
    res.write(bytes, (error) => {
      gone.removeEventListener('abort', leave)
      resolve(!error)
    })
  })
}

async function* chunksOf(source: Source, span: Span): AsyncGenerator<Buffer> {
  if (span.start >= span.end) return
  if (Buffer.isBuffer(source)) yield source.subarray(span.start, span.end)
  else yield* fileChunks(source, span)
}

const chunkBytes = 512 * 1024
const zeros = Buffer.alloc(chunkBytes)

/** One buffer for all of them: new ones keep the garbage collector busier than all the rest. A chunk holds until the next is asked for. */
async function* fileChunks({ file, sparse }: SentFile, { start, end }: Span): AsyncGenerator<Buffer> {
  const handle = await open(file)
  try {
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, end - start))
    for (let at = start; at < end; ) {
      const hole = sparse === undefined ? 0 : holeAt(at, sparse)
      const most = Math.min(chunkBytes, end - at, hole > 0 ? hole : toHole(at, sparse))
      const chunk = hole > 0 ? zeros.subarray(0, most) : await readAt(handle, buffer.subarray(0, most), at)
      at += chunk.length
      yield chunk
    }
  } finally {
    await handle.close()
  }
}

/** Zeros from here on; 0 if there may be something else. */
function holeAt(at: number, { step, filled }: NonNullable<SentFile['sparse']>): number {
  return at % step < filled ? 0 : step - (at % step)
}

/** Bytes from here to the next hole. */
function toHole(at: number, sparse: SentFile['sparse']): number {
  return sparse === undefined ? Number.POSITIVE_INFINITY : sparse.filled - (at % sparse.step)
}

async function readAt(handle: FileHandle, into: Buffer, at: number): Promise<Buffer> {
  const { bytesRead } = await handle.read(into, 0, into.length, at)
  if (bytesRead === 0) throw new Error('the file is shorter than it was')
  return into.subarray(0, bytesRead)
}

function flipped(chunk: Buffer, index: number): Buffer {
  const copy = Buffer.from(chunk)
  copy[index] = (copy[index] ?? 0) ^ 1
  return copy
}

/** `bytes=a-b`, `bytes=a-`, `bytes=-n`; undefined if nothing of it exists. */
function parseRange(header: string, size: number): Span | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim())
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  if (match[1] === '')
    return size === 0 ? undefined : { start: Math.max(0, size - Number(match[2])), end: size }
  const start = Number(match[1])
  const end = match[2] === '' ? size : Math.min(size, Number(match[2]) + 1)
  return start < size && start < end ? { start, end } : undefined
}
