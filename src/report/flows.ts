import type { ReportItem } from '../model/report.ts'
import { needsAttention, splitRepo } from './phrases.ts'

/** What went, or in a dry run would go, from one hub to another. */
export interface Flow {
  readonly from: string
  readonly to: string
  readonly repos: number
  readonly moved: number
  readonly reused: number
  /** Repos that did not arrive. */
  readonly failed: number
}

/** The flows of all rows in which something was to be done; the most bytes first, those of equal ones in the order of the rows. */
export function flowsOf(items: readonly ReportItem[]): readonly Flow[] {
  const flows = new Map<string, Flow>()
  for (const item of items.filter(isFlowing)) {
    const [from] = splitRepo(item.source)
    const [to] = splitRepo(item.target)
    const key = JSON.stringify([from, to])
    const flow = flows.get(key) ?? { from, to, repos: 0, moved: 0, reused: 0, failed: 0 }
    const { move, reuse } = item.forecast ?? { move: item.bytes.moved, reuse: item.bytes.reused }
    flows.set(key, {
      ...{ from, to, repos: flow.repos + 1 },
      moved: flow.moved + move,
      reused: flow.reused + reuse,
      failed: flow.failed + (needsAttention(item) ? 1 : 0),
    })
  }
  return [...flows.values()].sort((a, b) => b.moved - a.moved)
}

function isFlowing(item: ReportItem): boolean {
  return (
    item.forecast !== undefined ||
    item.outcome === 'synced' ||
    item.outcome === 'moved' ||
    needsAttention(item)
  )
}
