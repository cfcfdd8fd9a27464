/** Where the starts of a service lie: at `origin` and every `every` milliseconds before and after it. */
export interface Grid {
  /** Milliseconds since 1970. */
  readonly origin: number
  readonly every: number
}

/**
 * When the next cycle starts, after one that started at `last` (milliseconds since 1970): at the next point of the grid, so that nothing
 * drifts and starts that were missed are left out. A point less than half a distance after a start that came late is left out too.
 */
export function nextStart(grid: Grid, last: number, now: number): number {
  const { origin, every } = grid
  const point = origin + (Math.floor((now - origin) / every) + 1) * every
  // The clock went back during the cycle: what it says of the last start means nothing now.
  if (last > now) return now + every
  return point - last < every / 2 ? point + every : point
}

/** The same start once the clock has gone back while it was waited for: never more than one distance away. */
export function afterClockWentBack({ every }: Grid, next: number, now: number): number {
  return Math.min(next, now + every)
}
