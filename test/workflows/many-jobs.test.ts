import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from '../e2e/harness.ts'
import { expectedOfMany, runManyJobs } from './many-jobs.ts'

let hub: Harness
beforeAll(async () => {
  hub = await startHarness()
})
afterAll(() => hub.close())

describe('256 jobs', () => {
  // All of them: `node test/workflows/scale.ts`.
  it('make one matrix, ten at a time, and one page of all their results; every sixteenth really syncs', async () => {
    expect(await runManyJobs(hub, 16)).toEqual(expectedOfMany(16))
  }, 300_000)
})
