import type { Outcome, Report, ReportItem } from '../../src/model/report.ts'
import { type Expected, sameFiles } from './expected.ts'
import type { Weather } from './weather.ts'
import type { Files, HubName, RepoName, World } from './world.ts'
import { hubOf } from './world.ts'

/** One cycle, as the test has seen it go by. */
export interface Seen {
  readonly expected: readonly Expected[]
  /** The weather when it began, where it did not change meanwhile. */
  readonly steady: Pick<Weather, 'down' | 'brokenPages'> | undefined
  /** Repos that somebody changed meanwhile. */
  readonly touched: ReadonlySet<RepoName>
}

/** What is wrong with a report, by the plain model. */
export function reportProblems(world: World, report: Report, seen: Seen): string[] {
  const rules = new Set(seen.expected.map(({ rule }) => rule))
  const strangers = report.items.filter(({ rule }) => ![...rules].some((one) => one === rule))
  return [
    ...strangers.map((row) => `there is a row of ${row.id}, which has no part in this cycle`),
    ...totalsProblems(report),
    ...seen.expected.flatMap((one) => pairProblems(world, report, one, seen)),
  ]
}

function totalsProblems({ items, totals, outcome }: Report): string[] {
  const counted = Map.groupBy(items, (row) => row.outcome)
  const wrong = Object.entries(totals.outcomes).filter(
    ([name, count]) => (counted.get(name as Outcome)?.length ?? 0) !== count,
  )
  const isFine = items.every((row) => ['synced', 'unchanged', 'skipped', 'blocked'].includes(row.outcome))
  const isWrong = outcome === 'success' && !isFine
  return [
    ...wrong.map(([name, count]) => `the totals say ${count} ${name}`),
    ...(isWrong ? ['the report calls a run a success that was none'] : []),
  ]
}

function pairProblems(world: World, report: Report, one: Expected, seen: Seen): string[] {
  const { rule, source, target } = one
  const ends = [source, target]
  const rows = report.items.filter(
    (row) => row.rule === rule && ends.includes(row.source) && ends.includes(row.target),
  )
  const isTouched = ends.some((end) => seen.touched.has(end))
  const unread = report.items.some((row) => row.rule === rule && row.source.includes('*'))
  const label = `${source} → ${target} (${rule})`
  const found = rows.map(shown).join(', ') || (unread ? 'the rule failed' : 'no row')
  const problem = (wanted: string) => [`${label}: ${found}, where ${wanted} was expected`]
  if (seen.steady !== undefined) {
    const failing = mustFail(one, seen.steady)
    if (failing === 'rule')
      return unread && rows.length === 0
        ? isTouched
          ? []
          : stays(world, one, label)
        : problem('the rule failed')
    if (failing === 'pair')
      return isTouched || (rows.every(isFailed) && rows.length === 1) ? [] : problem('failed')
    if (unread) return problem(one.outcomes.join(' or '))
  }
  if (isTouched || unread) return []
  if (rows.some(isFailed)) return seen.steady === undefined ? [] : problem(one.outcomes.join(' or '))
  return isAsExpected(one, rows) ? contentProblems(world, one, rows, label) : problem(wantedOf(one))
}

function shown(row: ReportItem): string {
  const why = row.error?.message ?? row.reason ?? ''
  return `${row.source} ${row.outcome}${why === '' ? '' : ` (${why})`}`
}

function wantedOf({ outcomes, writes }: Expected): string {
  return `${outcomes.join(' or ')}${writes.length > 0 ? ` of the ${writes.join(' and the ')}` : ''}`
}

function isFailed({ outcome }: ReportItem): boolean {
  return outcome === 'failed'
}

/** A hub that is down takes down the rules that have to list it, and the pairs on it. */
function mustFail({ rule, target }: Expected, { down, brokenPages }: NonNullable<Seen['steady']>) {
  const isOut = (hub: HubName) => down.has(hub) || brokenPages.has(hub)
  if (isOut('huggingface') || (rule === 'both' && isOut('modelers'))) return 'rule'
  return down.has(hubOf(target)) ? 'pair' : undefined
}

function isAsExpected({ outcomes, writes, source, target }: Expected, rows: readonly ReportItem[]): boolean {
  if (writes.length === 0) return rows.length === 1 && rows.every((row) => outcomes.includes(row.outcome))
  const written = rows.filter((row) => row.outcome === 'synced').map((row) => row.target)
  const wanted = writes.map((side) => (side === 'source' ? source : target))
  return rows.length === wanted.length && wanted.every((repo) => written.includes(repo))
}

/** Content is what the model says; of what was written beside, nothing. */
function contentProblems(
  world: World,
  { source, target, before, after, writes }: Expected,
  rows: readonly ReportItem[],
  label: string,
): string[] {
  const isDone = rows.every((row) => row.outcome === 'synced')
  const wanted = isDone && writes.length > 0 ? after : before
  return [
    ...differences(world.files(source), wanted.source, `${label}: the source`),
    ...differences(world.files(target), wanted.target, `${label}: the target`),
  ]
}

/** Of what could not be read, nothing may have changed. */
function stays(world: World, { source, target, before }: Expected, label: string): string[] {
  const isSame = (now: Files | undefined, then: Files | undefined) =>
    now === undefined || then === undefined ? now === then : sameFiles(now, then)
  const isStill = isSame(world.files(source), before.source) && isSame(world.files(target), before.target)
  return isStill ? [] : [`${label}: was written, although the rule failed`]
}

function differences(now: Files | undefined, wanted: Files | undefined, where: string): string[] {
  if (now === undefined || wanted === undefined)
    return now === wanted ? [] : [`${where} is ${now === undefined ? 'absent' : 'there'}`]
  const paths = new Set([...Object.keys(now), ...Object.keys(wanted)])
  return [...paths].filter((path) => now[path] !== wanted[path]).map((path) => `${where} has another ${path}`)
}
