import { type HeldBack, publishJob, type SealedItem, type StoredPlan, type WorkItem } from '../model/plan.ts'
import { formatRepo } from '../model/repo.ts'
import type { FileResult, ItemResult, JobResult, Outcome, Report, ReportItem } from '../model/report.ts'
import { hasFailed } from './exit-status.ts'
import { latestAttempts } from './latest-attempts.ts'
import { unpublished } from './phrases.ts'
import { sealedEnds } from './private-names.ts'
import { firstStart, jobsOf, stagesOf } from './timeline.ts'
import { countChanges, countFiles, forecastOf, totalsOf } from './totals.ts'

export interface ReportOptions {
  readonly dryRun: boolean
  /** `model-hub-sync/<version>`. */
  readonly tool: string
  /** Milliseconds since 1970. */
  readonly now: number
  /** Address of the workflow run. */
  readonly run?: string
  /** True for the report of one job of several: what it has moved is its whole share, and others publish. */
  readonly isOneJob?: boolean
  /** While the run goes on: ids of the items that are worked on now. */
  readonly runningItems?: readonly string[]
}

/**
 * Compares the results with the plan: one row for each item and each repo held back. Of every job only the highest attempt
 * counts; results of items that are not in the plan are left out; an item without a result is `missing`, or a forecast in a dry run.
 */
export function buildReport(plan: StoredPlan, results: readonly JobResult[], options: ReportOptions): Report {
  const latest = latestAttempts(results)
  const stopped = stoppedEarly(results)
  const parts = partsByItem(latest)
  const items = [
    ...plan.items.map((item) =>
      options.dryRun ? forecastRow(item) : resultRow(item, parts.get(item.id) ?? [], stopped, options),
    ),
    ...plan.failed.map((repo) => ({
      ...heldRow(repo, 'failed'),
      error: { code: repo.code, message: repo.reason },
    })),
    ...(plan.conflicts ?? []).map((repo) => ({
      ...heldRow(repo, 'conflict'),
      error: { code: 'conflict', message: repo.reason, next: howToResolve },
      details: repo.details,
    })),
    ...plan.blocked.map((repo) => ({ ...heldRow(repo, 'blocked'), details: repo.details })),
    ...plan.skipped.map((repo) => heldRow(repo, 'skipped')),
    ...plan.unchanged.map((repo) => heldRow(repo, 'unchanged')),
  ]
  const totals = totalsOf(items)
  const isUnderWay = options.runningItems !== undefined
  const jobs = options.dryRun || isUnderWay ? [] : jobsOf(plan, latest, options.isOneJob ?? false)
  const stages = stagesOf(plan, jobs)
  return {
    version: 1,
    tool: options.tool,
    createdAt: new Date(options.now).toISOString(),
    outcome: overall(items, stopped),
    dryRun: options.dryRun,
    ...(isUnderWay && { underWay: true }),
    ...(options.run && { run: options.run }),
    totals: options.dryRun ? { ...totals, forecast: forecastOf(items) } : totals,
    ...(stages.length > 0 && { stages }),
    ...(jobs.length > 0 && { jobs }),
    items,
  }
}

const howToResolve =
  'Make the files equal on both sides, or let the rule say whose count: conflict: source, or conflict: target.'

/** True if the highest attempt of any job ended before its last item. */
export function stoppedEarly(results: readonly JobResult[]): boolean {
  return latestAttempts(results).some((job) => job.stopped === true)
}

/** One item's result of one job. */
interface Part {
  readonly result: ItemResult
  readonly isPublish: boolean
}

function partsByItem(jobs: readonly JobResult[]): ReadonlyMap<string, readonly Part[]> {
  const parts = jobs.flatMap(({ job, items }) =>
    items.map((result): Part => ({ result, isPublish: job === publishJob })),
  )
  return Map.groupBy(parts, ({ result }) => result.id)
}

function overall(items: readonly ReportItem[], stopped: boolean): Report['outcome'] {
  if (items.some(hasFailed)) return 'failure'
  const undone = items.some((item) => item.outcome === 'missing' || item.outcome === 'failed')
  return undone || stopped ? 'incomplete' : 'success'
}

function plannedRow(item: WorkItem | SealedItem): Omit<ReportItem, 'outcome'> {
  return {
    id: item.id,
    rule: item.rule,
    ...('sealed' in item ? { ...sealedEnds(item), changes: item.changes } : openly(item)),
    bytes: { moved: 0, reused: 0 },
    files: countFiles([]),
    seconds: 0,
    notes: [],
  }
}

function openly(
  item: WorkItem,
): Pick<ReportItem, 'source' | 'target' | 'public' | 'sourceCommit' | 'changes'> {
  return {
    source: formatRepo({ type: item.type, ...item.source }),
    target: formatRepo({ type: item.type, ...item.target }),
    ...(item.public && { public: item.public }),
    sourceCommit: item.source.commit,
    changes: countChanges(item),
  }
}

function forecastRow(item: WorkItem | SealedItem): ReportItem {
  return {
    ...plannedRow(item),
    outcome: 'skipped',
    reason: 'dry run: this is what a run would do',
    forecast: { move: item.bytes.move, reuse: item.bytes.reuse },
  }
}

function resultRow(
  item: WorkItem | SealedItem,
  all: readonly Part[],
  stopped: boolean,
  { isOneJob = false, runningItems }: ReportOptions,
): ReportItem {
  const parts = all.map(({ result }) => result)
  const published = all.findLast(({ isPublish }) => isPublish)?.result
  const last = published ?? worst(parts)
  if (runningItems !== undefined && (last === undefined || last.error?.code === 'stopped'))
    return { ...plannedRow(item), ...turnOf(item.id, runningItems) }
  const end = isOneJob && last?.outcome === 'moved' ? { outcome: last.outcome } : ending(last, stopped)
  const sourceUrl = parts.find((part) => part.sourceUrl !== undefined)?.sourceUrl
  return {
    ...plannedRow(item),
    ...end,
    ...(sourceUrl && { sourceUrl }),
    ...measured(parts, published),
    ...firstStart(parts),
  }
}

function turnOf(
  id: string,
  runningItems: readonly string[],
): Pick<ReportItem, 'outcome' | 'state' | 'reason'> {
  return runningItems.includes(id)
    ? { outcome: 'missing', state: 'running', reason: 'it is worked on now' }
    : { outcome: 'missing', state: 'waiting', reason: 'its turn comes' }
}

/** The result that tells most when no publish job decided: any other than `moved`, failures before the rest. */
function worst(parts: readonly ItemResult[]): ItemResult | undefined {
  const rank = (result: ItemResult): number => severity.indexOf(result.outcome)
  return [...parts].sort((a, b) => rank(a) - rank(b))[0]
}

const severity: readonly Outcome[] = [
  'failed',
  'conflict',
  'blocked',
  'missing',
  'synced',
  'unchanged',
  'skipped',
  'moved',
]

function ending(
  result: ItemResult | undefined,
  stopped: boolean,
): Pick<ReportItem, 'outcome' | 'reason' | 'error' | 'published'> {
  if (result === undefined) {
    const reason = stopped
      ? 'the run was stopped before this repo'
      : 'planned, but no job left a result: it was not synced yet, or its job failed to start, was cancelled, or lost its result file'
    return { outcome: 'missing', reason }
  }
  if (result.outcome === 'moved') {
    return { outcome: 'missing', reason: unpublished }
  }
  return {
    outcome: result.outcome,
    ...(result.error === undefined ? {} : { error: result.error }),
    ...(result.published === undefined ? {} : { published: result.published }),
  }
}

/** Bytes and seconds of all jobs added; of a file that several jobs report, the publish job's word counts. */
function measured(
  parts: readonly ItemResult[],
  published: ItemResult | undefined,
): Pick<ReportItem, 'bytes' | 'files' | 'seconds' | 'notes'> {
  const files = new Map<string, FileResult>()
  const last = published === undefined ? [] : [published]
  for (const part of [...parts, ...last]) for (const file of part.files) files.set(file.path, file)
  return {
    bytes: {
      moved: parts.reduce((sum, part) => sum + part.bytes.moved, 0),
      reused: reusedBytes(parts, published),
    },
    files: countFiles(files.values()),
    seconds: parts.reduce((sum, part) => sum + part.seconds, 0),
    notes: [...new Set(parts.flatMap((part) => part.notes ?? []))],
  }
}

/**
 * The publish job looks at every object of its repo, those that no job was given included, and calls all of them reused that it finds
 * there, although other jobs of this run have moved some.
 */
function reusedBytes(parts: readonly ItemResult[], published: ItemResult | undefined): number {
  const others = parts.filter((part) => part !== published)
  const seen = others.reduce((sum, part) => sum + part.bytes.reused, 0)
  const moved = others.reduce((sum, part) => sum + part.bytes.moved, 0)
  return Math.max(seen, (published?.bytes.reused ?? 0) - moved)
}

function heldRow(repo: HeldBack, outcome: Outcome): ReportItem {
  return {
    id: `${repo.rule}/${repo.repo}`,
    rule: repo.rule,
    source: repo.repo,
    target: repo.target,
    ...(repo.public && { public: repo.public }),
    ...(repo.sourceUrl && { sourceUrl: repo.sourceUrl }),
    outcome,
    reason: repo.reason,
    changes: { add: 0, update: 0, delete: 0 },
    bytes: { moved: 0, reused: 0 },
    files: countFiles([]),
    seconds: 0,
    notes: [],
  }
}
