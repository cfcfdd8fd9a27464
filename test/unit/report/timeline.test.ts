import { describe, expect, test } from 'vitest'
import type { Job } from '../../../src/model/plan.ts'
import { publishJob } from '../../../src/model/plan.ts'
import { buildReport } from '../../../src/report/build-report.ts'
import { wallSeconds } from '../../../src/report/timeline.ts'
import { options, sampleItem, sampleJob, samplePlan, sampleResult } from './sample-plan.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 0, minute)).toISOString()
const ran = (from: number, to: number) => ({ startedAt: at(from), finishedAt: at(to) })
const whole = (id: string, items: readonly string[]): Job => ({ id, label: 'secret', items, bytes: 1 })

const items = [sampleItem('a'), sampleItem('b'), sampleItem('c')]
const jobs = [
  { ...whole('a-1', ['a']), objects: ['1'.repeat(64)] },
  { ...whole('a-2', ['a']), objects: ['2'.repeat(64)] },
  whole('rest-3', ['b', 'c']),
]
const plan = samplePlan(items, { jobs, startedAt: at(0), createdAt: at(1) })
const moved = sampleResult('a', { outcome: 'moved' })
const results = [
  sampleJob('a-1', [moved], ran(2, 10)),
  sampleJob('a-2', [moved], ran(3, 12)),
  sampleJob('rest-3', [sampleResult('b', { startedAt: at(5) }), sampleResult('c')], {
    ...ran(5, 7),
    attempt: 2,
  }),
  sampleJob(publishJob, [sampleResult('a')], ran(13, 14)),
]

describe('the jobs of a report', () => {
  test('are told with their rows, parts and times, and no id of theirs', () => {
    const report = buildReport(plan, results, options)
    const sum = (count: number) => ({ moved: 100 * count, reused: 10 * count })
    expect(report.jobs).toEqual([
      {
        kind: 'sync',
        rows: [0],
        part: { number: 1, of: 2 },
        state: 'done',
        bytes: sum(1),
        ...ran(2, 10),
        attempt: 1,
      },
      {
        kind: 'sync',
        rows: [0],
        part: { number: 2, of: 2 },
        state: 'done',
        bytes: sum(1),
        ...ran(3, 12),
        attempt: 1,
      },
      { kind: 'sync', rows: [1, 2], state: 'done', bytes: sum(2), ...ran(5, 7), attempt: 2 },
      { kind: 'publish', rows: [0], state: 'done', bytes: sum(1), ...ran(13, 14), attempt: 1 },
    ])
    expect(JSON.stringify(report)).not.toMatch(/secret|rest-3/)
    expect(report.items[1]?.startedAt).toBe(at(5))
  })

  test('stages go from the first start to the last end', () => {
    const { stages = [] } = buildReport(plan, results, options)
    expect(stages).toEqual([
      { name: 'plan', startedAt: at(0), finishedAt: at(1) },
      { name: 'sync', ...ran(2, 12) },
      { name: 'publish', ...ran(13, 14) },
    ])
    expect(wallSeconds(stages)).toBe(14 * 60)
  })

  test('a job without a result is missing, and so is the publish round of a repo that was cut', () => {
    const report = buildReport(plan, results.slice(0, 1), options)
    expect(report.jobs?.map(({ kind, state }) => [kind, state])).toEqual([
      ['sync', 'done'],
      ['sync', 'missing'],
      ['sync', 'missing'],
      ['publish', 'missing'],
    ])
  })

  test('of one job of several the others are not told of', () => {
    const report = buildReport(plan, results.slice(1, 2), { ...options, isOneJob: true })
    expect(report.jobs?.map(({ part }) => part)).toEqual([{ number: 2, of: 2 }])
  })

  test('failures and stops are told', () => {
    const failed = sampleResult('a', { outcome: 'failed', error: { code: 'network', message: 'gone' } })
    const ended = [sampleJob('a-1', [failed]), sampleJob('a-2', [moved], { stopped: true })]
    const states = buildReport(plan, ended, options).jobs?.map(({ state }) => state)
    expect(states?.slice(0, 2)).toEqual(['failed', 'stopped'])
  })

  test('without clocks, and in a dry run, there is nothing to tell', () => {
    expect(buildReport(samplePlan(items), [], options).stages).toBeUndefined()
    expect(buildReport(plan, [], { ...options, dryRun: true }).jobs).toBeUndefined()
  })

  test('a clock that runs backwards makes no time below 0', () => {
    expect(wallSeconds([{ name: 'sync', startedAt: at(5), finishedAt: at(3) }])).toBe(0)
  })
})
