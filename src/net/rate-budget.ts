/** What is left of a quota of requests. */
export interface RateBudget {
  readonly left: number
  /** Requests of a full quota, where it is told. */
  readonly of?: number
  /** Until it is full again, where it is told. */
  readonly seconds?: number
}

/**
 * What an answer's header tells of the quota; undefined: nothing. Sources: draft-ietf-httpapi-ratelimit-headers as Hugging Face sends
 * it (`ratelimit: "api";r=998;t=55`, `ratelimit-policy: …;q=1000;w=300`), its earlier form (`ratelimit-remaining`), and GitHub's
 * `x-ratelimit-remaining`, whose `x-ratelimit-reset` is in seconds since 1970. `now` in milliseconds since 1970.
 */
export function rateBudget(headers: Readonly<Record<string, string>>, now: number): RateBudget | undefined {
  return (
    fromFields(headers) ??
    fromCounters(headers, 'ratelimit', now) ??
    fromCounters(headers, 'x-ratelimit', now)
  )
}

/** Of several quotas the one with least left. */
function fromFields(headers: Readonly<Record<string, string>>): RateBudget | undefined {
  const quotas = (headers.ratelimit ?? '').split(',').flatMap((quota) => {
    const [left, seconds] = [parameter(quota, 'r'), parameter(quota, 't')]
    return left === undefined ? [] : [{ left, ...(seconds !== undefined && { seconds }) }]
  })
  const least = quotas.sort((a, b) => a.left - b.left)[0]
  const of = parameter(headers['ratelimit-policy'] ?? '', 'q')
  return least && { ...least, ...(of !== undefined && { of }) }
}

function fromCounters(
  headers: Readonly<Record<string, string>>,
  prefix: string,
  now: number,
): RateBudget | undefined {
  const [left, of, reset] = ['remaining', 'limit', 'reset'].map((name) => whole(headers[`${prefix}-${name}`]))
  if (left === undefined) return undefined
  // What is too large for a pause is a date.
  const seconds = reset === undefined || reset < 1e9 ? reset : Math.max(0, Math.round(reset - now / 1000))
  return { left, ...(of !== undefined && { of }), ...(seconds !== undefined && { seconds }) }
}

function parameter(text: string, name: string): number | undefined {
  return whole(new RegExp(`;\\s*${name}=(\\d{1,9})(?!\\d)`).exec(text)?.[1])
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,11}$/.test(text.trim()) ? Number(text) : undefined
}
