import { expect, test } from 'vitest'
import type { Plan } from '../../../src/model/plan.ts'
import { buildReport } from '../../../src/report/build-report.ts'
import { reportSchema } from '../../../src/report/report-schema.ts'
import {
  blocked,
  file,
  held,
  options,
  sampleItem,
  sampleJob,
  samplePlan,
  sampleResult,
} from './sample-plan.ts'

const heldBack: Partial<Plan> = {
  startedAt: '2026-11-21T00:00:00.000Z',
  jobs: [{ id: 'one', label: '', items: ['a'], objects: [], bytes: 1 }],
  unchanged: [held('u', '')],
  skipped: [held('s', 'gated')],
  blocked: [blocked('b', 'limits', ['x'])],
  failed: [{ ...held('f', 'no answer'), code: 'network' }],
}
const plan = samplePlan([{ ...sampleItem('a'), public: true }, sampleItem('b')], heldBack)
const result = sampleResult('a', {
  published: { commit: 'c', url: 'https://hub.example/x', by: 'git' },
  files: [file('x', 'sampled')],
  notes: ['n'],
  startedAt: '2026-11-21T00:01:00.000Z',
  sourceUrl: 'https://hub.example/y',
})
const jobs = [
  sampleJob('one', [result], {
    startedAt: '2026-11-21T00:01:00.000Z',
    finishedAt: '2026-11-21T00:02:00.000Z',
  }),
]

test.each([
  ['of a run', buildReport(plan, jobs, { ...options, run: 'https://github.com/x' })],
  ['of a dry run', buildReport(plan, [], { ...options, dryRun: true })],
  ['with hidden rows', { ...buildReport(plan, jobs, options), hidden: 1 }],
])('the schema takes every field of a report %s, and keeps it', (_, report) => {
  expect(reportSchema.parse(report)).toEqual(report)
})

test.each([
  ['an unknown key', { more: 1 }],
  ['another version', { version: 2 }],
  ['an unknown outcome', { outcome: 'fine' }],
])('the schema refuses %s', (_, wrong) => {
  expect(reportSchema.safeParse({ ...buildReport(plan, jobs, options), ...wrong }).success).toBe(false)
})
