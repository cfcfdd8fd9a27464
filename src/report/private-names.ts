import type { ProgressEvent } from '../context.ts'
import { type ErrorCode, errorCodes, SyncError } from '../model/errors.ts'
import type { HeldBack, Plan, SealedItem, StoredPlan, WorkItem } from '../model/plan.ts'
import { formatRepo } from '../model/repo.ts'
import type { ItemResult, JobResult, Report, ReportItem } from '../model/report.ts'
import { splitRepo } from './phrases.ts'

/**
 * The report as everybody may read it: a row is called `private-1` and so on unless both its repos are known to be public. Of such a
 * row stay outcome, rule, counts, bytes, and the code of its error with a fixed text; names, files, notes and addresses do not.
 */
export function withoutPrivateNames(report: Report, plan: StoredPlan): Report {
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
  /** What stands for the id of an item without a name in files, by id: its alias, `private-1-2` where it is another pair of the same repo. */
  readonly ids: ReadonlyMap<string, string>
}

/** Before there is a plan, nothing has a name. */
export const noNames: PublicNames = { named: new Set(), aliases: new Map(), ids: new Map() }

/** Which items of a plan go by their names, and the aliases of the others. Only the order of the plan's items and rows decides them. */
export function publicNames(plan: Pick<Plan, HeldRows | 'items'>): PublicNames {
  const numbers = numbered(hiddenRepos(plan))
  const closed = plan.items.filter((item) => !item.public)
  const aliases = new Map(closed.map((item) => [item.id, numbers.get(sourceOf(item)) ?? someRepo]))
  const uses = new Map<string, number>()
  const ids = new Map<string, string>()
  for (const [id, alias] of aliases) {
    const use = (uses.get(alias) ?? 0) + 1
    uses.set(alias, use)
    ids.set(id, use === 1 ? alias : `${alias}-${use}`)
  }
  return { named: new Set(plan.items.filter((item) => item.public).map(({ id }) => id)), aliases, ids }
}

type HeldRows = 'unchanged' | 'skipped' | 'blocked' | 'conflicts' | 'failed'

/** The repos that a plan held back, as everybody may read them: with rule, hubs and code, a fixed reason, and no name. */
export function publicHeldBack(plan: Plan): Pick<Plan, HeldRows> {
  const numbers = numbered(hiddenRepos(plan))
  const row = (held: HeldBack, reason: string): HeldBack => ({
    rule: held.rule,
    ...placeOf(held, numbers.get(held.repo) ?? someRepo),
    reason: `rule ${held.rule}: ${reason}`,
  })
  const rows = <T extends HeldBack>(held: readonly T[], hide: (one: T) => T): T[] =>
    held.map((one) => (one.public ? one : hide(one)))
  return {
    unchanged: rows(plan.unchanged, (one) => row(one, 'there is nothing to do')),
    skipped: rows(plan.skipped, (one) => row(one, reasons.skipped ?? '')),
    blocked: rows(plan.blocked, (one) => ({ ...row(one, reasons.blocked ?? ''), details: [] })),
    ...(plan.conflicts && {
      conflicts: rows(plan.conflicts, (one) => ({ ...row(one, reasons.conflict ?? ''), details: [] })),
    }),
    failed: rows(plan.failed, (one) => {
      const code = isKnown(one.code) ? one.code : 'internal'
      return { ...row(one, errorCodes[code]), code }
    }),
  }
}

/**
 * What a job leaves for everybody to read. Of an item that is not known to be public stay outcome, counts, bytes, times and the
 * code of its error with a fixed text; its files are called by their place in the plan, `file-1` and so on.
 */
export function publicResult(result: JobResult, plan: Plan): JobResult {
  const { named, ids } = publicNames(plan)
  const planned = new Map(plan.items.map((item) => [item.id, item]))
  const items = result.items.map((item) =>
    named.has(item.id) && !isClosed(item.error?.code)
      ? item
      : hiddenResult(item, ids.get(item.id) ?? item.id, planned.get(item.id)),
  )
  return { ...result, items }
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
function hiddenRepos(plan: Pick<StoredPlan, HeldRows | 'items'>): string[] {
  const { failed, conflicts = [], blocked, skipped, unchanged } = plan
  const held: readonly HeldBack[] = [...failed, ...conflicts, ...blocked, ...skipped, ...unchanged]
  return [
    ...plan.items.flatMap((item) => ('public' in item && item.public ? [] : [sourceOf(item)])),
    ...held.filter((repo) => !repo.public).map(({ repo }) => repo),
  ]
}

function sourceOf(item: WorkItem | SealedItem): string {
  return 'sealed' in item ? sealedEnds(item).source : formatRepo({ type: item.type, ...item.source })
}

/** What stands for source and target of a sealed item. */
export function sealedEnds({ id, source, target }: SealedItem): { source: string; target: string } {
  const alias = id.split('-').slice(0, 2).join('-')
  return { source: `${source.hub}:${alias}`, target: `${target.hub}:${alias}` }
}

function placeOf({ repo, target }: HeldBack, alias: string): { repo: string; target: string } {
  return { repo: `${splitRepo(repo)[0]}:${alias}`, target: `${splitRepo(target)[0]}:${alias}` }
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

function hiddenResult(result: ItemResult, id: string, planned: WorkItem | undefined): ItemResult {
  const { outcome, bytes, seconds, startedAt, error } = result
  const places = new Map(planned?.changes.map(({ path }, index) => [path, index + 1]))
  const place = (path: string): number => {
    const known = places.get(path) ?? places.size + 1
    places.set(path, known)
    return known
  }
  const files = result.files.map(({ path, verification, evidence }) => ({
    path: `file-${place(path)}`,
    verification,
    evidence,
  }))
  const told = error && (isKnown(error.code) ? fixedError(error.code) : fixedReason(outcome))
  return {
    ...{ id, outcome, files, bytes, seconds },
    ...(startedAt && { startedAt }),
    ...(told && { error: told }),
  }
}

function fixedReason(outcome: ItemResult['outcome']): NonNullable<ItemResult['error']> {
  return { code: outcome, message: reasons[outcome] ?? 'see the outcome' }
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
