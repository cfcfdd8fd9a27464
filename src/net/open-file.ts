import { SyncError } from '../model/errors.ts'
import type { OpenFile, Range } from '../model/file.ts'
import { readBody, type Window } from './body-reader.ts'
import type { Response } from './exchange.ts'

/** `Range` header for a range; none is needed for the whole file. */
export function rangeHeader(range: Range | undefined): Readonly<Record<string, string>> {
  if (range === undefined || (range.start === 0 && range.end === undefined)) return {}
  return { range: `bytes=${range.start}-${range.end ?? ''}` }
}

/**
 * A successful answer as a stream of exactly the bytes asked for. Servers answer a Range with 206, with 200 and a fitting
 * Content-Range (ModelScope's gateway), or with 200 and the whole file (several LFS servers: skipped to the start). Content-Range
 * is believed only if it says what was asked for; otherwise `bad-answer`.
 */
export function openAnswer(response: Response, range: Range | undefined): OpenFile {
  const { window, size } = windowOf(response, range)
  const body = readBody(response.stream, window, response.toError)
  return {
    body,
    ...(size === undefined ? {} : { size }),
    close: () => {
      response.stream.destroy()
    },
  }
}

function windowOf(
  response: Response,
  range: Range | undefined,
): { window: Window; size: number | undefined } {
  const start = range?.start ?? 0
  const wanted = range?.end === undefined ? Number.POSITIVE_INFINITY : range.end - start + 1
  const header = response.headers['content-range']
  if (header === undefined && response.status !== 206) {
    return { window: { skip: start, limit: wanted }, size: contentLength(response) }
  }
  const part = parseContentRange(header)
  const last = Math.min(range?.end ?? Number.POSITIVE_INFINITY, (part?.size ?? Number.POSITIVE_INFINITY) - 1)
  const fits =
    part !== undefined && part.start === start && (last === Number.POSITIVE_INFINITY || part.end === last)
  if (!fits) {
    response.stream.destroy()
    throw new SyncError(
      'bad-answer',
      `${response.where}: the answer is another part of the file than asked for.`,
      {
        status: response.status,
      },
    )
  }
  const length = part.end - part.start + 1
  // Where the length is the client's to enforce, the body is read to its own end, and the connection can be used again.
  const limit = contentLength(response) === length ? Number.POSITIVE_INFINITY : length
  return { window: { skip: 0, limit }, size: part.size }
}

interface Part {
  readonly start: number
  readonly end: number
  readonly size: number | undefined
}

/** RFC 9110 §14.4: `bytes 0-99/1000`, `bytes 0-99/*`. */
function parseContentRange(header: string | undefined): Part | undefined {
  const match = /^\s*bytes\s+(\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)\s*$/i.exec(header ?? '')
  if (match === null) return undefined
  const [, start, end, size] = match
  return { start: Number(start), end: Number(end), size: size === '*' ? undefined : Number(size) }
}

function contentLength(response: Response): number | undefined {
  const header = response.headers['content-length']
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined
}
