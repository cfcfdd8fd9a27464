import prettyBytes from 'pretty-bytes'
import { grouped } from '../model/grouped.ts'
import { folderHub } from '../model/repo.ts'
import type { Outcome, Report, ReportItem, Stage, Verification } from '../model/report.ts'
import { secondsBetween } from './timeline.ts'

/** The word for a row: its outcome, `planned` for the forecast of a dry run, or its state while the run goes on. */
export function rowWord(item: ReportItem): Outcome | 'planned' | NonNullable<ReportItem['state']> {
  return item.state ?? (item.forecast === undefined ? item.outcome : 'planned')
}

/** Rows in the order in which a person wants to see them: what needs a hand first. Equal ones keep the plan's order. */
export function byUrgency(items: readonly ReportItem[]): ReportItem[] {
  const rank = (item: ReportItem): number => urgency.indexOf(rowWord(item))
  return [...items].sort((a, b) => rank(a) - rank(b))
}

/** True for rows that a person must look at. */
export function needsAttention(item: ReportItem): boolean {
  if (item.state !== undefined) return false
  return item.outcome === 'failed' || item.outcome === 'conflict' || item.outcome === 'missing'
}

/** One line that says how the run went: `Failure: 2 failed, 3 synced, 10 unchanged`. */
export function headline(report: Report): string {
  const start = report.dryRun ? 'Forecast, no hub was written to' : outcomeTitle(report)
  return `${start}: ${rowCounts(report)}`
}

/**
 * `Success`, `Failure`, `Incomplete`; `Blocked` or `Partly blocked` where nothing went wrong, and yet not all could be done; `Under way`
 * while the run goes on.
 */
export function outcomeTitle(report: Report): string {
  if (report.underWay) return 'Under way'
  if (!isHeldUp(report)) return titles[report.outcome]
  return report.items.some((item) => goesOn.has(item.outcome)) ? 'Partly blocked' : 'Blocked'
}

/** True where nothing failed, and something is blocked. */
export function isHeldUp({ outcome, items }: Report): boolean {
  return outcome === 'success' && items.some((item) => item.outcome === 'blocked')
}

const goesOn: ReadonlySet<Outcome> = new Set(['synced', 'moved', 'unchanged'])

/** How many rows of each kind there are: `2 failed, 3 synced, 10 unchanged`. */
export function rowCounts(report: Report): string {
  const counts = new Map<string, number>()
  for (const item of byUrgency(report.items)) counts.set(rowWord(item), (counts.get(rowWord(item)) ?? 0) + 1)
  const parts = [...counts].map(([word, count]) => `${grouped(count)} ${word}`)
  return parts.length === 0 ? 'no repo matched' : parts.join(', ')
}

/** Bytes, files and time of a run: `1.2 GB moved, 3 GB reused, 12 files verified, 4m 12s of work`. */
export function effort(report: Report): string {
  const { bytes, files, seconds, forecast } = report.totals
  if (forecast !== undefined)
    return `${formatBytes(forecast.move)} to move, ${formatBytes(forecast.reuse)} to reuse`
  const checked = formatFiles(files)
  const parts = [`${formatBytes(bytes.moved)} moved`, `${formatBytes(bytes.reused)} reused`]
  return [
    ...parts,
    ...(checked === '' ? [] : [`files: ${checked}`]),
    `${formatSeconds(seconds)} of work`,
  ].join(', ')
}

/** What the names in a report that everybody can read stand for; undefined where nothing is hidden. */
export function hiddenNote({ hidden }: Report): string | undefined {
  if (hidden === undefined) return undefined
  return `${hidden} ${hidden === 1 ? 'row is' : 'rows are'} about repos that are not known to be public: they are called private-1 and so on, since everybody can read this. The input private-names says how to see them.`
}

/** The same for the pairs of `verify`. */
export function hiddenPairs(hidden: number | undefined): string | undefined {
  if (hidden === undefined) return undefined
  return `${hidden} ${hidden === 1 ? 'pair is' : 'pairs are'} about repos that are not known to be public: they are called private-1 and so on, since everybody can read this. The input private-names says how to see them.`
}

/** Why a row is what it is, and what to do next; both empty for what went well. */
export function explanation(item: ReportItem): { readonly cause: string; readonly next: string } {
  if (item.error !== undefined)
    return { cause: `${item.error.message} [${item.error.code}]`, next: item.error.next ?? '' }
  const { reason = '' } = item
  if (item.outcome !== 'missing' || item.state !== undefined) return { cause: reason, next: '' }
  const publish = 'Publish it with `sync --job publish`; in a workflow, re-run the failed jobs.'
  const again = 'Run it again: what is already on the target is not moved twice.'
  return { cause: reason, next: reason === unpublished ? publish : again }
}

/** Why a repo is `missing` that was moved by jobs and not published. */
export const unpublished =
  'its objects are on the target, but the publish job left no result; nothing became visible'

/** Rows with the same outcome, cause, next step and details, in the order of their first. */
export function sameCause(items: readonly ReportItem[]): readonly (readonly ReportItem[])[] {
  const groups = Map.groupBy(items, (item) => {
    const { cause, next } = explanation(item)
    const details = item.details ?? []
    // Files that did arrive, and long lists, are told of one repo.
    const isOwn = (needsAttention(item) && formatFiles(item.files) !== '') || details.length > 3
    return JSON.stringify([item.outcome, cause, next, isOwn ? item.id : details])
  })
  return [...groups.values()]
}

/** True where there was nothing to do: every row is unchanged. */
export function isIdle({ items }: Report): boolean {
  return items.length > 0 && items.every((item) => item.outcome === 'unchanged')
}

/** Source and target, what is the same on both sides only once: `Qwen/Qwen3 → modelscope`, `Qwen/Qwen3 → modelscope:my-org`. */
export function rowLabel(item: ReportItem): string {
  return rowNames(item).join(' → ')
}

/** The two sides of `rowLabel`. */
export function rowNames(item: ReportItem): readonly [source: string, target: string] {
  const [, source] = splitRepo(item.source)
  const [hub, target] = splitRepo(item.target)
  if (source === undefined || target === undefined) return [item.source, item.target]
  if (source === target) return [source, hub]
  // A folder is its whole path, whatever the source is called.
  if (hub === folderHub) return [source, item.target]
  const owner = target.slice(0, target.lastIndexOf('/'))
  const sameName = source.slice(source.lastIndexOf('/')) === target.slice(target.lastIndexOf('/'))
  return [source, `${hub}:${sameName ? owner : target}`]
}

/** `plan 20s, sync 11m 2s, publish 30s`: by the clock; empty where none was noted. */
export function stageTimes(stages: readonly Stage[]): string {
  return stages
    .map(
      ({ name, startedAt, finishedAt }) => `${name} ${formatSeconds(secondsBetween(startedAt, finishedAt))}`,
    )
    .join(', ')
}

/** `3 repos`, `1 repo`. */
export function counted(count: number, word: string): string {
  return `${grouped(count)} ${word}${count === 1 ? '' : 's'}`
}

/** What part of all bytes was there already: `12%`; empty if none. */
export function reusedPart(moved: number, reused: number): string {
  if (reused === 0) return ''
  const percent = Math.floor((100 * reused) / (moved + reused))
  return `${percent === 0 ? 'below 1' : percent}%`
}

/** Hub and name of `hub:owner/name`. */
export function splitRepo(repo: string): [string, string | undefined] {
  const at = repo.indexOf(':')
  return at < 0 ? [repo, undefined] : [repo.slice(0, at), repo.slice(at + 1)]
}

/** `+3 ~1 -2`: files added, updated and deleted; empty if none. */
export function formatChanges(changes: ReportItem['changes']): string {
  const parts = [changes.add > 0 ? `+${changes.add}` : '', changes.update > 0 ? `~${changes.update}` : '']
  return [...parts, changes.delete > 0 ? `-${changes.delete}` : ''].filter((part) => part !== '').join(' ')
}

/** The four verifications, never one for another: `12 verified, 3 sampled`; empty if no file was looked at. */
export function formatFiles(files: Readonly<Record<Verification, number>>): string {
  const words: readonly Verification[] = ['mismatch', 'verified', 'sampled', 'unverifiable']
  return words
    .filter((word) => files[word] > 0)
    .map((word) => `${grouped(files[word])} ${word}`)
    .join(', ')
}

/** Decimal units, as everywhere in the interface: `1.2 GB`. */
export function formatBytes(bytes: number): string {
  return prettyBytes(Math.max(0, bytes))
}

/** `8s`, `4m 12s`, `3h 5m`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole}s`
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`
  return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`
}

/** How a commit got to the target. */
export const ways: Readonly<Record<NonNullable<NonNullable<ReportItem['published']>['by']>, string>> = {
  api: 'the API',
  git: 'git push',
  import: 'import by the hub',
  files: 'files',
}

const urgency: readonly string[] = [
  'failed',
  'conflict',
  'missing',
  'blocked',
  'running',
  'waiting',
  'moved',
  'planned',
  'synced',
  'skipped',
  'unchanged',
]

const titles: Readonly<Record<Report['outcome'], string>> = {
  success: 'Success',
  failure: 'Failure',
  incomplete: 'Incomplete',
}
