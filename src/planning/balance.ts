interface Weighed {
  readonly cost: number
}

/** Nearer than this to the average, nothing is gained any more. */
const near = 1.005

/**
 * Makes the fullest room less full by giving a thing away or swapping it for a smaller one, as long as that helps. Things in a
 * room may come in any order; the number of rooms stays. Deterministic.
 */
export function balance<T extends Weighed>(rooms: readonly (readonly T[])[]): T[][] {
  const sorted = rooms.map((room) => [...room].sort((a, b) => b.cost - a.cost))
  const costs = sorted.map((room) => room.reduce((sum, thing) => sum + thing.cost, 0))
  const average = costs.reduce((sum, cost) => sum + cost, 0) / Math.max(1, costs.length)
  for (let round = 0; round < 4 * rooms.length; round++) {
    const fullest = costs.indexOf(Math.max(...costs))
    if ((costs[fullest] ?? 0) <= average * near) break
    const exchange = bestExchange(sorted, costs, fullest)
    if (exchange === undefined) break
    apply(sorted, costs, fullest, exchange)
  }
  return sorted
}

interface Exchange {
  readonly from: number
  readonly to: number
  /** Place of the thing that comes back; undefined: none does. */
  readonly back: number | undefined
  readonly gain: number
}

/** The exchange after which the fuller of the two rooms is as empty as can be. */
function bestExchange<T extends Weighed>(
  rooms: readonly (readonly T[])[],
  costs: readonly number[],
  fullest: number,
): Exchange | undefined {
  let best: Exchange | undefined
  const most = costs[fullest] ?? 0
  for (const [to, room] of rooms.entries()) {
    const gap = most - (costs[to] ?? 0)
    if (to === fullest || gap <= 0) continue
    for (const [from, thing] of (rooms[fullest] ?? []).entries()) {
      for (const back of candidates(room, thing.cost - gap / 2)) {
        const moved = thing.cost - (back === undefined ? 0 : (room[back]?.cost ?? 0))
        const gain = Math.min(moved, gap - moved)
        if (gain > (best?.gain ?? most / 1e6)) best = { from, to, back, gain }
      }
    }
  }
  return best
}

/** Nothing, and the two things of a room (largest first) whose costs are nearest to `wanted`. */
function candidates<T extends Weighed>(room: readonly T[], wanted: number): (number | undefined)[] {
  if (wanted <= 0) return [undefined]
  let low = 0
  let high = room.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((room[middle]?.cost ?? 0) > wanted) low = middle + 1
    else high = middle
  }
  return [undefined, ...[low - 1, low].filter((place) => place >= 0 && place < room.length)]
}

function apply<T extends Weighed>(
  rooms: T[][],
  costs: number[],
  fullest: number,
  { from, to, back }: Exchange,
): void {
  const here = rooms[fullest] ?? []
  const there = rooms[to] ?? []
  const given = here.splice(from, 1)
  const returned = back === undefined ? [] : there.splice(back, 1)
  here.push(...returned)
  there.push(...given)
  for (const [index, room] of [[fullest, here] as const, [to, there] as const]) {
    room.sort((a, b) => b.cost - a.cost)
    costs[index] = room.reduce((sum, thing) => sum + thing.cost, 0)
  }
}
