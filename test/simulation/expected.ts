import type { Outcome } from '../../src/model/report.ts'
import { guards, pairsOf, type RuleName, type YearPair } from './rules.ts'
import type { Files, RepoName, World } from './world.ts'

/** What the plain model says of a pair: how it may end, and what both sides hold if it ends `synced`. */
export interface Expected extends YearPair {
  readonly outcomes: readonly Outcome[]
  readonly before: { readonly source: Files | undefined; readonly target: Files | undefined }
  readonly after: { readonly source: Files | undefined; readonly target: Files | undefined }
  /** Which sides are written if all goes well. */
  readonly writes: readonly ('source' | 'target')[]
}

/** The model, told from what stands on the hubs alone: no ledger, no plan. */
export function expectedOf(world: World, rules: readonly RuleName[]): Expected[] {
  return rules.flatMap((rule) => pairsOf(world, rule).map((pair) => expectedPair(world, pair)))
}

function expectedPair(world: World, pair: YearPair): Expected {
  const before = { source: world.files(pair.source), target: world.files(pair.target) }
  const end = (
    outcomes: readonly Outcome[],
    changed: Partial<{ source: Files; target: Files }> = {},
  ): Expected => ({
    ...pair,
    outcomes,
    before,
    after: { ...before, ...changed },
    writes: (['source', 'target'] as const).filter((side) => changed[side] !== undefined),
  })
  if (pair.rule === 'both' && before.source !== undefined && before.target !== undefined)
    return expectedBoth(world, pair, before.source, before.target, end)
  const isBack = before.source === undefined
  const [from, to] = isBack ? [pair.target, pair.source] : [pair.source, pair.target]
  const gate = gateOf(world, from, to)
  if (gate !== 'pass')
    return end(gate === 'skipped' ? ['skipped', 'unchanged'] : ['blocked', ...skippable(pair)])
  const [source = {}, there] = isBack ? [before.target, before.source] : [before.source, before.target]
  if (there === undefined) return end(['synced'], isBack ? { source } : { target: source })
  if (pair.rule === 'frozen') return end(['skipped', 'unchanged'])
  return expectedOneWay(world, pair, source, there, end)
}

function skippable({ rule }: YearPair): readonly Outcome[] {
  return rule === 'frozen' ? ['skipped', 'unchanged'] : []
}

type End = (outcomes: readonly Outcome[], changed?: Partial<{ source: Files; target: Files }>) => Expected

/** Nothing that is not public goes where everybody sees it. */
function gateOf(world: World, from: RepoName, to: RepoName): 'pass' | 'skipped' | 'blocked' {
  const [source, target] = [world.repo(from), world.repo(to)]
  if (source?.gated) return 'skipped'
  return source?.visibility === 'private' && target?.visibility === 'public' ? 'blocked' : 'pass'
}

function expectedOneWay(world: World, pair: YearPair, source: Files, there: Files, end: End): Expected {
  const base = pair.rule === 'mirror' ? baseOf(world, pair) : undefined
  const gone = Object.keys(there).filter(
    (path) => source[path] === undefined && base?.has(path) && base.get(path) === there[path],
  )
  if (isHeld(gone.length, base?.size ?? 0, Object.keys(source).length)) return end(['blocked'])
  const after = without({ ...there, ...source }, gone)
  return sameFiles(after, there) ? end(['unchanged']) : end(['synced'], { target: after })
}

function expectedBoth(world: World, pair: YearPair, source: Files, target: Files, end: End): Expected {
  const [forward, back] = [gateOf(world, pair.source, pair.target), gateOf(world, pair.target, pair.source)]
  if (forward === 'skipped' || back === 'skipped') return end(['skipped', 'unchanged'])
  const base = baseOf(world, pair) ?? new Map<string, string>()
  const [here, there] = [{ ...source }, { ...target }] as Record<string, string>[]
  const deletes = { source: 0, target: 0 }
  for (const path of new Set([...Object.keys(source), ...Object.keys(target)])) {
    const [mine, its, then] = [source[path], target[path], base.get(path)]
    if (mine === its) continue
    const changed =
      then === undefined ? [mine !== undefined, its !== undefined] : [mine !== then, its !== then]
    if (changed[0] && changed[1]) return end(['conflict'])
    const [winner, loser, side] = changed[0]
      ? [mine, there, 'target' as const]
      : [its, here, 'source' as const]
    if (loser === undefined) continue
    if (winner === undefined) deletes[side] += 1
    if (winner === undefined) delete loser[path]
    else loser[path] = winner
  }
  const held =
    isHeld(deletes.target, base.size, Object.keys(source).length) ||
    isHeld(deletes.source, base.size, Object.keys(target).length)
  if (held) return end(['blocked'])
  const changes = {
    ...(!sameFiles(there ?? {}, target) && { target: there ?? {} }),
    ...(!sameFiles(here ?? {}, source) && { source: here ?? {} }),
  }
  if (Object.keys(changes).length === 0) return end(['unchanged'])
  const isHidden = (changes.target && forward === 'blocked') || (changes.source && back === 'blocked')
  return isHidden ? end(['blocked']) : end(['synced'], changes)
}

function isHeld(count: number, held: number, left: number): boolean {
  return count > 0 && (left === 0 || count > guards.maxFiles || count > guards.maxRatio * held)
}

/** What both had when a run last made them equal, told from the commits that runs have left. */
function baseOf(world: World, { source, target }: YearPair): ReadonlyMap<string, string> | undefined {
  const met = meetingsOf(world, source, target)
  const newest = met.toSorted((a, b) => a.here + a.there - b.here - b.there)[0]
  if (newest === undefined) return undefined
  const [here, there] = [filesAt(world, source, newest.here), filesAt(world, target, newest.there)]
  return new Map(Object.entries(here).filter(([path, text]) => there[path] === text))
}

/** Places of two commits in the histories, newest first, at which both sides were equal. */
interface Meeting {
  readonly here: number
  readonly there: number
}

function meetingsOf(world: World, source: RepoName, target: RepoName): Meeting[] {
  const [mine, its] = [stampsOf(world, source), stampsOf(world, target)]
  const whole = (stamps: readonly Stamp[]) => stamps.filter(({ commits }) => commits === 1)
  const halves = (stamps: readonly Stamp[]) => stamps.filter(({ commits }) => commits === 2)
  return [
    ...whole(its).map(({ at, from }) => ({ here: placeOf(world, source, from), there: at })),
    ...whole(mine).map(({ at, from }) => ({ here: at, there: placeOf(world, target, from) })),
    ...halves(mine).flatMap((one) =>
      halves(its)
        .filter(({ run }) => run === one.run)
        .map((other) => ({ here: one.at, there: other.at })),
    ),
  ].filter(({ here, there }) => here >= 0 && there >= 0)
}

interface Stamp {
  readonly at: number
  readonly from: string
  readonly run: string
  readonly commits: 1 | 2
}

function stampsOf(world: World, name: RepoName): Stamp[] {
  return (world.repo(name)?.commits ?? []).slice(0, 100).flatMap(({ message }, at) => {
    const [, from] = /^Synced-From: .*@([0-9a-f]+)$/m.exec(message) ?? []
    const [, run] = /^Synced-Run: (.*)$/m.exec(message) ?? []
    if (from === undefined || run === undefined) return []
    return [{ at, from, run, commits: message.includes('Synced-Commits: 2') ? 2 : 1 }]
  })
}

function placeOf(world: World, name: RepoName, commit: string): number {
  return (world.repo(name)?.commits ?? []).slice(0, 100).findIndex(({ id }) => id === commit)
}

function filesAt(world: World, name: RepoName, place: number): Files {
  const commit = world.repo(name)?.commits[place]
  return commit === undefined ? {} : world.filesOf(name, commit)
}

function without(files: Files, paths: readonly string[]): Files {
  return Object.fromEntries(Object.entries(files).filter(([path]) => !paths.includes(path)))
}

export function sameFiles(a: Files, b: Files): boolean {
  const paths = Object.keys(a)
  return paths.length === Object.keys(b).length && paths.every((path) => a[path] === b[path])
}
