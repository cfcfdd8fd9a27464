import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Bench, freshFolder, type RunBench } from './bench.ts'
import { alone, type Figure, median } from './figure.ts'
import { watchedRun } from './watched-run.ts'

const REPOS = 200
const OWNER = 'noop-owner'

/** A second run over 200 unchanged repos, with the ledger of the first and without: requests per repo and seconds. */
export const benchNoop: RunBench = async (bench) => {
  const count = Math.max(1, Math.round(REPOS * bench.scale))
  for (let index = 0; index < count; index++) await seedSmall(bench, `small-${index}`)
  const folder = freshFolder(bench, 'noop')
  await run(bench, folder)
  const measured = { with: await repeat(bench, folder, true), without: await repeat(bench, folder, false) }
  return [
    ...figures('with the ledger', measured.with, count),
    ...figures('without the ledger', measured.without, count),
  ]
}

interface Measured {
  readonly requests: number
  readonly seconds: number
}

async function repeat(bench: Bench, folder: string, keepLedger: boolean): Promise<readonly Measured[]> {
  const measured: Measured[] = []
  for (let round = 0; round < bench.rounds; round++) {
    if (!keepLedger) rmSync(join(folder, 'run'), { recursive: true })
    measured.push(await run(bench, folder))
  }
  return measured
}

async function run(bench: Bench, folder: string): Promise<Measured> {
  const { huggingface, modelscope } = bench.hubs
  const args = ['run', `hf:${OWNER}`, '--to', `ms:${modelscope.address.username}`, '--type', 'model']
  await Promise.all([huggingface.requests(), modelscope.requests()])
  const { seconds } = await watchedRun(args, bench.engine, folder)
  const [source, target] = await Promise.all([huggingface.requests(), modelscope.requests()])
  return { requests: source + target, seconds }
}

async function seedSmall(bench: Bench, name: string): Promise<void> {
  const files = {
    'README.md': `---\nlicense: mit\n---\n# ${name}\n`,
    'config.json': `{"name": "${name}"}\n`,
    'model.safetensors': { lfs: { sparseSize: 10_000, seed: name } },
  }
  await bench.hubs.huggingface.seed({ type: 'model', owner: OWNER, name, files })
}

function figures(how: string, measured: readonly Measured[], count: number): Figure[] {
  const requests = median(measured.map((run) => run.requests))
  return [
    alone(`noop ${how}: requests a repo`, 'requests', requests / count),
    alone(`noop ${how}: seconds`, 's', median(measured.map((run) => run.seconds))),
  ]
}
