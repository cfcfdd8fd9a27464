import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { RunOptions } from '../../src/commands/options.ts'
import { runCommand } from '../../src/commands/run.ts'
import type { Context } from '../../src/context.ts'
import { SyncError } from '../../src/model/errors.ts'
import type { Report, ReportItem } from '../../src/model/report.ts'
import type { CommandResult } from '../../src/report/command-result.ts'
import type { StandIn } from '../stand-ins/core/stand-in.ts'
import { startHuggingFace } from '../stand-ins/huggingface/index.ts'
import { startModelScope } from '../stand-ins/modelscope/index.ts'

export interface Harness {
  readonly hf: StandIn
  readonly ms: StandIn
  /** A folder of its own, gone in the end. */
  readonly folder: string
  /** Everything that was logged so far. */
  readonly log: string[]
  readonly env: Record<string, string>
  context(signal?: AbortSignal): Promise<Context>
  /** `run` with options over the defaults, in a fresh run directory unless one is given. */
  run(
    options: Partial<RunOptions>,
    env?: Record<string, string>,
  ): Promise<CommandResult & { readonly report: Report }>
  close(): Promise<void>
}

export interface HarnessOptions {
  readonly hf?: Parameters<typeof startHuggingFace>[0]
  readonly ms?: Parameters<typeof startModelScope>[0]
}

/** Both stand-ins and the engine in this process; waiting for a retry takes a hundredth of its time. */
export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'mhs-e2e-'))
  const [hf, ms] = await Promise.all([startHuggingFace(options.hf ?? {}), startModelScope(options.ms ?? {})])
  const log: string[] = []
  const env = {
    HF_ENDPOINT: hf.endpoint,
    HF_TOKEN: hf.token,
    MODELSCOPE_ENDPOINT: ms.endpoint,
    MODELSCOPE_TOKEN: ms.token,
    HOME: folder,
  }
  const context = async (signal = new AbortController().signal): Promise<Context> => ({
    clock: {
      now: () => Date.now(),
      sleep: (milliseconds, stop) => delay(milliseconds / 100, undefined, { signal: stop }),
    },
    log: { debug: (line) => log.push(line), info: (line) => log.push(line), warn: (line) => log.push(line) },
    progress: (event) => log.push(JSON.stringify(event)),
    signal,
    workDir: await mkdtemp(join(folder, 'work-')),
    proxy: {},
    inherited: { PATH: process.env.PATH ?? '' },
  })
  return {
    hf,
    ms,
    folder,
    log,
    env,
    context,
    async run(given, extra = {}) {
      const dir = given.dir ?? (await mkdtemp(join(folder, 'run-')))
      const result = await runCommand(
        await context(),
        { ...defaultOptions, ...given, dir },
        { ...env, ...extra },
      )
      if (result.report === undefined) throw new Error('a run leaves a report')
      return { ...result, report: result.report }
    },
    async close() {
      await Promise.all([hf.close(), ms.close()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export const defaultOptions: RunOptions = {
  repos: [],
  rules: [],
  include: [],
  exclude: [],
  set: [],
  dir: '',
  dryRun: false,
  failOn: 'failed',
  event: { kind: 'manual' },
  json: false,
  quiet: false,
  verbose: false,
  progress: false,
  envFile: '.env',
  maxJobs: 256,
  jobSize: 20e9,
}

/** The only row of a report. */
export function onlyItem(report: Report): ReportItem {
  const [item, ...rest] = report.items
  if (item === undefined || rest.length > 0)
    throw new Error(
      `one row was expected: ${JSON.stringify(report.items.map((one) => [one.id, one.outcome, one.reason, one.error]))}`,
    )
  return item
}

/** What a command threw, as the error that its caller would show. */
export async function refusal(command: Promise<unknown>): Promise<SyncError> {
  try {
    await command
  } catch (thrown) {
    if (thrown instanceof SyncError) return thrown
    throw thrown
  }
  throw new Error('it was to be refused, and went through')
}

/** Requests that bring content to a hub or make it visible: object uploads, commits by the API and pushes. Asking is none of them. */
export function deliveries(hub: StandIn): string[] {
  return hub.requests
    .filter(
      ({ server, method, path }) =>
        (method === 'PUT' && server !== 'api') ||
        (method === 'POST' && (/\/commit\//.test(path) || path.endsWith('/git-receive-pack'))),
    )
    .map(({ method, path, status }) => `${method} ${path} ${status}`)
}

/** Deterministic bytes that are no text. */
export function bytes(size: number, seed = 1): Buffer {
  const buffer = Buffer.alloc(size)
  let state = seed
  for (let index = 0; index < size; index++) {
    state = (state * 1103515245 + 12345) & 0x7fffffff
    buffer[index] = state >> 16
  }
  return buffer
}
