import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import { type Job, type Plan, publishJob, type WorkItem } from '../model/plan.ts'
import type { ItemResult, JobResult } from '../model/report.ts'
import { deriveBoth } from '../planning/derive-both.ts'
import { type Derived, deriveWork } from '../planning/derive-work.ts'
import type { Pair } from '../planning/derived.ts'
import { failedToDerive, itemOf, othersOf } from '../planning/make-plan.ts'
import { latestAttempts } from '../report/latest-attempts.ts'
import type { Repo } from '../repos/repo.ts'
import type { RepoWork } from '../repos/work.ts'
import type { Session } from './session.ts'
import { sidesOf } from './sides-of.ts'

/** Derives the items of a job again from the rules: what comes out as the plan says is work, all else a result that says why not. */
export async function deriveJob(
  context: Context,
  session: Session,
  plan: Plan,
  job: Job,
  earlier: readonly JobResult[],
): Promise<{ works: RepoWork[]; refused: ItemResult[] }> {
  const works: RepoWork[] = []
  const refused: ItemResult[] = []
  const opened = new Set<Repo>()
  for (const item of plan.items.filter((one) => job.items.includes(one.id))) {
    const pair = pairOf(session, item)
    for (const repo of [pair.source, pair.target, ...(pair.others ?? [])]) opened.add(repo)
    const answer = await deriveItem(context, pair, item)
    if ('outcome' in answer) refused.push(answer)
    else works.push({ ...answer, ...shareOf(plan, job, earlier) })
  }
  await releaseUnused(opened, works)
  return { works, refused }
}

/** Whoever runs the works releases their repos; of the others nothing more is asked. */
async function releaseUnused(opened: Iterable<Repo>, works: readonly RepoWork[]): Promise<void> {
  const used = new Set(works.flatMap(({ source, target }) => [source, target]))
  await Promise.all([...opened].filter((repo) => !used.has(repo)).map((repo) => repo.release()))
}

/** What of a repo is this job's: all, a part of its objects, or what other jobs have left. */
function shareOf(
  plan: Plan,
  { id, objects }: Job,
  earlier: readonly JobResult[],
): Pick<RepoWork, 'part' | 'wasMoved'> {
  if (objects !== undefined) return { part: new Set(objects) }
  return id === publishJob ? { wasMoved: movedObjects(plan, earlier) } : {}
}

/** Objects of the jobs that said `moved` at last. Of a job that failed, or left no result, nothing is taken for granted. */
function movedObjects({ runId, jobs }: Plan, earlier: readonly JobResult[]): ReadonlySet<string> {
  const done = latestAttempts(earlier).filter(
    ({ plan, items }) => plan === runId && items.every(({ outcome }) => outcome === 'moved'),
  )
  const ids = new Set(done.map(({ job }) => job))
  return new Set(jobs.flatMap(({ id, objects }) => (ids.has(id) ? (objects ?? []) : [])))
}

/** Derives an item again at the commits the plan saw; what does not come out the same is a result, not work. */
async function deriveItem(context: Context, pair: Pair, item: WorkItem): Promise<RepoWork | ItemResult> {
  try {
    const derived = await deriveAgain(pair, item)
    return derived === undefined ? withoutWork(item, 'unchanged') : judge(item, derived)
  } catch (thrown) {
    context.signal.throwIfAborted()
    return judge(item, failedToDerive(thrown))
  }
}

/** The item's two repos as its rule names them. */
function pairOf({ rules, hubs }: Session, item: WorkItem): Pair {
  const rule = rules.find((one) => one.name === item.rule)
  if (rule === undefined) throw new SyncError('internal', `The rule ${item.rule} is gone.`)
  const [source, target] = sidesOf(item)
  return {
    rule,
    source: hubs.repo(source, rule.transport),
    target: hubs.repo(target, rule.transport),
    ...othersOf(rules, { rule, source, target }, hubs),
  }
}

/** What the rule means for the item's two repos now; undefined: nothing is left to do on this item's way of a two-way rule. */
async function deriveAgain(pair: Pair, item: WorkItem): Promise<Derived | undefined> {
  const pinned = { sourceCommit: item.source.commit, sourceBranch: item.source.branch }
  if (pair.rule.direction === 'one-way') return deriveWork(pair, pinned)
  const derived = await deriveBoth(pair, { ...pinned, side: item.back ? 'target' : 'source' })
  if (derived.kind !== 'works') return derived
  const work = derived.works.find(({ id }) => id === item.id)
  return work && { kind: 'work', work }
}

function judge(item: WorkItem, derived: Derived): RepoWork | ItemResult {
  if (derived.kind === 'unchanged') return withoutWork(item, 'unchanged')
  if (derived.kind === 'skipped' || derived.kind === 'blocked')
    return withoutWork(item, derived.kind, derived.kind, derived.reason)
  if (derived.kind === 'conflict') {
    const message = [derived.reason, ...derived.details.slice(0, shownConflicts)].join('; ')
    return withoutWork(item, 'conflict', 'conflict', message, 'Nothing was done to this repo. Plan again.')
  }
  if (derived.kind === 'failed') return withoutWork(item, 'failed', derived.code, derived.reason)
  const now = itemOf(derived.work)
  const next = 'Nothing was done to this repo. Plan again.'
  const hasMoved = now.target.head !== item.target.head
  if (hasMoved && !mayBeFresh(derived.work, item)) {
    const message = `The target moved since the plan: ${item.target.head ?? 'absent'} then, ${now.target.head ?? 'absent'} now.`
    return withoutWork(item, 'conflict', 'conflict', message, next)
  }
  if (item.visibility === 'public' && derived.work.rule.visibility === 'private') {
    const message =
      'It was planned to be public, and visibility is private now: an option or the configuration was changed since.'
    return withoutWork(item, 'failed', 'plan', message, next)
  }
  if (item.visibility === 'public' && now.visibility === 'private') {
    const message = 'critical: it was planned to be public, and the source is not public any more.'
    return withoutWork(item, 'blocked', 'leak', message, next)
  }
  if (
    now.target.branch !== item.target.branch ||
    now.visibility !== item.visibility ||
    essence(now) !== essence(item)
  ) {
    return withoutWork(
      item,
      'failed',
      'plan',
      'The plan asks for something else than the rules and both hubs give now.',
      next,
    )
  }
  return hasMoved ? { ...derived.work, lease: { kind: 'fresh' } } : derived.work
}

/** Paths told of in one message; the next plan lists them all. */
const shownConflicts = 5

/** Planned as absent, and maybe created since by a run that was killed: the lease stays `fresh`, and sync tests it. */
function mayBeFresh(work: RepoWork, item: WorkItem): boolean {
  return item.target.head === null && work.files.every((file) => file.kind === 'add')
}

/** Everything of a change but how its bytes get there, which depends on what the target has in the meantime. */
function essence(item: WorkItem): string {
  const changes = item.changes.map(({ kind, path, size, sha256 }) => [path, kind, size, sha256 ?? ''])
  return JSON.stringify(changes.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)))
}

function withoutWork(
  item: WorkItem,
  outcome: ItemResult['outcome'],
  code?: string,
  message?: string,
  next?: string,
): ItemResult {
  const error =
    code === undefined ? {} : { error: { code, message: message ?? '', ...(next !== undefined && { next }) } }
  return { id: item.id, outcome, files: [], bytes: { moved: 0, reused: 0 }, seconds: 0, ...error }
}
