import { expect, test } from 'vitest'
import { syncedPairs } from '../../../src/commands/ledger-file.ts'
import type { Plan } from '../../../src/model/plan.ts'
import type { ItemResult, Verification } from '../../../src/model/report.ts'

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
  const pairs = syncedPairs(plan, [result(outcome, [...verifications])], new Map([['rule', 'digest']]))
  expect(pairs.size).toBe(count)
})
