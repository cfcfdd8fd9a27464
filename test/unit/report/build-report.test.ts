import { describe, expect, test } from 'vitest'
import type { JobResult } from '../../../src/model/report.ts'
import { buildReport, stoppedEarly } from '../../../src/report/build-report.ts'
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

const failed = { outcome: 'failed', error: { code: 'network', message: 'gone' } } as const

describe('buildReport', () => {
  test('a two-way pair on which a person has to decide is a conflict that fails the run, with both sides', () => {
    const details = ['x.txt: changed on both sides; a: 1 bytes; b: 2 bytes']
    const conflict = blocked('both', 'a file is different: x.txt', details)
    const report = buildReport({ ...samplePlan([]), conflicts: [conflict] }, [], options)
    expect(report.outcome).toBe('failure')
    expect(report.items).toMatchObject([
      {
        outcome: 'conflict',
        details,
        error: {
          code: 'conflict',
          message: conflict.reason,
          next: expect.stringMatching(/conflict: source/),
        },
      },
    ])
  })

  test('an item with its result is one row', () => {
    const published = { commit: 'b'.repeat(40), url: 'https://hub.example/x' }
    const result = sampleResult('a', {
      published,
      files: [file('x', 'verified'), file('y', 'sampled')],
      notes: ['git'],
    })
    const report = buildReport(samplePlan([sampleItem('a')]), [sampleJob('one', [result])], options)
    expect(report.items).toEqual([
      {
        id: 'a',
        rule: 'daily',
        source: 'huggingface:Qwen/a',
        target: 'modelscope:my-org/a',
        outcome: 'synced',
        published,
        sourceCommit: 'a'.repeat(40),
        changes: { add: 2, update: 1, delete: 1 },
        bytes: { moved: 100, reused: 10 },
        files: { verified: 1, sampled: 1, mismatch: 0, unverifiable: 0 },
        seconds: 2,
        notes: ['git'],
      },
    ])
    expect(report).toMatchObject({
      version: 1,
      outcome: 'success',
      dryRun: false,
      createdAt: '2026-11-21T00:00:00.000Z',
    })
    expect(report.totals.outcomes).toMatchObject({ synced: 1, missing: 0 })
    expect(report.totals.forecast).toBeUndefined()
  })

  test('the highest attempt of a job counts, whatever the order', () => {
    const first = sampleJob('one', [sampleResult('a', failed)])
    const second = sampleJob('one', [sampleResult('a')], { attempt: 2 })
    for (const results of [
      [first, second],
      [second, first],
    ]) {
      const report = buildReport(samplePlan([sampleItem('a')]), results, options)
      expect(report.items[0]?.outcome).toBe('synced')
      expect(report.items[0]?.bytes.moved).toBe(100)
    }
  })

  test('what an earlier attempt has synced stays so when a later one finds it unchanged; a failure does not', () => {
    const published = { commit: 'b'.repeat(40), url: 'https://hub.example/commit' }
    const first = sampleJob('one', [sampleResult('a', { published }), sampleResult('b', failed)])
    const idle = { outcome: 'unchanged' as const, bytes: { moved: 0, reused: 0 } }
    const again = sampleJob('one', [sampleResult('a', idle), sampleResult('b', idle)], { attempt: 2 })
    const later = sampleJob('one', [sampleResult('a', failed)], { attempt: 3 })
    const plan = samplePlan([sampleItem('a'), sampleItem('b')])
    for (const results of [
      [first, again],
      [again, first],
    ])
      expect(buildReport(plan, results, options).items).toMatchObject([
        { outcome: 'synced', published, bytes: { moved: 100 } },
        { outcome: 'unchanged', bytes: { moved: 0 } },
      ])
    expect(buildReport(plan, [later, first, again], options).items[0]?.outcome).toBe('failed')
  })

  const part = (job: string, more = {}): JobResult =>
    sampleJob(job, [sampleResult('a', { outcome: 'moved', ...more })])
  const splitCases: { name: string; results: JobResult[]; outcome: string; moved: number; reused: number }[] =
    [
      {
        name: 'published: the publish job decides, bytes moved are added',
        results: [
          part('a-1'),
          part('a-2'),
          sampleJob('publish', [sampleResult('a', { bytes: { moved: 7, reused: 200 } })]),
        ],
        outcome: 'synced',
        moved: 207,
        reused: 20,
      },
      {
        name: 'published: an object that was there before, and so in no job, is reused',
        results: [
          part('a-1'),
          part('a-2'),
          sampleJob('publish', [sampleResult('a', { bytes: { moved: 0, reused: 260 } })]),
        ],
        outcome: 'synced',
        moved: 200,
        reused: 60,
      },
      {
        name: 'moved, but never published',
        results: [part('a-1'), part('a-2')],
        outcome: 'missing',
        moved: 200,
        reused: 20,
      },
      {
        name: 'a part failed and nothing was published',
        results: [part('a-1'), part('a-2', failed)],
        outcome: 'failed',
        moved: 200,
        reused: 20,
      },
      {
        name: 'a part failed, and publish mended it',
        results: [sampleJob('publish', [sampleResult('a')]), part('a-1', failed)],
        outcome: 'synced',
        moved: 200,
        reused: 10,
      },
      {
        name: 'publish failed',
        results: [part('a-1'), sampleJob('publish', [sampleResult('a', failed)])],
        outcome: 'failed',
        moved: 200,
        reused: 10,
      },
    ]
  test.each(splitCases)('split repo: $name', ({ results, outcome, moved, reused }) => {
    const report = buildReport(samplePlan([sampleItem('a')]), results, options)
    expect(report.items).toHaveLength(1)
    expect(report.items[0]).toMatchObject({ outcome, bytes: { moved, reused } })
  })

  test('of a file in several results the publish job has the last word', () => {
    const publish = sampleJob('publish', [sampleResult('a', { files: [file('x', 'mismatch')] })])
    const moved = part('a-1', { files: [file('x', 'verified'), file('y', 'verified')] })
    const report = buildReport(samplePlan([sampleItem('a')]), [publish, moved], options)
    expect(report.items[0]?.files).toEqual({ verified: 1, sampled: 0, mismatch: 1, unverifiable: 0 })
  })

  test('no result is missing, and the report incomplete; the reason tells a stop from a lost job', () => {
    const plan = samplePlan([sampleItem('a'), sampleItem('b')])
    const lost = buildReport(plan, [sampleJob('one', [sampleResult('a')])], options)
    expect(lost.outcome).toBe('incomplete')
    expect(lost.items[1]).toMatchObject({
      outcome: 'missing',
      reason: expect.stringContaining('no job left a result'),
    })
    const stopped = buildReport(plan, [sampleJob('one', [sampleResult('a')], { stopped: true })], options)
    expect(stopped.items[1]?.reason).toContain('stopped')
  })

  test('a failure that only the stop caused leaves the report incomplete', () => {
    const result = sampleResult('a', {
      outcome: 'failed',
      error: { code: 'stopped', message: 'Stopped by SIGINT.' },
    })
    const job = sampleJob('one', [result], { stopped: true })
    expect(buildReport(samplePlan([sampleItem('a')]), [job], options).outcome).toBe('incomplete')
    expect(stoppedEarly([job])).toBe(true)
    expect(stoppedEarly([job, sampleJob('one', [], { attempt: 2 })])).toBe(false)
  })

  test('repos that were held back have rows with their reasons', () => {
    const plan = samplePlan([], {
      unchanged: [held('u', '')],
      skipped: [held('s', 'gated')],
      blocked: [blocked('b', 'limits', ['x: too large'])],
      failed: [{ ...held('f', 'no answer'), code: 'network' }],
    })
    const report = buildReport(plan, [], options)
    expect(report.items.map((item) => [item.outcome, item.reason])).toEqual([
      ['failed', 'no answer'],
      ['blocked', 'limits'],
      ['skipped', 'gated'],
      ['unchanged', ''],
    ])
    expect(report.items[0]?.error).toEqual({ code: 'network', message: 'no answer' })
    expect(report.items[1]?.details).toEqual(['x: too large'])
    expect(report.outcome).toBe('failure')
  })

  test('a dry run forecasts: nothing is missing, and forecasts are not counted as skipped', () => {
    const plan = samplePlan([sampleItem('a'), sampleItem('b')], { skipped: [held('s', 'gated')] })
    const report = buildReport(plan, [], { ...options, dryRun: true })
    expect(report.outcome).toBe('success')
    expect(report.items[0]).toMatchObject({
      forecast: { move: 5000, reuse: 700 },
      bytes: { moved: 0, reused: 0 },
    })
    expect(report.totals.outcomes).toMatchObject({ missing: 0, skipped: 1, synced: 0 })
    expect(report.totals.forecast).toEqual({ repos: 2, move: 10_000, reuse: 1400 })
  })
})
