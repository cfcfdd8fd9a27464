import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { setUpTools } from '../test/clients/setup.ts'
import { benchBandwidth } from './bandwidth.ts'
import { createBench, type RunBench } from './bench.ts'
import type { Figure } from './figure.ts'
import { startHubs } from './hubs.ts'
import { benchMemory } from './memory.ts'
import { benchNoop } from './noop.ts'
import { benchPlan } from './plan.ts'
import { benchRelay } from './relay.ts'
import { benchRepo } from './repo.ts'
import { benchSdk } from './sdk.ts'
import { benchShard } from './shard.ts'

const BENCHES: ReadonlyMap<string, RunBench> = new Map([
  ['relay', benchRelay],
  ['repo', benchRepo],
  ['sdk', benchSdk],
  ['memory', benchMemory],
  ['noop', benchNoop],
  ['shard', benchShard],
  ['plan', benchPlan],
  ['bandwidth', benchBandwidth],
])

const USAGE = `usage: npm run bench -- [NAME …] [--json] [--rounds N] [--scale X]

  NAME       ${[...BENCHES.keys()].join(', ')}; all if none is given
  --json     [{"name","unit","ours","peer","ratio"}] on stdout and nothing else
  --rounds   how often each side runs, in turn (default 3); figures are medians
  --scale    makes sizes and counts smaller for a quick try, e.g. 0.05 (default 1)
`

/** A benchmark that takes longer than this has gone wrong. */
const MINUTES = 30

/** Answers the exit status: 2 for bad usage. */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '3' },
      scale: { type: 'string', default: '1' },
    },
  })
  const [rounds, scale] = [Number(values.rounds), Number(values.scale)]
  const names = positionals.length === 0 ? [...BENCHES.keys()] : positionals
  if (
    !names.every((name) => BENCHES.has(name)) ||
    !(rounds >= 1 && rounds <= 20 && scale > 0 && scale <= 10)
  ) {
    console.error(USAGE)
    return 2
  }
  const limit = setTimeout(() => giveUp(), MINUTES * 60_000).unref()
  const figures = await runAll(names, { rounds: Math.round(rounds), scale })
  clearTimeout(limit)
  console.log(values.json ? JSON.stringify(figures) : figures.map(line).join('\n'))
  return 0
}

async function runAll(
  names: readonly string[],
  options: { rounds: number; scale: number },
): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const name of names) {
    const run = BENCHES.get(name)
    if (run === undefined) continue
    const tools = setUpTools(`bench-${name}`)
    const hubs = await startHubs()
    try {
      figures.push(...(await run(createBench(hubs, tools, options))))
    } finally {
      await hubs.stop()
      rmSync(tools.workDir, { recursive: true, force: true })
    }
  }
  return figures
}

/** The hubs notice that their parent is gone, and go too. */
function giveUp(): never {
  console.error(`bench: not done after ${MINUTES} minutes`)
  process.exit(1)
}

function line({ name, unit, ours, peer, ratio }: Figure): string {
  const against = peer === undefined ? '' : `  peer ${peer} ${unit}, ratio ${ratio}`
  return `${name.padEnd(34)} ours ${ours} ${unit}${against}`
}

process.exitCode = await main(process.argv.slice(2))
