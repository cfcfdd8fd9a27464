import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { open, readFile, readlink, rename, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { SyncError } from '../model/errors.ts'

/** The process that works in a run directory, as `lock` in it says. */
export interface LockHolder {
  readonly pid: number
  /** When the process started, in a count that only this machine understands; absent where the system does not tell. */
  readonly started?: string
  /** Machine, boot and space of process ids: where `pid` means anything. */
  readonly place: string
  /** ISO 8601, for people. */
  readonly since: string
}

export interface DirectoryLock {
  /** Takes the lock away, if it is still ours. */
  release(): Promise<void>
}

/** Why a run ends that was silent for so long (a machine that was paused) that another process has taken over its run directory. */
export class TakenOver extends SyncError {
  constructor(dir: string) {
    super('stopped', `Another process has taken over the run directory ${dir}.`, {
      next: 'Nothing more was written to it. Look there for what that process does.',
    })
  }
}

/** How often a holder says that it is alive, and after how long a silent one of another machine or container counts as dead. Milliseconds. */
const [sayEvery, longestSilence] = [10_000, 60_000]

/**
 * Makes this process the only one that works in a run directory, which is there. Throws `usage` while another one does; the lock of a
 * process that died is taken over. `lost` is aborted with `TakenOver` as soon as it is seen that the lock is not ours any more.
 */
export async function lockDirectory(
  { clock, log }: Pick<Context, 'clock' | 'log'>,
  dir: string,
  lost: AbortController,
): Promise<DirectoryLock> {
  const file = join(dir, 'lock')
  const since = new Date(clock.now()).toISOString()
  const holder: LockHolder = { ...(await ownProcess()), since }
  // The id tells it apart from any other lock, whoever writes it and when.
  const own = `${JSON.stringify({ ...holder, id: randomUUID() })}\n`
  await take(clock, dir, file, own)
  const beat = async (): Promise<void> => {
    if (!(await sayAlive(file, own, log))) lost.abort(new TakenOver(dir))
  }
  const alive = setInterval(() => void beat(), sayEvery)
  alive.unref()
  return {
    release: async () => {
      clearInterval(alive)
      if ((await textOf(file)) === own) await rm(file, { force: true })
    },
  }
}

async function take(clock: Context['clock'], dir: string, file: string, own: string): Promise<void> {
  while (!(await create(file, own))) {
    const text = await textOf(file)
    if (text === undefined) continue
    // Another one that was about to take over has put ours there instead of its own.
    if (text === own) return
    const holder = await living(file, text, silenceOf)
    if (holder !== undefined) throw inUse(dir, holder)
    if (await takeOver(file, text, own)) return
    await clock.sleep(20)
  }
}

/** Throws `usage` while another process works in a run directory: its plan must not be replaced, nor done twice at a time. */
export async function assertNotInUse(dir: string): Promise<void> {
  const holder = await holderOf(dir, silenceOf)
  if (holder === undefined) return
  const own = await ownProcess()
  if (holder.pid !== own.pid || holder.place !== own.place) throw inUse(dir, holder)
}

/**
 * The process that works in a run directory now; undefined if none does. Writes nothing, so another machine or container is heard of by
 * the clock of this one.
 */
export function lockHolder({ clock }: Pick<Context, 'clock'>, dir: string): Promise<LockHolder | undefined> {
  return holderOf(dir, (file) => silenceByClock(clock, file))
}

async function holderOf(dir: string, silenceIn: SilenceIn): Promise<LockHolder | undefined> {
  const file = join(dir, 'lock')
  const text = await textOf(file)
  return text === undefined ? undefined : await living(file, text, silenceIn)
}

/** Milliseconds since a file was touched; undefined if it is not there. */
type SilenceIn = (file: string) => Promise<number | undefined>

const holderSchema = z.object({
  pid: z.number().int().positive(),
  started: z.string().optional(),
  place: z.string(),
  since: z.string(),
})

/** Who wrote the lock, if that process lives. One that cannot be read was written just now, or by a process that died over it. */
async function living(file: string, text: string, silenceIn: SilenceIn): Promise<LockHolder | undefined> {
  const holder = parse(text)
  if (holder?.place === (await ownProcess()).place) return isRunning(holder) ? holder : undefined
  const silence = await silenceIn(file)
  const isAlive = silence !== undefined && !isSilent(silence)
  return isAlive ? (holder ?? { pid: 0, place: '', since: 'just now' }) : undefined
}

function parse(text: string): LockHolder | undefined {
  try {
    const { started, ...holder } = holderSchema.parse(JSON.parse(text))
    return { ...holder, ...(started !== undefined && { started }) }
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined
    throw error
  }
}

/** A process id is given again, at once so in a container that starts anew: the time of its start tells them apart. */
function isRunning({ pid, started }: LockHolder): boolean {
  return isProcessRunning(pid) && (started === undefined || startOf(pid) === started)
}

/** False where this machine, or container, has no process of that id; one that may not be asked is there. */
export function isProcessRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !isCode(error, 'ESRCH')
  }
}

/** By the time that the same file system gives, since clocks of machines differ. */
async function silenceOf(file: string): Promise<number | undefined> {
  const probe = `${file}.${randomUUID()}`
  try {
    await writeFile(probe, '', { mode: 0o600 })
    const [now, said] = [await stat(probe), await stat(file)]
    return now.mtimeMs - said.mtimeMs
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  } finally {
    await rm(probe, { force: true })
  }
}

async function silenceByClock(clock: Context['clock'], file: string): Promise<number | undefined> {
  try {
    return clock.now() - (await stat(file)).mtimeMs
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function isSilent(milliseconds: number | undefined): boolean {
  return milliseconds !== undefined && milliseconds >= longestSilence
}

/**
 * False if the lock is not ours any more. A beat that is missed does no harm: several must be, before anybody takes the lock.
 */
async function sayAlive(file: string, own: string, log: Context['log']): Promise<boolean> {
  try {
    return await touch(file, own)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false
    log.debug(`The lock could not be touched: ${error instanceof Error ? error.message : String(error)}`)
    return true
  }
}

/** Written in place, so that the file system notes its own time; and in the very file that was read, never in one that has replaced it. */
async function touch(file: string, own: string): Promise<boolean> {
  const handle = await open(file, 'r+')
  try {
    if ((await handle.readFile('utf8')) !== own) return false
    await handle.write(own, 0)
    return true
  } finally {
    await handle.close()
  }
}

async function ownProcess(): Promise<Omit<LockHolder, 'since'>> {
  const started = startOf(process.pid)
  const parts = [
    hostname(),
    await linuxFact(() => readFile('/proc/sys/kernel/random/boot_id', 'utf8')),
    await linuxFact(() => readlink('/proc/self/ns/pid')),
  ]
  return { pid: process.pid, ...(started !== undefined && { started }), place: parts.join(' ').trim() }
}

async function linuxFact(read: () => Promise<string>): Promise<string> {
  try {
    return (await read()).trim()
  } catch (error) {
    // Other systems do not tell, and some containers hide it.
    if (isCode(error, 'ENOENT', 'EACCES', 'EPERM')) return ''
    throw error
  }
}

/** The 22nd field of /proc/PID/stat, ticks since the boot (man 5 proc_pid_stat); the second may hold spaces and parentheses. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
  } catch (error) {
    // Another system, or the process is gone.
    if (isCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined
    throw error
  }
}

/** False if it is there. */
async function create(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

/**
 * Puts our lock in the place of a dead one; false where somebody else is about to, or has. One at a time, and in one step, so that the
 * place is never empty.
 */
async function takeOver(file: string, dead: string, own: string): Promise<boolean> {
  const turn = `${file}.next`
  if (!(await create(turn, own))) {
    // Whoever died in this moment must not stand in the way for ever.
    if (isSilent(await silenceOf(turn))) await rm(turn, { force: true })
    return false
  }
  // Now it is ours, as the lock itself will be.
  if ((await textOf(file)) !== dead) {
    await rm(turn, { force: true })
    return false
  }
  return (await isMoved(turn, file)) && (await textOf(file)) === own
}

/** False where the turn was taken from us: who was stopped for long at the wrong moment may take it for that of a dead one. */
async function isMoved(turn: string, file: string): Promise<boolean> {
  try {
    await rename(turn, file)
    return true
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false
    throw error
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

function inUse(dir: string, { pid, since }: LockHolder): SyncError {
  return new SyncError(
    'usage',
    `The run directory ${dir} is in use: process ${pid} works in it since ${since}.`,
    {
      next: 'Wait until it is done, or name another folder with --dir.',
    },
  )
}
