import { isOpen } from '../model/repo.ts'
import type { Repo } from '../repos/repo.ts'
import type { Candidate } from './discover.ts'
import type { LedgerEntry } from './ledger.ts'

/**
 * Whether a pair that the ledger knows still is at the same two commits: one request a side at most. Where the same answer tells
 * who may read the source, a source that was closed since then is no reason to pass the pair over either.
 */
export async function isInStep(
  known: LedgerEntry,
  candidate: Candidate,
  source: Repo,
  target: Repo,
): Promise<boolean> {
  const [here, there] = await Promise.all([
    sourceHead(known, candidate, source),
    target.head(known.targetBranch),
  ])
  return here === known.sourceHead && there === known.targetHead
}

/** The source's head now; undefined also for a source that was open when the pair was noted and is not any more. */
async function sourceHead(
  known: LedgerEntry,
  { rule, head: listed, isOpen: isListedOpen }: Candidate,
  source: Repo,
): Promise<string | undefined> {
  const asksDefault = rule.revision === undefined
  if (asksDefault && listed !== undefined && (isListedOpen || !known.public)) return listed
  if (!asksDefault || !source.profile.infoHead) return source.head(known.sourceRevision)
  const info = await source.info()
  if (info === undefined || (known.public && !isOpen(info, rule.visibility))) return undefined
  if (info.defaultBranch !== known.sourceRevision) return undefined
  return info.head ?? source.head(known.sourceRevision)
}
