import { expect, test } from 'vitest'
import { publicPairs, syncedPairs } from '../../../src/commands/ledger-file.ts'
import type { Plan } from '../../../src/model/plan.ts'
import type { ItemResult, Verification } from '../../../src/model/report.ts'
import { samplePlan } from '../report/sample-plan.ts'

const id = 'rule/models/o/n'
const at = { owner: 'o', name: 'n', branch: 'main' }
const plan = {
  items: [
    {
      id,
      rule: 'rule',
      type: 'model',
      source: { hub: 'hf', ...at, commit: 'a'.repeat(40) },
      target: { hub: 'ms', ...at, head: null },
    },
  ],
} as unknown as Plan

const result = (outcome: ItemResult['outcome'], verifications: Verification[]): ItemResult => ({
  id,
  outcome,
  published: { commit: 'b'.repeat(40), url: 'https://hub.example/o/n' },
  files: verifications.map((verification) => ({ path: 'f', verification, evidence: 'sample' })),
  bytes: { moved: 0, reused: 0 },
  seconds: 0,
})

test.each([
  ['synced', ['verified', 'sampled'], 1],
  ['synced', ['verified', 'unverifiable'], 0],
  ['failed', ['mismatch'], 0],
  ['failed', [], 0],
] as const)('%s with %j is remembered %i time(s)', (outcome, verifications, count) => {
  const pairs = syncedPairs(plan.items, [result(outcome, [...verifications])], new Map([['rule', 'digest']]))
  expect(pairs.size).toBe(count)
})

test('of a two-way pair an item back is the same pair, and one with work for both sides is not remembered', () => {
  const [item] = plan.items
  if (item === undefined) throw new Error('the plan has an item')
  const back = {
    ...item,
    id: 'rule/back/models/o/n',
    back: true as const,
    source: { hub: 'ms', ...at, commit: 'c'.repeat(40) },
    target: { hub: 'hf', ...at, head: 'd'.repeat(40) },
  }
  const results = [result('synced', ['verified']), { ...result('synced', ['verified']), id: back.id }]
  const digests = new Map([['rule', 'digest']])
  expect(syncedPairs([item, back], results, digests).size).toBe(0)
  const heads = [...syncedPairs([back], results, digests)].map(([key, { sourceHead, targetHead }]) => [
    key,
    sourceHead,
    targetHead,
  ])
  expect(heads).toEqual([['hf:o/n -> ms:o/n', 'b'.repeat(40), 'c'.repeat(40)]])
})

test('a ledger that others can read names pairs that are, or once were, seen to be public', () => {
  const entry = (rule: string) => ({
    rule,
    sourceRevision: 'main',
    sourceHead: 'a'.repeat(40),
    targetBranch: 'main',
    targetHead: 'b'.repeat(40),
    evidence: 'compared' as const,
    public: true,
  })
  const held = (name: string) => ({ rule: 'r', repo: `hf:o/${name}`, target: `ms:o/${name}`, reason: '' })
  const key = (name: string) => `hf:o/${name} -> ms:o/${name}`
  const earlier = entry('r')
  const ledger = new Map([
    [key('passed-over'), earlier],
    [key('closed-since'), entry('r')],
  ])
  const inStep = new Map([
    [key('open'), entry('r')],
    [key('closed'), entry('r')],
    [key('closed-since'), entry('r')],
    [key('passed-over'), earlier],
  ])
  const unchanged = [{ ...held('open'), public: true as const }, held('closed'), held('closed-since')]
  const pairs = publicPairs(samplePlan([], { unchanged }), inStep, ledger)
  expect([...pairs.keys()]).toEqual([key('open'), key('passed-over')])
})
