import type { Context } from '../context.ts'
import { asSyncError, SyncError } from '../model/errors.ts'
import type { OpenFile, Range } from '../model/file.ts'
import { partOf } from '../net/part-of.ts'
import { retryDelay } from '../net/retry.ts'
import { watchStall } from '../net/stall.ts'
import { withRetry } from '../net/with-retry.ts'
import { isRefusal } from './action.ts'

/** Opens an object's bytes at the source, from `range.start`; every call finds a fresh address. */
export type OpenObject = (range?: Range) => Promise<OpenFile>

export interface SourceOptions {
  /** Seconds without a byte after which the source counts as broken. */
  readonly stallTimeout: number
  /** Openings in a row without real progress before it gives up; default 5. */
  readonly attempts?: number
  /** First byte to pass on; default 0. */
  readonly start?: number
}

/**
 * The bytes of an object from a source that may break: cut, stalled or short, it is opened again with a Range from the bytes
 * already passed on. A 401 or 403 gets one fresh address. What it gives up with is not retryable: the trying was done here.
 * More bytes than `size` are passed on as they come: the verifier behind refuses them.
 */
export async function* resumingSource(
  context: Context,
  open: OpenObject,
  size: number,
  options: SourceOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const attempts = options.attempts ?? 5
  let offset = options.start ?? 0
  let settled = offset
  let failures = 0
  let renewed = false
  for (;;) {
    let failure: SyncError | undefined
    try {
      for await (const chunk of openingOf(open, offset, options.stallTimeout)) {
        offset += chunk.length
        if (chunk.length > 0) yield chunk
      }
      if (offset >= size) return
      failure = new SyncError('truncated', `The source ended after ${offset} of ${size} bytes.`)
    } catch (thrown) {
      failure = asSyncError(thrown)
    }
    // Broken after the last byte is not broken; but an empty object must at least have been opened.
    if (size > 0 && offset >= size) return
    if (offset - settled >= progressBytes) {
      failures = 0
      renewed = false
    }
    settled = offset
    if (isRefusal(failure) && !renewed) {
      renewed = true
      continue
    }
    failures += 1
    if (context.signal.aborted || !failure.retryable || failures >= attempts) throw withRetry(failure, false)
    context.log.debug(
      `The source broke after ${offset} of ${size} bytes: ${failure.message} Going on from there.`,
    )
    await context.clock.sleep(retryDelay(failure, failures), context.signal)
  }
}

/** Less than this between two breaks is no progress: a source that gives a byte at a time must end some day. */
const progressBytes = 1024 * 1024

/** One opening, with a watch on it: a stall closes it and throws `stalled`. */
async function* openingOf(
  open: OpenObject,
  start: number,
  stallTimeout: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let file: OpenFile | undefined
  let isOver = false
  let reject: (error: SyncError) => void = () => undefined
  const watch = watchStall(stallTimeout, () => {
    reject(new SyncError('stalled', `The source sent nothing for ${stallTimeout} s.`))
  })
  const watched = <T>(wait: Promise<T>) =>
    new Promise<T>((resolve, stalled) => {
      reject = stalled
      wait.then(resolve, stalled)
      watch.waiting()
    })
  try {
    const opening = openAt(open, start)
    // One that opens after we gave up on it must not stay open.
    opening.then(
      (late) => {
        if (isOver) late.close()
      },
      () => undefined,
    )
    file = await watched(opening)
    const iterator = file.body[Symbol.asyncIterator]()
    for (;;) {
      const next = await watched(iterator.next())
      watch.moving()
      if (next.done === true) return
      yield next.value
    }
  } finally {
    isOver = true
    watch.end()
    file?.close()
  }
}

/** Opens from `start`. A server that answers a Range with another part than asked for is read from the beginning instead. */
async function openAt(open: OpenObject, start: number): Promise<OpenFile> {
  if (start === 0) return open()
  try {
    return await open({ start })
  } catch (thrown) {
    if (asSyncError(thrown).code !== 'bad-answer') throw thrown
    const file = await open()
    return { body: partOf(file.body, { start }), close: file.close }
  }
}
