import { readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isProcessRunning } from './directory-lock.ts'

/** Writes a file (0600) that is whole or not there, also when the process dies while writing. Returns its path. */
export async function replaceFile(file: string, text: string): Promise<string> {
  const unfinished = `${file}.${process.pid}.tmp`
  await writeFile(unfinished, text, { mode: 0o600 })
  await rename(unfinished, file)
  return file
}

/**
 * Removes what processes that were killed had begun to write in a run directory and its `results`, by the names that we write there:
 * the folder may be somebody's own. For who holds its lock and has written nothing yet. What a process that lives is writing stays.
 */
export async function dropUnfinished(dir: string): Promise<void> {
  for (const [folder, own] of [
    [dir, ownFiles],
    [join(dir, 'results'), resultFiles],
  ] as const)
    for (const name of await filesIn(folder)) {
      const [, file = '', pid = ''] = /^(.+)\.(\d{1,10})\.tmp$/.exec(name) ?? []
      if (own.test(file) && isDead(Number(pid))) await rm(join(folder, name), { force: true })
    }
}

/** What is written to a run directory as a whole. */
const ownFiles = /^(?:(?:plan|state|service|ledger)\.json|report\.(?:json|md|html)|verify\.(?:json|md))$/
/** The result of a job, whose id is as `plan-file.ts` takes it. */
const resultFiles = /^[a-z0-9][a-z0-9.-]{0,63}\.json$/

/** Our own id was that of another process before, as in a container that starts anew. */
function isDead(pid: number): boolean {
  return pid === process.pid || !isProcessRunning(pid)
}

/** Names of the regular files in a folder; none where it is not there. */
async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
