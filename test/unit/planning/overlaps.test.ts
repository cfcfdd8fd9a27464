import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Rule } from '../../../src/config/rule.ts'
import { formatRepo } from '../../../src/model/repo.ts'
import { splitOverlaps } from '../../../src/planning/overlaps.ts'
import type { Sites } from '../../../src/planning/sites.ts'
import { candidatesOf, type RuleLine, rulesOf } from './rules-of.ts'

const noneShared: Sites = { siteOf: (hub) => hub, hasOneNameSpace: () => false }

/** Rules that are let through and those that are blocked with the reason, by the repos that are there. */
async function split(rules: readonly Rule[], ...repos: readonly string[]) {
  const { free, blocked } = await splitOverlaps(candidatesOf(rules, ...repos), noneShared, rules)
  return {
    free: free.map(({ rule }) => rule.name),
    blocked: Object.fromEntries(blocked.map(({ rule, reason }) => [rule, reason])),
  }
}

const twoWay = { direction: 'two-way' }
const skip = { existing: 'skip' }
const circle = (order: string, instead: string) =>
  `rules ${order} copy in a circle, so that each undoes what the other brings: say existing: skip in one of them, or use ${instead} instead`
const bothWays = 'one rule with direction: two-way'

describe('one target', () => {
  it('is written by the first rule that names it', async () => {
    const rules = rulesOf(['a', 'h1:o/x', 'h2:o/y'], ['b', 'h3:o/x', 'h2:o/y'])
    expect(await split(rules, 'h1:o/x', 'h3:o/x')).toEqual({
      free: ['a'],
      blocked: { b: 'rule a writes this target already' },
    })
  })

  it('may be shared by two-way rules, though not by two for the same pair', async () => {
    const rules = rulesOf(
      ['a', 'h1:o/x', 'h2:o', twoWay],
      ['b', 'h2:o/x', 'h3:o', twoWay],
      ['c', 'h3:o/x', 'h1:o', twoWay],
      ['d', 'h2:o/x', 'h1:o', twoWay],
    )
    expect(await split(rules, 'h1:o/x', 'h2:o/x', 'h3:o/x')).toEqual({
      free: ['a', 'b', 'c'],
      blocked: { d: 'rule a keeps these two in step already' },
    })
  })

  it.each([
    [
      [
        ['a', 'h1:o/x', 'h2:o'],
        ['b', 'h2:o/x', 'h3:o', twoWay],
      ],
      'rule a writes the source of this two-way rule',
    ],
    [
      [
        ['a', 'h1:o/x', 'h2:o'],
        ['b', 'h3:o/x', 'h2:o', twoWay],
      ],
      'rule a writes the target of this two-way rule',
    ],
    [
      [
        ['a', 'h2:o/x', 'h3:o', twoWay],
        ['b', 'h1:o/x', 'h2:o'],
      ],
      'rule a keeps this target in step both ways',
    ],
    [
      [
        ['a', 'h3:o/x', 'h2:o', twoWay],
        ['b', 'h1:o/x', 'h2:o'],
      ],
      'rule a keeps this target in step both ways',
    ],
  ] as [RuleLine[], string][])('is not written one way and both ways: %j', async (lines, why) => {
    const { free, blocked } = await split(rulesOf(...lines), 'h1:o/x', 'h2:o/x', 'h3:o/x')
    expect(free).toEqual(['a'])
    expect(blocked).toEqual({
      b: `${why}, and one repo is not written one way and both ways: leave it out of one of the two rules (repos.exclude), or give both direction: two-way`,
    })
  })

  it('may not be a model to one two-way rule and a dataset to another, where the hub has one name for both', async () => {
    const rules = rulesOf(['a', 'h1:models/o/x', 'h2:o', twoWay], ['b', 'h3:datasets/o/x', 'h2:o', twoWay])
    const candidates = rules.map((rule, index) => {
      const source = {
        hub: rule.from.hub,
        type: index === 0 ? 'model' : 'dataset',
        owner: 'o',
        name: 'x',
      } as const
      return { rule, source, target: { ...source, hub: 'h2' } }
    })
    const { free, blocked } = await splitOverlaps(
      candidates,
      { ...noneShared, hasOneNameSpace: (hub) => hub === 'h2' },
      rules,
    )
    expect(free.map(({ rule }) => rule.name)).toEqual(['a'])
    expect(blocked.map(({ reason }) => reason)).toEqual(['rule a keeps a model of this name in step already'])
    expect((await splitOverlaps(candidates, noneShared, rules)).blocked).toEqual([])
  })

  it('of a two-way rule may be the source of a one-way rule', async () => {
    const rules = rulesOf(['a', 'h1:o/x', 'h2:o', twoWay], ['b', 'h2:o/x', 'h3:o'])
    expect(await split(rules, 'h1:o/x', 'h2:o/x')).toEqual({ free: ['a', 'b'], blocked: {} })
  })
})

describe('a circle of one-way rules', () => {
  it.each([
    ['h1:o', 'h2:o'],
    ['h1:o/m-*', 'h2:o'],
    ['h1:o/m-1', 'h2:o/m-1'],
  ])('of %s and %s is blocked', async (one, other) => {
    const rules = rulesOf(['a', one, 'h2:o'], ['b', other, 'h1:o'])
    expect(await split(rules, 'h1:o/m-1', 'h2:o/m-1')).toEqual({
      free: [],
      blocked: { a: circle('a → b → a', bothWays), b: circle('b → a → b', bothWays) },
    })
  })

  it('is seen before its second repo is there', async () => {
    const rules = rulesOf(['a', 'h1:o', 'h2:o'], ['b', 'h2:o', 'h1:o'])
    expect(await split(rules, 'h1:o/x')).toEqual({ free: [], blocked: { a: circle('a → b → a', bothWays) } })
  })

  it('of three names them in their order, and leaves the other repos of its rules alone', async () => {
    const rules = rulesOf(['a', 'h1:o', 'h2:o'], ['b', 'h2:o/x', 'h3:o'], ['c', 'h3:o', 'h1:o'])
    const { free, blocked } = await split(rules, 'h1:o/x', 'h1:o/y', 'h2:o/x', 'h2:o/y', 'h3:o/x')
    expect(free).toEqual(['a'])
    expect(blocked).toEqual({
      a: circle('a → b → c → a', 'two-way rules'),
      b: circle('b → c → a → b', 'two-way rules'),
      c: circle('c → a → b → c', 'two-way rules'),
    })
  })

  it('with existing: skip in it is none, and a chain neither', async () => {
    const back = rulesOf(['a', 'h1:o', 'h2:o'], ['b', 'h2:o', 'h1:o', skip])
    expect(await split(back, 'h1:o/x', 'h2:o/x')).toEqual({ free: ['a', 'b'], blocked: {} })
    const chain = rulesOf(['a', 'h1:o', 'h2:o'], ['b', 'h2:o', 'h3:o'])
    expect(await split(chain, 'h1:o/x', 'h2:o/x')).toEqual({ free: ['a', 'b'], blocked: {} })
  })

  it('does not come of naming a repo: the rule that skips goes on to skip', async () => {
    const named = rulesOf(['a', 'h1:o', 'h2:o'], ['b', 'h2:o', 'h1:o', skip]).map((rule) => ({
      ...rule,
      named: true,
    }))
    const { free, blocked } = await splitOverlaps(candidatesOf(named, 'h1:o/x', 'h2:o/x'), noneShared, named)
    expect(free.map(({ rule }) => [rule.name, rule.named])).toEqual([
      ['a', true],
      ['b', false],
    ])
    expect(blocked).toEqual([])
    // Alone it may bring over what was asked for.
    const [, alone] = named
    const only = await splitOverlaps(candidatesOf(alone ? [alone] : [], 'h2:o/x'), noneShared)
    expect(only.free.map(({ rule }) => rule.named)).toEqual([true])
  })

  it('that makes copies of copies is blocked before it makes any', async () => {
    const rules = rulesOf(['a', 'h1:o', 'h2:o/{name}-x'], ['b', 'h2:o', 'h1:o', skip])
    const why = (order: string) =>
      `rules ${order} would make copies of their own copies without end: leave the copies out of one of them (repos.exclude)`
    expect(await split(rules, 'h1:o/m')).toEqual({ free: [], blocked: { a: why('a → b → a') } })
    const one = rulesOf(['a', 'h1:o', 'h1:o/{name}-x'])
    expect(await split(one, 'h1:o/m')).toEqual({ free: [], blocked: { a: why('a → a') } })
    const ended = rulesOf(['a', 'h1:o', 'h1:o/{name}-x', { repos: { exclude: ['*-x'] } }])
    expect(await split(ended, 'h1:o/m', 'h1:o/m-x')).toEqual({ free: ['a'], blocked: {} })
    const renamed = rulesOf(['a', 'h1:o', 'h2:o'], ['b', 'h2:o/x', 'h1:o/y'])
    expect(await split(renamed, 'h1:o/x', 'h2:o/x')).toEqual({ free: ['a', 'b'], blocked: {} })
  })
})

describe('two ids of one hub', () => {
  const sites: Sites = { ...noneShared, siteOf: (hub) => (hub === 'h3' ? 'h1' : hub) }
  const reasonsOf = async (rules: readonly Rule[], ...repos: readonly string[]) => {
    const { blocked } = await splitOverlaps(candidatesOf(rules, ...repos), sites, rules)
    return blocked.map(({ rule, repo, reason }) => [rule, repo, reason])
  }

  it('are one hub to targets, circles and what is copied into itself', async () => {
    const shared = rulesOf(['a', 'h2:o/x', 'h1:o/z'], ['b', 'h2:o/y', 'h3:o/z'])
    expect(await reasonsOf(shared, 'h2:o/x', 'h2:o/y')).toEqual([
      ['b', 'h2:o/y', 'rule a writes this target already'],
    ])
    expect(await reasonsOf(rulesOf(['a', 'h1:o/x', 'h3:o']), 'h1:o/x')).toEqual([
      ['a', 'h1:o/x', 'source and target are the same repo'],
    ])
    expect(await reasonsOf(rulesOf(['a', 'h1:o', 'h2:o'], ['b', 'h2:o', 'h3:o']), 'h1:o/x')).toEqual([
      ['a', 'h1:o/x', circle('a → b → a', bothWays)],
    ])
  })
})

describe('any one-way rules between a few repos', () => {
  const places = ['h1:o/a', 'h1:o/b', 'h2:o/a', 'h2:o/b', 'h3:o/a', 'h3:o/b']
  const line = fc
    .tuple(fc.constantFrom(...places), fc.constantFrom(...places), fc.boolean())
    .filter(([from, to]) => from !== to)

  it('leave no circle of updates and one writer a target, and block no more than that', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 7 }), async (lines) => {
        const rules = rulesOf(
          ...lines.map(([from, to, skips], index): RuleLine => [`r${index}`, from, to, skips ? skip : {}]),
        )
        const { free, blocked } = await splitOverlaps(candidatesOf(rules, ...places), noneShared, rules)
        expect(free.length + blocked.length).toBe(lines.length)
        expect(new Set(free.map(({ target }) => formatRepo(target))).size).toBe(free.length)
        const edges = free.map(({ rule, source, target }) => ({
          rule,
          from: formatRepo(source),
          to: formatRepo(target),
        }))
        for (const edge of edges.filter(({ rule }) => rule.existing === 'update'))
          expect(reaches(edges, edge.to, edge.from)).toBe(false)
        const circling = blocked.filter(({ reason }) => reason.includes('in a circle'))
        const all = [
          ...edges,
          ...circling.map(({ rule, repo, target }) => ({
            rule: { name: rule, existing: 'update' },
            from: repo,
            to: target,
          })),
        ]
        for (const { repo, target } of circling) expect(reaches(all, target, repo)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

interface Edge {
  readonly rule: { readonly existing: string }
  readonly from: string
  readonly to: string
}

/** Whether what changes here comes to be there, by updates. */
function reaches(edges: readonly Edge[], here: string, there: string, seen = new Set<string>()): boolean {
  if (here === there) return true
  if (seen.has(here)) return false
  seen.add(here)
  return edges.some(
    ({ rule, from, to }) => rule.existing === 'update' && from === here && reaches(edges, to, there, seen),
  )
}
