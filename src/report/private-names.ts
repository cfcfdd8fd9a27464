import type { ProgressEvent } from '../context.ts'
import { type ErrorCode, errorCodes, SyncError } from '../model/errors.ts'
import type { HeldBack, Plan } from '../model/plan.ts'
import { formatRepo } from '../model/repo.ts'
import type { ItemResult, Report, ReportItem } from '../model/report.ts'
import { splitRepo } from './phrases.ts'

/**
 * The report as everybody may read it: a row is called `private-1` and so on unless both its repos are known to be public. Of such a
 * row stay outcome, rule, counts, bytes, and the code of its error with a fixed text; names, files, notes and addresses do not.
 */
export function withoutPrivateNames(report: Report, plan: Plan): Report {
  const worked = new Set(plan.items.map((item) => item.id))
  const isHidden = (row: ReportItem) => !row.public || (worked.has(row.id) && isClosed(row.error?.code))
  const hidden = report.items.filter(isHidden)
  const aliases = numbered([...hiddenRepos(plan), ...hidden.map((item) => item.source)])
  const items = report.items.map((item) =>
    isHidden(item) ? hiddenRow(item, aliases.get(item.source) ?? someRepo) : item,
  )
  return { ...report, ...(hidden.length > 0 && { hidden: hidden.length }), items }
}

/** What a log that everybody can read may call the items of a plan. */
export interface PublicNames {
  /** Ids of the items that go by their own names. */
  readonly named: ReadonlySet<string>
  /** `private-1` and so on, as in the report, by id. */
  readonly aliases: ReadonlyMap<string, string>
}

/** Before there is a plan, nothing has a name. */
export const noNames: PublicNames = { named: new Set(), aliases: new Map() }

/** Which items of a plan go by their names, and the aliases of the others. */
export function publicNames(plan: Plan): PublicNames {
  const aliases = numbered(hiddenRepos(plan))
  return {
    named: new Set(plan.items.filter((item) => item.public).map((item) => item.id)),
    aliases: new Map(
      plan.items.flatMap((item) => {
        const alias = item.public ? undefined : aliases.get(sourceOf(item))
        return alias === undefined ? [] : [[item.id, alias]]
      }),
    ),
  }
}

/** The event as everybody may see it. Of an item that is not known to be public stay its alias, what is done, and how it ended. */
export function publicEvent(event: ProgressEvent, { named, aliases }: PublicNames): ProgressEvent {
  if (event.kind === 'stage' || event.kind === 'planned') return event
  const code = event.kind === 'item-finished' ? event.code : undefined
  if (named.has(event.item) && !isClosed(code)) return event
  const item = aliases.get(event.item) ?? someRepo
  if (event.kind === 'item-started') return { ...event, item, label: item }
  if (event.kind === 'item-finished')
    return { kind: event.kind, item, outcome: event.outcome, text: isKnown(code) ? code : '' }
  return { ...event, item }
}

/** The error as everybody may read it: as it is if it says of itself that it may be, else what its code means. */
export function publicError(error: SyncError): SyncError {
  if (error.isPublic) return error
  const { message, next } = fixedError(error.code)
  const steps = next === howToSee ? next : `${next} ${howToSee}`
  return new SyncError(error.code, `${message}.`, { next: steps })
}

/** What a line that was left out leaves behind, once for all of them. */
export function leftOut(lines: number): string | undefined {
  return lines === 0
    ? undefined
    : `${lines} line(s) were left out, since they may name private repos. ${howToSee}`
}

/** What work on a repo ends with counts more than what the plan saw before: it may not be public any more. */
function isClosed(code: string | undefined): boolean {
  return code !== undefined && closedCodes.has(code)
}

const closedCodes: ReadonlySet<string> = new Set<ErrorCode>([
  'leak',
  'gated',
  'forbidden',
  'unauthorized',
  'not-found',
])

/** In the order of the report's rows, the sources of those that are not known to be public. */
function hiddenRepos(plan: Plan): string[] {
  const held: readonly HeldBack[] = [...plan.failed, ...plan.blocked, ...plan.skipped, ...plan.unchanged]
  return [
    ...plan.items.filter((item) => !item.public).map(sourceOf),
    ...held.filter((repo) => !repo.public).map(({ repo }) => repo),
  ]
}

function sourceOf({ type, source }: Plan['items'][number]): string {
  return formatRepo({ type, ...source })
}

function numbered(repos: readonly string[]): ReadonlyMap<string, string> {
  return new Map([...new Set(repos)].map((repo, index) => [repo, `private-${index + 1}`]))
}

/** For a repo that the plan called public, and that is not. */
const someRepo = 'a private repo'

/** Built from what may be said, never by taking away: a new field of a row stays out until it is named here. */
function hiddenRow(item: ReportItem, alias: string): ReportItem {
  return {
    id: `${item.rule}/${alias}`,
    rule: item.rule,
    source: `${splitRepo(item.source)[0]}:${alias}`,
    target: `${splitRepo(item.target)[0]}:${alias}`,
    outcome: item.outcome,
    ...why(item),
    changes: item.changes,
    bytes: item.bytes,
    files: item.files,
    seconds: item.seconds,
    notes: [],
    ...(item.forecast && { forecast: item.forecast }),
  }
}

/** What is no code of ours may be any text. */
function isKnown(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(errorCodes, code)
}

function why(item: ReportItem): Pick<ReportItem, 'reason' | 'error'> {
  if (item.error !== undefined && isKnown(item.error.code)) {
    const error = fixedError(item.error.code)
    return { error: { ...error, message: `rule ${item.rule}: ${error.message}` } }
  }
  const reason = item.forecast === undefined ? reasons[item.outcome] : 'dry run: this is what a run would do'
  return reason === undefined ? {} : { reason: `rule ${item.rule}: ${reason}` }
}

const reasons: Readonly<Partial<Record<ReportItem['outcome'], string>>> = {
  skipped: 'it leaves this repo out',
  blocked: 'the target or a safety rule forbids it',
  conflict: errorCodes.conflict,
  failed: 'it failed',
  missing: 'planned, but there is no result',
}

function fixedError(code: ErrorCode): Required<NonNullable<ItemResult['error']>> {
  return { code, message: errorCodes[code], next: nextSteps.get(code) ?? howToSee }
}

const howToSee =
  'Names are left out since everybody can read this: run it from a private repository or on a command line to see them, or set private-names: show.'

const checkAccess = 'Check the tokens of both hubs, and what they may read and write.'
const runAgain = 'Run it again: what is already on the target is not moved twice.'

const nextSteps: ReadonlyMap<ErrorCode, string> = new Map<ErrorCode, string>([
  ['usage', 'Check the names of repos and rules.'],
  ['unauthorized', checkAccess],
  ['forbidden', checkAccess],
  ['gated', checkAccess],
  ['not-found', checkAccess],
  ['leak', 'Set the target to private on its hub.'],
  ['conflict', 'Look at the target, then run it again.'],
  ['network', runAgain],
  ['stalled', runAgain],
  ['rate-limited', runAgain],
  ['unavailable', runAgain],
  ['busy', runAgain],
  ['truncated', runAgain],
  ['corrupt', runAgain],
  ['object-missing', runAgain],
  ['stopped', runAgain],
])
