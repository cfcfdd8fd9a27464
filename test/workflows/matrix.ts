import { z } from 'zod'

export type Leg = Readonly<Record<string, unknown>>

const matrixSchema = z
  .looseObject({
    include: z.array(z.record(z.string(), z.unknown())).default([]),
    exclude: z.array(z.record(z.string(), z.unknown())).default([]),
  })
  .catchall(z.array(z.unknown()))

/** GitHub's most for one matrix: https://docs.github.com/actions/reference/limits */
const maxJobs = 256

/** The combinations of an evaluated `strategy.matrix`. Throws, as a run would fail, for none and for more than GitHub takes. */
export function matrixLegs(given: unknown): Leg[] {
  const { include, exclude, ...vectors } = matrixSchema.parse(given)
  const names = Object.keys(vectors)
  const product = Object.entries(vectors)
    .reduce<Leg[]>(
      (legs, [name, values]) => legs.flatMap((leg) => values.map((value) => ({ ...leg, [name]: value }))),
      names.length === 0 ? [] : [{}],
    )
    .filter((leg) => !exclude.some((without) => agrees(leg, without, Object.keys(without))))
  const extra: Leg[] = []
  let legs = product
  for (const one of include) {
    const shared = names.filter((name) => name in one)
    const fits = legs.filter((leg) => agrees(leg, one, shared))
    if (fits.length === 0) extra.push(one)
    legs = legs.map((leg) => (fits.includes(leg) ? { ...leg, ...one } : leg))
  }
  const all = [...legs, ...extra]
  if (all.length === 0) throw new Error('Matrix vector does not contain any values')
  if (all.length > maxJobs) throw new Error(`The matrix has ${all.length} jobs; GitHub takes ${maxJobs}`)
  return all
}

function agrees(leg: Leg, other: Leg, names: readonly string[]): boolean {
  return names.every((name) => JSON.stringify(leg[name]) === JSON.stringify(other[name]))
}
