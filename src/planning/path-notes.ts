import { pathsThatMayBeOne } from '../model/paths-that-may-be-one.ts'
import { printable } from '../model/printable.ts'

/** Paths named in one note. */
const named = 5

/**
 * What is fine on the target and yet breaks a checkout elsewhere: paths that are one file to Windows and macOS, and those that Windows
 * cannot hold. Hubs keep them, so they go over; a person may want to know. `all` are the paths the target will hold.
 */
export function pathNotes(written: readonly string[], all: Iterable<string>): string[] {
  const wrong = written.filter(isWrongOnWindows)
  const pairs = pathsThatMayBeOne(written, all).map(([path, other]) => `${path} and ${other}`)
  return [
    ...noteOf(wrong, 'cannot be checked out on Windows'),
    ...noteOf(pairs, 'are one file where case or the spelling of accents does not count'),
  ]
}

/** Source: learn.microsoft.com, "Naming Files, Paths, and Namespaces": characters, a dot or space at the end, names of devices. */
function isWrongOnWindows(path: string): boolean {
  return path
    .split('/')
    .some(
      (part) =>
        /[<>:"|?*]|[. ]$/.test(part) || /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i.test(part),
    )
}

function noteOf(paths: readonly string[], what: string): string[] {
  if (paths.length === 0) return []
  const more = paths.length > named ? `, and ${paths.length - named} more` : ''
  return [`${what}: ${paths.slice(0, named).map(printable).join(', ')}${more}`]
}
