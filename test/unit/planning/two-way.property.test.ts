import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { MemoryCommit } from '../../contract/memory-store.ts'
import {
  createWorld,
  type Edit,
  type Ended,
  type Incident,
  type Lists,
  type Name,
  type World,
} from './two-way-world.ts'

const paths = ['README.md', 'a.txt', 'd/b.txt', 'd/c.bin', 'w.bin'] as const
type Path = (typeof paths)[number]

/** What one person does; texts are unique by the world's counter, so that every one can be told from all others. */
type Act =
  | { readonly kind: 'write'; readonly side: Name; readonly path: Path }
  | { readonly kind: 'delete'; readonly side: Name; readonly path: Path }
  | { readonly kind: 'rename'; readonly side: Name; readonly path: Path; readonly to: Path }
  | { readonly kind: 'same'; readonly path: Path }

interface Step {
  readonly acts: readonly Act[]
  /** The call of the run at which something happens; undefined: nothing does. */
  readonly incident:
    | (Pick<Incident, 'at' | 'call'> & { readonly what: 'dies-before' | 'dies-after' | Act })
    | undefined
}

const path = fc.constantFrom(...paths)
/** What people do on one of these sides. */
function actOf(...sides: readonly Name[]) {
  const side = fc.constantFrom(...sides)
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), side, path }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), side, path }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), side, path, to: path }) },
  )
}

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 7, arbitrary: actOf('a', 'b') },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('same' as const), path }) },
)
const what = fc.oneof(fc.constantFrom('dies-before' as const, 'dies-after' as const), act)
const incident = fc.oneof(
  { weight: 3, arbitrary: fc.record({ at: fc.integer({ min: 1, max: 60 }), what }) },
  {
    weight: 1,
    arbitrary: fc.record({ at: fc.constantFrom(1, 2), call: fc.constant('commit' as const), what }),
  },
)
const step: fc.Arbitrary<Step> = fc.record({
  acts: fc.array(act, { maxLength: 4 }),
  incident: fc.option(incident, { nil: undefined }),
})
const policy = fc.record({
  conflict: fc.constantFrom('fail' as const, 'source' as const, 'target' as const),
  delete: fc.constantFrom(undefined, { maxFiles: 20, maxRatio: 1 }),
})
/** Whose API would put a commit on whatever is there. */
const withoutSwap = fc.constantFrom<readonly Name[]>([], ['b'], ['a', 'b'])
/** Two sides that have no digest in common are only told apart by reading. */
const lists = fc.constantFrom<Lists>(
  {},
  { a: 'gitBlob', b: 'sha256' },
  { b: 'gitBlob', c: 'sha256', a: 'sha256' },
)
type Policy = typeof policy extends fc.Arbitrary<infer T> ? T : never

/** What a person does to a repo, as one commit; undefined: there is nothing of it to do. */
function editOf(world: World, name: Name, one: Act, text: string): Edit | undefined {
  const files = world.files(name) ?? {}
  if (one.kind === 'write' || one.kind === 'same') return { [one.path]: text }
  const there = files[one.path]
  if (there === undefined) return undefined
  if (one.kind !== 'rename') return { [one.path]: undefined }
  return one.to === one.path ? undefined : { [one.path]: undefined, [one.to]: there }
}

function createPeople(world: World): (one: Act) => void {
  let count = 0
  return (one) => {
    count += 1
    for (const name of one.kind === 'same' ? (['a', 'b'] as const) : [one.side]) {
      const edit = editOf(world, name, one, `# text ${count}\n`)
      if (edit !== undefined) world.edit(name, edit)
    }
  }
}

async function play(world: World, steps: readonly Step[], rule: Policy): Promise<void> {
  const people = createPeople(world)
  for (const { acts, incident: planned } of steps) {
    for (const one of acts) people(one)
    await world.run([{ ends: ['a', 'b'], rule }], incidentOf(planned, people))
  }
}

function incidentOf(planned: Step['incident'], people: (one: Act) => void): Incident | undefined {
  if (planned === undefined) return undefined
  const { what, ...when } = planned
  return { ...when, what: typeof what === 'string' ? what : () => people(what) }
}

/** What a run says to a person who has to decide; undefined: it went well. */
function reported([ended]: readonly Ended[]): string | undefined {
  const { derived, kind, outcomes } = ended ?? {}
  if (derived?.kind === 'conflict' || derived?.kind === 'blocked') return derived.reason
  return kind === 'threw' || outcomes?.some((one) => one !== 'synced') ? `${kind} ${outcomes}` : undefined
}

/**
 * What a sync took off one side was there on the other before, where a person changed or deleted it: nothing is taken away that only
 * one side had. Texts are unique, so a path with this text on the other side is the same writing.
 */
function lostByASync(world: World): string[] {
  return (['a', 'b'] as const).flatMap((name) => {
    const others = new Set(
      world.commits(name === 'a' ? 'b' : 'a').flatMap((one) => held(world, name === 'a' ? 'b' : 'a', one)),
    )
    const commits = world.commits(name)
    return commits.flatMap((commit, index) => {
      const before = commits[index + 1]
      if (before === undefined || !commit.message.includes('Synced-Run:')) return []
      const after = new Set(held(world, name, commit))
      return held(world, name, before).filter((one) => !after.has(one) && !others.has(one))
    })
  })
}

function held(world: World, name: Name, commit: MemoryCommit): string[] {
  return [...commit.files].map(([file, content]) => `${file}: ${world.textOf(name, content)}`)
}

const hasFiles = (files: Readonly<Record<string, string>> | undefined) => Object.keys(files ?? {}).length > 0

it('random histories and runs that die: two runs later both sides are equal or a person is asked, and nothing is lost', async () => {
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 1, maxLength: 5 }),
    policy,
    withoutSwap,
    lists,
    async (steps, rule, names, listed) => {
      const world = createWorld(names, listed)
      await play(world, steps, rule)
      const first = await world.run([{ ends: ['a', 'b'], rule }])
      const second = await world.run([{ ends: ['a', 'b'], rule }])
      if (rule.conflict === 'fail') expect(lostByASync(world)).toEqual([])
      if (!hasFiles(world.files('a')) && !hasFiles(world.files('b'))) return
      const why = reported(second)
      if (why === undefined) {
        expect(world.files('b')).toEqual(world.files('a'))
        expect((await world.run([{ ends: ['a', 'b'], rule }]))[0]?.kind).toBe('unchanged')
      } else {
        // What the first of the two could not do either: a person is asked, and what both had stays.
        expect([first[0]?.kind, why]).toEqual([
          expect.stringMatching(/^(conflict|blocked|works)$/),
          expect.stringMatching(/different|no file any more|folder/),
        ])
        if (rule.conflict !== 'fail') expect(why).toMatch(/no file any more/)
      }
    },
  )
  await fc.assert(property, { numRuns: 300, endOnFailure: false })
}, 120_000)

it('in a ring of three, what people do in one place is everywhere two runs later, and then nothing is done', async () => {
  const turn = fc.constantFrom<Name>('a', 'b', 'c').chain((name) => fc.array(actOf(name), { maxLength: 3 }))
  const property = fc.asyncProperty(
    fc.array(turn, { minLength: 1, maxLength: 5 }),
    policy,
    lists,
    async (turns, rule, listed) => {
      const world = createWorld([], listed)
      const people = createPeople(world)
      const run = () => world.run(ring.map((ends) => ({ ends, rule: { ...rule, name: ends.join('-') } })))
      world.edit('a', { 'kept.txt': 'kept' })
      await run()
      for (const acts of turns) {
        for (const one of acts) people(one)
        const [first] = acts
        const wanted = world.files(first?.side ?? 'a')
        await run()
        // Without `delete` what was deleted comes back first.
        if (rule.delete)
          for (const name of ['a', 'b', 'c'] as const) expect(world.files(name)).toEqual(wanted)
        await run()
        for (const name of ['b', 'c'] as const) expect(world.files(name)).toEqual(world.files('a'))
        expect((await run()).map(({ kind }) => kind)).toEqual(['unchanged', 'unchanged', 'unchanged'])
      }
    },
  )
  await fc.assert(property, { numRuns: 100 })
}, 120_000)

it('in a ring of three, what people do in several places settles, unless a person is asked', async () => {
  const turn = fc.array(actOf('a', 'b', 'c'), { maxLength: 4 })
  const property = fc.asyncProperty(
    fc.array(turn, { minLength: 1, maxLength: 3 }),
    policy,
    lists,
    async (turns, rule, listed) => {
      const world = createWorld([], listed)
      const people = createPeople(world)
      const run = () => world.run(ring.map((ends) => ({ ends, rule: { ...rule, name: ends.join('-') } })))
      world.edit('a', { 'kept.txt': 'kept' })
      await run()
      for (const acts of turns) {
        for (const one of acts) people(one)
        for (let round = 1; round <= 5; round++) await run()
        const last = await run()
        const isAsked = last.some(({ kind }) => kind === 'conflict')
        if (isAsked) expect(rule.conflict).toBe('fail')
        if (isAsked) return
        expect(last.map(({ kind }) => kind)).toEqual(['unchanged', 'unchanged', 'unchanged'])
        for (const name of ['b', 'c'] as const) expect(world.files(name)).toEqual(world.files('a'))
      }
    },
  )
  await fc.assert(property, { numRuns: 60 })
}, 120_000)

const ring = [
  ['a', 'b'],
  ['b', 'c'],
  ['c', 'a'],
] as const
