import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface HubAddress {
  readonly endpoint: string
  readonly token: string
  readonly readToken: string
  readonly username: string
}

export interface HubAddresses {
  readonly huggingface: HubAddress
  readonly modelscope: HubAddress
}

/** The hubs in a process of their own. */
export interface StandIns extends HubAddresses {
  /** A host of git and LFS alone, which makes a repo when it is pushed to. */
  readonly git: HubAddress
  readonly pid: number | undefined
  stop(): Promise<void>
}

/** Starts `npm run hubs` without npm and waits for its line; throws if it ends first. */
export async function startStandIns(args: readonly string[] = []): Promise<StandIns> {
  const child = spawn(process.execPath, ['test/stand-ins/main.ts', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const line = await Promise.race([
    once(lines, 'line').then(([text]) => String(text)),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the stand-in hubs ended with ${code} before they were ready`)
    }),
  ])
  const hubs = JSON.parse(line) as HubAddresses & Pick<StandIns, 'git'>
  return {
    huggingface: hubs.huggingface,
    modelscope: hubs.modelscope,
    git: hubs.git,
    pid: child.pid,
    stop: () => stop(child),
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
