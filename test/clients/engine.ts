import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from './program.ts'
import type { AllAddresses, HubAddresses } from './stand-ins.ts'

/** What these checks read of a report.json (report.schema.json). */
export interface RunReport {
  readonly outcome: string
  readonly items: readonly {
    readonly id: string
    readonly outcome: string
    readonly bytes: { readonly moved: number; readonly reused: number }
    readonly files: Readonly<Record<string, number>>
    readonly error?: { readonly code: string; readonly message: string }
    readonly notes?: readonly string[]
  }[]
}

/** The endpoints and tokens of the stand-ins, as a user would give them to the command; nothing of the caller's environment but PATH. */
export function engineEnvironment(
  hubs: HubAddresses & Partial<Pick<AllAddresses, 'modelers' | 'gitcode'>>,
  home: string,
): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: home,
    HF_ENDPOINT: hubs.huggingface.endpoint,
    HF_TOKEN: hubs.huggingface.token,
    MODELSCOPE_ENDPOINT: hubs.modelscope.endpoint,
    MODELSCOPE_TOKEN: hubs.modelscope.token,
    MODELERS_ENDPOINT: hubs.modelers?.endpoint,
    MODELERS_TOKEN: hubs.modelers?.token,
    GITCODE_ENDPOINT: hubs.gitcode?.endpoint,
    GITCODE_TOKEN: hubs.gitcode?.token,
  }
}

/** Runs the built command to its end; throws with what it said unless it ended with 0. Answers its report. */
export function runEngine(
  args: readonly string[],
  dir: string,
  env: NodeJS.ProcessEnv,
  seconds = 600,
): RunReport {
  const all = ['bin/model-hub-sync.js', 'run', ...args, '--dir', dir]
  const { status, stdout, stderr } = runProgram(process.execPath, all, { env, seconds })
  if (status !== 0) {
    throw new Error(`model-hub-sync ${all.slice(1).join(' ')} ended with ${status}:\n${stdout}${stderr}`)
  }
  return JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8')) as RunReport
}
