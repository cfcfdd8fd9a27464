import type { WorkItem } from '../model/plan.ts'
import type { Outcome, ReportItem, Totals, Verification } from '../model/report.ts'

/** Sums of the rows. Rows of a forecast count under `forecast` alone; `seconds` adds the time of all jobs up. */
export function totalsOf(items: readonly ReportItem[]): Totals {
  const done = items.filter((item) => item.forecast === undefined)
  return {
    outcomes: countOutcomes(done),
    bytes: {
      moved: sum(done, (item) => item.bytes.moved),
      reused: sum(done, (item) => item.bytes.reused),
    },
    files: {
      verified: sum(done, (item) => item.files.verified),
      sampled: sum(done, (item) => item.files.sampled),
      mismatch: sum(done, (item) => item.files.mismatch),
      unverifiable: sum(done, (item) => item.files.unverifiable),
    },
    seconds: sum(done, (item) => item.seconds),
  }
}

/** What the forecast rows of a dry run add up to. */
export function forecastOf(items: readonly ReportItem[]): NonNullable<Totals['forecast']> {
  const planned = items.filter((item) => item.forecast !== undefined)
  return {
    repos: planned.length,
    move: sum(planned, (item) => item.forecast?.move ?? 0),
    reuse: sum(planned, (item) => item.forecast?.reuse ?? 0),
  }
}

/** How many files of an item are added, updated and deleted. */
export function countChanges({ changes }: WorkItem): ReportItem['changes'] {
  const count = (kind: string): number => changes.filter((change) => change.kind === kind).length
  return { add: count('add'), update: count('update'), delete: count('delete') }
}

/** The four verifications of a list of files, counted apart. */
export function countFiles(
  files: Iterable<{ readonly verification: Verification }>,
): Record<Verification, number> {
  const counts = { verified: 0, sampled: 0, mismatch: 0, unverifiable: 0 }
  for (const file of files) counts[file.verification] += 1
  return counts
}

function countOutcomes(items: readonly ReportItem[]): Record<Outcome, number> {
  const counts: Record<Outcome, number> = {
    synced: 0,
    moved: 0,
    unchanged: 0,
    skipped: 0,
    blocked: 0,
    conflict: 0,
    failed: 0,
    missing: 0,
  }
  for (const item of items) counts[item.outcome] += 1
  return counts
}

function sum(items: readonly ReportItem[], of: (item: ReportItem) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
