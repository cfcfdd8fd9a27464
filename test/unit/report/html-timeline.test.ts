import { describe, expect, test } from 'vitest'
import type { Report } from '../../../src/model/report.ts'
import { buildReport } from '../../../src/report/build-report.ts'
import { timelineSection } from '../../../src/report/html-timeline.ts'
import { options, sampleItem, sampleJob, samplePlan, sampleResult } from './sample-plan.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 0, minute)).toISOString()
const ran = (from: number, to: number) => ({ startedAt: at(from), finishedAt: at(to) })
const job = (id: string, item: string) => ({ id, label: '', items: [item], bytes: 1 })
const clock = { startedAt: at(0), createdAt: at(2) }

/** Name, what stands beside it, and the time of every line. */
function lines(report: Report): string[] {
  return [...timelineSection(report).matchAll(/<li>.*?<\/li>/g)].map(([line]) =>
    line.replaceAll(/<svg.*?<\/svg>/g, ' | ').replaceAll(/<[^>]*>/g, ''),
  )
}

describe('timelineSection', () => {
  test('says how long each job waited and worked, and what the publish job waited for', () => {
    const cut = (id: string) => ({ ...job(id, 'a'), objects: ['1'.repeat(64)] })
    const plan = samplePlan([sampleItem('a'), sampleItem('b')], {
      jobs: [cut('a-1'), cut('a-2'), job('b-3', 'b')],
      ...clock,
    })
    const moved = sampleResult('a', { outcome: 'moved' })
    const failed = sampleResult('b', { outcome: 'failed', error: { code: 'network', message: 'gone' } })
    const results = [
      sampleJob('a-1', [moved], ran(3, 10)),
      sampleJob('a-2', [moved], ran(2, 12)),
      sampleJob('b-3', [failed], { ...ran(12, 13), attempt: 2 }),
      sampleJob('publish', [sampleResult('a')], ran(15, 16)),
    ]
    expect(lines(buildReport(plan, results, options))).toEqual([
      'Plan compare source and target | 2m 0s',
      'Qwen/a (1/2) 100 B | 7m 0s · waited 1m 0s',
      'Qwen/a (2/2) 100 B | 10m 0s',
      'Qwen/b 100 B · attempt 2 · last to finish | 1m 0s · waited 10m 0s · failed',
      'Publish 1 repo after Qwen/a (2/2) and Qwen/b | 1m 0s · waited 2m 0s',
    ])
  })

  test('names whose place a job took, and shows the report after all of them', () => {
    const plan = samplePlan([sampleItem('a'), sampleItem('b'), sampleItem('c')], {
      jobs: [job('1', 'a'), job('2', 'b'), job('3', 'c')],
      ...clock,
    })
    const results = [
      sampleJob('1', [sampleResult('a')], ran(3, 10)),
      sampleJob('2', [sampleResult('b')], ran(3, 6)),
      sampleJob('3', [sampleResult('c')], ran(7, 9)),
    ]
    const made = { ...options, now: Date.UTC(2026, 10, 21, 0, 12) }
    const report = buildReport(plan, results, made)
    expect(lines(report).slice(1)).toEqual([
      'Qwen/a 100 B · last to finish | 7m 0s · waited 1m 0s',
      'Qwen/b 100 B | 3m 0s · waited 1m 0s',
      'Qwen/c 100 B after Qwen/b | 2m 0s · waited 5m 0s',
      'Report after all | waited 2m 0s',
    ])
    const titles = [...timelineSection(report).matchAll(/<title>(.*?)<\/title>/g)].map((match) => match[1])
    expect(titles).toEqual([
      '1m 0s for a machine',
      '1m 0s for a machine',
      '4m 0s for a place: Qwen/b',
      '1m 0s for a machine',
      '8m 0s for other jobs',
      '2m 0s for a machine',
    ])
    // Made again the next day, it would leave no room for the rest.
    const late = buildReport(plan, results, { ...options, now: Date.UTC(2026, 10, 22) })
    expect(lines(late)).toHaveLength(4)
  })

  test('of one job shows the repos, by when they began', () => {
    const plan = samplePlan([sampleItem('a'), sampleItem('b')], { jobs: [], ...clock })
    const items = [
      sampleResult('a', { startedAt: at(4), seconds: 60 }),
      sampleResult('b', { startedAt: at(3), seconds: 90 }),
    ]
    const whole = { ...plan, jobs: [{ ...job('all', 'a'), items: ['a', 'b'] }] }
    expect(lines(buildReport(whole, [sampleJob('all', items, ran(3, 5))], options)).slice(1)).toEqual([
      'Qwen/b 100 B | 1m 30s',
      'Qwen/a 100 B | 1m 0s · waited 1m 0s',
    ])
  })

  test('what an earlier attempt has synced waited for nothing in the later one', () => {
    const plan = samplePlan([sampleItem('a'), sampleItem('b')], {
      jobs: [{ ...job('all', 'a'), items: ['a', 'b'] }],
      ...clock,
    })
    const first = sampleJob('all', [sampleResult('a', { startedAt: at(3), seconds: 60 })], ran(3, 4))
    const items = [
      sampleResult('a', { outcome: 'unchanged', startedAt: at(20), seconds: 1 }),
      sampleResult('b', { startedAt: at(21), seconds: 90 }),
    ]
    const report = buildReport(
      plan,
      [first, sampleJob('all', items, { ...ran(20, 23), attempt: 2 })],
      options,
    )
    expect(lines(report).slice(1)).toEqual(['Qwen/a 100 B | 1m 0s', 'Qwen/b 100 B | 1m 30s · waited 1m 0s'])
  })

  test('tells of jobs that left no result, and is left out without clocks', () => {
    const plan = samplePlan([sampleItem('a'), sampleItem('b')], {
      jobs: [job('1', 'a'), job('2', 'b')],
      ...clock,
    })
    const report = buildReport(plan, [sampleJob('1', [sampleResult('a')], ran(3, 4))], options)
    expect(timelineSection(report)).toContain('1 job left no result and is not shown.')
    expect(timelineSection(buildReport(samplePlan([sampleItem('a')]), [], options))).toBe('')
  })
})
