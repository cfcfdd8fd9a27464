import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Bench, freshFolder, type RunBench, seedWeights, toModelScope } from './bench.ts'
import { curlAll } from './curl.ts'
import { interleave, moreIsBetter, seconds } from './figure.ts'
import type { RelayOrder } from './relay-process.ts'
import { findTransfers, type Transfer } from './transfers.ts'
import { watchedRun } from './watched-run.ts'

const OBJECTS = 4
const OBJECT_BYTES = 512_000_000

/**
 * Four objects of 512 MB go from storage to storage: our relay (hashing on the way) against `curl | curl` over the same kind of
 * signed addresses, all four at once on both sides. Neither side's start is counted in the first figure; the second one is the
 * whole command, from start to exit, planning, publishing and reading back included.
 */
export const benchRelay: RunBench = async (bench) => {
  const megabytes = (OBJECTS * Math.round(OBJECT_BYTES * bench.scale)) / 1e6
  const prepare = async (name: string) => {
    const repo = await seedWeights(bench, name, OBJECTS, OBJECT_BYTES)
    return { repo, transfers: await findTransfers(bench, repo) }
  }
  const curl = async (name: string) => {
    const { transfers } = await prepare(name)
    return megabytes / (await seconds(() => curlAll(transfers, OBJECTS)))
  }
  const relay = await interleave(bench.rounds, {
    ours: async (round) => megabytes / (await ourRelay(bench, await prepare(`relay-ours-${round}`))),
    peer: (round) => curl(`relay-peer-${round}`),
  })
  const whole = await interleave(bench.rounds, {
    ours: async (round) => {
      const { repo } = await prepare(`whole-ours-${round}`)
      const run = await watchedRun(toModelScope(bench, repo), bench.engine, freshFolder(bench, 'ours'))
      return megabytes / run.seconds
    },
    peer: (round) => curl(`whole-peer-${round}`),
  })
  return [
    moreIsBetter('relay', 'MB/s', relay('ours'), relay('peer')),
    moreIsBetter('relay: the whole command', 'MB/s', whole('ours'), whole('peer')),
  ]
}

/**
 * The engine's own relay in a fresh process, held to `bandwidth` bytes a second if there is one; answers the seconds between its
 * first and its last byte's proof.
 */
export async function ourRelay(
  bench: Bench,
  { repo, transfers }: { repo: string; transfers: readonly Transfer[] },
  bandwidth?: number,
): Promise<number> {
  const child = spawn(process.execPath, ['bench/relay-process.ts'], {
    env: bench.engine,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const order: RelayOrder = {
    repo,
    ...(bandwidth !== undefined && { bandwidth }),
    objects: transfers.map(({ path, oid, size }) => ({ path, oid, size })),
  }
  child.stdin.end(JSON.stringify(order))
  const said: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the relay ended with ${code}`)
  return Number(said.join(''))
}
