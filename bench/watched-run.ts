import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What a run took. */
export interface WatchedRun {
  readonly seconds: number
  /** Highest resident set of the process itself, bytes. */
  readonly peakMemory: number
  /** Most bytes that its temporary folder, home and run directory held together, looked at a few times a second. */
  readonly peakDisk: number
  /** Processor time of the process itself, as last seen before its end. */
  readonly cpuSeconds: number
}

/** Runs the built command in `folder`, which becomes its home, temporary and run directory; throws unless it ends with 0. */
export async function watchedRun(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  folder: string,
): Promise<WatchedRun> {
  const started = performance.now()
  const child = spawn(
    process.execPath,
    ['bin/model-hub-sync.js', ...args, '--dir', join(folder, 'run'), '--no-progress'],
    {
      env: { ...env, HOME: folder, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text))
  let [peakMemory, peakDisk, cpuSeconds] = [0, 0, 0]
  const watch = setInterval(() => {
    peakMemory = Math.max(peakMemory, highWaterMark(child.pid))
    cpuSeconds = Math.max(cpuSeconds, processorTime(child.pid))
    peakDisk = Math.max(peakDisk, folderBytes(folder))
  }, 100)
  const [code] = await once(child, 'close')
  clearInterval(watch)
  const seconds = (performance.now() - started) / 1000
  if (code !== 0) throw new Error(`model-hub-sync ${args.join(' ')} ended with ${code}:\n${said.join('')}`)
  return { seconds, peakMemory, peakDisk: Math.max(peakDisk, folderBytes(folder)), cpuSeconds }
}

/** The kernel's own peak, so that nothing is missed between two looks; 0 once the process is gone. */
function highWaterMark(pid: number | undefined): number {
  try {
    const [, kibibytes = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kibibytes) * 1024
  } catch (error) {
    return unlessGone(error)
  }
}

/** User and system time, proc_pid_stat(5): fields 14 and 15, in hundredths of a second; 0 once the process is gone. */
function processorTime(pid: number | undefined): number {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name before the third field may hold blanks.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch (error) {
    return unlessGone(error)
  }
}

/** Bytes that a folder takes on disk, holes not counted. */
export function folderBytes(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return entries.reduce((sum, entry) => sum + diskBytes(join(entry.parentPath, entry.name)), 0)
}

function diskBytes(path: string): number {
  try {
    return statSync(path).blocks * 512
  } catch (error) {
    return unlessGone(error)
  }
}

/** Processes end and temporary files go while they are looked at. */
function unlessGone(error: unknown): number {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ESRCH') return 0
  throw error
}
