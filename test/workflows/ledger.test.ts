import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from '../e2e/harness.ts'
import { type CacheService, startCacheService } from './cache-service.ts'
import { jobNamed, runCaller, seedModel } from './project.ts'
import type { RunRequest } from './run-state.ts'

let hub: Harness
let cache: CacheService
beforeAll(async () => {
  ;[hub, cache] = await Promise.all([startHarness(), startCacheService()])
  for (const name of ['a', 'b', 'c']) await seedModel(hub, `kept-${name}`, 1, 'Kept')
})
afterAll(async () => {
  await Promise.all([hub.close(), cache.close()])
})
beforeEach(() => {
  hub.hf.requests.length = 0
  hub.ms.requests.length = 0
  cache.asked.length = 0
})

const config = 'version: 1\nrules:\n  - { name: all, from: "huggingface:Kept", to: "modelscope:my-org" }\n'
const run = (request: Partial<RunRequest> = {}) =>
  runCaller(
    hub,
    {
      '.github/workflows/sync.yml': readFileSync('examples/every-12-hours.yml', 'utf8'),
      '.github/model-hub-sync.yml': config,
    },
    {
      workflow: '.github/workflows/sync.yml',
      event: { name: 'schedule', payload: { schedule: '17 */12 * * *' } },
      env: cache.env,
      ...request,
    },
  )
const requests = () => hub.hf.requests.length + hub.ms.requests.length

describe('the ledger in the cache of GitHub', () => {
  it('is restored by plan and saved by report, and a run with it asks the hubs less', async () => {
    const first = await run()
    expect(jobNamed(first, /Report$/).outputs).toMatchObject({ outcome: 'success', synced: '3' })
    expect(cache.asked.map((line) => line.replace(/ .* /, ' '))).toEqual([
      'GetCacheEntryDownloadURL false',
      'CreateCacheEntry true',
      'FinalizeCacheEntryUpload true',
    ])

    hub.hf.requests.length = 0
    hub.ms.requests.length = 0
    const cold = await run({ env: {} })
    const without = requests()
    hub.hf.requests.length = 0
    hub.ms.requests.length = 0
    const warm = await run()
    for (const ended of [cold, warm])
      expect(jobNamed(ended, /Report$/).outputs).toMatchObject({
        outcome: 'success',
        unchanged: '3',
        synced: '0',
      })
    expect(requests()).toBeLessThan(without)
  }, 120_000)

  it('is left alone by a run of another branch', async () => {
    const ended = await run({ github: { ref: 'refs/heads/try', ref_name: 'try' } })
    expect(ended.conclusion).toBe('success')
    expect(cache.asked).toEqual([])
  }, 60_000)

  it("holds no token, and damaged or another's it changes nothing", async () => {
    for (const { archive } of cache.entries.values())
      for (const token of [hub.hf.token, hub.ms.token]) expect(archive.includes(token)).toBe(false)
    for (const entry of cache.entries.values()) entry.archive = Buffer.from('not an archive')
    const ended = await run()
    expect(ended.conclusion).toBe('success')
    expect(jobNamed(ended, /Report$/).outputs).toMatchObject({
      outcome: 'success',
      unchanged: '3',
      synced: '0',
    })
  }, 60_000)
})
