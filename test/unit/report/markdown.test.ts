import { describe, expect, test } from 'vitest'
import { buildReport } from '../../../src/report/build-report.ts'
import { html } from '../../../src/report/html.ts'
import { markdown } from '../../../src/report/markdown.ts'
import {
  blocked,
  hasControls,
  held,
  hostile,
  options,
  reportOf,
  sampleItem,
  samplePlan,
  sampleResult,
} from './sample-plan.ts'

/** A step's summary over this is dropped whole by GitHub. */
const summaryLimit = 1_048_576

describe('markdown', () => {
  test('links to the workflow run, and to nothing that is no web address', () => {
    const plan = samplePlan([])
    const run = 'https://github.com/me/sync/actions/runs/7'
    const told = (address: string) => markdown(buildReport(plan, [], { ...options, run: address }))
    expect(told(run)).toContain(`[Workflow run](${run})`)
    expect(told('javascript:alert(1)')).not.toContain('Workflow run')
  })

  const published = { commit: 'b'.repeat(40), url: 'https://hub.example/my-org/good?token=secret' }
  const failed = {
    outcome: 'failed',
    error: { code: 'network', message: 'No answer.', next: 'Try later.' },
  } as const
  const report = reportOf(
    [sampleResult('good', { published, bytes: { moved: 1.2e9, reused: 0 } }), sampleResult('bad', failed)],
    {
      skipped: [held('s', 'gated')],
      blocked: [blocked('b', 'too large', ['x.bin'])],
    },
  )

  test('does not call it a success where something is blocked', () => {
    const held = { blocked: [blocked('b', 'too large', ['x.bin'])] }
    expect(markdown(reportOf([], held))).toContain('## ⚠️ Blocked: 1 blocked')
    const some = reportOf([sampleResult('good')], held)
    expect(markdown(some)).toContain('## ⚠️ Partly blocked: 1 blocked, 1 synced')
    expect(some.outcome).toBe('success')
    expect(html(some)).toContain('<p class="badge incomplete">Partly blocked</p>')
  })

  test('links what is held back to its page, where the plan has it', () => {
    const sourceUrl = 'https://hub.example/Qwen/s'
    const text = markdown(
      reportOf([], {
        skipped: [{ ...held('s', 'gated'), public: true, sourceUrl }, held('t', 'not for you')],
      }),
    )
    expect(text).toContain(`- [Qwen/s](${sourceUrl}) → modelscope:my-org: gated`)
    expect(text).toContain('- Qwen/t → modelscope:my-org: not for you')
  })

  test('has everything in the order in which it is needed', () => {
    const text = markdown(report)
    const order = [
      '## ❌ Failure: 1 failed',
      'Needs attention',
      'No answer.',
      'Try later.',
      '### Blocked',
      'x.bin',
      '### Skipped',
      'gated',
      '```mermaid',
      '### Repos',
    ]
    const places = order.map((part) => text.indexOf(part))
    expect(places).not.toContain(-1)
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(text).toContain('[bbbbbbbbbb](https://hub.example/my-org/good)')
    expect(text).toContain('s0(["huggingface"])')
    expect(text).toContain('s0 -->|"2 repos, 1.2 GB, 1 not done"| t0')
    expect(text).not.toContain('secret')
  })

  test('stays below the limit of a summary with 5,000 failing repos and very long causes', () => {
    const results = Array.from({ length: 5000 }, (_, index) =>
      sampleResult(`repo-${index}`, {
        outcome: 'failed',
        error: { code: 'refused', message: `${index} ${hostile.repeat(40)}` },
      }),
    )
    const many = Array.from({ length: 5000 }, (_, index) =>
      blocked(`b${index}`, hostile, Array(5000).fill(hostile)),
    )
    const text = markdown(reportOf(results, { blocked: many, skipped: many }))
    expect(Buffer.byteLength(text)).toBeLessThan(summaryLimit)
    expect(Buffer.byteLength(text)).toBeGreaterThan(200_000)
    expect(text).toContain('5,000 failed')
    expect(text.match(/<details>/g)).toHaveLength(text.match(/<\/details>/g)?.length ?? 0)
    expect(text).toMatch(/… and \d+ more: see report\.json/)
    expect(text.match(/```/g)).toHaveLength(2)
  })

  test.each([0, 100, 5000, 50_000])('is never over %i bytes when told so', (maxBytes) => {
    expect(Buffer.byteLength(markdown(report, { maxBytes }))).toBeLessThanOrEqual(maxBytes)
  })

  test('hostile names stay text', () => {
    const item = { ...sampleItem('a'), source: { ...sampleItem('a').source, hub: 'x"]-->y', name: hostile } }
    const result = sampleResult('a', {
      published: { commit: '<b>|', url: 'javascript:alert(1)' },
      notes: [hostile],
    })
    const text = markdown(
      buildReport(samplePlan([item]), [{ version: 1, job: 'one', attempt: 1, items: [result] }], options),
    )
    expect(text).not.toContain('<script')
    expect(text).not.toContain('javascript:alert(1))')
    expect(text).not.toMatch(/@octocat|fixes #|:\/\/evil/)
    expect(hasControls(text)).toBe(false)
    const row = text.split('\n').find((line) => line.startsWith('| synced')) ?? ''
    expect(row.split('|')).toHaveLength(9)
    expect(text.match(/```/g)).toHaveLength(2)
    expect(text).toContain('(["x#34;#93;--#62;y"])')
  })

  test('a dry run shows what would move', () => {
    const text = markdown(buildReport(samplePlan([sampleItem('a')]), [], { ...options, dryRun: true }))
    expect(text).toContain('| Outcome | Repo | Files | To move | To reuse | Checked | Commit |')
    expect(text).toContain('| planned | ')
    expect(text).toContain('1 repo, 5 kB to move')
  })
})
