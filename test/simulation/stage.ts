import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SyncError } from '../../src/model/errors.ts'
import { createDice, type Dice } from './dice.ts'
import { settle, writeCalendar } from './people.ts'
import { configText } from './rules.ts'
import { createStarts, type Starts } from './starts.ts'
import { createTrace, type Trace } from './trace.ts'
import { fairWeather, noTraffic, type Traffic, type Weather } from './weather.ts'
import { createWorld, type RepoName, type World } from './world.ts'
import { createYearClock, day, hour, type YearClock } from './year-clock.ts'

export const every = 12 * hour
export const keep = 30 * day

/** One life of the service: it ends by a stop, or as a process that is gone. */
export interface Life {
  readonly abort: AbortController
  inCycle: boolean
  isDead: boolean
  /** A copy of the run directory as the process left it when it was killed. */
  left: string | undefined
}

/** The plan that is carried out, as its progress tells. */
interface Underway {
  readonly runId: string
  /** By the clock, when it was made. */
  readonly createdAt: number
  /** Ids of the items that are not done. */
  readonly open: Set<string>
}

/** A kill to come: when a cycle has asked, or written, so many times. */
interface Kill {
  readonly how: 'hard' | 'soft'
  readonly by: 'all' | 'written'
  readonly at: number
}

/** All that a year needs at hand. */
export interface Stage {
  readonly folder: string
  readonly dir: string
  readonly logDir: string
  readonly clock: YearClock
  readonly world: World
  readonly weather: Weather
  readonly dice: Dice
  readonly touched: Set<RepoName>
  readonly stuck: Set<RepoName>
  readonly starts: Starts
  readonly trace: Trace
  readonly complain: (what: string) => void
  readonly cycles: number
  traffic: Traffic
  /** Undefined: the last one is done. */
  underway: Underway | undefined
  /** Repos that somebody changed since the start of the last cycle that came to its end. */
  readonly restless: Set<RepoName>
  /** When the cycle began, in time that has passed. */
  since: number
  life: Life
  kill: Kill | undefined
}

/** The first day of a year, with its whole calendar; what must not be goes to `complaints`. */
export function openStage(seed: number, cycles: number, folder: string, complaints: string[]): Stage {
  const [clock, weather, dice] = [createYearClock(), fairWeather(), createDice(seed)]
  const world = createWorld(clock.passed)
  const touched = new Set<RepoName>()
  const [dir, logDir] = [join(folder, 'run'), join(folder, 'log')]
  mkdirSync(dir)
  writeFileSync(join(folder, 'year.yml'), configText)
  const complain = (what: string): void => {
    complaints.push(
      `seed ${seed}, cycle ${stage.trace.runs}, ${new Date(clock.now()).toISOString()}: ${what}`,
    )
  }
  const starts = createStarts(every, complain)
  const trace = createTrace({ dir, logDir, keep, every, complain })
  const stage: Stage = {
    ...{ folder, dir, logDir, clock, world, weather, dice, touched, starts, trace, complain, cycles },
    stuck: new Set(),
    traffic: noTraffic(),
    underway: undefined,
    restless: new Set(),
    since: 0,
    life: newLife(),
    kill: undefined,
  }
  settle(world)
  const days = Math.ceil((cycles * every) / day) + 15
  writeCalendar(
    { world, weather, clock, dice, onTouched: (repo) => touched.add(repo), onJump: starts.jump },
    days,
  )
  writeKills(stage, days)
  return stage
}

/** The process is killed or stopped, in the middle of a cycle or between two. */
function writeKills(stage: Stage, days: number): void {
  const { clock, dice } = stage
  for (let left = Math.round(days / 12); left > 0; left--)
    clock.at(dice.between(day, days * day), () => {
      const by = dice.pick(['all', 'written'] as const)
      stage.kill = { how: dice.pick(['hard', 'soft']), by, at: dice.between(1, by === 'all' ? 120 : 2) }
    })
  for (let left = Math.round(days / 60); left > 0; left--)
    clock.at(dice.between(day, days * day), () => {
      if (!stage.life.inCycle) stop(stage.life)
    })
}

export function newLife(): Life {
  return { abort: new AbortController(), inCycle: false, isDead: false, left: undefined }
}

export function stop({ abort }: Life): void {
  abort.abort(new SyncError('stopped', 'Stopped by SIGTERM.'))
}
