import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Outcome, Report } from '../../src/model/report.ts'
import type { Seen } from './checks.ts'
import type { Traffic } from './weather.ts'
import { day } from './year-clock.ts'

/** One cycle that came to its end. */
export interface SeenCycle {
  readonly report: Report
  readonly traffic: Traffic
  readonly seen: Seen
  /** Repos that somebody changed since the start of the last cycle that came to its end. */
  readonly restless: ReadonlySet<string>
  readonly passed: number
}

/** What a year leaves behind: counted, and complained of where it grows. */
export interface Trace {
  runs: number
  resumes: number
  kills: number
  readonly outcomes: Map<Outcome, number>
  /** The most that one cycle asked, by what the weather was. */
  readonly most: { calm: number; rough: number; failed: number }
  /** Cycles in which no pair had anything to do. */
  quiet: number
  /** Bytes of the heap, by month. */
  readonly heap: Map<number, number>
  /** Timers of the process that run, by month. */
  readonly timers: Map<number, number>
  readonly files: { most: number; bytes: number }
  cycle(seen: SeenCycle): void
  lookAtFiles(): void
  lookAtWorkFolder(folder: string): void
}

export interface TraceOptions {
  readonly dir: string
  readonly logDir: string
  readonly keep: number
  readonly every: number
  readonly complain: (what: string) => void
}

/** Requests that one pair may cost at the most when it is synced, tries of them included. */
const mostPerPair = 150

export function createTrace(options: TraceOptions): Trace {
  const { complain } = options
  let before: ReadonlySet<string> = new Set()
  const listeners = listenersOfProcess()
  const trace: Trace = {
    runs: 0,
    resumes: 0,
    kills: 0,
    outcomes: new Map(),
    most: { calm: 0, rough: 0, failed: 0 },
    quiet: 0,
    heap: new Map(),
    timers: new Map(),
    files: { most: 0, bytes: 0 },
    cycle(one) {
      trace.runs += 1
      count(trace, one)
      const unchanged = unchangedPairs(one)
      for (const problem of requestProblems(one, unchanged, before)) complain(problem)
      before = unchanged
      const month = Math.floor(one.passed / (30 * day))
      if (!trace.heap.has(month)) {
        trace.heap.set(month, heapNow())
        trace.timers.set(month, process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length)
      }
      if (listenersOfProcess() !== listeners) complain('the process has more listeners than in the beginning')
    },
    lookAtFiles: () => lookAtFiles(trace, options),
    lookAtWorkFolder(folder) {
      const left = readdirSync(folder)
      if (left.length > 0) complain(`the work folder still holds ${left.join(', ')}`)
    },
  }
  return trace
}

function count(trace: Trace, { report, traffic, seen }: SeenCycle): void {
  for (const { outcome } of report.items) trace.outcomes.set(outcome, (trace.outcomes.get(outcome) ?? 0) + 1)
  const kind = traffic.failed === 0 ? 'calm' : 'rough'
  trace.most[kind] = Math.max(trace.most[kind], traffic.all)
  trace.most.failed = Math.max(trace.most.failed, traffic.failed)
  if (
    seen.touched.size === 0 &&
    report.items.every(({ outcome }) => outcome === 'unchanged' || outcome === 'skipped')
  )
    trace.quiet += 1
}

/** Pairs that had nothing to do while nobody touched them, by their sources. */
function unchangedPairs({ report, seen }: SeenCycle): ReadonlySet<string> {
  const isStill = (repo: string) => !seen.touched.has(repo)
  const rows = report.items.filter(
    ({ outcome, source, target }) => outcome === 'unchanged' && isStill(source) && isStill(target),
  )
  return new Set(rows.map(({ source, target }) => `${source} ${target}`))
}

/** A pair in step costs one request a side, and no cycle is a storm. */
function requestProblems(
  { traffic, report, seen, restless }: SeenCycle,
  unchanged: ReadonlySet<string>,
  before: ReadonlySet<string>,
): string[] {
  const problems: string[] = []
  for (const pair of unchanged) {
    if (!before.has(pair) || seen.steady === undefined) continue
    const repos = pair.split(' ')
    if (repos.some((repo) => restless.has(repo))) continue
    const asked = repos.map((repo) => traffic.byRepo.get(repo) ?? 0)
    if (asked.some((requests) => requests > 1))
      problems.push(`${pair} is in step, and costs ${asked} requests`)
  }
  const bound = 40 + mostPerPair * report.items.length
  if (traffic.all > bound) problems.push(`${traffic.all} requests for ${report.items.length} pairs`)
  return problems
}

/** Files that a run directory has. */
const known =
  /^(\.gitignore|plan\.json|results|report\.(json|md|html)|ledger\.json|state\.json|service\.json|runs)$/

function lookAtFiles(trace: Trace, { dir, logDir, keep, every, complain }: TraceOptions): void {
  const strange = readdirSync(dir).filter((name) => !known.test(name))
  if (strange.length > 0) complain(`the run directory holds ${strange.join(', ')}`)
  const runs = namesIn(join(dir, 'runs'))
  // Restarts make cycles of their own, and clocks that are set let runs look younger than they are.
  if (runs.length > (keep / every) * 1.5) complain(`${runs.length} runs are kept`)
  const logs = namesIn(logDir)
  if (logs.length > keep / day + 8) complain(`${logs.length} logs are kept`)
  const pairs = existsSync(join(dir, 'ledger.json'))
    ? Object.keys(JSON.parse(readFileSync(join(dir, 'ledger.json'), 'utf8')).pairs).length
    : 0
  if (pairs > 10) complain(`the ledger holds ${pairs} pairs`)
  trace.files.most = Math.max(trace.files.most, runs.length + logs.length)
  trace.files.bytes = Math.max(trace.files.bytes, sizeOf(logDir))
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}

function sizeOf(folder: string): number {
  return namesIn(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}

function listenersOfProcess(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
}

/** Bytes, after everything that nobody holds is gone. */
function heapNow(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
  return process.memoryUsage().heapUsed
}
