import type { Job, WorkItem } from '../model/plan.ts'

/** Cuts the items into at most `maxJobs` jobs, largest item first into the job with the least bytes. Same items, same jobs. */
export function assignJobs(items: readonly WorkItem[], maxJobs: number): Job[] {
  const rooms: WorkItem[][] = Array.from({ length: Math.min(maxJobs, items.length) }, () => [])
  const loads = rooms.map(() => 0)
  for (const item of [...items].sort(bySizeThenId)) {
    const least = loads.indexOf(Math.min(...loads))
    rooms[least]?.push(item)
    // An item without bytes still costs requests: 1 MB stands for them.
    loads[least] = (loads[least] ?? 0) + item.bytes.move + 1e6
  }
  return rooms.map((room, index) => jobOf(room, index, rooms.length))
}

function bySizeThenId(a: WorkItem, b: WorkItem): number {
  return b.bytes.move - a.bytes.move || (a.id < b.id ? -1 : 1)
}

function jobOf(items: readonly WorkItem[], index: number, total: number): Job {
  const first = items[0]
  const slug = (first?.source.name ?? 'job')
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 40)
  const label = first === undefined ? '' : `${first.source.owner}/${first.source.name} → ${first.target.hub}`
  return {
    id: `${slug || 'job'}-${index + 1}`,
    label: `${label}${items.length > 1 ? ` and ${items.length - 1} more` : ''} (${index + 1}/${total})`,
    items: items.map((item) => item.id),
    bytes: items.reduce((sum, item) => sum + item.bytes.move, 0),
  }
}
