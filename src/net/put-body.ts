import { Readable } from 'node:stream'
import type { ByteStream } from '../model/file.ts'

export interface PutBodyEvents {
  /** The receiver keeps us waiting. */
  readonly waiting: () => void
  /** The receiver takes more. */
  readonly moving: () => void
  /** The last byte was handed over. */
  readonly ended: () => void
}

/**
 * A request body over an async iterable that holds little more than 256 KiB, and tells when the receiver is the one who is slow. An
 * error of the iterable destroys the stream, which aborts the request. (Readable.from does not tell who waits for whom.)
 */
export function putBody(bytes: ByteStream, events: PutBodyEvents): Readable {
  const iterator = bytes[Symbol.asyncIterator]()
  let isDone = false
  return new Readable({
    highWaterMark: 256 * 1024,
    read() {
      events.moving()
      iterator.next().then(
        ({ done, value }) => {
          if (done === true) {
            isDone = true
            this.push(null)
            events.ended()
          } else {
            events.waiting()
            this.push(value)
          }
        },
        (error) => {
          isDone = true
          this.destroy(error)
        },
      )
    },
    destroy(error, callback) {
      // Not awaited: a source that stands still would keep the request from ending. What it fails with no longer matters.
      if (!isDone) iterator.return?.().catch(() => undefined)
      callback(error)
    },
  })
}
