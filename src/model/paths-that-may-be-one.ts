/**
 * Each written path with one that it differs from only in case or in how Unicode spells it (NFC and NFD), every pair once. `all` may
 * hold the written ones, too.
 */
export function pathsThatMayBeOne(written: readonly string[], all: Iterable<string>): [string, string][] {
  const isWritten = new Set(written)
  const folded = new Map<string, string>()
  const pairs: [string, string][] = []
  for (const path of [...[...all].filter((one) => !isWritten.has(one)), ...written]) {
    const key = path.normalize('NFC').toLowerCase()
    const other = folded.get(key)
    if (other !== undefined && isWritten.has(path)) pairs.push([path, other])
    else folded.set(key, path)
  }
  return pairs
}
