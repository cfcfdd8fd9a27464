import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { buildReport } from '../../../src/report/build-report.ts'
import { summaryText } from '../../../src/report/summary-text.ts'
import { textWidth } from '../../../src/report/text-width.ts'
import {
  blocked,
  file,
  hasControls,
  held,
  hostile,
  options,
  reportOf,
  sampleItem,
  sampleJob,
  samplePlan,
  sampleResult,
} from './sample-plan.ts'

const mixed = reportOf(
  [
    sampleResult('good', {
      files: [file('a', 'verified'), file('b', 'sampled')],
      bytes: { moved: 1.2e9, reused: 3e9 },
    }),
    sampleResult('bad', {
      outcome: 'failed',
      error: {
        code: 'forbidden',
        message: 'modelscope refused the commit.',
        next: 'Give the token write access.',
      },
    }),
  ],
  {
    skipped: [held('gated-one', 'the source is gated')],
    blocked: [blocked('big', 'files over the limit', ['x.bin: 900 GB'])],
    unchanged: [held('same', '')],
  },
)

describe('summaryText', () => {
  test('tells what failed first, with cause and next step, then what was done, then what was held back', () => {
    expect(
      summaryText(mixed, { directory: './run' }),
    ).toBe(`FAILED  huggingface:Qwen/bad → modelscope:my-org/bad
  modelscope refused the commit. [forbidden]
  Next: Give the token write access.

OUTCOME  REPO                           FILES      MOVED  REUSED  CHECKED
synced   Qwen/good → modelscope:my-org  +2 ~1 -1  1.2 GB    3 GB  1 verified, 1 sampled

blocked  Qwen/big → modelscope:my-org: files over the limit
    x.bin: 900 GB
skipped  Qwen/gated-one → modelscope:my-org: the source is gated

Failure: 1 failed, 1 blocked, 1 synced, 1 skipped, 1 unchanged
1.2 GB moved, 3 GB reused, files: 1 verified, 1 sampled, 4s of work
Written to ./run
`)
  })

  test('no line is wider than the terminal, also with CJK names', () => {
    const report = reportOf([sampleResult('通义千问'.repeat(20)), sampleResult('x'.repeat(90))])
    const lines = summaryText(report, { columns: 80 }).split('\n')
    expect(Math.max(...lines.slice(0, 3).map(textWidth))).toBeLessThanOrEqual(80)
    expect(lines[1]).toContain('…')
  })

  test('colours only where they are wanted, and they change no text', () => {
    const [plain, painted] = [summaryText(mixed), summaryText(mixed, { color: true })]
    expect(plain).toBe(stripVTControlCharacters(plain))
    expect(painted).not.toBe(plain)
    expect(stripVTControlCharacters(painted)).toBe(plain)
  })

  test('sampled files are never called verified', () => {
    const report = reportOf([sampleResult('a', { files: [file('x', 'sampled'), file('y', 'unverifiable')] })])
    const text = summaryText(report)
    expect(text).toContain('1 sampled, 1 unverifiable')
    expect(text).not.toContain('verified')
  })

  test('text from a hub moves no cursor and begins no line', () => {
    const result = sampleResult('a', { outcome: 'failed', error: { code: 'refused', message: hostile } })
    const text = summaryText(reportOf([result], { blocked: [blocked('b', hostile, [hostile])] }))
    expect(hasControls(text)).toBe(false)
    expect(text).not.toMatch(/^\s*::/m)
  })

  test('a dry run says what it would do, and that nothing was written', () => {
    const report = buildReport(samplePlan([sampleItem('a')]), [], { ...options, dryRun: true })
    const text = summaryText(report)
    expect(text).toContain('Forecast, no hub was written to: 1 planned')
    expect(text).toMatch(/planned .* 5 kB +700 B/)
    expect(text).toContain('5 kB to move, 700 B to reuse')
  })

  test('thousands of failures are cut short', () => {
    const plan = samplePlan(Array.from({ length: 3000 }, (_, index) => sampleItem(`r${index}`)))
    const text = summaryText(buildReport(plan, [sampleJob('one', [])], options))
    expect(text.split('\n').length).toBeLessThan(200)
    expect(text).toContain('… and 2950 more, listed in report.json')
  })

  test('notes are told', () => {
    const text = summaryText(reportOf([sampleResult('a', { notes: ['not atomic', 'by git'] })]))
    expect(text).toContain(
      'note  Qwen/a → modelscope:my-org: not atomic\nnote  Qwen/a → modelscope:my-org: by git\n',
    )
  })

  test('no repo at all is said so', () => {
    expect(summaryText(reportOf([]))).toContain('Success: no repo matched')
    expect(summaryText(reportOf([]), { headline: 'Nothing to publish', next: 'Do this.' })).toBe(
      'Nothing to publish\n0 B moved, 0 B reused, 0s of work\nDo this.\n',
    )
  })
})

test('no line is a workflow command, whatever files and errors are called', () => {
  const error = { code: 'internal', message: '::stop-commands::x', next: '##[add-mask]y' }
  const report = reportOf([sampleResult('bad', { outcome: 'failed', error, notes: ['::add-mask::z'] })], {
    blocked: [blocked('big', '::warning::w', ['::error file=x::900 GB'])],
  })
  const lines = summaryText(report).split('\n')
  expect(lines.filter((line) => line.trimStart().startsWith('::') || line.includes('##['))).toEqual([])
  expect(lines.some((line) => line.includes('· ::error file=x::900 GB'))).toBe(true)
})
