import { Cron } from 'croner'

/** True if a cron line has an occurrence after one time up to another, that one included; UTC as GitHub's, milliseconds since 1970. */
export function occursWithin(line: string, after: number, until: number): boolean {
  const next = cronOf(line).nextRun(new Date(after))
  return next !== null && next.getTime() <= until
}

/** The shortest distance between two occurrences that follow each other, of the next hundred, in milliseconds; Infinity for one that is alone. */
export function shortestGap(line: string, from: number): number {
  const times = cronOf(line)
    .nextRuns(100, new Date(from))
    .map((time) => time.getTime())
  return times
    .slice(1)
    .reduce((least, time, index) => Math.min(least, time - (times[index] ?? 0)), Number.POSITIVE_INFINITY)
}

function cronOf(line: string): Cron {
  return new Cron(line, { timezone: 'UTC', paused: true })
}
