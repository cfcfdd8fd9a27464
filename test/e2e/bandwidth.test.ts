import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCommand } from '../../src/commands/run.ts'
import type { StandIn } from '../stand-ins/core/stand-in.ts'
import { startModelers } from '../stand-ins/modelers/index.ts'
import { bytes, defaultOptions, type Harness, startHarness } from './harness.ts'

let harness: Harness
let modelers: StandIn
beforeAll(async () => {
  harness = await startHarness()
  modelers = await startModelers()
})
afterAll(() => Promise.all([harness.close(), modelers.close()]))

/** LFS everywhere, also in a folder. */
const size = 1_200_000
/** Plain everywhere. */
const plainSize = 600_000
const limit = 300_000

/** Seconds that a run takes by a clock that stands still but for those who wait: the wire itself takes no time. */
async function virtualSeconds(to: string, set: readonly string[]): Promise<number> {
  const name = `paced-${Math.random().toString(36).slice(2)}`
  // New bytes each time: a hub that knows an object takes nothing.
  const fresh = (length: number) => Buffer.concat([Buffer.from(name), bytes(length - name.length)])
  const files = {
    'a.safetensors': { lfs: fresh(size) },
    'b.safetensors': { lfs: Buffer.concat([fresh(size - 1), Buffer.from('b')]) },
    'notes.txt': 'x'.repeat(plainSize),
  }
  await harness.hf.seed({ type: 'model', owner: 'my-org', name, files })
  let now = Date.parse('2026-01-01T00:00:00Z')
  const started = now
  const clock = {
    now: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds
    },
  }
  const dir = await mkdtemp(join(harness.folder, 'run-'))
  const env = { ...harness.env, MODELERS_ENDPOINT: modelers.endpoint, MODELERS_TOKEN: modelers.token }
  const options = {
    ...defaultOptions,
    repos: [`hf:my-org/${name}`],
    from: 'hf',
    to,
    set,
    dir,
    type: 'model',
  } as const
  const { report } = await runCommand({ ...(await harness.context()), clock }, options, env)
  expect(report?.items.map(({ outcome, error }) => [outcome, error])).toEqual([['synced', undefined]])
  return (now - started) / 1000
}

const paced = `bandwidth=${limit}B/s`
const once = (2 * size + plainSize) / limit

it.each([
  ['a hub that takes objects whole', 'ms:my-org'],
  ['a hub that takes them in parts', 'modelers:my-org'],
  ['a folder', 'dir:FOLDER/{name}'],
])('%s: what goes there is held to the limit, and only by it', async (_, to) => {
  const target = to.replace('FOLDER', harness.folder)
  expect(await virtualSeconds(target, [])).toBeLessThan(once / 2)
  expect(await virtualSeconds(target, [paced])).toBeGreaterThan(once * 0.9)
})

it('what is read back whole goes over the same line', async () => {
  expect(await virtualSeconds('ms:my-org', [paced, 'verify=full'])).toBeGreaterThan(once * 2 * 0.9)
})
