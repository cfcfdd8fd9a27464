import { createHash } from 'node:crypto'
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
})
const ledgerSchema = z.strictObject({
  version: z.literal(1),
  pairs: z.record(z.string().max(1024), entrySchema),
})

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

/** The ledger in a file's text; anything damaged, forged or of another version counts as empty. */
export function parseLedger(text: string): Ledger {
  try {
    const parsed = ledgerSchema.safeParse(JSON.parse(text))
    return parsed.success ? new Map(Object.entries(parsed.data.pairs)) : new Map()
  } catch (error) {
    if (error instanceof SyntaxError) return new Map()
    throw error
  }
}

/** The text that `parseLedger` reads. */
export function formatLedger(ledger: Ledger): string {
  return `${JSON.stringify({ version: 1, pairs: Object.fromEntries(ledger) })}\n`
}
