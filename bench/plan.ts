import pLimit from 'p-limit'
import { type Bench, freshFolder, type RunBench } from './bench.ts'
import { alone, type Figure } from './figure.ts'
import { watchedRun } from './watched-run.ts'

const REPOS = 1000
const FILES = 100_000
const OWNER = 'plan-owner'

/** `plan` of 1,000 repos, and of one repo of 100,000 files: processor time and peak memory of our process, wall time beside them. */
export const benchPlan: RunBench = async (bench) => {
  const repos = Math.max(1, Math.round(REPOS * bench.scale))
  const limit = pLimit(8)
  await Promise.all(Array.from({ length: repos }, (_, index) => limit(() => seedOne(bench, index))))
  const count = Math.max(1, Math.round(FILES * bench.scale))
  // 1,000 in a folder: hubs take no more than 10,000 there.
  const many = Array.from({ length: count }, (_, index) => [
    `part-${Math.floor(index / 1000)}/${index}.json`,
    `{"n":${index}}\n`,
  ])
  const files = Object.fromEntries(many)
  await bench.hubs.huggingface.seed({ type: 'model', owner: 'many-files', name: 'many', files })
  return [
    ...(await planned(bench, `plan: ${repos} repos`, `hf:${OWNER}`)),
    ...(await planned(bench, `plan: 1 repo of ${count} files`, 'hf:many-files/many')),
  ]
}

async function seedOne(bench: Bench, index: number): Promise<void> {
  const name = `one-of-many-${index}`
  const files = {
    'README.md': `---\nlicense: mit\n---\n# ${name}\n`,
    // Small: the bytes of a plan are only numbers.
    'model.safetensors': { lfs: { sparseSize: 1e6, seed: name } },
  }
  await bench.hubs.huggingface.seed({ type: 'model', owner: OWNER, name, files })
}

async function planned(bench: Bench, name: string, source: string): Promise<Figure[]> {
  const folder = freshFolder(bench, 'plan')
  const args = ['plan', source, '--to', `ms:${bench.hubs.modelscope.address.username}`, '--type', 'model']
  const { seconds, cpuSeconds, peakMemory } = await watchedRun(args, bench.engine, folder)
  return [
    alone(`${name}, our processor time`, 's', cpuSeconds),
    alone(`${name}, wall time`, 's', seconds),
    alone(`${name}, peak memory`, 'MB', peakMemory / 1e6),
  ]
}
