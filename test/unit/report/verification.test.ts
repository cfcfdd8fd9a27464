import { describe, expect, it } from 'vitest'
import type { Finding, PairVerification } from '../../../src/model/verification.ts'
import { buildVerification, verificationStatus } from '../../../src/report/build-verification.ts'
import { findingsMarkdown } from '../../../src/report/findings-markdown.ts'
import { findingsText } from '../../../src/report/findings-text.ts'
import { hasControls, hostile } from './sample-plan.ts'

const facts = { tool: 'model-hub-sync/1', now: Date.UTC(2026, 10, 21), hideNames: false }
const noFiles = { verified: 0, sampled: 0, mismatch: 0, unverifiable: 0 }
const told = { severity: 'problem', text: 'it differs', next: 'Do this.', repairable: true } as const
const differs = (path: string): Finding => ({ ...told, kind: 'differs', path })
const note: Finding = { ...told, kind: 'extra', path: 'own.txt', severity: 'note', repairable: false }

const pair = (name: string, more: Partial<PairVerification> = {}): PairVerification => ({
  rule: 'r',
  source: `hf:Qwen/${name}`,
  target: `ms:my-org/${name}`,
  public: true,
  outcome: 'in-order',
  files: { ...noFiles, verified: 2, sampled: 1 },
  findings: [],
  ...more,
})
const wrong = pair('wrong', { outcome: 'findings', findings: [differs('a'), differs('b'), note] })
const skipped = pair('left', { outcome: 'skipped', reason: 'the source is gated', files: noFiles })
const stopped = pair('late', { outcome: 'stopped', files: noFiles })
const blocked = pair('held', { outcome: 'blocked', reason: 'two rules', files: noFiles })

describe('buildVerification', () => {
  it('counts pairs, findings and files apart', () => {
    const report = buildVerification([pair('fine'), wrong, skipped], facts)
    expect(report.outcome).toBe('failure')
    expect(report.totals).toEqual({
      pairs: { 'in-order': 1, findings: 1, skipped: 1, blocked: 0, stopped: 0 },
      findings: { differs: 2, extra: 1 },
      files: { verified: 4, sampled: 2, mismatch: 0, unverifiable: 0 },
    })
  })

  it.each([
    [[pair('a'), skipped], 'failed', 0],
    [[pair('a'), wrong], 'failed', 1],
    [[pair('a'), wrong], 'never', 0],
    [[pair('a'), stopped], 'failed', 3],
    [[wrong, stopped], 'failed', 1],
    [[wrong, stopped], 'never', 3],
    [[blocked], 'failed', 0],
    [[blocked], 'blocked', 1],
    [[], 'failed', 0],
  ] as const)('ends %# with the right status', (pairs, failOn, status) => {
    expect(verificationStatus(buildVerification(pairs, facts), failOn)).toBe(status)
  })

  it('hides what is not known to be public, whatever a finding says of it', () => {
    const secret = pair('secret-name', {
      outcome: 'findings',
      sourceCommit: 'c'.repeat(40),
      findings: [
        differs('secret-file'),
        { ...told, kind: 'visibility', text: 'secret-text', next: 'secret-next', repairable: false },
      ],
    })
    const { public: _, ...closed } = secret
    const held = { ...blocked, reason: 'secret-reason' }
    const { public: __, ...closedHeld } = held
    const report = buildVerification([closed, closedHeld, wrong], { ...facts, hideNames: true })
    const all = JSON.stringify(report) + findingsText(report) + findingsMarkdown(report)
    expect(all).not.toMatch(/secret|cccc|held/)
    expect(report.hidden).toBe(2)
    expect(report.pairs.map(({ source }) => source)).toEqual([
      'hf:private-1',
      'hf:private-2',
      'hf:Qwen/wrong',
    ])
    expect(report.pairs[0]?.findings.map(({ kind }) => kind)).toEqual(['differs', 'visibility'])
  })
})

describe('findingsText', () => {
  it('is a line a pair, findings of one cause together, what to do below', () => {
    const text = findingsText(buildVerification([pair('fine'), skipped, wrong], facts), { directory: 'dir' })
    expect(text).toBe(`NOT IN ORDER  hf:Qwen/wrong → ms:my-org/wrong: 2 verified, 1 sampled
  differs: a, b: it differs
    Next: Do this.
  note extra: own.txt: it differs
skipped  hf:Qwen/left → ms:my-org/left: the source is gated
in order  hf:Qwen/fine → ms:my-org/fine: 2 verified, 1 sampled

Not in order: 1 of 2 pairs, 2 findings, 1 skipped; files: 4 verified, 2 sampled
Written to dir
`)
  })

  it('names five paths, and how many more', () => {
    const many = pair('many', {
      outcome: 'findings',
      findings: Array.from({ length: 12 }, (_, index) => differs(`f${index}`)),
    })
    expect(findingsText(buildVerification([many], facts))).toContain(
      'differs: f0, f1, f2, f3, f4, and 7 more: it',
    )
  })

  it('cannot be a workflow command, nor move the cursor, whatever a file is called', () => {
    const names = [hostile, '::error::x', '##[group]x']
    const evil = pair(hostile, { outcome: 'findings', findings: names.map(differs), reason: '::set-output' })
    const report = buildVerification([evil], facts)
    for (const line of findingsText(report).split('\n')) {
      expect(line.trimStart().startsWith('::')).toBe(false)
      expect(line).not.toContain('##[')
      expect(hasControls(line)).toBe(false)
    }
    expect(findingsMarkdown(report)).not.toContain('<script')
  })
})

describe('findingsMarkdown', () => {
  it('shows what is wrong first, and keeps to its size', () => {
    const pairs = Array.from({ length: 3000 }, (_, index) => pair(`p${index}`, index % 2 ? wrong : {}))
    const page = findingsMarkdown(buildVerification(pairs, facts), { maxBytes: 20_000 })
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(20_000)
    expect(page).toMatch(/^## ❌ Not in order/)
    expect(page).toContain('see verify.json of this run')
    expect(page.indexOf('### Not in order')).toBeLessThan(page.indexOf('### Pairs'))
  })
})
