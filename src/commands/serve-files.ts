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

/** Removes what processes that were killed had begun to write, here and in `results`: nobody else writes while a service does. */
export async function dropUnfinished(dir: string): Promise<void> {
  for (const folder of [dir, join(dir, 'results')])
    for (const name of await namesIn(folder))
      if (/\.\d+\.(tmp|now|dead)$/.test(name)) await rm(join(folder, name), { force: true })
}

/** Removes runs that were planned before a time (milliseconds since 1970), by the time in their ids; what has none stays. */
export function pruneRuns(dir: string, before: number): Promise<void> {
  return prune(join(dir, 'runs'), before, (name) => {
    const [, year, month, day, hour, minute, second] =
      /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)-[0-9a-f]+(?:\.tmp)?$/.exec(name) ?? []
    return year === undefined ? undefined : Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  })
}

/** Removes logs whose day (UTC) was over before a time, milliseconds since 1970; files that are no log of ours stay. */
export function pruneLogs(folder: string, before: number): Promise<void> {
  return prune(folder, before, (name) => {
    const [, day] = /^(\d{4}-\d\d-\d\d)\.log$/.exec(name) ?? []
    return day === undefined ? undefined : Date.parse(`${day}T00:00:00Z`) + 86_400_000
  })
}

async function prune(
  folder: string,
  before: number,
  timeOf: (name: string) => number | undefined,
): Promise<void> {
  for (const name of await namesIn(folder)) {
    const time = timeOf(name)
    if (time !== undefined && time < before) await rm(join(folder, name), { recursive: true, force: true })
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
