import { describe, expect, it } from 'vitest'
import type { Rule } from '../../../src/config/rule.ts'
import {
  formatLedger,
  type LedgerEntry,
  ledgerDigest,
  parseLedger,
  signPairs,
  trustedPairs,
} from '../../../src/planning/ledger.ts'

const entry: LedgerEntry = {
  rule: 'digest',
  sourceRevision: 'main',
  sourceHead: 'a'.repeat(40),
  targetBranch: 'master',
  targetHead: 'b'.repeat(40),
  evidence: 'synced',
  public: false,
}

const pair = 'hf:o/n -> ms:o/n'
const key = Buffer.alloc(32, 1)
const signed = signPairs(new Map([[pair, entry]]), key)
const written = (pairs: object) => JSON.stringify({ version: 2, pairs })

describe('ledger', () => {
  it('reads what it writes, and trusts what it signed', () => {
    const read = parseLedger(formatLedger(signed))
    expect(read).toEqual(signed)
    expect(trustedPairs(read, key)).toEqual(new Map([[pair, entry]]))
  })

  it('does not trust what somebody with other tokens wrote, nor anything that was changed or moved', () => {
    expect(trustedPairs(signed, Buffer.alloc(32, 2)).size).toBe(0)
    const [one] = [...signed.values()]
    if (one === undefined) throw new Error('signed nothing')
    const changes: [string, object][] = [
      [pair, { targetHead: 'c'.repeat(40) }],
      [pair, { sourceHead: 'c'.repeat(40) }],
      [pair, { rule: 'other' }],
      [pair, { evidence: 'compared' }],
      [pair, { targetBranch: 'main' }],
      [pair, { mac: 'f'.repeat(64) }],
      ['hf:o/n -> ms:o/other', {}],
    ]
    for (const [at, change] of changes)
      expect(trustedPairs(new Map([[at, { ...one, ...change }]]), key).size).toBe(0)
  })

  it('one damaged entry costs no other', () => {
    const text = written({ ...Object.fromEntries(signed), bad: { ...entry, mac: 'no mac' }, worse: 7 })
    expect(parseLedger(text)).toEqual(signed)
  })

  it('keeps the pairs that were noted last when there are too many', () => {
    const [one] = [...signed.values()]
    if (one === undefined) throw new Error('signed nothing')
    const many = new Map(Array.from({ length: 20_010 }, (_, index) => [`pair ${index}`, one]))
    const kept = parseLedger(formatLedger(many))
    expect([kept.size, kept.has('pair 9'), kept.has('pair 20009')]).toEqual([20_000, false, true])
  })

  it.each([
    ['no JSON', 'not json'],
    ['another version', JSON.stringify({ version: 1, pairs: Object.fromEntries(signed) })],
    ['an entry without a signature', written({ [pair]: entry })],
    ['a forged head', written({ x: { ...signed.get(pair), targetHead: '--upload-pack=x' } })],
    ['an unknown key', written({ x: { ...signed.get(pair), endpoint: 'https://elsewhere.example' } })],
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
