import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createDice } from './dice.ts'
import type { Trace } from './trace.ts'
import { liveYear } from './year.ts'

/** Another year: `YEAR_SEED=7 npx vitest run test/simulation`. */
const seed = Number(process.env.YEAR_SEED ?? 1)
/** Two a day. */
const cycles = 730

describe(`a year of run --every 12h (YEAR_SEED=${seed})`, () => {
  let lived: { complaints: readonly string[]; trace: Trace }

  beforeAll(async () => {
    // By it a client spreads its tries.
    vi.spyOn(Math, 'random').mockImplementation(createDice(seed + 1).real)
    lived = await liveYear(seed, cycles)
  }, 300_000)
  afterAll(() => {
    vi.restoreAllMocks()
  })

  it('every report is what a plain model says, every start is in its place, and no commit breaks a law', () => {
    expect(lived.complaints).toEqual([])
  })

  it('has seen everything: changes, conflicts, guards, outages, kills, and many quiet nights', () => {
    const { runs, resumes, kills, outcomes, quiet, most } = lived.trace
    expect(runs).toBe(cycles)
    expect(outcomes.get('synced')).toBeGreaterThan(200)
    expect(outcomes.get('unchanged')).toBeGreaterThan(1500)
    for (const outcome of ['conflict', 'blocked', 'failed', 'skipped'] as const)
      expect([outcome, (outcomes.get(outcome) ?? 0) > 5]).toEqual([outcome, true])
    expect(kills).toBeGreaterThan(5)
    expect(resumes).toBeGreaterThan(1)
    expect(quiet).toBeGreaterThan(100)
    expect(most.failed).toBeGreaterThan(10)
  })

  it('grows by nothing between the second month and the twelfth', () => {
    const { heap, timers, files } = lived.trace
    const growth = (heap.get(11) ?? Number.POSITIVE_INFINITY) - (heap.get(1) ?? 0)
    // The hubs are in this heap too, and people commit about four times a day.
    expect(growth / 1e6).toBeLessThan(8)
    // Thirty days of log.
    expect(files.bytes).toBeLessThan(200_000)
    expect(timers.get(11)).toBeLessThanOrEqual(timers.get(1) ?? 0)
  })
})
