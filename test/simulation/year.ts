import { getEventListeners } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLogFiles } from '../../src/cli/log-files.ts'
import type { RunOptions } from '../../src/commands/options.ts'
import { dropUnfinished } from '../../src/commands/replace-file.ts'
import { cycleWith } from '../../src/commands/run.ts'
import { type Cycle, serve } from '../../src/commands/serve.ts'
import type { CycleResult, CycleWork } from '../../src/commands/serve-cycle.ts'
import { type OpenSession, openSession } from '../../src/commands/session.ts'
import type { Context, ProgressEvent } from '../../src/context.ts'
import { SyncError } from '../../src/model/errors.ts'
import type { Report } from '../../src/model/report.ts'
import { defaultOptions } from '../e2e/harness.ts'
import { reportProblems } from './checks.ts'
import { type Expected, expectedOf } from './expected.ts'
import { brokenLaws } from './laws.ts'
import { settleByHand } from './people.ts'
import type { RuleName } from './rules.ts'
import { every, keep, type Life, newLife, openStage, type Stage, stop } from './stage.ts'
import type { Trace } from './trace.ts'
import { openUnrulyHubs, type Watch } from './unruly-hub.ts'
import { noTraffic } from './weather.ts'
import { day, hour, minute } from './year-clock.ts'

/** What was seen in a year; `complaints` is what must not be. */
export interface Lived {
  readonly complaints: readonly string[]
  readonly trace: Trace
}

/** Lives so many cycles of `run --every 12h`, with all that the calendar of this seed brings. */
export async function liveYear(seed: number, cycles: number): Promise<Lived> {
  const folder = mkdtempSync(join(tmpdir(), 'mhs-year-'))
  try {
    const complaints: string[] = []
    const stage = openStage(seed, cycles, folder, complaints)
    while (stage.trace.runs < cycles && complaints.length === 0) {
      await liveOnce(stage)
      stage.clock.pass(stage.dice.between(minute, stage.dice.chance(0.5) ? 20 * minute : 30 * hour))
    }
    return { complaints, trace: stage.trace }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function liveOnce(stage: Stage): Promise<void> {
  const { folder, dir, logDir, complain, starts } = stage
  const life = newLife()
  stage.life = life
  starts.restart(mustResume(stage))
  const workDir = mkdtempSync(join(folder, 'work-'))
  const options = { ...defaultOptions, configFile: join(folder, 'year.yml'), dir, logDir, every, keep }
  const context = contextOf(stage, life, workDir)
  try {
    // As `run` does before it serves; its lock goes by the clock of real machines, and is tested by itself.
    await dropUnfinished(dir)
    const result = await serve(
      context,
      options,
      { YEAR_TOKEN: 'a-token-of-the-year' },
      watchedCycle(stage, life),
    )
    const wanted = life.inCycle ? 3 : 0
    if (!life.isDead && result.exitStatus !== wanted)
      complain(`stopped ${life.inCycle ? 'in' : 'between'} cycles, it ends with ${result.exitStatus}`)
  } catch (thrown) {
    complain(`the service ended: ${thrown instanceof Error ? thrown.stack : String(thrown)}`)
  }
  if (life.left !== undefined) {
    rmSync(dir, { recursive: true })
    renameSync(life.left, dir)
  } else stage.trace.lookAtWorkFolder(workDir)
  rmSync(workDir, { recursive: true, force: true })
}

function contextOf(stage: Stage, life: Life, workDir: string): Context {
  const { clock, logDir, complain } = stage
  const file = openLogFiles(logDir, { now: clock.now, onTrouble: complain })
  const say = (line: string): void => {
    if (!life.isDead) file.write(`${line}\n`)
  }
  return {
    clock,
    log: { debug: () => undefined, info: say, warn: (line) => say(`! ${line}`) },
    progress: (event) => {
      if (!life.isDead) follow(stage, event)
    },
    signal: life.abort.signal,
    workDir,
    proxy: {},
    inherited: {},
  }
}

function follow(stage: Stage, event: ProgressEvent): void {
  if (event.kind === 'item-finished' && event.code !== 'stopped') stage.underway?.open.delete(event.item)
  if (event.kind !== 'planned' || event.plan.runId === stage.underway?.runId) return
  const { runId, createdAt, items } = event.plan
  stage.underway = { runId, createdAt: Date.parse(createdAt), open: new Set(items.map(({ id }) => id)) }
}

/** Whether an earlier life has left something that is to be done first. */
function mustResume({ underway, clock }: Stage): boolean {
  return underway !== undefined && underway.open.size > 0 && clock.now() - underway.createdAt <= every
}

/** The cycles of the real service over hubs in memory, with somebody who looks on. */
function watchedCycle(stage: Stage, life: Life): Cycle {
  const watch = watchOf(stage, life)
  const open: OpenSession = async (context, options, env) => ({
    ...(await openSession(context, options, env)),
    hubs: openUnrulyHubs(context, stage.world, stage.weather, watch, stage.clock.pass),
  })
  const cycle = cycleWith(open)
  return {
    run: (...parts) => oneRun(stage, life, cycle.run, parts),
    resume: (...parts) => oneResume(stage, life, cycle.resume, parts),
  }
}

function watchOf(stage: Stage, life: Life): Watch {
  const assertAlive = (): void => {
    if (life.isDead) throw new SyncError('stopped', 'The process is gone.')
  }
  const mayDie = (): void => {
    const { kill, traffic } = stage
    if (kill === undefined || traffic[kill.by] < kill.at || !life.inCycle || life.abort.signal.aborted) return
    stage.kill = undefined
    stage.trace.kills += 1
    if (kill.how === 'hard') {
      life.left = join(stage.folder, 'left')
      cpSync(stage.dir, life.left, { recursive: true })
      life.isDead = true
    }
    stop(life)
    assertAlive()
  }
  return {
    onRequest: assertAlive,
    onAnswer: mayDie,
    onWritten: (repo) => {
      stage.traffic.written += 1
      for (const law of brokenLaws(stage.world, repo, stage)) stage.complain(law)
    },
    traffic: () => stage.traffic,
  }
}

function beginCycle(stage: Stage, life: Life): void {
  life.inCycle = true
  stage.traffic = noTraffic()
  for (const repo of stage.touched) stage.restless.add(repo)
  stage.touched.clear()
  stage.since = stage.clock.passed()
  if (getEventListeners(life.abort.signal, 'abort').length > 1)
    stage.complain('the signal has listeners of earlier cycles')
}

async function oneResume(
  stage: Stage,
  life: Life,
  work: CycleWork,
  parts: Parameters<CycleWork>,
): Promise<CycleResult> {
  stage.starts.resume()
  beginCycle(stage, life)
  const result = await work(...parts)
  if (!life.abort.signal.aborted) {
    const undone = result.report.items.filter(({ outcome }) => outcome === 'missing')
    for (const row of undone) stage.complain(`resumed, and ${row.id} is missing`)
    life.inCycle = false
    stage.starts.resumed()
    stage.underway = undefined
    stage.trace.resumes += 1
  }
  return result
}

async function oneRun(
  stage: Stage,
  life: Life,
  work: CycleWork,
  parts: Parameters<CycleWork>,
): Promise<CycleResult> {
  const { clock, world, weather, starts, trace, touched } = stage
  trace.lookAtFiles()
  beginCycle(stage, life)
  const [, { event }] = parts
  const isMonday = starts.start(clock.now(), clock.passed(), event)
  const rules: RuleName[] = ['mirror', 'both', 'frozen', ...(isMonday ? (['weekly'] as const) : [])]
  const expected = expectedOf(world, rules)
  const before = {
    changes: weather.changes,
    down: new Map(weather.down),
    brokenPages: new Set(weather.brokenPages),
  }
  const result = await work(...parts)
  if (life.abort.signal.aborted) return result
  life.inCycle = false
  starts.end(clock.now(), clock.passed())
  const seen = {
    expected,
    touched: new Set(touched),
    steady: weather.changes === before.changes ? before : undefined,
  }
  for (const problem of reportProblems(world, result.report, seen)) stage.complain(problem)
  assertKept(stage, parts[1], result.report)
  trace.cycle({
    report: result.report,
    traffic: stage.traffic,
    seen,
    restless: stage.restless,
    passed: clock.passed(),
  })
  stage.restless.clear()
  stage.underway = undefined
  callPeople(stage, expected)
  if (trace.runs >= stage.cycles) clock.at(clock.passed() + minute, () => stop(life))
  return result
}

/** What a person reads next morning is what was told. */
function assertKept({ complain }: Stage, { dir }: Pick<RunOptions, 'dir'>, report: Report): void {
  const kept: unknown = JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8'))
  if (JSON.stringify(kept) !== JSON.stringify(report)) complain('report.json says something else')
}

/** What no run can settle, a person does within some days. */
function callPeople({ clock, dice, world, stuck, touched }: Stage, expected: readonly Expected[]): void {
  for (const pair of expected) {
    const isStuck = pair.outcomes.includes('conflict') || pair.outcomes.includes('blocked')
    if (!isStuck || stuck.has(pair.target) || !world.isOpen(pair.source) || !world.isOpen(pair.target))
      continue
    stuck.add(pair.target)
    clock.at(clock.passed() + dice.between(6 * hour, 3 * day), () => {
      stuck.delete(pair.target)
      settleByHand(world, pair, (repo) => touched.add(repo))
    })
  }
}
