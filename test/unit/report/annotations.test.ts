import { describe, expect, test } from 'vitest'
import type { ItemResult } from '../../../src/model/report.ts'
import { annotations } from '../../../src/report/annotations.ts'
import { blocked, hostile, reportOf, sampleResult } from './sample-plan.ts'

const failed = (id: string, message: string): ItemResult =>
  sampleResult(id, { outcome: 'failed', error: { code: 'network', message, next: 'Run it again.' } })

describe('annotations', () => {
  test('failures are errors and come first, with cause and next step; what is blocked is a warning', () => {
    const report = reportOf([sampleResult('a'), failed('b', 'No answer.')], {
      blocked: [blocked('c', 'too large', [])],
    })
    expect(annotations(report, 10)).toEqual([
      {
        level: 'error',
        text: 'Qwen/b → modelscope:my-org: failed: No answer. [network] Run it again.',
      },
      { level: 'warning', text: 'Qwen/c → modelscope:my-org: blocked: too large' },
    ])
  })

  test('repos with one cause share one', () => {
    const report = reportOf(Array.from({ length: 30 }, (_, index) => failed(`r${index}`, 'Wrong token.')))
    expect(annotations(report, 10)).toEqual([
      {
        level: 'error',
        text: 'Qwen/r0 → modelscope:my-org and 29 more repos: failed: Wrong token. [network] Run it again.',
      },
    ])
  })

  test.each([
    [10, 10, undefined],
    [11, 10, '2 more repos: see the job summary.'],
    [40, 10, '31 more repos: see the job summary.'],
  ])('%i causes make %i', (causes, count, last) => {
    const report = reportOf(
      Array.from({ length: causes }, (_, index) => failed(`r${index}`, `Cause ${index}`)),
    )
    const all = annotations(report, 10)
    expect(all).toHaveLength(count)
    if (last !== undefined) expect(all.at(-1)).toEqual({ level: 'warning', text: last })
  })

  test('text from a hub starts no workflow command', () => {
    const [first] = annotations(reportOf([failed('a', `::error::${hostile}`)]), 10)
    expect(first?.text).not.toMatch(/\n|##\[/)
  })
})
