import { describe, expect, it, test } from 'vitest'
import { deriveBoth } from '../../../src/planning/derive-both.ts'
import { ruleBetween } from '../../contract/bring.ts'
import { fakeRepo } from './fake-repo.ts'
import { createWorld, type Ended, type World } from './two-way-world.ts'

const guards = { maxFiles: 20, maxRatio: 0.5 }
const many = Object.fromEntries(['1', '2', '3', '4', '5', '6'].map((name) => [`keep/${name}`, name]))

/** Two repos that a run has made equal. */
async function inStep(): Promise<World> {
  const world = createWorld()
  world.edit('a', { ...many, 'x.txt': 'x', 'w.bin': 'weights', 'README.md': '# A' })
  await world.run([{ ends: ['a', 'b'] }])
  expect(world.files('b')).toEqual(world.files('a'))
  return world
}

function told([ended]: readonly Ended[]): string {
  return [ended?.kind, ...(ended?.outcomes ?? [])].join(' ')
}

describe('a two-way pair', () => {
  it.each(['a', 'b'] as const)('creates what only %s has, and then finds nothing', async (only) => {
    const world = createWorld()
    world.edit(only, { 'x.txt': 'x', 'w.bin': 'weights' })
    expect(told(await world.run([{ ends: ['a', 'b'] }]))).toBe('works synced')
    expect(world.files('a')).toEqual({ 'w.bin': 'weights', 'x.txt': 'x' })
    expect(world.files('b')).toEqual(world.files('a'))
    expect(told(await world.run([{ ends: ['a', 'b'] }]))).toBe('unchanged')
  })

  it('brings over what changed on each side in one run, with one commit on each, and then finds nothing', async () => {
    const world = await inStep()
    world.edit('a', { 'x.txt': 'x2', 'new.bin': 'of a' })
    world.edit('b', { 'w.bin': 'weights 2', 'README.md': '# B' })
    const before = [world.commits('a').length, world.commits('b').length]
    expect(told(await world.run([{ ends: ['a', 'b'] }]))).toBe('works synced synced')
    expect(world.files('a')).toMatchObject({
      'x.txt': 'x2',
      'new.bin': 'of a',
      'w.bin': 'weights 2',
      'README.md': '# B',
    })
    expect(world.files('b')).toEqual(world.files('a'))
    expect([world.commits('a').length, world.commits('b').length]).toEqual(before.map((count) => count + 1))
    for (const name of ['a', 'b'] as const)
      expect(world.commits(name)[0]?.message).toMatch(/\nSynced-Commits: 2\n$/)
    expect(told(await world.run([{ ends: ['a', 'b'] }]))).toBe('unchanged')
  })

  it('holds a repo whose file both changed, and shows both', async () => {
    const world = await inStep()
    world.edit('a', { 'x.txt': 'of a', 'other.txt': 'a' })
    world.edit('b', { 'x.txt': 'of b!' })
    const [ended] = await world.run([{ ends: ['a', 'b'] }])
    expect(ended?.derived).toMatchObject({
      kind: 'conflict',
      reason: 'a file is different on the two sides, and nothing was written: x.txt',
      details: [
        expect.stringMatching(
          /^x\.txt: changed on both sides; a:alice\/x: 4 bytes, SHA-256 [0-9a-f]{12}; b:alice\/x: 5 bytes, SHA-256 [0-9a-f]{12}$/,
        ),
      ],
    })
    expect(world.files('b')).not.toHaveProperty('other.txt')
  })

  test.each(['source', 'target'] as const)('of a conflict the %s counts', async (conflict) => {
    const world = await inStep()
    world.edit('a', { 'x.txt': 'source', 'w.bin': undefined, 'new.txt': 'source' })
    world.edit('b', { 'x.txt': 'target', 'w.bin': 'target', 'new.txt': 'target' })
    await world.run([{ ends: ['a', 'b'], rule: { conflict, delete: guards } }])
    expect(world.files('b')).toEqual(world.files('a'))
    expect(world.files('a')).toMatchObject({ 'x.txt': conflict, 'new.txt': conflict })
    expect(world.files('a')?.['w.bin']).toBe(conflict === 'source' ? undefined : 'target')
  })

  it('without a base takes what is equal for equal, brings what one side lacks, and calls the rest a conflict', async () => {
    const world = createWorld()
    world.edit('a', { same: '1', 'of-a': 'a' })
    world.edit('b', { same: '1', 'of-b': 'b' })
    expect(told(await world.run([{ ends: ['a', 'b'], rule: { delete: guards } }]))).toBe(
      'works synced synced',
    )
    expect(world.files('a')).toEqual({ same: '1', 'of-a': 'a', 'of-b': 'b' })
    expect(world.files('b')).toEqual(world.files('a'))
    const other = createWorld()
    other.edit('a', { x: 'a' })
    other.edit('b', { x: 'b' })
    const [ended] = await other.run([{ ends: ['a', 'b'] }])
    expect(ended?.derived).toMatchObject({
      kind: 'conflict',
      reason: expect.stringMatching(/there is no base, since/),
    })
  })
})

describe('two-way deletes', () => {
  it.each(['a', 'b'] as const)('what %s deleted goes on the other side, in the same commit', async (side) => {
    const world = await inStep()
    world.edit(side, { 'w.bin': undefined, 'new.txt': 'n' })
    expect(told(await world.run([{ ends: ['a', 'b'], rule: { delete: guards } }]))).toBe('works synced')
    expect(world.files('a')).not.toHaveProperty('w.bin')
    expect(world.files('b')).toEqual(world.files('a'))
    expect(told(await world.run([{ ends: ['a', 'b'], rule: { delete: guards } }]))).toBe('unchanged')
  })

  it('a rule without delete brings the file back', async () => {
    const world = await inStep()
    world.edit('a', { 'w.bin': undefined })
    const [ended] = await world.run([{ ends: ['a', 'b'] }])
    expect(ended?.derived).toMatchObject({
      works: [
        {
          back: true,
          notes: expect.arrayContaining([
            expect.stringMatching(/^w\.bin: was deleted on the source and comes back/),
          ]),
        },
      ],
    })
    expect(world.files('a')).toMatchObject({ 'w.bin': 'weights' })
    expect(world.files('b')).toEqual(world.files('a'))
  })

  it('are held by the guards of each side, with every path', async () => {
    const world = await inStep()
    world.edit('b', { 'keep/1': undefined, 'keep/2': undefined, 'x.txt': 'x2' })
    const [ended] = await world.run([{ ends: ['a', 'b'], rule: { delete: { maxFiles: 1, maxRatio: 1 } } }])
    expect(ended?.derived).toMatchObject({
      kind: 'blocked',
      details: [
        'a:alice/x: 2 files would be deleted, over max-files: 1 (rule: delete)',
        'a:alice/x: keep/1',
        'a:alice/x: keep/2',
      ],
    })
    expect(world.files('a')).toMatchObject({ 'keep/1': '1', 'x.txt': 'x' })
  })

  it('an emptied side empties nothing', async () => {
    const world = await inStep()
    const all = Object.keys(world.files('a') ?? {})
    world.edit('a', Object.fromEntries(all.map((path) => [path, undefined])))
    const [ended] = await world.run([{ ends: ['a', 'b'], rule: { delete: { maxFiles: 99, maxRatio: 1 } } }])
    expect(ended?.derived).toMatchObject({
      kind: 'blocked',
      reason: expect.stringMatching(/holds no file any more/),
    })
  })
})

describe('a run that died between its two publishes', () => {
  it('is no base, and the next run brings the rest', async () => {
    const world = await inStep()
    world.edit('a', { 'x.txt': 'x2' })
    world.edit('b', { 'w.bin': 'weights 2' })
    await world.run([{ ends: ['a', 'b'] }], { at: 2, call: 'commit', what: 'dies-before' })
    const heads = [world.commits('a')[0], world.commits('b')[0]]
    expect(heads.filter((head) => head?.message.includes('Synced-Commits: 2'))).toHaveLength(1)
    expect(world.files('a')).not.toEqual(world.files('b'))
    expect(told(await world.run([{ ends: ['a', 'b'] }]))).toBe('works synced')
    expect(world.files('a')).toMatchObject({ 'x.txt': 'x2', 'w.bin': 'weights 2' })
    expect(world.files('b')).toEqual(world.files('a'))
  })
})

it('what was deleted before such a run does not come back', async () => {
  const world = await inStep()
  const rule = { delete: guards }
  world.edit('a', { 'x.txt': 'x2' })
  world.edit('b', { 'w.bin': undefined })
  await world.run([{ ends: ['a', 'b'], rule }], { at: 2, call: 'commit', what: 'dies-before' })
  await world.run([{ ends: ['a', 'b'], rule }])
  expect(world.files('a')).toEqual(world.files('b'))
  expect(world.files('a')).toEqual({ ...many, 'x.txt': 'x2', 'README.md': '# A' })
})

it('what appears on an empty side while both are looked at is not written over', async () => {
  let hasWritten = true
  for (let at = 1; hasWritten; at++) {
    const world = createWorld()
    world.edit('b', { 'x.txt': 'of b' })
    hasWritten = false
    const write = () => {
      hasWritten = true
      world.edit('a', { 'x.txt': 'of a' })
    }
    await world.run([{ ends: ['a', 'b'] }], { at, what: write })
    expect(world.files('a')).toEqual({ 'x.txt': hasWritten ? 'of a' : 'of b' })
  }
})

describe('a ring of three two-way rules', () => {
  const ring = [{ ends: ['a', 'b'] }, { ends: ['b', 'c'] }, { ends: ['c', 'a'] }] as const

  it('settles in one run, and the next finds nothing', async () => {
    const world = createWorld()
    world.edit('a', { ...many, x: '1' })
    await world.run(ring)
    for (const name of ['b', 'c'] as const) expect(world.files(name)).toEqual(world.files('a'))
    expect((await world.run(ring)).map(({ kind }) => kind)).toEqual(['unchanged', 'unchanged', 'unchanged'])
    world.edit('a', { x: '2' })
    expect((await world.run(ring)).map(({ kind }) => kind)).toEqual(['works', 'unchanged', 'works'])
    for (const name of ['b', 'c'] as const) expect(world.files(name)).toEqual(world.files('a'))
    expect((await world.run(ring)).map(({ kind }) => kind)).toEqual(['unchanged', 'unchanged', 'unchanged'])
    // The base of B and C is what one run brought to both from A.
    world.edit('b', { x: '3' })
    expect((await world.run(ring)).map(({ kind }) => kind)).toEqual(['works', 'works', 'unchanged'])
    expect([world.files('a')?.x, world.files('c')?.x]).toEqual(['3', '3'])
  })

  it('lets one rule write a repo in a run, and the next run take the other up', async () => {
    const world = createWorld()
    world.edit('a', { ...many })
    await world.run(ring)
    world.edit('a', { x: 'a' })
    world.edit('b', { y: 'b' })
    expect((await world.run(ring)).map(({ kind }) => kind)).toEqual(['works', 'works', 'skipped'])
    await world.run(ring)
    for (const name of ['b', 'c'] as const) expect(world.files(name)).toEqual(world.files('a'))
    expect((await world.run(ring)).map(({ kind }) => kind)).toEqual(['unchanged', 'unchanged', 'unchanged'])
  })

  it('adopts no pair whose base a third repo tells', async () => {
    const world = createWorld()
    world.edit('a', { ...many, x: '1' })
    await world.run([{ ends: ['a', 'b'] }])
    await world.run([{ ends: ['c', 'a'] }])
    const adopting = ring.map((pair) => ({ ...pair, rule: { adopt: true } }))
    expect((await world.run(adopting)).map(({ kind }) => kind)).toEqual([
      'unchanged',
      'unchanged',
      'unchanged',
    ])
  })
})

it('the page of a pair is that of its source, also where only the target is there', async () => {
  const ref = (hub: string) => ({ hub, type: 'model', owner: 'o', name: 'n' }) as const
  const source = fakeRepo(ref('a'), {})
  const target = fakeRepo(ref('b'), { 'x.txt': 'x' }, ['1'.repeat(40)])
  const seen: unknown[] = []
  const onSeen = (isPublic: boolean, url?: string) => seen.push([isPublic, url])
  const rule = { ...ruleBetween(source, target), direction: 'two-way' } as const
  expect(await deriveBoth({ rule, source, target, onSeen })).toMatchObject({
    kind: 'works',
    works: [{ back: true }],
  })
  expect(seen).toEqual([[true, undefined]])
})
