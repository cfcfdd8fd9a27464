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

/** All hubs. */
export interface AllAddresses extends HubAddresses {
  /** A host of git and LFS alone, which makes a repo when it is pushed to. */
  readonly git: HubAddress
  readonly gitcode: HubAddress
  readonly modelers: HubAddress
  readonly github: HubAddress
}

/** Servers in a process of their own. */
export interface Serving {
  readonly pid: number | undefined
  stop(): Promise<void>
}

/** The hubs in a process of their own. */
export type StandIns = AllAddresses & Serving

/** Starts `npm run hubs` without npm and waits for its line; throws if it ends first. */
export function startStandIns(args: readonly string[] = []): Promise<StandIns> {
  return startServers<AllAddresses>('test/stand-ins/main.ts', ['--json', ...args])
}

/** Starts a script that prints one line of JSON (a `Told`) when it serves, and ends on SIGTERM; throws if it ends first. */
export async function startServers<Told>(script: string, args: readonly string[]): Promise<Told & Serving> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const line = await Promise.race([
    once(lines, 'line').then(([text]) => String(text)),
    once(child, 'exit').then(([code]) => {
      throw new Error(`${script} ended with ${code} before it was ready`)
    }),
  ])
  return { ...(JSON.parse(line) as Told), pid: child.pid, stop: () => stop(child) }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
