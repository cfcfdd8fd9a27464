import leven from 'leven'

/** The known word that is closest to what was written, or undefined if none is close enough to be meant. */
export function nearest(written: string, known: Iterable<string>): string | undefined {
  const wanted = folded(written)
  let best: { word: string; distance: number } | undefined
  for (const word of known) {
    const distance = leven(wanted, folded(word))
    if (best === undefined || distance < best.distance) best = { word, distance }
  }
  const limit = Math.max(2, Math.floor(wanted.length / 2))
  return best !== undefined && best.distance <= limit ? best.word : undefined
}

/** `; did you mean "x"?`, or the known words where none is close, or nothing where there are none. */
export function suggestion(written: string, known: readonly string[]): string {
  const near = nearest(written, known)
  if (near !== undefined) return `; did you mean ${JSON.stringify(near)}?`
  return known.length === 0 ? '' : `; known are ${known.join(', ')}`
}

/** `stallTimeout`, `stall_timeout` and `stall-timeout` are the same word to a reader. */
function folded(word: string): string {
  return word
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
}
