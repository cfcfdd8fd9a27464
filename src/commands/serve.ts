import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import type { CommandResult } from '../report/command-result.ts'
import { counted } from '../report/phrases.ts'
import type { Environment, RunOptions } from './options.ts'
import { openRunDirectory, type RunDirectory } from './run-directory.ts'
import { type CycleEnd, type CycleWork, oneCycle } from './serve-cycle.ts'
import { keepRun, pruneLogs, pruneRuns } from './serve-files.ts'
import { afterClockWentBack, type Grid, nextStart } from './serve-grid.ts'
import { cycleLine } from './serve-line.ts'
import { readMemory, type ServiceMemory, writeMemory } from './serve-memory.ts'
import { isUnfinished } from './serve-resume.ts'

/** What is done in a cycle. Both leave plan, results and report in the run directory. */
export interface Cycle {
  /** Plans, syncs and reports. */
  readonly run: CycleWork
  /** Does what is left of the plan in the run directory. Throws `plan` or `usage` where the configuration does not reproduce it. */
  readonly resume: CycleWork
}

/**
 * `run --every`: a cycle now and at every point of the grid that begins now, one at a time, until the signal fires. A plan that an
 * earlier service left unfinished is done first, and the grid of that one goes on. A cycle that throws is a line of the log; only wrong
 * usage or configuration at the very first start is thrown. Exit status 0 when it was stopped between two cycles, 3 when in one.
 */
export async function serve(
  context: Context,
  options: RunOptions,
  env: Environment,
  cycle: Cycle,
): Promise<CommandResult> {
  const service = await openService(context, options, env, cycle)
  for (let cycles = 1; ; cycles++) {
    const before = service.memory.lastStart
    const end = await turn(service, cycles === 1 && service.resumes)
    if (end.kind === 'failed' && cycles === 1 && isUsersFault(end.error)) throw end.error
    if (context.signal.aborted) {
      tell(context, end, cycleLine(end, undefined))
      return ended(cycles, end, 3)
    }
    await tidy(service, end, before)
    const next = nextStart(service.grid, service.memory.lastStart, context.clock.now())
    tell(context, end, cycleLine(end, next))
    if (!(await waitUntil(context, service.grid, next))) return ended(cycles, end, 0)
  }
}

/** A service that runs; `memory` is what it would know again after a restart. */
interface Service {
  readonly context: Context
  readonly options: RunOptions
  readonly env: Environment
  readonly cycle: Cycle
  readonly directory: RunDirectory
  readonly grid: Grid
  /** An earlier one has left a plan unfinished. */
  readonly resumes: boolean
  memory: ServiceMemory
}

async function openService(
  context: Context,
  options: RunOptions,
  env: Environment,
  cycle: Cycle,
): Promise<Service> {
  const { every } = options
  if (every === undefined) throw new SyncError('internal', 'A service without a distance between its starts.')
  const directory = await openRunDirectory(options.dir, context)
  const earlier = await readMemory(directory)
  const now = context.clock.now()
  const resumes = await isUnfinished(directory, { ...options, every }, now)
  const goesOn = resumes && earlier?.every === every
  const grid: Grid = { origin: goesOn ? earlier.origin : now, every }
  const memory: ServiceMemory = {
    ...grid,
    lastStart: earlier?.lastStart ?? now,
    // A cron line that fires in the very minute of the first start is meant.
    doneUntil: earlier?.doneUntil ?? now - 60_000,
  }
  return { context, options, env, cycle, directory, grid, resumes, memory }
}

/** One cycle; what cannot be resumed, since the configuration has changed, is planned again. */
async function turn(service: Service, isResume: boolean): Promise<CycleEnd> {
  const { context, options, env, cycle } = service
  if (isResume) {
    context.log.info('The last run was not finished: its plan is resumed.')
    const end = await oneCycle(context, options, env, cycle.resume)
    if (end.kind === 'done' || !isUsersFault(end.error)) return noted(service, end)
    context.log.info(`It cannot be resumed, and is planned again: ${end.error.message}`)
  }
  const now = context.clock.now()
  const after = service.memory.doneUntil
  await remember(service, { lastStart: now })
  const event = { kind: 'cycle', after, until: now } as const
  return noted(service, await oneCycle(context, { ...options, event }, env, cycle.run))
}

/** Only what was carried out to its end has answered for its time: what is stopped may be too old to be resumed. */
async function noted(service: Service, end: CycleEnd): Promise<CycleEnd> {
  if (end.kind === 'done' && !end.stopped) await remember(service, { doneUntil: service.memory.lastStart })
  return end
}

async function remember(service: Service, news: Partial<ServiceMemory>): Promise<void> {
  service.memory = { ...service.memory, ...news }
  try {
    await writeMemory(service.directory, service.memory)
  } catch (thrown) {
    service.context.log.warn(`A restart would begin afresh, since this could not be noted: ${textOf(thrown)}`)
  }
}

/**
 * Keeps what the cycle has left under its run id, and drops what is too old. Old is counted from the earlier of the last two starts: a
 * clock that is ahead for once takes nothing away.
 */
async function tidy(
  { context, options, directory, memory }: Service,
  end: CycleEnd,
  before: number,
): Promise<void> {
  try {
    if (end.kind === 'done') await keepRun(directory.path, end.result.runId)
    if (options.keep === undefined) return
    const oldest = Math.min(before, memory.lastStart) - options.keep
    await pruneRuns(directory.path, oldest)
    if (options.logDir !== undefined) await pruneLogs(options.logDir, oldest)
  } catch (thrown) {
    context.log.warn(`The run directory could not be tidied: ${textOf(thrown)}`)
  }
}

/** The longest that is slept in one go, in milliseconds: a clock that was set, or a machine that slept, is noticed after it. */
const longestNap = 60_000

/** True when it is time, false when the signal fires before. */
async function waitUntil({ clock, signal }: Context, grid: Grid, start: number): Promise<boolean> {
  let next = start
  for (let before = clock.now(); !signal.aborted; ) {
    const now = clock.now()
    if (now < before) next = afterClockWentBack(grid, next, now)
    if (now >= next) return true
    before = now
    try {
      await clock.sleep(Math.min(next - now, longestNap), signal)
    } catch (thrown) {
      if (!signal.aborted) throw thrown
    }
  }
  return false
}

function tell({ log }: Context, end: CycleEnd, line: string): void {
  if (end.kind === 'done' && end.result.report.outcome === 'success') log.info(line)
  else log.warn(line)
}

function ended(cycles: number, end: CycleEnd, exitStatus: 0 | 3): CommandResult {
  const report = end.kind === 'done' ? end.result.report : null
  return { exitStatus, text: `Stopped after ${counted(cycles, 'cycle')}.\n`, json: { cycles, report } }
}

/** What the user has to change first. */
function isUsersFault({ code }: SyncError): boolean {
  return code === 'usage' || code === 'config' || code === 'plan'
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
