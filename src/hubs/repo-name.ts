import { SyncError } from '../model/errors.ts'
import { printable } from '../model/printable.ts'

/** Letters that both hubs allow; keeps a name from a listing from changing the path of a later request. */
const safeName = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,128}$/

/** An owner or name that a hub told us, safe as one segment of a URL; throws `bad-answer`. */
export function parseName(text: string, what: string): string {
  if (safeName.test(text)) return text
  throw new SyncError(
    'bad-answer',
    `${what}: the hub told a name that is none: ${printable(text.slice(0, 100))}.`,
  )
}

/** `owner/name` in its two parts. */
export function parseRepoId(text: string, what: string): { owner: string; name: string } {
  const [owner, name, ...rest] = text.split('/')
  if (owner === undefined || name === undefined || rest.length > 0) {
    throw new SyncError(
      'bad-answer',
      `${what}: the hub told an id that is none: ${printable(text.slice(0, 200))}.`,
    )
  }
  return { owner: parseName(owner, what), name: parseName(name, what) }
}
