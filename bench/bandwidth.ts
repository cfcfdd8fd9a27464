import { type RunBench, seedWeights } from './bench.ts'
import { moreIsBetter } from './figure.ts'
import { ourRelay } from './relay.ts'
import { findTransfers } from './transfers.ts'

const OBJECTS = 6
/** What the limit lets through in that time. */
const SECONDS = 30
const LIMITS = [5_000_000, 20_000_000, 80_000_000]

/** Six objects at once under one limit, for half a minute: bytes a second that really went over, against the limit. */
export const benchBandwidth: RunBench = async (bench) => {
  const figures = []
  for (const limit of LIMITS) {
    const name = `bandwidth-${limit / 1e6}`
    const repo = await seedWeights(bench, name, OBJECTS, (limit * SECONDS) / OBJECTS)
    const transfers = await findTransfers(bench, repo)
    const bytes = transfers.reduce((sum, { size }) => sum + size, 0)
    const taken = await ourRelay(bench, { repo, transfers }, limit)
    figures.push(
      moreIsBetter(`bandwidth: limit ${limit / 1e6} MB/s`, 'MB/s', bytes / taken / 1e6, limit / 1e6),
    )
  }
  return figures
}
