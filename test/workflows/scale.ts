import assert from 'node:assert/strict'
import { startHarness } from '../e2e/harness.ts'
import { expectedOfMany, runManyJobs } from './many-jobs.ts'

/** 256 jobs as in `many-jobs.test.ts`, each of which really syncs: minutes, so it is no part of `npm test`. */
async function main(): Promise<void> {
  const hub = await startHarness()
  try {
    const started = performance.now()
    const ended = await runManyJobs(hub, 1)
    const seconds = Math.round((performance.now() - started) / 1000)
    assert.deepEqual(ended, expectedOfMany(1))
    console.log(`ok 256 jobs, each a real sync: ${ended.arrived} objects are on the target (${seconds} s)`)
  } finally {
    await hub.close()
  }
}

await main()
