import type { LicenseProfile } from '../model/profile.ts'
import type { LicenseSpellings } from './license.ts'
import { canonicalReadme, readmeFor } from './readme.ts'

/**
 * A README's bytes as the hub takes them, with the license `missing` where it must have one and has none; bytes that are no UTF-8
 * stay as they are, since reading them as text would change them.
 */
export function readmeBytesFor(profile: LicenseProfile, content: Buffer, missing?: string): Buffer {
  const text = utf8(content)
  return text === undefined ? content : Buffer.from(readmeFor(profile, text, missing))
}

/** Whether two READMEs say the same: equal bytes, or equal in canonical form. `map` holds the spellings of both hubs. */
export function sameReadme(a: Buffer, b: Buffer, map: LicenseSpellings): boolean {
  if (a.equals(b)) return true
  const [here, there] = [utf8(a), utf8(b)]
  if (here === undefined || there === undefined) return false
  return canonicalReadme(here, map) === canonicalReadme(there, map)
}

function utf8(content: Buffer): string | undefined {
  const text = content.toString('utf8')
  return Buffer.from(text).equals(content) ? text : undefined
}
