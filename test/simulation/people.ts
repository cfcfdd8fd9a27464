import type { Dice } from './dice.ts'
import { ends, type YearPair } from './rules.ts'
import type { Weather } from './weather.ts'
import { type Edit, type Files, type HubName, hubNames, type RepoName, type World } from './world.ts'
import { day, hour, minute, type YearClock } from './year-clock.ts'

/** Who is told that a repo was touched by somebody. */
export type OnTouched = (repo: RepoName) => void

const paths = ['README.md', 'a.txt', 'b.txt', 'c/d.json', 'c/e.bin', 'f.txt', 'w.bin', 'z.txt'] as const

/** The repos that are there on the first day. */
export function settle(world: World): void {
  for (const [name, files] of [
    ['m-1', 6],
    ['m-2', 4],
    ['b-1', 6],
    ['s-1', 3],
    ['w-1', 5],
    ['x-1', 2],
  ] as const)
    world.edit(`huggingface:alice/${name}`, newFiles(`huggingface:alice/${name}`, files))
}

function newFiles(name: RepoName, count: number): Edit {
  return Object.fromEntries(paths.slice(0, count).map((path) => [path, `# ${path} of ${name}\n`]))
}

/** All that happens in a year: what people do, and what becomes of hubs and clocks. */
export interface Calendar {
  readonly world: World
  readonly weather: Weather
  readonly clock: YearClock
  readonly dice: Dice
  readonly onTouched: OnTouched
  /** The clock was set, or the machine slept. */
  readonly onJump: () => void
}

/** Writes so many days into the clock. */
export function writeCalendar(calendar: Calendar, days: number): void {
  const { clock, dice } = calendar
  let texts = 0
  const write = () => `# text ${++texts}\n`
  for (let date = 1; date < days; date++) {
    if (dice.chance(0.45)) continue
    for (let left = dice.between(1, 7); left > 0; left--)
      clock.at(date * day + dice.between(0, day), () => act(calendar, write))
  }
  newRepos(calendar)
  clearings(calendar, days)
  closings(calendar, days)
  hardWeather(calendar, days)
  setClocks(calendar, days)
}

function newRepos({ world, clock, onTouched }: Calendar): void {
  clock.at(60 * day, () => {
    world.edit('huggingface:alice/m-3', newFiles('m-3', 5))
    world.show('huggingface:alice/m-3', 'private')
    onTouched('huggingface:alice/m-3')
  })
  clock.at(130 * day, () => {
    world.show('huggingface:alice/m-3', 'open')
    onTouched('huggingface:alice/m-3')
  })
  clock.at(100 * day, () => {
    world.edit('modelers:alice/b-2', newFiles('b-2', 4))
    onTouched('modelers:alice/b-2')
  })
}

/** Somebody clears a repo out: more than the guards let go. */
function clearings({ world, clock, dice, onTouched }: Calendar, days: number): void {
  for (let left = 10; left > 0; left--)
    clock.at(dice.between(3 * day, (days - 5) * day), () => {
      const name = dice.pick([
        'huggingface:alice/m-1',
        'huggingface:alice/b-1',
        'modelers:alice/b-1',
      ] as const)
      const there = Object.keys(world.files(name) ?? {})
      world.edit(name, Object.fromEntries(there.slice(0, -1).map((path) => [path, undefined])))
      onTouched(name)
    })
}

/** One commit of a person, somewhere. */
function act({ world, dice, onTouched }: Calendar, write: () => string): void {
  const name = dice.pick(touchable(world))
  const files = name === undefined ? undefined : world.files(name)
  if (name === undefined || files === undefined) return
  const edit = editOf(files, dice, write)
  if (edit === undefined) return
  world.edit(name, edit)
  onTouched(name)
}

/** Undefined: the person thinks better of it. */
function editOf(files: Files, dice: Dice, write: () => string): Edit | undefined {
  const path = dice.pick(paths)
  const old = dice.pick(Object.keys(files))
  const kind = dice.real()
  if (kind < 0.55 || old === undefined) return { [path]: write() }
  if (kind < 0.75) return Object.keys(files).length > 2 ? { [old]: undefined } : undefined
  if (kind < 0.9 && files[path] === undefined) return { [old]: undefined, [path]: files[old] }
  return { [path]: write(), [dice.pick(paths)]: write() }
}

/** Sources twice as often as targets; what only a run may make is left to it. */
function touchable(world: World): RepoName[] {
  const sources = Object.values(ends).flatMap(([source]) => world.names('huggingface', source))
  const targets = [...world.names('modelscope', 'modelscope:'), ...world.names('modelers', 'modelers:')]
  return [...sources, ...sources, ...targets]
}

/** What is closed for some days. */
function closings({ world, clock, dice, onTouched }: Calendar, days: number): void {
  for (let count = 0; count < 18; count++) {
    const name = dice.pick([
      'huggingface:alice/m-1',
      'huggingface:alice/m-2',
      'huggingface:alice/b-1',
      'huggingface:alice/w-1',
      'modelers:alice/b-1',
    ] as const)
    const how = dice.pick(['private', 'gated'] as const)
    const from = dice.between(5 * day, (days - 8) * day)
    const show = (what: 'open' | 'private' | 'gated') => () => {
      world.show(name, what)
      onTouched(name)
    }
    clock.at(from, show(how))
    clock.at(from + dice.between(10 * hour, 6 * day), show('open'))
  }
}

/** Hubs that are down, slow or odd, and clocks that are set. */
function hardWeather(calendar: Calendar, days: number): void {
  const { clock, dice, weather, onJump } = calendar
  const often = (count: number, happen: (hub: HubName) => (() => void) | undefined, longest: number) => {
    for (let left = count; left > 0; left--) {
      const hub = dice.pick(hubNames)
      const from = dice.between(2 * day, (days - 8) * day)
      clock.at(from, () => {
        weather.changes += 1
        const end = happen(hub)
        if (end === undefined) return
        clock.at(clock.passed() + dice.between(hour, longest), () => {
          weather.changes += 1
          end()
        })
      })
    }
  }
  often(
    26,
    (hub) => {
      weather.down.set(hub, dice.pick(['network', 'unavailable']))
      return () => weather.down.delete(hub)
    },
    60 * hour,
  )
  often(
    14,
    (hub) => {
      weather.slow.set(hub, dice.between(5_000, 90_000))
      return () => weather.slow.delete(hub)
    },
    30 * hour,
  )
  often(
    18,
    (hub) => {
      weather.brokenPages.add(hub)
      return () => weather.brokenPages.delete(hub)
    },
    20 * hour,
  )
  often(40, (hub) => void weather.limited.set(hub, dice.between(1, 9)), 0)
  often(24, (hub) => void weather.lostAnswers.set(hub, 1), 0)
  // The machine sleeps: time passes, and nobody works.
  often(
    8,
    () => {
      onJump()
      return void clock.pass(dice.between(30 * minute, 70 * hour))
    },
    0,
  )
}

/** The clock is set forward and back; over the year it stays near the truth. */
function setClocks({ clock, dice, onJump }: Calendar, days: number): void {
  for (let left = 6; left > 0; left--) {
    const by = dice.between(5 * minute, 60 * hour)
    clock.at(dice.between(5 * day, (days - 10) * day), () => {
      onJump()
      clock.set(by)
      clock.at(clock.passed() + dice.between(hour, 8 * day), () => {
        onJump()
        clock.set(-by)
      })
    })
  }
}

/** A person looks at a pair that no run can bring further, and makes the target what the source is. */
export function settleByHand(world: World, { source, target, rule }: YearPair, onTouched: OnTouched): void {
  const [here, there] = [world.files(source), world.files(target)]
  if (here === undefined || there === undefined || rule === 'frozen') return
  const edit = Object.fromEntries(
    [...Object.keys(there), ...Object.keys(here)].map((path) => [path, here[path]]),
  )
  world.edit(target, edit)
  onTouched(target)
}
