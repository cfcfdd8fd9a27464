/** Bytes of a failed answer that are looked at. */
const cap = 65_536

/** The fields of a failed answer, none where it is JSON without any; undefined if it is not JSON. */
export function failedFields(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    return Object(JSON.parse(body.subarray(0, cap).toString()))
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}

/** What the page of a proxy or firewall says: where an answer is not JSON, its own words are all there is. */
export function pageWords(body: Buffer): string {
  const text = body.subarray(0, cap).toString().slice(0, 4096)
  return text.replace(/<[^>]*>|\s+/g, ' ').trim()
}
