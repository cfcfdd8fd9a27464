import { isOpen, type RepoInfo } from '../model/repo.ts'
import type { Repo } from '../repos/repo.ts'
import type { Candidate } from './discover.ts'
import { accessGate } from './gates.ts'
import type { LedgerEntry } from './ledger.ts'

/**
 * Whether a pair that the ledger knows still is at the same two commits, and still may be in step: a source that was closed since then
 * is no reason to pass it over. Asks as little as it can: nothing of a source whose listing told its head and that it is open.
 */
export async function isInStep(
  known: LedgerEntry,
  candidate: Candidate,
  source: Repo,
  target: Repo,
): Promise<boolean> {
  const { rule } = candidate
  const { head, isOpen: isListedOpen } = candidate
  const listed = isListedOpen && rule.revision === undefined && head !== undefined ? { head } : undefined
  const look: Promise<Seen | undefined> | Seen = listed ?? lookAt(known, candidate, source)
  const [seen, there] = await Promise.all([look, target.head(known.targetBranch)])
  if (seen?.head !== known.sourceHead || there !== known.targetHead) return false
  const open = seen.info === undefined || isOpen(seen.info, rule.visibility)
  if (open && rule.visibility !== 'private') return true
  const info = seen.info ?? (await source.info())
  return info !== undefined && accessGate(rule, info, await target.info()).kind === 'pass'
}

interface Seen {
  readonly head: string | undefined
  readonly info?: RepoInfo
}

/** The source as it is now, in one request where its hub tells the head with it; undefined: it is gone. */
async function lookAt(
  known: LedgerEntry,
  { rule, head: listed }: Candidate,
  source: Repo,
): Promise<Seen | undefined> {
  const info = await source.info()
  if (info === undefined) return undefined
  const told =
    rule.revision === undefined
      ? (listed ?? (info.defaultBranch === known.sourceRevision ? info.head : undefined))
      : undefined
  return { info, head: told ?? (await source.head(known.sourceRevision)) }
}
