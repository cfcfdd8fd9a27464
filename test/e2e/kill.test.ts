import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, type Harness, onlyItem, startHarness } from './harness.ts'

const script = fileURLToPath(new URL('./cli-process.ts', import.meta.url))

let hub: Harness
beforeAll(async () => {
  // Slow enough to be caught in the middle of a relay.
  hub = await startHarness({ hf: { bandwidth: 4_000_000 } })
})
afterAll(() => hub.close())

/** Starts a run and waits until bytes of the weights have left the source's storage. */
async function caughtInRelay(name: string, weights: Buffer): Promise<ChildProcess> {
  await hub.hf.seed({
    type: 'model',
    owner: 'Qwen',
    name,
    files: { 'config.json': '{}', 'w.safetensors': { lfs: weights } },
  })
  hub.hf.requests.length = 0
  const args = ['run', `Qwen/${name}`, '--from', 'hf', '--to', 'ms:my-org', '--dir', `${hub.folder}/${name}`]
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, ...hub.env },
    stdio: 'ignore',
  })
  while (!hub.hf.requests.some((request) => request.server === 'storage')) await delay(20)
  await delay(300)
  return child
}

describe('a run that ends in the middle of a relay', () => {
  it.each([
    ['SIGKILL', null, 5],
    ['SIGTERM', 3, 6],
  ] as const)(
    'by %s: nothing shows on the target, and the next run fills it',
    async (signal, exitCode, seed) => {
      const name = `ended-by-${signal.toLowerCase()}`
      const weights = bytes(12_000_000, seed)
      const child = await caughtInRelay(name, weights)
      child.kill(signal)
      const [code] = await once(child, 'exit')
      expect(code).toBe(exitCode)
      const repo = { type: 'model', owner: 'my-org', name } as const
      expect(
        [...(await hub.ms.files(repo)).keys()].filter(
          (path) => path !== '.gitattributes' && path !== 'README.md',
        ),
      ).toEqual([])

      const next = await hub.run({ repos: [`Qwen/${name}`], from: 'hf', to: 'ms:my-org' })
      expect(onlyItem(next.report).outcome).toBe('synced')
      expect((await hub.ms.files(repo)).get('w.safetensors')?.content?.equals(weights)).toBe(true)
    },
    60_000,
  )
})
