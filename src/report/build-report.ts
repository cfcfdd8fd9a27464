import type { HeldBack, Plan, WorkItem } from '../model/plan.ts'
import { formatRepo } from '../model/repo.ts'
import type { FileResult, ItemResult, JobResult, Outcome, Report, ReportItem } from '../model/report.ts'
import { hasFailed } from './exit-status.ts'
import { countFiles, forecastOf, totalsOf } from './totals.ts'

export interface ReportOptions {
  readonly dryRun: boolean
  /** `model-hub-sync/<version>`. */
  readonly tool: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** The job that publishes the repos whose objects several jobs moved. */
const publishJob = 'publish'

/**
 * Compares the results with the plan: one row for each item and each repo held back. Of every job only the highest attempt
 * counts; results of items that are not in the plan are left out; an item without a result is `missing`, or a forecast in a dry run.
 */
export function buildReport(plan: Plan, results: readonly JobResult[], options: ReportOptions): Report {
  const jobs = latestAttempts(results)
  const stopped = stoppedEarly(results)
  const items = [
    ...plan.items.map((item) => (options.dryRun ? forecastRow(item) : resultRow(item, jobs, stopped))),
    ...plan.failed.map((repo) => ({
      ...heldRow(repo, 'failed'),
      error: { code: repo.code, message: repo.reason },
    })),
    ...plan.blocked.map((repo) => ({ ...heldRow(repo, 'blocked'), details: repo.details })),
    ...plan.skipped.map((repo) => heldRow(repo, 'skipped')),
    ...plan.unchanged.map((repo) => heldRow(repo, 'unchanged')),
  ]
  const totals = totalsOf(items)
  return {
    version: 1,
    tool: options.tool,
    createdAt: new Date(options.now).toISOString(),
    outcome: overall(items, stopped),
    dryRun: options.dryRun,
    totals: options.dryRun ? { ...totals, forecast: forecastOf(items) } : totals,
    items,
  }
}

/** True if the highest attempt of any job ended before its last item. */
export function stoppedEarly(results: readonly JobResult[]): boolean {
  return latestAttempts(results).some((job) => job.stopped === true)
}

function latestAttempts(results: readonly JobResult[]): JobResult[] {
  const latest = new Map<string, JobResult>()
  for (const result of results) {
    const known = latest.get(result.job)
    if (known === undefined || result.attempt >= known.attempt) latest.set(result.job, result)
  }
  return [...latest.values()]
}

function overall(items: readonly ReportItem[], stopped: boolean): Report['outcome'] {
  if (items.some(hasFailed)) return 'failure'
  const undone = items.some((item) => item.outcome === 'missing' || item.outcome === 'failed')
  return undone || stopped ? 'incomplete' : 'success'
}

function plannedRow(item: WorkItem): Omit<ReportItem, 'outcome'> {
  const count = (kind: string): number => item.changes.filter((change) => change.kind === kind).length
  return {
    id: item.id,
    rule: item.rule,
    source: formatRepo({ type: item.type, ...item.source }),
    target: formatRepo({ type: item.type, ...item.target }),
    changes: { add: count('add'), update: count('update'), delete: count('delete') },
    bytes: { moved: 0, reused: 0 },
    files: countFiles([]),
    seconds: 0,
    notes: [],
  }
}

function forecastRow(item: WorkItem): ReportItem {
  return {
    ...plannedRow(item),
    outcome: 'skipped',
    reason: 'dry run: this is what a run would do',
    forecast: { move: item.bytes.move, reuse: item.bytes.reuse },
  }
}

function resultRow(item: WorkItem, jobs: readonly JobResult[], stopped: boolean): ReportItem {
  const parts: ItemResult[] = []
  let published: ItemResult | undefined
  for (const job of jobs) {
    for (const result of job.items) {
      if (result.id !== item.id) continue
      if (job.job === publishJob) published = result
      parts.push(result)
    }
  }
  const last = published ?? worst(parts)
  return { ...plannedRow(item), ...ending(last, stopped), ...measured(parts, published) }
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
    return {
      outcome: 'missing',
      reason: 'its objects are on the target, but the publish job left no result; nothing became visible',
    }
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
  // The publish job finds the objects there and calls them reused, although this run moved them.
  const reused = parts.filter((part) => part !== published || parts.length === 1)
  return {
    bytes: {
      moved: parts.reduce((sum, part) => sum + part.bytes.moved, 0),
      reused: reused.reduce((sum, part) => sum + part.bytes.reused, 0),
    },
    files: countFiles(files.values()),
    seconds: parts.reduce((sum, part) => sum + part.seconds, 0),
    notes: [...new Set(parts.flatMap((part) => part.notes ?? []))],
  }
}

function heldRow(repo: HeldBack, outcome: Outcome): ReportItem {
  return {
    id: `${repo.rule}/${repo.repo}`,
    rule: repo.rule,
    source: repo.repo,
    target: repo.target,
    outcome,
    reason: repo.reason,
    changes: { add: 0, update: 0, delete: 0 },
    bytes: { moved: 0, reused: 0 },
    files: countFiles([]),
    seconds: 0,
    notes: [],
  }
}
