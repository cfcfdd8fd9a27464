import { expect, it } from 'vitest'
import { createWorld, type Edit, type Name, type World } from './two-way-world.ts'

const pair = [{ ends: ['a', 'b'] as const }]

/** Both sides are in step, then somebody changes a file on `a`: the next run brings it to `b`. */
async function aboutToSync(withoutSwap: readonly Name[]): Promise<World> {
  const world = createWorld(withoutSwap)
  world.edit('a', { 'x.txt': 'x', 'k.txt': 'k' })
  await world.run(pair)
  world.edit('a', { 'x.txt': 'of a' })
  return world
}

/** A run at whose n-th call somebody writes to `b`; undefined: it makes fewer calls. */
async function interrupted(world: World, at: number, edit: Edit) {
  let isReached = false
  const what = () => {
    isReached = true
    world.edit('b', edit)
  }
  const ended = await world.run(pair, { at, what })
  return isReached ? ended : undefined
}

it.each<[string, readonly Name[]]>([
  ['with', []],
  ['without', ['b']],
])(
  'on a hub %s compare-and-swap, what somebody writes at any moment of a run stays on the head',
  async (_, names) => {
    const lost: number[] = []
    let moments = 0
    for (; ; moments++) {
      const world = await aboutToSync(names)
      if ((await interrupted(world, moments + 1, { 'x.txt': 'of a person' })) === undefined) break
      for (let run = 1; run <= 2; run++) await world.run(pair)
      if (world.files('b')?.['x.txt'] !== 'of a person') lost.push(moments + 1)
    }
    expect(moments).toBeGreaterThan(10)
    expect(lost).toEqual([])
  },
)

it('another file that is written at any moment reaches the other side in the next runs', async () => {
  for (let at = 1; ; at++) {
    const world = await aboutToSync(['a', 'b'])
    if ((await interrupted(world, at, { 'y.txt': 'of a person' })) === undefined) break
    for (let run = 1; run <= 2; run++) await world.run(pair)
    const all = { 'k.txt': 'k', 'x.txt': 'of a', 'y.txt': 'of a person' }
    expect([at, world.files('a'), world.files('b')]).toEqual([at, all, all])
  }
})
