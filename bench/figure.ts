/** One line of a benchmark's answer. `ratio`: how many times better than the peer ours is; 2 = twice as fast. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly ours: number
  readonly peer?: number
  readonly ratio?: number
}

/** Runs the sides in turn, `rounds` times, so that a slow moment of the machine meets them all; answers the medians of what they return. */
export async function interleave<Side extends string>(
  rounds: number,
  sides: Readonly<Record<Side, (round: number) => Promise<number>>>,
): Promise<(side: Side) => number> {
  const measured = new Map<string, number[]>()
  for (let round = 0; round < rounds; round++) {
    for (const [side, run] of Object.entries<(round: number) => Promise<number>>(sides))
      measured.set(side, [...(measured.get(side) ?? []), await run(round)])
  }
  return (side) => median(measured.get(side) ?? [])
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const [upper = Number.NaN, lower = upper] = [
    sorted[middle],
    sorted[sorted.length % 2 === 0 ? middle - 1 : middle],
  ]
  return (upper + lower) / 2
}

/** A figure where less is better, such as seconds. */
export function lessIsBetter(name: string, unit: string, ours: number, peer: number): Figure {
  return { name, unit, ours: round(ours), peer: round(peer), ratio: round(peer / ours) }
}

/** A figure where more is better, such as MB/s. */
export function moreIsBetter(name: string, unit: string, ours: number, peer: number): Figure {
  return { name, unit, ours: round(ours), peer: round(peer), ratio: round(ours / peer) }
}

/** A figure that has no peer. */
export function alone(name: string, unit: string, ours: number): Figure {
  return { name, unit, ours: round(ours) }
}

/** Wall seconds of some work. */
export async function seconds(work: () => unknown): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

/** Four digits: more than a time means, but enough to tell 2.005 requests a repo from 2. */
function round(value: number): number {
  return Number(value.toPrecision(4))
}
