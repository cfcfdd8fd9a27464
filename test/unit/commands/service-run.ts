import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { RunOptions } from '../../../src/commands/options.ts'
import { type Cycle, serve } from '../../../src/commands/serve.ts'
import type { CycleResult } from '../../../src/commands/serve-cycle.ts'
import type { Clock, Context } from '../../../src/context.ts'
import { SyncError } from '../../../src/model/errors.ts'
import type { CommandResult } from '../../../src/report/command-result.ts'
import { defaultOptions } from '../../e2e/harness.ts'
import { testContext } from '../hubs/settings.ts'
import { reportOf, sampleResult } from '../report/sample-plan.ts'

export const hour = 3_600_000
/** Midnight of a day, UTC. */
export const midnight = Date.UTC(2026, 0, 1)

/** Time that only passes by sleep and `pass`; `jumps` are what the clock of the machine does beside. */
export interface ServiceClock extends Clock {
  pass(milliseconds: number): void
  jump(milliseconds: number): void
  /** The clock jumps by `by` once this much time has really passed. */
  jumpAfter(passed: number, by: number): void
}

export function serviceClock(start = midnight): ServiceClock {
  let passed = 0
  let offset = start
  let jumps: { readonly after: number; readonly by: number }[] = []
  const pass = (milliseconds: number): void => {
    passed += milliseconds
    for (const { by } of jumps.filter((jump) => jump.after <= passed)) offset += by
    jumps = jumps.filter((jump) => jump.after > passed)
  }
  return {
    now: () => offset + passed,
    sleep: async (milliseconds, signal) => {
      if (signal?.aborted) throw signal.reason
      pass(milliseconds)
      await Promise.resolve()
      if (signal?.aborted) throw signal.reason
    },
    pass,
    jump: (by) => {
      offset += by
    },
    jumpAfter: (after, by) => {
      jumps.push({ after, by })
    },
  }
}

/** One cycle as the service asked for it. */
export interface Call {
  readonly kind: keyof Cycle
  readonly at: number
  readonly context: Context
  readonly options: RunOptions
}

export interface ServiceRun {
  readonly result: CommandResult
  readonly calls: readonly Call[]
  /** Hours since midnight at which cycles started. */
  readonly hours: readonly number[]
  readonly log: readonly string[]
}

export interface ServiceSetting {
  readonly clock?: ServiceClock
  readonly dir?: string
  readonly options?: Partial<RunOptions>
  /** What a cycle does; the service ends with the cycle that comes after the last. */
  readonly cycles?: number
  readonly work?: (call: Call, stop: () => void, index: number) => Promise<void> | void
}

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'service-'))
  folders.push(folder)
  return folder
}

/** Runs a service until it has done so many cycles; it is stopped in its sleep after the last. */
export async function runService(setting: ServiceSetting): Promise<ServiceRun> {
  const { clock = serviceClock(), cycles = 5, work } = setting
  const dir = setting.dir ?? ownFolder()
  const [log, calls, abort] = [[] as string[], [] as Call[], new AbortController()]
  const stop = (): void => abort.abort(new SyncError('stopped', 'Stopped by SIGTERM.'))
  const sleep: Clock['sleep'] = (milliseconds, signal) => {
    if (calls.filter((call) => call.kind === 'run').length >= cycles) stop()
    return clock.sleep(milliseconds, signal)
  }
  const context: Context = {
    ...testContext(),
    clock: { now: clock.now, sleep },
    log: { debug: () => undefined, info: (line) => log.push(line), warn: (line) => log.push(`! ${line}`) },
    signal: abort.signal,
    workDir: ownFolder(),
  }
  const act =
    (kind: keyof Cycle) =>
    async (own: Context, options: RunOptions): Promise<CycleResult> => {
      const call = { kind, at: clock.now(), context: own, options }
      calls.push(call)
      await work?.(call, stop, calls.length - 1)
      const report = reportOf([sampleResult('a')])
      return { report, exitStatus: 0, text: '', json: report, runId: runIdAt(call.at) }
    }
  const options = { ...defaultOptions, every: 12 * hour, dir, ...setting.options }
  const result = await serve(context, options, {}, { run: act('run'), resume: act('resume') })
  return { result, calls, hours: calls.map(({ at }) => (at - midnight) / hour), log }
}

export function runIdAt(time: number): string {
  return `${new Date(time).toISOString().replace(/\D/g, '').slice(0, 14)}-0123456789`
}
