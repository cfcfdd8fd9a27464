import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { BodyFault } from './faults.ts'
import type { Exchange } from './server.ts'
import type { Throttle } from './throttle.ts'

/** Bytes to send: in memory, or a file. */
export type Source = Buffer | { readonly file: string }

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
    if (!res.write(bytes) && !(await drained(res, gone.signal))) return
  }
  if (sent.noise > 0) res.write(Buffer.alloc(sent.noise, '!'))
  if (sent.after === 'end') res.end()
  // The bytes so far must leave before the connection is cut.
  else if (sent.after === 'cut') res.write('', () => setTimeout(() => res.destroy(), 20))
  if (sent.after === 'stall') res.flushHeaders()
}

async function drained(res: Exchange['res'], signal: AbortSignal): Promise<boolean> {
  try {
    await once(res, 'drain', { signal })
    return true
  } catch (cause) {
    if (signal.aborted || res.destroyed) return false
    throw cause
  }
}

async function* chunksOf(source: Source, { start, end }: Span): AsyncGenerator<Buffer> {
  if (start >= end) return
  if (Buffer.isBuffer(source)) yield source.subarray(start, end)
  else yield* createReadStream(source.file, { start, end: end - 1, highWaterMark: 1 << 20 })
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
