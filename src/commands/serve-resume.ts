import { asSyncError } from '../model/errors.ts'
import type { StoredPlan } from '../model/plan.ts'
import type { JobResult } from '../model/report.ts'
import type { RunOptions } from './options.ts'
import { narrowing } from './plan.ts'
import type { RunDirectory } from './run-directory.ts'

/**
 * True where the run directory holds a plan that this service would have made, not older than one distance between its starts, of which
 * some item has no result: its run was killed, or stopped by a signal. `now` in milliseconds since 1970.
 */
export async function isUnfinished(
  directory: RunDirectory,
  options: Pick<RunOptions, 'rules' | 'repos' | 'dryRun'> & { readonly every: number },
  now: number,
): Promise<boolean> {
  const plan = await storedPlan(directory)
  if (plan === undefined || options.dryRun || plan.dryRun === true) return false
  if (plan.narrowed !== narrowing(options).narrowed) return false
  // A clock that was set back since makes a plan of the future: it is as old as that far ahead.
  if (Math.abs(now - Date.parse(plan.createdAt)) > options.every) return false
  const done = doneItems(plan, await directory.readResults(() => undefined))
  return plan.items.some((item) => !done.has(item.id))
}

/** None, or one that cannot be read, is no reason not to start: the first cycle plans anew. */
async function storedPlan(directory: RunDirectory): Promise<StoredPlan | undefined> {
  try {
    return await directory.readPlan()
  } catch (thrown) {
    const { code } = asSyncError(thrown)
    if (code === 'usage' || code === 'plan') return undefined
    throw thrown
  }
}

function doneItems(plan: StoredPlan, results: readonly JobResult[]): ReadonlySet<string> {
  const own = results.filter((result) => result.plan === plan.runId)
  const items = own.flatMap((result) => result.items)
  const isDone = ({ outcome, error }: (typeof items)[number]): boolean =>
    outcome !== 'moved' && outcome !== 'missing' && error?.code !== 'stopped'
  return new Set(items.filter(isDone).map((item) => item.id))
}
