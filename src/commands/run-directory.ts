import { access, appendFile, constants, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '../context.ts'
import { SyncError } from '../model/errors.ts'
import type { StoredPlan } from '../model/plan.ts'
import type { ItemResult, JobResult } from '../model/report.ts'
import { latestAttempts } from '../report/latest-attempts.ts'
import { TakenOver } from './directory-lock.ts'
import { itemLine, joinItemLines } from './item-results.ts'
import { makeFolder } from './make-folder.ts'
import { parsePlan, parseResult } from './plan-file.ts'
import { replaceFile } from './replace-file.ts'

/** The folder through which the stages talk; private, and ignored by git through a `.gitignore` of its own. */
export interface RunDirectory {
  readonly path: string
  /** False only for one that was opened to be read. */
  readonly isWritable: boolean
  writePlan(plan: StoredPlan): Promise<string>
  readPlan(file?: string): Promise<StoredPlan>
  writeResult(result: JobResult): Promise<string>
  /** Notes one finished item of a job that goes on: read as an unfinished result until the job's own is written. */
  appendItem(job: Omit<JobResult, 'items'>, item: ItemResult): Promise<void>
  /** Where the result of a job lies. */
  resultFile(job: string): string
  /** What an earlier attempt of a job left in that file; undefined also for a damaged one. */
  readResult(job: string): Promise<JobResult | undefined>
  /**
   * Every result that can be read, those in folders of their own too (artifacts of a workflow come so); a damaged one is warned of
   * and left out, so that its items count as missing.
   */
  readResults(warn: Logger['warn']): Promise<JobResult[]>
  /** Removes the results of an earlier plan. */
  clearResults(): Promise<void>
  writeFile(name: string, text: string): Promise<string>
  readFile(name: string): Promise<string | undefined>
}

export interface OpenOptions {
  /** That of the run: nothing is written any more once its reason is that another process has taken over. */
  readonly signal?: AbortSignal
  /** Opens also a folder that may only be read. */
  readonly toRead?: boolean
}

/**
 * Makes the folder if need be, with its `.gitignore`. Throws `usage` where it cannot be written; reading throws `usage` without a plan,
 * `plan` for a damaged file.
 */
export async function openRunDirectory(
  path: string,
  { signal, toRead = false }: OpenOptions = {},
): Promise<RunDirectory> {
  const isWritable = await prepareFolder(path, toRead)
  const results = join(path, 'results')
  const assertOurs = (): void => {
    if (signal?.reason instanceof TakenOver) throw signal.reason
  }
  const write = async (name: string, text: string): Promise<string> => {
    assertOurs()
    return replaceFile(join(path, name), text)
  }
  const resultFile = (job: string) => join(results, `${job}.json`)
  return {
    path,
    isWritable,
    writePlan: (plan) => write('plan.json', `${JSON.stringify(plan, null, 1)}\n`),
    readPlan: async (file = join(path, 'plan.json')) => parsePlan(await planText(file), file),
    resultFile,
    readResult: (job) => readResult(resultFile(job)),
    async writeResult(result) {
      assertOurs()
      await mkdir(results, { recursive: true, mode: 0o700 })
      const file = await write(`results/${result.job}.json`, `${JSON.stringify(result, null, 1)}\n`)
      await rm(itemFile(file), { force: true })
      return file
    },
    async appendItem(job, item) {
      assertOurs()
      await mkdir(results, { recursive: true, mode: 0o700 })
      await appendFile(itemFile(resultFile(job.job)), itemLine(job, item), { mode: 0o600 })
    },
    readResults: (warn) => readResults(results, warn),
    async clearResults() {
      assertOurs()
      await rm(results, { recursive: true, force: true })
    },
    writeFile: write,
    readFile: (name) => textOf(join(path, name)),
  }
}

/** True if it can be written. */
async function prepareFolder(path: string, toRead: boolean): Promise<boolean> {
  try {
    makeFolder(path)
    await access(path, constants.W_OK)
    await ignoreAll(path)
    return true
  } catch (cause) {
    if (toRead && isDenied(cause)) return false
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SyncError('usage', `The run directory ${path} cannot be written: ${why}.`, {
      next: 'Nothing was done. Name another folder with --dir.',
      cause,
    })
  }
}

function isDenied(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && ['EACCES', 'EPERM', 'EROFS'].includes(String(error.code))
  )
}

/** A `.gitignore` that is there, as in a folder that is somebody's own, stays as it is; a link in its place is not followed. */
async function ignoreAll(path: string): Promise<void> {
  try {
    await writeFile(join(path, '.gitignore'), '*\n', { flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function planText(file: string): Promise<string> {
  const text = await textOf(file)
  if (text !== undefined) return text
  throw new SyncError('usage', `There is no plan at ${file}.`, {
    next: 'Make one with `model-hub-sync plan`, or name its file or --dir.',
    isPublic: true,
  })
}

/** Beside the result of a job, the lines of its items. */
function itemFile(resultFile: string): string {
  return resultFile.replace(/\.json$/, '.jsonl')
}

async function readResult(file: string): Promise<JobResult | undefined> {
  const results: JobResult[] = []
  for (const one of [file, itemFile(file)]) {
    try {
      results.push(...(await resultsIn(one)))
    } catch (thrown) {
      // A new result is about to take its place.
      if (!(thrown instanceof SyncError)) throw thrown
    }
  }
  const plan = results.at(-1)?.plan
  return latestAttempts(results.filter((result) => result.plan === plan))[0]
}

async function readResults(folder: string, warn: Logger['warn']): Promise<JobResult[]> {
  let names: string[]
  try {
    names = await readdir(folder, { recursive: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  // A job's result before the lines of a later attempt of it.
  const files = names.filter((name) => /\.jsonl?$/.test(name)).sort()
  const results: JobResult[] = []
  for (const file of files.map((name) => join(folder, name))) {
    try {
      results.push(...(await resultsIn(file)))
    } catch (thrown) {
      if (!(thrown instanceof SyncError)) throw thrown
      warn(
        `${thrown.message} Its repos count as missing.`,
        'A result is damaged. Its repos count as missing.',
      )
    }
  }
  return results
}

/** The result in a file; none in one that is gone, as the lines of a job are as soon as its result is there. */
async function resultsIn(file: string): Promise<readonly JobResult[]> {
  const text = await textOf(file)
  if (text === undefined) return []
  const result = file.endsWith('.jsonl') ? joinItemLines(text, file) : parseResult(text, file)
  return result === undefined ? [] : [result]
}
