import { freshFolder, type RunBench, seedWeights, toModelScope } from './bench.ts'
import { alone, median } from './figure.ts'
import { watchedRun } from './watched-run.ts'

const OBJECT_BYTES = 4_000_000_000

/** Peak resident set of our process in a run that relays one 4 GB object. */
export const benchMemory: RunBench = async (bench) => {
  const peaks: number[] = []
  for (let round = 0; round < bench.rounds; round++) {
    const repo = await seedWeights(bench, `memory-${round}`, 1, OBJECT_BYTES)
    const run = await watchedRun(toModelScope(bench, repo), bench.engine, freshFolder(bench, 'memory'))
    peaks.push(run.peakMemory)
  }
  return [
    alone('memory', 'MB', median(peaks) / 1e6),
    alone('memory: highest', 'MB', Math.max(...peaks) / 1e6),
  ]
}
