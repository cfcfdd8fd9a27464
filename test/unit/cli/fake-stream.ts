import { Writable } from 'node:stream'
import type { OutputStream } from '../../../src/cli/progress.ts'

/** A stream that keeps what is written; with `columns` it says it is a terminal of that width. */
export function fakeStream(columns?: number): OutputStream & { text(): string } {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  const terminal = columns === undefined ? {} : { isTTY: true, columns, rows: 10 }
  return Object.assign(stream, terminal, { text: () => chunks.join('') })
}
