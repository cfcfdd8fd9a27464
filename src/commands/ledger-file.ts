import type { Logger } from '../context.ts'
import type { Plan, WorkItem } from '../model/plan.ts'
import { formatRepo } from '../model/repo.ts'
import type { ItemResult, JobResult } from '../model/report.ts'
import type { Secret } from '../model/secret.ts'
import { keyOfTokens } from '../net/credentials.ts'
import {
  formatLedger,
  type Ledger,
  type LedgerEntry,
  pairKey,
  parseLedger,
  type SignedPairs,
  signedPairs,
  trustedPairs,
} from '../planning/ledger.ts'
import type { RunDirectory } from './run-directory.ts'
import { inRuleOrder, sidesOf } from './sides-of.ts'

const name = 'ledger.json'

/** The key under which this process signs and trusts entries; without any token all it could tell is public. */
export function ledgerKey(tokens: readonly Secret[]): Buffer {
  return keyOfTokens(tokens, 'ledger v1', Buffer.alloc(0)) ?? Buffer.alloc(32)
}

/** What earlier runs with the same tokens have noted; empty if there is none, or it cannot be read. */
export async function readLedger(directory: RunDirectory, key: Buffer, log: Logger): Promise<Ledger> {
  return trustedPairs(await readPairs(directory, log), key)
}

/** Adds pairs that were found or brought in step; earlier entries of other pairs stay. */
export async function recordInStep(directory: RunDirectory, pairs: SignedPairs, log: Logger): Promise<void> {
  // Those noted now go to the end: the oldest are dropped when there are too many.
  const others = [...(await readPairs(directory, log))].filter(([pair]) => !pairs.has(pair))
  try {
    await directory.writeFile(name, formatLedger(new Map([...others, ...pairs])))
  } catch (thrown) {
    warn(log, 'written', thrown)
  }
}

/** Adds what the jobs have brought in step. Needs no token: who reads the ledger looks at the signatures. */
export async function recordResults(
  directory: RunDirectory,
  results: readonly JobResult[],
  log: Logger,
): Promise<void> {
  const pairs = results.flatMap(({ ledger }) => [...signedPairs(ledger ?? {})])
  if (pairs.length > 0) await recordInStep(directory, new Map(pairs), log)
}

async function readPairs(directory: RunDirectory, log: Logger): Promise<SignedPairs> {
  try {
    return parseLedger((await directory.readFile(name)) ?? '{}')
  } catch (thrown) {
    warn(log, 'read', thrown)
    return new Map()
  }
}

/** The ledger only saves work: a run goes on without it. */
function warn(log: Logger, what: string, thrown: unknown): void {
  const text = `The ledger could not be ${what}; the next run only takes longer`
  log.warn(`${text}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, `${text}.`)
}

/**
 * The pairs found in step that a ledger may name which others can read, as they can the cache of a public repository: those seen to
 * be public now, and those that an earlier run saw to be.
 */
export function publicPairs(
  plan: Plan,
  inStep: ReadonlyMap<string, LedgerEntry>,
  ledger: Ledger,
): ReadonlyMap<string, LedgerEntry> {
  const open = new Set(plan.unchanged.filter((one) => one.public).map((one) => pairKey(one.repo, one.target)))
  return new Map([...inStep].filter(([key, entry]) => open.has(key) || ledger.get(key) === entry))
}

/**
 * The pairs of these items that ended synced with every file verified or sampled: what the next plan may pass over. A two-way pair
 * that had work for both sides is left out: only the next comparison sees both as they are now.
 */
export function syncedPairs(
  items: readonly WorkItem[],
  results: readonly ItemResult[],
  ruleDigests: ReadonlyMap<string, string>,
): Map<string, LedgerEntry> {
  const synced = new Map(results.filter(isProven).map((result) => [result.id, result]))
  const ways = Map.groupBy(items, (item) => `${item.rule} ${keyOf(item)}`)
  const pairs = new Map<string, LedgerEntry>()
  for (const [item, ...others] of ways.values()) {
    if (item === undefined || others.length > 0) continue
    const commit = synced.get(item.id)?.published?.commit
    const rule = ruleDigests.get(item.rule)
    if (commit === undefined || rule === undefined) continue
    const read = { branch: item.source.branch, head: item.source.commit }
    const written = { branch: item.target.branch, head: commit }
    const [source, target] = inRuleOrder(item, read, written)
    pairs.set(keyOf(item), {
      rule,
      sourceRevision: source.branch,
      sourceHead: source.head,
      targetBranch: target.branch,
      targetHead: target.head,
      evidence: 'synced',
      public: item.public === true,
    })
  }
  return pairs
}

function keyOf(item: WorkItem): string {
  const [source, target] = sidesOf(item)
  return pairKey(formatRepo(source), formatRepo(target))
}

function isProven({ outcome, files }: ItemResult): boolean {
  return outcome === 'synced' && files.every((file) => file.verification !== 'unverifiable')
}
