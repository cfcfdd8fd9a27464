import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { resolveHubs } from '../src/config/hubs.ts'
import type { Context } from '../src/context.ts'
import { createBandwidth } from '../src/net/bandwidth.ts'
import { openHubs } from '../src/repos/hubs.ts'
import { seconds } from './figure.ts'

/** What the parent writes to stdin: LFS objects of a Hugging Face model that an empty ModelScope model of the same owner and name is to get. */
export interface RelayOrder {
  readonly repo: string
  /** Bytes a second; absent: as fast as they go. */
  readonly bandwidth?: number
  readonly objects: readonly { readonly path: string; readonly oid: string; readonly size: number }[]
}

/** Relays all objects at once by the engine's own way, listing beforehand, and prints the seconds. */
async function main(): Promise<void> {
  const order = JSON.parse(await text(process.stdin)) as RelayOrder
  const context = await createContext()
  const hubs = await openHubs(
    context,
    resolveHubs(new Map(), process.env, () => undefined),
  )
  const [owner = '', name = ''] = order.repo.split('/')
  const source = hubs.repo({ hub: 'huggingface', type: 'model', owner, name })
  const target = hubs.repo({ hub: 'modelscope', type: 'model', owner, name })
  const commit = await source.head('main')
  if (commit === undefined) throw new Error(`${order.repo} has no branch main`)
  const at = { repo: source.ref, branch: 'main', commit }
  const files = new Map([...(await source.manifest(at)).values()].map((file) => [String(file.path), file]))
  const options = {
    onBytes: () => undefined,
    bandwidth: createBandwidth(order.bandwidth, context.clock),
    stallTimeout: 60,
  }
  const relay = async ({ path, oid, size }: RelayOrder['objects'][number]) => {
    const file = files.get(path)
    if (file === undefined) throw new Error(`${path} is not listed`)
    const sample = await target.put({ oid, size }, (range) => source.openFile(at, file, range), options)
    if (sample === undefined) throw new Error(`${path} was on the target already`)
  }
  const taken = await seconds(() => Promise.all(order.objects.map(relay)))
  await rm(context.workDir, { recursive: true })
  process.stdout.write(String(taken))
}

async function createContext(): Promise<Context> {
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (message: string) => console.error(message),
  }
  return {
    clock: {
      now: () => Date.now(),
      sleep: (milliseconds, signal) => delay(milliseconds, undefined, { ...(signal && { signal }) }),
    },
    log,
    progress: () => undefined,
    signal: new AbortController().signal,
    workDir: await mkdtemp(join(tmpdir(), 'bench-')),
    proxy: {},
    inherited: { PATH: process.env.PATH ?? '' },
  }
}

await main()
