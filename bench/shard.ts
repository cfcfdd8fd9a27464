import type { WorkItem } from '../src/model/plan.ts'
import { shard } from '../src/planning/shard.ts'
import type { RunBench } from './bench.ts'
import { alone, type Figure, median, seconds } from './figure.ts'

/** Repos of a parallel tool's published table: bytes and files. */
const TABLE: readonly (readonly [bytes: number, files: number])[] = [
  [8.5e9, 21],
  [156e9, 1048],
  [175e9, 39],
  [392e9, 59],
  [613e9, 122],
  [898e9, 184],
  [1.0e12, 150],
  [3.3e12, 678],
]

/**
 * Each repo of the table cut into jobs of 20 GB: the longest job against the ideal one, in bytes. Ideal is what no cut can beat: an
 * even share of all bytes, the largest file, or the two smallest of the files that must share when there are more files than jobs.
 */
export const benchShard: RunBench = async (bench) => {
  const figures: Figure[] = []
  for (const [bytes, files] of TABLE) {
    const item = repo(bytes, files)
    const times: number[] = []
    let jobs = shard([item], { maxJobs: 256, jobSize: 20e9 })
    for (let round = 0; round < bench.rounds; round++)
      times.push(await seconds(() => (jobs = shard([item], { maxJobs: 256, jobSize: 20e9 }))))
    const longest = Math.max(...jobs.map((job) => job.bytes))
    const name = `shard: ${bytes / 1e9} GB, ${files} files, ${jobs.length} jobs`
    figures.push(alone(`${name}, longest ÷ ideal`, '', longest / ideal(item, jobs.length)))
    figures.push(alone(`${name}, time`, 'ms', median(times) * 1000))
  }
  return figures
}

/** As large models are cut: four fifths of the files hold weights of 70 to 100 % of the largest, the rest less than a fifth of it. */
function repo(bytes: number, files: number): WorkItem {
  const random = randomNumbers(files)
  const weights = Array.from({ length: files }, (_, index) =>
    index % 5 === 0 ? random() * 0.2 : 0.7 + 0.3 * random(),
  )
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const sizes = weights.map((weight) => Math.round((weight / sum) * bytes))
  return {
    id: 'table/models/o/n',
    rule: 'table',
    type: 'model',
    source: { hub: 'a', owner: 'o', name: 'n', branch: 'main', commit: '0'.repeat(40) },
    target: { hub: 'b', owner: 'o', name: 'n', branch: 'main', head: null },
    visibility: 'public',
    changes: sizes.map((size, index) => ({
      kind: 'add',
      path: `${index}.safetensors`,
      size,
      sha256: index.toString(16).padStart(64, '0'),
      move: 'relay',
    })),
    bytes: { move: sizes.reduce((total, size) => total + size, 0), reuse: 0 },
  }
}

function ideal(item: WorkItem, jobs: number): number {
  const sizes = item.changes.map((change) => change.size).sort((a, b) => b - a)
  const [first = 0] = sizes
  // Of the first k × jobs + 1 files some job has k + 1, and those are at least the smallest k + 1 of them.
  const crowded = Array.from({ length: Math.floor((sizes.length - 1) / jobs) }, (_, k) =>
    sizes.slice((k + 1) * jobs - k - 1, (k + 1) * jobs + 1).reduce((sum, size) => sum + size, 0),
  )
  return Math.max(item.bytes.move / jobs, first, ...crowded)
}

function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return state / 0x7fffffff
  }
}
