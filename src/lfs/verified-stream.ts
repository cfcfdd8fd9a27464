import { createHash, type Hash } from 'node:crypto'
import { SyncError } from '../model/errors.ts'
import type { ByteStream, LfsObject } from '../model/file.ts'

/** SHA-256 (lower-case hex) of the first and the last MiB of an object; of the whole where it is shorter. */
export interface Sample {
  readonly head: string
  readonly tail: string
}

/** Bytes at each end that a sample covers. */
export const sampleBytes = 1024 * 1024

/** Takes an object's bytes in order and says in the end whether they are the object. */
export interface Verifier {
  /** Throws `corrupt` as soon as there are more bytes than the object has. */
  update(chunk: Uint8Array): void
  /** Throws `truncated` or `corrupt` unless size and SHA-256 match; call once. */
  finish(): Sample
  /** The same state, to go back to. */
  copy(): Verifier
}

/** A verifier for one object. Memory: a few hash states. */
export function createVerifier(object: LfsObject): Verifier {
  const hashes = { whole: createHash('sha256'), head: createHash('sha256'), tail: createHash('sha256') }
  return verifierFrom(object, 0, hashes)
}

/**
 * Passes a source's bytes on, each chunk one late; the last only when size and SHA-256 match. So a receiver that was told the size
 * never gets a complete body of wrong or missing bytes: it sees a request that breaks off. Size is checked before a held chunk is
 * released, or an over-long source would complete the body with its surplus still to come.
 */
export async function* verifiedStream(
  source: ByteStream,
  verifier: Verifier,
  onVerified: (sample: Sample) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array | undefined
  for await (const chunk of source) {
    if (chunk.length === 0) continue
    verifier.update(chunk)
    if (held !== undefined) yield held
    held = chunk
  }
  onVerified(verifier.finish())
  if (held !== undefined) yield held
}

interface Hashes {
  readonly whole: Hash
  readonly head: Hash
  readonly tail: Hash
}

function verifierFrom(object: LfsObject, start: number, hashes: Hashes): Verifier {
  const tailStart = Math.max(0, object.size - sampleBytes)
  let received = start
  return {
    update(chunk) {
      const end = received + chunk.length
      if (end > object.size) throw wrong('corrupt', object, `has more than its ${object.size} bytes`)
      hashes.whole.update(chunk)
      if (received < sampleBytes) hashes.head.update(chunk.subarray(0, sampleBytes - received))
      if (end > tailStart) hashes.tail.update(chunk.subarray(Math.max(0, tailStart - received)))
      received = end
    },
    finish() {
      if (received < object.size)
        throw wrong('truncated', object, `ended after ${received} of ${object.size} bytes`)
      if (hashes.whole.digest('hex') !== object.oid) throw wrong('corrupt', object, 'has another SHA-256')
      return { head: hashes.head.digest('hex'), tail: hashes.tail.digest('hex') }
    },
    copy() {
      const { whole, head, tail } = hashes
      return verifierFrom(object, received, { whole: whole.copy(), head: head.copy(), tail: tail.copy() })
    },
  }
}

function wrong(code: 'truncated' | 'corrupt', object: LfsObject, what: string): SyncError {
  return new SyncError(code, `The source of LFS object ${object.oid.slice(0, 12)} ${what}.`, {
    next: 'Check this file at the source.',
  })
}
