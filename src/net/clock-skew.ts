import type { SeenAnswer } from '../context.ts'

/**
 * Seconds that this machine's clock is ahead of a hub's (negative: behind), by the `Date` of its answers (RFC 9110 §6.6.1); of several
 * the smallest, since a slow answer only adds. Undefined where none tells: an answer out of a cache has the date at which it went in.
 */
export function clockSkew(answers: readonly SeenAnswer[]): number | undefined {
  const skews = answers.flatMap(({ headers, sentAt, receivedAt }) => {
    const date = Date.parse(headers.date ?? '')
    const isCached = headers.age !== undefined && headers.age !== '0'
    if (Number.isNaN(date) || isCached) return []
    // It was written between the two, to the second.
    if (date < sentAt - 1000) return [(sentAt - 1000 - date) / 1000]
    return [date > receivedAt ? (receivedAt - date) / 1000 : 0]
  })
  return skews.sort((a, b) => Math.abs(a) - Math.abs(b))[0]
}
