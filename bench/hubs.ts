import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { HubAddress } from '../test/clients/stand-ins.ts'
import type { SeedRepo } from '../test/stand-ins/core/stand-in.ts'

/** What a hub process can be asked. */
export type HubCall =
  | { readonly kind: 'seed'; readonly id: number; readonly repo: SeedRepo }
  | { readonly kind: 'requests'; readonly id: number }
  | { readonly kind: 'cpu'; readonly id: number }

export interface HubAnswer {
  readonly id: number
  readonly value?: number
  readonly error?: string
  /** Only in the first message, with id 0. */
  readonly address?: HubAddress
}

export interface BenchHub {
  readonly address: HubAddress
  seed(repo: SeedRepo): Promise<void>
  /** How many requests it had since the last time it was asked. */
  requests(): Promise<number>
  /** Processor time of its process since it started. */
  cpuSeconds(): Promise<number>
  stop(): Promise<void>
}

export interface BenchHubs {
  readonly huggingface: BenchHub
  readonly modelscope: BenchHub
  stop(): Promise<void>
}

/** Both hubs, each in a process of its own. */
export async function startHubs(): Promise<BenchHubs> {
  const [huggingface, modelscope] = await Promise.all([startHub('huggingface'), startHub('modelscope')])
  const stop = async () => {
    await Promise.all([huggingface.stop(), modelscope.stop()])
  }
  return { huggingface, modelscope, stop }
}

async function startHub(name: string): Promise<BenchHub> {
  // Else V8 marks the whole heap again and again for bodies that are gone at once: nearly half of a hub's time.
  const child = fork('bench/hub-process.ts', [name], { execArgv: ['--no-incremental-marking'] })
  const answers = new Map<number, (answer: HubAnswer) => void>()
  child.on('message', (answer: HubAnswer) => answers.get(answer.id)?.(answer))
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the ${name} stand-in ended with ${code}`)
  })
  ended.catch(() => undefined)
  const wait = (id: number) =>
    Promise.race([new Promise<HubAnswer>((resolve) => answers.set(id, resolve)), ended])
  const { address } = await wait(0)
  if (address === undefined) throw new Error(`the ${name} stand-in did not say where it is`)
  let last = 0
  const ask = async (call: (id: number) => HubCall): Promise<number> => {
    const id = ++last
    const answer = wait(id)
    child.send(call(id))
    const { value, error } = await answer
    if (value === undefined) throw new Error(`the ${name} stand-in: ${error}`)
    return value
  }
  return {
    address,
    seed: async (repo) => {
      await ask((id) => ({ kind: 'seed', id, repo }))
    },
    requests: () => ask((id) => ({ kind: 'requests', id })),
    cpuSeconds: () => ask((id) => ({ kind: 'cpu', id })),
    stop: () => stop(child),
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}
