import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
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
async function caughtInRelay(name: string, weights: Buffer, to = 'ms:my-org'): Promise<ChildProcess> {
  await hub.hf.seed({
    type: 'model',
    owner: 'Qwen',
    name,
    files: { 'config.json': '{}', 'w.safetensors': { lfs: weights } },
  })
  hub.hf.requests.length = 0
  const args = ['run', `Qwen/${name}`, '--from', 'hf', '--to', to, '--dir', `${hub.folder}/${name}`]
  const child = spawn(process.execPath, [script, ...args], {
    cwd: hub.folder,
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

describe('a backup that is killed in the middle of a download', () => {
  it('leaves no file in sight; the next run fetches only the rest', async () => {
    const name = 'killed-backup'
    const weights = bytes(12_000_000, 8)
    const child = await caughtInRelay(name, weights, `dir:./${name}-here`)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const folder = join(hub.folder, `${name}-here`)
    expect(await readdir(folder)).toEqual(['.model-hub-sync-tmp'])
    const parts = (await readdir(join(folder, '.model-hub-sync-tmp'))).filter((file) =>
      file.endsWith('.part'),
    )
    expect(parts).toHaveLength(1)
    const { size } = await stat(join(folder, '.model-hub-sync-tmp', parts[0] ?? ''))
    expect(size).toBeGreaterThan(0)

    hub.log.length = 0
    const next = await hub.run({ repos: [`Qwen/${name}`], from: 'hf', to: `dir:${folder}` })
    expect(onlyItem(next.report).outcome).toBe('synced')
    // The last byte of the part is fetched once more.
    const went = hub.log.map((line) => /"kind":"bytes".*"bytes":(\d+)/.exec(line)?.[1] ?? '0')
    expect(went.reduce((sum, count) => sum + Number(count), 0)).toBe(weights.length - size + 1)
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'w.safetensors'])
    expect((await readFile(join(folder, 'w.safetensors'))).equals(weights)).toBe(true)
  }, 60_000)
})
