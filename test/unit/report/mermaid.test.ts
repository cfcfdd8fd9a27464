import { describe, expect, test } from 'vitest'
import { buildReport } from '../../../src/report/build-report.ts'
import { mermaidPicture } from '../../../src/report/mermaid.ts'
import { hostile, options, reportOf, sampleItem, sampleJob, samplePlan, sampleResult } from './sample-plan.ts'

describe('mermaidPicture', () => {
  test('is one edge from hub to hub, red where something did not arrive', () => {
    const failed = sampleResult('b', { outcome: 'failed', error: { code: 'network', message: 'gone' } })
    expect(mermaidPicture(reportOf([sampleResult('a'), failed]).items, false)).toBe(
      [
        '```mermaid',
        'flowchart LR',
        '  s0(["huggingface"])',
        '  t0(["modelscope"])',
        '  s0 -->|"2 repos, 200 B, 1 not done"| t0',
        '  linkStyle 0 stroke:#d1242f,stroke-width:3px',
        '```',
      ].join('\n'),
    )
  })

  test('is left out where nothing went anywhere', () => {
    expect(mermaidPicture(reportOf([]).items, false)).toBeUndefined()
    expect(
      mermaidPicture(reportOf([sampleResult('a', { outcome: 'unchanged' })]).items, false),
    ).toBeUndefined()
  })

  test('stays below what Mermaid draws, and names are no syntax, with many hubs of hostile names', () => {
    const items = Array.from({ length: 200 }, (_, index) => {
      const item = sampleItem(`i${index}`)
      return { ...item, source: { ...item.source, hub: `${index}${hostile.repeat(3)}` } }
    })
    const results = items.map((item) => sampleResult(item.id))
    const report = buildReport(samplePlan(items), [sampleJob('all', results)], options)
    const text = mermaidPicture(report.items, false) ?? ''
    expect(text.length).toBeLessThan(50_000)
    expect(text).toContain('and 180 more flows')
    for (const line of text.split('\n').slice(2, -1))
      expect(line).toMatch(/^ {2}(\w+(\(\["[^"<>]*"\]\))?|s\d+ -->\|"[^"<>]*"\| t\d+)$/)
  })
})
