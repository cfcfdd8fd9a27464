import type { Report, ReportItem, ReportJob } from '../model/report.ts'
import { htmlText } from './escape.ts'
import { counted, formatBytes, formatSeconds, needsAttention, rowNames } from './phrases.ts'
import { secondsBetween } from './timeline.ts'
import { chained, lastToFinish, type Wait, waitsOf } from './waits.ts'

/** Where there is one job, its repos are told one by one, up to this many. */
const mostRepos = 60
/** GitHub takes 256 jobs in a matrix; other job arrays may have more. */
const mostLines = 400

/** One line of the timeline; times are ISO 8601. */
interface Line {
  readonly label: string
  readonly more: string
  /** Whose end it waited for. */
  readonly after?: string
  readonly state: ReportJob['state'] | 'plan' | 'report'
  /** What it waited for before it began, in order. */
  readonly waits: readonly NamedWait[]
  readonly startedAt: string
  readonly finishedAt: string
}

interface NamedWait extends Pick<Wait, 'for' | 'from' | 'to'> {
  /** The job whose end ended it, by its label. */
  readonly until?: string
}

const legends: readonly (readonly [Wait['for'], string])[] = [
  ['jobs', 'waiting for other jobs'],
  ['place', 'for a place'],
  ['machine', 'for a machine'],
  ['again', 'to be run again'],
]

/** What ran when, and what waited for what; empty where no clock was noted. */
export function timelineSection(report: Report): string {
  const lines = linesOf(report)
  const starts = lines.map((line) => line.waits[0]?.from ?? line.startedAt).sort()
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
  return `<section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>${legend(lines, seconds)}
<ol class="timeline">${lines
    .slice(0, mostLines)
    .map((line) => row(line, first, seconds))
    .join('\n')}</ol>
<p class="axis"><span>0s</span><span>${formatSeconds(seconds / 2)}</span><span>${formatSeconds(seconds)}</span></p>${notes.map((note) => `<p>${note}</p>`).join('')}</section>`
}

/** Of what is wide enough to be seen. */
function legend(lines: readonly Line[], total: number): string {
  const isSeen = ({ from, to }: NamedWait) => secondsBetween(from, to) >= total / 200
  const seen = new Set(lines.flatMap((line) => line.waits.filter(isSeen).map((wait) => wait.for)))
  if (seen.size === 0) return ''
  const keys = legends
    .filter(([kind]) => seen.has(kind))
    .map(([kind, words]) => `<span class="key ${kind}">${words}</span>`)
  return `<p class="legend">${[...keys, '<span class="key work">working</span>'].join(' ')}</p>`
}

function linesOf(report: Report): readonly Line[] {
  const { stages = [], jobs = [], items } = report
  const plan = stages.find((stage) => stage.name === 'plan')
  const planLine: readonly Line[] =
    plan === undefined
      ? []
      : [{ ...plan, label: 'Plan', more: 'compare source and target', state: 'plan', waits: [] }]
  const ran = jobs.filter((job) => job.startedAt !== undefined)
  const [only] = ran
  const repos = ran.length === 1 && only?.kind === 'sync' ? repoLines(only, items) : []
  const waits = waitsOf(ran, plan?.finishedAt)
  // One job alone has nobody to wait for, nor does its report.
  const last = ran.length > 1 ? lastToFinish(ran) : undefined
  const lines =
    repos.length > 0 ? repos : ran.flatMap((job) => jobLine(job, items, waits.get(job) ?? [], last))
  return [...planLine, ...lines, ...(last === undefined ? [] : reportLine(report, lines))]
}

/** A report that is made again much later would leave no room for the rest. */
const longestWait = 600

/** When the report began is noted nowhere, when it was made is: for everything before, and for a machine. */
function reportLine({ createdAt }: Report, lines: readonly Line[]): readonly Line[] {
  const first = lines.map((line) => line.waits[0]?.from ?? line.startedAt).sort()[0]
  const last = lines
    .map((line) => line.finishedAt)
    .sort()
    .at(-1)
  if (first === undefined || last === undefined) return []
  const wait = secondsBetween(last, createdAt)
  if (wait === 0 || wait > Math.max(longestWait, secondsBetween(first, last))) return []
  const waits = chained(first, createdAt, [
    { for: 'jobs', to: last },
    { for: 'machine', to: createdAt },
  ])
  const times = { startedAt: createdAt, finishedAt: createdAt }
  return [{ label: 'Report', more: '', after: 'all', state: 'report', waits: waits.map(named([])), ...times }]
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
          waits: chained(job.startedAt ?? item.startedAt, item.startedAt, [
            { for: 'place', to: item.startedAt },
          ]).map(named(items)),
          startedAt: item.startedAt,
          finishedAt,
        },
      ]
    })
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
    .slice(0, mostRepos)
}

function jobLine(
  job: ReportJob,
  items: readonly ReportItem[],
  waits: readonly Wait[],
  last: ReportJob | undefined,
): Line[] {
  const { startedAt, finishedAt, kind, attempt = 1 } = job
  if (startedAt === undefined || finishedAt === undefined) return []
  const before = waits.flatMap(({ until }) => (until === undefined ? [] : [jobLabel(until, items)]))
  const words = [
    ...(kind === 'publish' ? [] : [formatBytes(job.bytes.moved)]),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(job === last ? ['last to finish'] : []),
  ]
  return [
    {
      label: kind === 'publish' ? `Publish ${counted(job.rows.length, 'repo')}` : jobLabel(job, items),
      more: words.join(' · '),
      ...(before.length > 0 && { after: before.join(' and ') }),
      state: job.state,
      waits: waits.map(named(items)),
      ...{ startedAt, finishedAt },
    },
  ]
}

function named(items: readonly ReportItem[]): (wait: Wait) => NamedWait {
  return ({ until, ...wait }) => (until === undefined ? wait : { ...wait, until: jobLabel(until, items) })
}

function jobLabel({ rows, part }: ReportJob, items: readonly ReportItem[]): string {
  const first = items[rows[0] ?? -1]
  const label = first === undefined ? 'a job' : rowNames(first)[0]
  const more = rows.length > 1 ? ` and ${rows.length - 1} more` : ''
  return `${label}${more}${part === undefined ? '' : ` (${part.number}/${part.of})`}`
}

/** Seconds in which nothing that it needs was undone. */
function idle({ waits }: Line): number {
  return waits
    .filter((wait) => wait.for !== 'jobs')
    .reduce((sum, { from, to }) => sum + secondsBetween(from, to), 0)
}

function row(line: Line, first: string, total: number): string {
  const at = (time: string) => (100 * secondsBetween(first, time)) / total
  const { state, startedAt, finishedAt } = line
  const waited = idle(line)
  const words = [
    ...(state === 'report' ? [] : [formatSeconds(secondsBetween(startedAt, finishedAt))]),
    ...(waited >= 1 ? [`waited ${formatSeconds(waited)}`] : []),
    ...(state === 'failed' || state === 'stopped' ? [state] : []),
  ]
  const waits = line.waits.map((wait) => bar(wait.for, at(wait.from), at(wait.to), 0, waitWords(wait)))
  return `<li>${names(line)}<svg width="100%" height="12" aria-hidden="true">${waits.join('')}${bar(state, at(startedAt), at(finishedAt), 0.4)}</svg><span class="time">${words.join(' · ')}</span></li>`
}

/** All of it once more where the pointer rests, since long names are cut. */
function names({ label, more, after }: Line): string {
  const parts = [
    ...(more === '' ? [] : [['muted', more] as const]),
    ...(after === undefined ? [] : [['muted after', `after ${after}`] as const]),
  ]
  const whole = [label, ...parts.map(([, text]) => text)].join(', ')
  const beside = parts.map(([name, text]) => ` <span class="${name}">${htmlText(text)}</span>`)
  return `<span class="name" title="${htmlText(whole)}"><bdi>${htmlText(label)}</bdi>${beside.join('')}</span>`
}

function waitWords({ for: kind, from, to, until }: NamedWait): string {
  const whom = until === undefined ? '' : `: ${until}`
  const words = {
    jobs: 'for other jobs',
    place: 'for a place',
    machine: 'for a machine',
    again: 'to be run again',
  }
  return `${formatSeconds(secondsBetween(from, to))} ${words[kind]}${whom}`
}

/** In percent of the whole; what is shorter than `least` would not be seen. */
function bar(name: string, from: number, to: number, least = 0, title = ''): string {
  if (to <= from && least === 0) return ''
  const width = Math.max(least, to - from)
  const x = Math.min(from, 100 - width)
  const told = title === '' ? '/>' : `><title>${htmlText(title)}</title></rect>`
  return `<rect class="${name}" x="${x.toFixed(2)}%" width="${width.toFixed(2)}%" height="12" rx="2"${told}`
}
