import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { engineEnvironment } from '../test/clients/engine.ts'
import { clientEnvironment } from '../test/clients/environment.ts'
import type { Tools } from '../test/clients/setup.ts'
import type { Figure } from './figure.ts'
import type { BenchHubs } from './hubs.ts'

/** What a benchmark works with. */
export interface Bench {
  readonly hubs: BenchHubs
  readonly tools: Tools
  readonly rounds: number
  /** 1 = the sizes and counts of the goals. */
  readonly scale: number
  /** Environment of our command. */
  readonly engine: NodeJS.ProcessEnv
  /** Environment of git, git-lfs and the official clients. */
  readonly clients: NodeJS.ProcessEnv
}

export type RunBench = (bench: Bench) => Promise<readonly Figure[]>

export function createBench(
  hubs: BenchHubs,
  tools: Tools,
  options: { rounds: number; scale: number },
): Bench {
  const addresses = { huggingface: hubs.huggingface.address, modelscope: hubs.modelscope.address }
  return {
    hubs,
    tools,
    ...options,
    engine: engineEnvironment(addresses, join(tools.workDir, 'home')),
    clients: clientEnvironment(tools, addresses),
  }
}

/** An empty folder of that name. */
export function freshFolder(bench: Bench, name: string): string {
  const folder = join(bench.tools.workDir, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return folder
}

/** A model repo on Hugging Face with `count` LFS files of `size` bytes each. Their content is new, so that no hub can know it already. */
export async function seedWeights(bench: Bench, name: string, count: number, size: number): Promise<string> {
  const { hubs, scale } = bench
  const files = Array.from({ length: count }, (_, index) => {
    const path = `model-${String(index + 1).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.safetensors`
    return [path, { lfs: { sparseSize: Math.round(size * scale), seed: `${name} ${index}` } }] as const
  })
  const owner = hubs.huggingface.address.username
  const text = { 'README.md': '---\nlicense: mit\n---\n# Weights\n', 'config.json': '{}\n' }
  await hubs.huggingface.seed({
    type: 'model',
    owner,
    name,
    files: { ...text, ...Object.fromEntries(files) },
  })
  return `${owner}/${name}`
}

/** The arguments that take a Hugging Face repo to the ModelScope user. */
export function toModelScope(bench: Bench, repo: string): string[] {
  return [
    'run',
    repo,
    '--from',
    'hf',
    '--to',
    `ms:${bench.hubs.modelscope.address.username}`,
    '--type',
    'model',
  ]
}
