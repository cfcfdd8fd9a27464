import { createHash } from 'node:crypto'
import { Script } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { buildReport } from '../../../src/report/build-report.ts'
import { html } from '../../../src/report/html.ts'
import { filesByItem } from '../../../src/report/latest-attempts.ts'
import { withoutPrivateNames } from '../../../src/report/private-names.ts'
import {
  blocked,
  file,
  hasControls,
  hostile,
  options,
  reportOf,
  sampleItem,
  sampleJob,
  samplePlan,
  sampleResult,
} from './sample-plan.ts'

const published = { commit: 'b'.repeat(40), url: 'https://hub.example/x' }
const page = html(
  reportOf([sampleResult('a', { published, files: [file('x', 'sampled')], notes: [hostile] })], {
    blocked: [blocked(hostile, hostile, [hostile])],
  }),
)

describe('html', () => {
  test('links to the workflow run', () => {
    const run = 'https://github.com/me/sync/actions/runs/7'
    expect(html({ ...reportOf([]), run })).toContain(`<a href="${run}"`)
    expect(html({ ...reportOf([]), run: 'javascript:alert(1)' })).not.toContain('workflow run')
  })

  test('loads nothing from anywhere', () => {
    expect(page).toContain("default-src 'none'")
    expect(page).not.toMatch(/<(link|img|iframe|base)\b|\bsrc=|@import|url\(|fetch\(/)
    expect(new Set([...page.matchAll(/href="([^"]*)"/g)].map((match) => match[1]))).toEqual(
      new Set(['https://hub.example/x']),
    )
    expect(page).not.toMatch(/\s(on\w+|style)=/)
  })

  test.each(['style', 'script'])('the policy allows exactly its own %s', (tag) => {
    const text = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page)?.[1] ?? ''
    expect(text).not.toBe('')
    expect(page).toContain(`${tag}-src 'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    // Beside them there is only the data of files, which no browser runs.
    expect(page.match(new RegExp(`<${tag}\\b(?! type="application/json")`, 'g'))).toHaveLength(1)
  })

  test('the script is a program', () => {
    expect(() => new Script(/<script>([\s\S]*)<\/script>/.exec(page)?.[1] ?? '')).not.toThrow()
  })

  test('text from a hub is text', () => {
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(hasControls(page)).toBe(false)
  })

  test('shows the files of rows by name, and of no row that is hidden', () => {
    const plan = samplePlan([{ ...sampleItem('open'), public: true }, sampleItem('closed')])
    const results = [
      sampleJob('all', [
        sampleResult('open', { files: [file('shown.bin', 'verified')] }),
        sampleResult('closed', {
          files: [file('secret.bin', 'verified')],
          sourceUrl: 'https://hub.example/secret',
        }),
      ]),
    ]
    const report = buildReport(plan, results, options)
    const files = filesByItem(results)
    expect(html(report, { files })).toContain('secret.bin')
    const hidden = html(withoutPrivateNames(report, plan), { files })
    expect(hidden).toContain('shown.bin')
    expect(hidden).not.toContain('secret')
  })

  test('has a bounded size with thousands of repos, causes and lines', () => {
    const results = Array.from({ length: 12_000 }, (_, index) =>
      sampleResult(`repo-${index}`, {
        outcome: 'failed',
        error: { code: 'refused', message: `${index} ${hostile}` },
      }),
    )
    const many = Array.from({ length: 500 }, (_, index) =>
      blocked(`b${index}`, hostile, Array(1000).fill(hostile)),
    )
    const text = html(reportOf(results, { blocked: many }))
    expect(text.match(/<tr /g)).toHaveLength(10_000)
    expect(text).toContain('2500 more rows in report.json')
    expect(text.length).toBeLessThan(25_000_000)
  })

  test('a dry run says what would be moved', () => {
    const text = html(buildReport(samplePlan([sampleItem('a')]), [], { ...options, dryRun: true }))
    expect(text).toContain('<td data-name="To move" data-order="5000">5 kB</td>')
    expect(text).not.toMatch(/>Moved<|"Moved"/)
  })

  test('says sampled where it is sampled', () => {
    expect(page).toContain('1 sampled')
    expect(page).not.toMatch(/\d verified/)
  })
})
