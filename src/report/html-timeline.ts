import type { Report, ReportItem, ReportJob } from '../model/report.ts'
import { htmlText } from './escape.ts'
import { counted, formatBytes, formatSeconds, needsAttention, rowNames } from './phrases.ts'
import { secondsBetween } from './timeline.ts'

/** Where there is one job, its repos are told one by one, up to this many. */
const mostRepos = 60
/** GitHub takes 256 jobs in a matrix; other job arrays may have more. */
const mostLines = 400

/** One line of the timeline; times are ISO 8601. */
interface Line {
  readonly label: string
  readonly more: string
  readonly state: ReportJob['state'] | 'plan'
  /** From when on it could have begun. */
  readonly readyAt?: string
  readonly startedAt: string
  readonly finishedAt: string
}

/** What ran when, and what waited for what; empty where no clock was noted. */
export function timelineSection(report: Report): string {
  const lines = linesOf(report)
  const starts = lines.map((line) => line.readyAt ?? line.startedAt).sort()
  const ends = lines.map((line) => line.finishedAt).sort()
  const [first, last] = [starts[0], ends.at(-1)]
  if (first === undefined || last === undefined || lines.length < 2) return ''
  const seconds = secondsBetween(first, last)
  if (seconds === 0) return ''
  const lost = (report.jobs ?? []).filter((job) => job.state === 'missing').length
  const notes = [
    ...(lost > 0
      ? [`${counted(lost, 'job')} left no result and ${lost === 1 ? 'is' : 'are'} not shown.`]
      : []),
    ...(lines.length > mostLines ? [`${lines.length - mostLines} more are in report.json.`] : []),
  ]
  const waited = lines.some((line) => waitOf(line) >= 1)
  const legend = waited
    ? '<p class="legend"><span class="key wait">waiting</span> <span class="key work">working</span></p>'
    : ''
  return `<section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>${legend}
<ol class="timeline">${lines
    .slice(0, mostLines)
    .map((line) => row(line, first, seconds))
    .join('\n')}</ol>
<p class="axis"><span>0s</span><span>${formatSeconds(seconds / 2)}</span><span>${formatSeconds(seconds)}</span></p>${notes.map((note) => `<p>${note}</p>`).join('')}</section>`
}

function linesOf(report: Report): readonly Line[] {
  const { stages = [], jobs = [], items } = report
  const plan = stages.find((stage) => stage.name === 'plan')
  const planLine: readonly Line[] =
    plan === undefined ? [] : [{ ...plan, label: 'Plan', more: 'compare source and target', state: 'plan' }]
  const ran = jobs.filter((job) => job.startedAt !== undefined)
  const [only] = ran
  const repos = ran.length === 1 && only?.kind === 'sync' ? repoLines(only, items) : []
  if (repos.length > 0) return [...planLine, ...repos]
  const last = lastToFinish(ran)
  return [...planLine, ...ran.flatMap((job) => jobLine(job, items, plan?.finishedAt, last))]
}

/** Repos of one job share its wire: each waits until one before it is done. */
function repoLines(job: ReportJob, items: readonly ReportItem[]): readonly Line[] {
  const rows = job.rows.flatMap((index) => items[index] ?? [])
  return rows
    .flatMap((item): Line[] => {
      if (item.startedAt === undefined) return []
      const finishedAt = new Date(Date.parse(item.startedAt) + item.seconds * 1000).toISOString()
      return [
        {
          label: rowNames(item)[0],
          more: formatBytes(item.bytes.moved),
          state: needsAttention(item) ? 'failed' : 'done',
          // What an earlier attempt of the job has synced began before this one.
          ...(job.startedAt && job.startedAt < item.startedAt && { readyAt: job.startedAt }),
          startedAt: item.startedAt,
          finishedAt,
        },
      ]
    })
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
    .slice(0, mostRepos)
}

function lastToFinish(jobs: readonly ReportJob[]): ReportJob | undefined {
  return jobs
    .filter((job) => job.kind === 'sync')
    .reduce<ReportJob | undefined>(
      (last, job) => ((job.finishedAt ?? '') > (last?.finishedAt ?? '') ? job : last),
      undefined,
    )
}

function jobLine(
  job: ReportJob,
  items: readonly ReportItem[],
  planned: string | undefined,
  last: ReportJob | undefined,
): Line[] {
  const { startedAt, finishedAt, kind, attempt = 1 } = job
  if (startedAt === undefined || finishedAt === undefined) return []
  const readyAt = kind === 'publish' ? last?.finishedAt : planned
  const waitedFor = kind === 'publish' && last !== undefined ? `after ${jobLabel(last, items)}` : ''
  const words = [
    ...(kind === 'publish' ? [] : [formatBytes(job.bytes.moved)]),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(job === last ? ['last to finish'] : []),
    ...(waitedFor === '' ? [] : [waitedFor]),
  ]
  return [
    {
      label: kind === 'publish' ? `Publish ${counted(job.rows.length, 'repo')}` : jobLabel(job, items),
      more: words.join(' · '),
      state: job.state,
      ...(readyAt && { readyAt }),
      ...{ startedAt, finishedAt },
    },
  ]
}

function jobLabel({ rows, part }: ReportJob, items: readonly ReportItem[]): string {
  const first = items[rows[0] ?? -1]
  const label = first === undefined ? 'a job' : rowNames(first)[0]
  const more = rows.length > 1 ? ` and ${rows.length - 1} more` : ''
  return `${label}${more}${part === undefined ? '' : ` (${part.number}/${part.of})`}`
}

function waitOf({ readyAt, startedAt }: Line): number {
  return readyAt === undefined ? 0 : secondsBetween(readyAt, startedAt)
}

function row(line: Line, first: string, total: number): string {
  const at = (time: string) => (100 * secondsBetween(first, time)) / total
  const [ready, start, end] = [line.readyAt ?? line.startedAt, line.startedAt, line.finishedAt].map(at)
  const wait = waitOf(line)
  const worked = formatSeconds(secondsBetween(line.startedAt, line.finishedAt))
  const words = [
    worked,
    ...(wait >= 1 ? [`waited ${formatSeconds(wait)}`] : []),
    ...(line.state === 'failed' || line.state === 'stopped' ? [line.state] : []),
  ]
  return `<li><span class="name" title="${htmlText(`${line.label}, ${line.more}`)}"><bdi>${htmlText(line.label)}</bdi> <span class="muted">${htmlText(line.more)}</span></span><svg width="100%" height="12" aria-hidden="true">${bar('wait', ready ?? 0, start ?? 0)}${bar(line.state, start ?? 0, end ?? 0, 0.4)}</svg><span class="time">${words.join(' · ')}</span></li>`
}

/** In percent of the whole; what is shorter than `least` would not be seen. */
function bar(name: string, from: number, to: number, least = 0): string {
  if (to <= from && least === 0) return ''
  const width = Math.max(least, to - from)
  const x = Math.min(from, 100 - width)
  return `<rect class="${name}" x="${x.toFixed(2)}%" width="${width.toFixed(2)}%" height="12" rx="2"/>`
}
