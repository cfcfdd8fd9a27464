import type { FileChange, Job, WorkItem } from '../model/plan.ts'
import { balance } from './balance.ts'

export interface ShardLimits {
  /** Jobs in all. GitHub takes 256 in one matrix (docs: "Running variations of jobs in a workflow"). */
  readonly maxJobs: number
  /** Bytes that a job should have; it grows only where the work would not fit into `maxJobs` jobs otherwise. */
  readonly jobSize: number
}

/**
 * Cuts the work into jobs: whole repos, and groups of LFS objects of repos that are too big for one job, which the publish job
 * then publishes. First as few jobs as hold the work at `jobSize`, then, with that many, the smallest longest job. Pure: the same
 * items in any order give the same jobs. Ids and labels of jobs name repos; `aliasOf` tells what else to call an item there.
 */
export function shard(
  items: readonly WorkItem[],
  limits: ShardLimits,
  aliasOf: (item: WorkItem) => string | undefined = () => undefined,
): Job[] {
  const loads = [...items].sort((a, b) => (a.id < b.id ? -1 : 1)).map(loadOf)
  if (loads.length === 0) return []
  const total = loads.reduce((sum, load) => sum + load.cost, 0)
  const wanted = fill(loads, limits.jobSize).length
  const most = wanted <= limits.maxJobs ? limits.jobSize : total
  const capacity = smallestCapacity(loads, Math.min(wanted, limits.maxJobs), total, most)
  const boxes = balanced(fill(loads, capacity))
  const largestFirst = boxes.map(withCost).sort((a, b) => b.cost - a.cost)
  return largestFirst.map(({ box }, index) => jobOf(box, index, boxes.length, aliasOf))
}

/** True where repos are cut over several jobs, so that a publish round must follow. */
export function needsPublishRound(jobs: readonly Job[]): boolean {
  return jobs.some((job) => job.objects !== undefined)
}

/** What takes time besides bytes: a request counts like this many bytes (0.1 s at 20 MB/s, a slow hub far away). */
const requestBytes = 2_000_000
/** Finding, listing, leasing, publishing and reading back one repo. */
const requestsPerRepo = 15
/** Batch, PUT, and a sample from both ends. */
const requestsPerObject = 4

/** Something that is moved as a whole: an LFS object, or a repo. */
interface Unit {
  readonly cost: number
  readonly bytes: number
  readonly oid?: string
}

interface Load {
  readonly item: WorkItem
  readonly objects: readonly Unit[]
  /** Of the whole repo in one job. */
  readonly cost: number
  readonly bytes: number
}

type Box =
  | { readonly kind: 'repos'; readonly loads: readonly Load[] }
  | { readonly kind: 'objects'; readonly load: Load; readonly units: readonly Unit[] }

function loadOf(item: WorkItem): Load {
  const objects = new Map<string, Unit>()
  let rest = requestsPerRepo * requestBytes
  for (const change of item.changes) {
    if (change.move === 'inline') rest += change.size + requestBytes
    else if (isMoved(change))
      objects.set(change.sha256, {
        oid: change.sha256,
        bytes: change.size,
        cost: change.size + requestsPerObject * requestBytes,
      })
  }
  const units = [...objects.values()].sort(byCost)
  const cost = units.reduce((sum, unit) => sum + unit.cost, rest)
  return { item, objects: units, cost, bytes: item.bytes.move }
}

function isMoved(change: FileChange): change is FileChange & { sha256: string } {
  return change.move === 'relay' && change.sha256 !== undefined
}

function byCost(a: Unit, b: Unit): number {
  return b.cost - a.cost || ((a.oid ?? '') < (b.oid ?? '') ? -1 : 1)
}

/** The smallest capacity, to a thousandth, with which the work needs no more than `count` jobs; `most` is known to do. */
function smallestCapacity(loads: readonly Load[], count: number, total: number, most: number): number {
  let low = Math.min(total / count, most)
  let high = most
  if (fill(loads, low).length <= count) return low
  while (high - low > total / count / 1000) {
    const middle = (low + high) / 2
    if (fill(loads, middle).length <= count) high = middle
    else low = middle
  }
  return high
}

/** First fit, largest first: repos over the capacity are cut into groups of objects; one object over it has a job for itself. */
function fill(loads: readonly Load[], capacity: number): Box[] {
  const isCut = (load: Load) => load.cost > capacity && load.objects.length > 1
  const cut = loads
    .filter(isCut)
    .flatMap((load) =>
      firstFit(load.objects, capacity).map((units): Box => ({ kind: 'objects', load, units })),
    )
  const whole = [...loads.filter((load) => !isCut(load))].sort((a, b) => b.cost - a.cost)
  return [...cut, ...firstFit(whole, capacity).map((some): Box => ({ kind: 'repos', loads: some }))]
}

/** Evens out the jobs of each repo that was cut, and those of whole repos, among themselves. */
function balanced(boxes: readonly Box[]): Box[] {
  const cut = Map.groupBy(
    boxes.filter((box) => box.kind === 'objects'),
    (box) => box.load,
  )
  const whole = boxes.filter((box) => box.kind === 'repos')
  return [
    ...[...cut].flatMap(([load, some]) =>
      balance(some.map((box) => box.units)).map((units): Box => ({ kind: 'objects', load, units })),
    ),
    ...balance(whole.map((box) => box.loads)).map((loads): Box => ({ kind: 'repos', loads })),
  ]
}

/**
 * Puts things, largest first, each into the first room that still holds it. A tree of the most room left finds that room in
 * logarithmic time: a repo may have 100,000 objects.
 */
function firstFit<T extends { readonly cost: number }>(things: readonly T[], capacity: number): T[][] {
  const rooms: T[][] = []
  let size = 1
  while (size < things.length) size *= 2
  const most = new Float64Array(2 * size)
  const fits = (node: number, cost: number) => (most[node] ?? 0) >= cost
  const setRoom = (index: number, left: number) => {
    most[size + index] = left
    for (let node = (size + index) >> 1; node > 0; node >>= 1)
      most[node] = Math.max(most[2 * node] ?? 0, most[2 * node + 1] ?? 0)
  }
  for (const thing of things) {
    if (!fits(1, thing.cost)) {
      rooms.push([thing])
      setRoom(rooms.length - 1, Math.max(0, capacity - thing.cost))
      continue
    }
    let node = 1
    while (node < size) node = fits(2 * node, thing.cost) ? 2 * node : 2 * node + 1
    const index = node - size
    rooms[index]?.push(thing)
    setRoom(index, (most[node] ?? 0) - thing.cost)
  }
  return rooms
}

function withCost(box: Box): { box: Box; cost: number } {
  const parts: readonly { readonly cost: number }[] = box.kind === 'repos' ? box.loads : box.units
  return { box, cost: parts.reduce((sum, part) => sum + part.cost, 0) }
}

function jobOf(box: Box, index: number, total: number, aliasOf: (item: WorkItem) => string | undefined): Job {
  const loads = box.kind === 'repos' ? box.loads : [box.load]
  const parts: readonly { readonly bytes: number }[] = box.kind === 'repos' ? box.loads : box.units
  const first = loads[0]?.item
  const alias = first && aliasOf(first)
  const name = alias ?? (first && `${first.source.owner}/${first.source.name}`)
  const label = first === undefined ? '' : `${name} → ${first.target.hub}`
  const more = loads.length > 1 ? ` and ${loads.length - 1} more` : ''
  return {
    id: `${slugOf(alias ?? first?.source.name)}-${index + 1}`,
    label: `${label}${more} (${index + 1}/${total})`,
    items: loads.map((load) => load.item.id),
    ...(box.kind === 'objects' && { objects: box.units.flatMap((unit) => unit.oid ?? []) }),
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
  }
}

/** Goes into file and artifact names. */
function slugOf(name: string | undefined): string {
  const slug = (name ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 40)
  return slug || 'job'
}
