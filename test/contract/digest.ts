import { createHash } from 'node:crypto'

/** SHA-256 of the bytes, in hex. */
export function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
