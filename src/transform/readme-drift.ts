import { frontMatterValues } from './front-matter.ts'
import type { LicenseSpellings } from './license.ts'
import { canonicalReadme, readmeMetadata } from './readme.ts'

/** How one README differs from another, in canonical form; keys are those of the front matter's top level. */
export interface ReadmeDrift {
  /** Keys that only the source has. */
  readonly lost: readonly string[]
  /** Keys with another value, `license` apart. */
  readonly changed: readonly string[]
  /** Keys that only the target has: platforms add their own. */
  readonly added: readonly string[]
  /** The ids of both sides, where both name one and not the same. */
  readonly license?: { readonly source: string; readonly target: string }
  /** True if what stands below the front matter differs. */
  readonly body: boolean
}

/**
 * What became of a README's metadata; undefined where one of the two has a front matter that cannot be read safely, or bytes that are no
 * UTF-8: then only its bytes can be compared. `map` holds the license spellings of both hubs.
 */
export function readmeDrift(source: Buffer, target: Buffer, map: LicenseSpellings): ReadmeDrift | undefined {
  const [here, there] = [canonicalText(source, map), canonicalText(target, map)]
  const own = here === undefined ? undefined : frontMatterValues(here)
  const other = there === undefined ? undefined : frontMatterValues(there)
  if (here === undefined || there === undefined || own === undefined || other === undefined) return undefined
  const keys = [...own.values.keys()]
  const lost = keys.filter((key) => !other.values.has(key))
  const unequal = keys.filter((key) => other.values.has(key) && other.values.get(key) !== own.values.get(key))
  const licenses = { source: readmeMetadata(here, map).license, target: readmeMetadata(there, map).license }
  const isLicense =
    unequal.includes('license') && licenses.source !== undefined && licenses.target !== undefined
  return {
    lost,
    changed: unequal.filter((key) => key !== 'license' || !isLicense),
    added: [...other.values.keys()].filter((key) => !own.values.has(key)),
    ...(isLicense && { license: { source: licenses.source ?? '', target: licenses.target ?? '' } }),
    body: own.body.trim() !== other.body.trim(),
  }
}

function canonicalText(content: Buffer, map: LicenseSpellings): string | undefined {
  const text = content.toString('utf8')
  return Buffer.from(text).equals(content) ? canonicalReadme(text, map) : undefined
}
