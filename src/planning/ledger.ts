import { createHash, createHmac } from 'node:crypto'
import { z } from 'zod'
import { ruleDigest } from '../config/digest.ts'
import type { Rule } from '../config/rule.ts'
import type { LicenseProfile } from '../model/profile.ts'

const entrySchema = z.strictObject({
  /** Digest of everything in the rule that decides content. */
  rule: z.string().max(128),
  sourceRevision: z.string().max(256),
  sourceHead: z.string().regex(/^[0-9a-f]{40,64}$/),
  targetBranch: z.string().max(256),
  targetHead: z.string().regex(/^[0-9a-f]{40,64}$/),
  evidence: z.enum(['synced', 'compared']),
  /** Whether source and target were seen to be public. */
  public: z.boolean(),
})
/** As a file holds it: `mac` (hex) shows who has tokens of this run that one of them wrote it. */
const signedSchema = entrySchema.extend({ mac: z.string().regex(/^[0-9a-f]{64}$/) })
const ledgerSchema = z.object({ version: z.literal(2), pairs: z.record(z.string(), z.unknown()) })

/** Grows with every change of the README transform, since what it writes then is another content. */
const transformVersion = 2

/** SHA-256 (hex) of everything but the two commits that decides what a pair of repos holds when it is in step. */
export function ledgerDigest(rule: Rule, source: LicenseProfile, target: LicenseProfile): string {
  const parts = [transformVersion, ruleDigest(rule), source, target]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** One pair of repos that was fully in step at these two heads. */
export type LedgerEntry = z.infer<typeof entrySchema>

/** Pairs by `pairKey`. Only ever saves work: without it the result of a run is the same. */
export type Ledger = ReadonlyMap<string, LedgerEntry>

/** The key of a pair of repos, each as `formatRepo` writes it. */
export function pairKey(source: string, target: string): string {
  return `${source} -> ${target}`
}

/** Entries by `pairKey` as files hold them, each with its MAC. */
export type SignedPairs = ReadonlyMap<string, z.infer<typeof signedSchema>>

/** Entries with an HMAC-SHA256 each, under a key that only this run's tokens give. */
export function signPairs(pairs: Ledger, key: Buffer): SignedPairs {
  return new Map([...pairs].map(([pair, entry]) => [pair, { ...entry, mac: macOf(pair, entry, key) }]))
}

/** What this process, or one with the same tokens, has written; anything damaged or forged, or of other tokens, is as if it were not there. */
export function trustedPairs(pairs: SignedPairs, key: Buffer): Ledger {
  const trusted = new Map<string, LedgerEntry>()
  for (const [pair, { mac, ...entry }] of pairs) if (mac === macOf(pair, entry, key)) trusted.set(pair, entry)
  return trusted
}

/** The entries in a file's text, which nobody has vouched for yet; what has not their shape is left out. */
export function parseLedger(text: string): SignedPairs {
  try {
    const parsed = ledgerSchema.safeParse(JSON.parse(text))
    return parsed.success ? signedPairs(parsed.data.pairs) : new Map()
  } catch (error) {
    if (error instanceof SyntaxError) return new Map()
    throw error
  }
}

/** Entries of any origin that have the shape of one. */
export function signedPairs(values: Readonly<Record<string, unknown>>): SignedPairs {
  return new Map(
    Object.entries(values).flatMap(([pair, value]) => {
      const parsed = signedSchema.safeParse(value)
      return parsed.success && pair.length <= 1024 ? [[pair, parsed.data]] : []
    }),
  )
}

/** Pairs that a ledger keeps at most; the ones noted longest ago go first. */
const maxPairs = 20_000

/** The text that `parseLedger` reads. */
export function formatLedger(pairs: SignedPairs): string {
  return `${JSON.stringify({ version: 2, pairs: Object.fromEntries([...pairs].slice(-maxPairs)) })}\n`
}

function macOf(pair: string, entry: LedgerEntry, key: Buffer): string {
  const { rule, sourceRevision, sourceHead, targetBranch, targetHead, evidence } = entry
  const heads = [sourceRevision, sourceHead, targetBranch, targetHead]
  const text = JSON.stringify([pair, rule, ...heads, evidence, entry.public])
  return createHmac('sha256', key).update(text).digest('hex')
}
