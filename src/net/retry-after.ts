import { parseList } from 'structured-headers'

/**
 * Seconds the server asks to wait, or undefined. `Retry-After` (RFC 9110 §10.2.3) as seconds or a date; else `t` of a spent
 * `RateLimit` (draft-ietf-httpapi-ratelimit-headers; Hugging Face sends `"api";r=0;t=55`). `now` in milliseconds since 1970.
 */
export function retryAfterSeconds(
  headers: Readonly<Record<string, string>>,
  now: number,
): number | undefined {
  const header = headers['retry-after']?.trim()
  if (header !== undefined) {
    if (/^\d{1,9}(\.\d+)?$/.test(header)) return Number(header)
    const date = Date.parse(header)
    if (!Number.isNaN(date)) return Math.max(0, (date - now) / 1000)
  }
  return spentSeconds(headers, now)
}

/**
 * Seconds until a used-up quota is filled again; undefined if none is used up: `r=0` of the `RateLimit` header, or GitHub's
 * `x-ratelimit-remaining: 0`, whose `x-ratelimit-reset` is in seconds since 1970 (docs.github.com, "Rate limits for the REST API").
 */
export function spentSeconds(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const reset = headers['x-ratelimit-reset'] ?? ''
  if (headers['x-ratelimit-remaining'] === '0' && /^\d{9,11}$/.test(reset))
    return Math.max(0, Number(reset) - now / 1000)
  const header = headers.ratelimit
  if (header === undefined) return undefined
  const waits = quotas(header).flatMap((parameters) => {
    const wait = parameters.get('t')
    return parameters.get('r') === 0 && typeof wait === 'number' && wait >= 0 ? [wait] : []
  })
  return waits.length === 0 ? undefined : Math.max(...waits)
}

function quotas(header: string): readonly ReadonlyMap<string, unknown>[] {
  try {
    return parseList(header).map(([, parameters]) => parameters)
  } catch {
    // Older drafts of the header (`limit=100, remaining=0`) do not parse as this one, and only speed depends on it.
    return []
  }
}
