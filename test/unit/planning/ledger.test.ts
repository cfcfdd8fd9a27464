import { describe, expect, it } from 'vitest'
import type { Rule } from '../../../src/config/rule.ts'
import { formatLedger, type LedgerEntry, ledgerDigest, parseLedger } from '../../../src/planning/ledger.ts'

const entry: LedgerEntry = {
  rule: 'digest',
  sourceRevision: 'main',
  sourceHead: 'a'.repeat(40),
  targetBranch: 'master',
  targetHead: 'b'.repeat(40),
  evidence: 'synced',
}

describe('ledger', () => {
  it('reads what it writes', () => {
    const ledger = new Map([['hf:o/n -> ms:o/n', entry]])
    expect(parseLedger(formatLedger(ledger))).toEqual(ledger)
  })

  it.each([
    ['no JSON', 'not json'],
    ['another version', JSON.stringify({ version: 2, pairs: {} })],
    [
      'a forged head',
      JSON.stringify({ version: 1, pairs: { x: { ...entry, targetHead: '--upload-pack=x' } } }),
    ],
    [
      'an unknown key',
      JSON.stringify({ version: 1, pairs: { x: { ...entry, endpoint: 'https://elsewhere.example' } } }),
    ],
    ['an array', '[]'],
  ])('takes %s as empty', (_, text) => {
    expect(parseLedger(text).size).toBe(0)
  })
})

describe('ledgerDigest', () => {
  const rule = { files: { include: ['**'], exclude: [] }, verify: 'sampled' } as unknown as Rule
  const licenses = { allow: ['mit'], map: {} }

  it('changes with the rule and with what either hub takes as a license, and with nothing else', () => {
    const digest = ledgerDigest(rule, licenses, licenses)
    expect(ledgerDigest({ ...rule, bandwidth: 5 }, licenses, licenses)).toBe(digest)
    expect(ledgerDigest({ ...rule, verify: 'full' }, licenses, licenses)).not.toBe(digest)
    expect(ledgerDigest(rule, { allow: ['mit', 'other'], map: {} }, licenses)).not.toBe(digest)
    expect(ledgerDigest(rule, licenses, { allow: ['mit'], map: { 'MIT License': 'mit' } })).not.toBe(digest)
  })
})
