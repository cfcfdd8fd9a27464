import { describe, expect, it } from 'vitest'
import { formatLedger, type LedgerEntry, parseLedger } from '../../../src/planning/ledger.ts'

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
