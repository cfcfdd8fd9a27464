import { formatPattern } from '../config/names.ts'
import { isAdHoc, type Rule } from '../config/rule.ts'
import type { Context } from '../context.ts'
import { asSyncError, explain, SyncError } from '../model/errors.ts'
import type { BlockedRepo, FailedRepo, HeldBack } from '../model/plan.ts'
import { formatRepo } from '../model/repo.ts'
import type { Hubs } from '../repos/hubs.ts'
import { splitUnfound } from './chains.ts'
import { type Candidate, discover } from './discover.ts'
import { discoverBoth } from './discover-both.ts'
import { type Ledger, pairKey } from './ledger.ts'
import { splitOverlaps } from './overlaps.ts'
import { sitesOf } from './sites.ts'

/** The pairs of all rules. */
export interface FoundPairs {
  /** Those that stay out of each other's way. */
  readonly free: readonly Candidate[]
  readonly blocked: readonly BlockedRepo[]
  readonly skipped: readonly HeldBack[]
  /** Rules whose source cannot be found or read. */
  readonly failed: readonly FailedRepo[]
}

/** Discovers the repos of all rules. Throws `usage` where the user named repos and none of them exists. */
export async function findPairs(
  context: Context,
  rules: readonly Rule[],
  hubs: Hubs,
  ledger: Ledger,
): Promise<FoundPairs> {
  const { candidates, refused, failed } = await discoverAll(context, rules, hubs, ledger)
  if (candidates.length === 0 && refused.length === 0) assertSomeFound(rules, failed)
  const { free, blocked } = await splitOverlaps(candidates, sitesOf(hubs), rules)
  const unfound = splitUnfound(failed, rules, free)
  return { free, blocked: [...refused, ...blocked], skipped: unfound.waiting, failed: unfound.failed }
}

interface Discovered {
  readonly candidates: readonly Candidate[]
  /** Rules whose source must not be read. */
  readonly refused: readonly BlockedRepo[]
  /** Rules whose source cannot be found or read. */
  readonly failed: readonly FailedRepo[]
}

async function discoverAll(
  context: Context,
  rules: readonly Rule[],
  hubs: Hubs,
  ledger: Ledger,
): Promise<Discovered> {
  const failed: FailedRepo[] = []
  const refused: BlockedRepo[] = []
  const isKnown = ({ source, target }: Candidate) =>
    ledger.has(pairKey(formatRepo(source), formatRepo(target)))
  const candidates: Candidate[] = []
  for (const rule of rules) {
    try {
      const source = hubs.hub(rule.from.hub)
      const found =
        rule.direction === 'two-way'
          ? await discoverBoth(rule, source, hubs.hub(rule.to.hub), isKnown)
          : await discover(rule, source, isKnown)
      if (found.length === 0)
        context.log.warn(
          `Rule ${rule.name} matches no repo of ${rule.from.hub}:${rule.from.owner}.`,
          `Rule ${rule.name} matches no repo.`,
        )
      candidates.push(...found)
    } catch (thrown) {
      context.signal.throwIfAborted()
      const error = asSyncError(thrown)
      // A folder is read to its end where a hub is only asked for a name.
      if (error.code === 'bad-path') refused.push({ ...unread(rule, error), details: linesOf(error) })
      else failed.push({ ...unread(rule, error), code: error.code })
    }
  }
  return { candidates, refused, failed }
}

/** Repos that the user named, and none of them exists: bad usage, not a failed sync. */
function assertSomeFound(rules: readonly Rule[], failed: readonly FailedRepo[]): void {
  const allMissing = failed.every((repo) => repo.code === 'not-found' || repo.code === 'usage')
  const byHand = rules.length > 0 && rules.every((rule) => rule.named || isAdHoc(rule.name))
  if (!allMissing || !byHand) return
  if (failed.length > 0)
    throw new SyncError('usage', failed.map((repo) => repo.reason).join('\n'), {
      next: 'Nothing was done. Check the names; `model-hub-sync check` tells what each token may see.',
    })
  const sources = [...new Set(rules.map((rule) => formatPattern(rule.from)))]
  throw new SyncError('usage', `No repo matches ${sources.join(', ')}.`, {
    next: 'Check owner, name and --type; private repos need a token that may read them.',
  })
}

/** The row of a rule whose repos could not be found. */
function unread(rule: Rule, error: SyncError): HeldBack {
  const { hub, owner, name } = rule.from
  return {
    rule: rule.name,
    repo: `${hub}:${owner}${name === undefined ? '' : `/${name}`}`,
    target: formatPattern(rule.to),
    reason: explain(error),
  }
}

/** Everything that is wrong, and at the end what to do. */
export function linesOf(error: SyncError): readonly string[] {
  if (error.lines.length < 2) return [explain(error)]
  return error.next === undefined ? error.lines : [...error.lines, error.next]
}
