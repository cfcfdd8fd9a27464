import type { Dirent } from 'node:fs'
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** What of a run directory belongs to one run. */
const ofRun: readonly string[] = ['plan.json', 'results', 'report.json', 'report.md', 'report.html']

/** Copies what the run directory shows now to `runs/<run id>/`, which is whole or not there. */
export async function keepRun(dir: string, runId: string): Promise<void> {
  const runs = join(dir, 'runs')
  const [folder, unfinished] = [join(runs, runId), join(runs, `${runId}.tmp`)]
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true, mode: 0o700 })
  const there = new Set(await readdir(dir))
  for (const name of ofRun.filter((one) => there.has(one)))
    await cp(join(dir, name), join(unfinished, name), { recursive: true, mode: 0 })
  await rm(folder, { recursive: true, force: true })
  await rename(unfinished, folder)
}

/**
 * Removes the folders of runs that were planned before a time (milliseconds since 1970), by the time in their ids. What has another name
 * stays, and so do files and links.
 */
export function pruneRuns(dir: string, before: number): Promise<void> {
  return prune(join(dir, 'runs'), 'folders', before, (name) => {
    const [, year, month, day, hour, minute, second] =
      /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)-[0-9a-f]{10}(?:\.tmp)?$/.exec(name) ?? []
    return year === undefined ? undefined : Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  })
}

/**
 * Removes logs whose day (UTC) was over before a time, milliseconds since 1970. What has another name stays, and so do folders and
 * links.
 */
export function pruneLogs(folder: string, before: number): Promise<void> {
  return prune(folder, 'files', before, (name) => {
    const [, day] = /^(\d{4}-\d\d-\d\d)\.log$/.exec(name) ?? []
    return day === undefined ? undefined : Date.parse(`${day}T00:00:00Z`) + 86_400_000
  })
}

async function prune(
  folder: string,
  kind: 'files' | 'folders',
  before: number,
  timeOf: (name: string) => number | undefined,
): Promise<void> {
  for (const entry of await entriesIn(folder)) {
    const { name } = entry
    const time = (kind === 'files' ? entry.isFile() : entry.isDirectory()) ? timeOf(name) : undefined
    if (time !== undefined && time < before) await rm(join(folder, name), { recursive: true, force: true })
  }
}

async function entriesIn(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
