import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytes, type Harness, startHarness } from '../e2e/harness.ts'
import type { LfsContent, SeedContent, StandIn } from '../stand-ins/core/stand-in.ts'
import { startGitHub } from '../stand-ins/github/index.ts'
import { startModelers } from '../stand-ins/modelers/index.ts'
import { project, runCaller } from '../workflows/project.ts'

/** Bytes a second of each hub: slow enough for jobs that one can see. */
const bandwidth = 12e6

/**
 * The reports that the reusable workflow leaves of a run over four stand-in hubs, by file name: repos that are synced, one of them by
 * several jobs, one that fails, one that the target cannot take, one that its rule leaves out, and some that are the same already.
 * `projectFolder` holds the actions, workflows and bundle that run.
 */
export async function realRun(projectFolder: string): Promise<ReadonlyMap<string, string>> {
  const hub = await startHarness({ hf: { bandwidth }, ms: { bandwidth } })
  const [modelers, github] = await Promise.all([startModelers({ bandwidth }), startGitHub({ bandwidth })])
  try {
    await seedBefore(hub)
    await runOnce(hub, modelers, github, projectFolder)
    await seedSince(hub, modelers)
    const folder = await runOnce(hub, modelers, github, projectFolder)
    const files = globSync(join(folder, 'artifacts', '*-model-hub-sync-report-1', 'report.*'))
    return new Map(files.map((file) => [file.slice(file.lastIndexOf('/') + 1), readFileSync(file, 'utf8')]))
  } finally {
    await Promise.all([hub.close(), modelers.close(), github.close()])
  }
}

/** Answers the folder of the run. */
async function runOnce(
  hub: Harness,
  modelers: StandIn,
  github: StandIn,
  projectFolder: string,
): Promise<string> {
  const { folder } = await runCaller(
    hub,
    { '.github/workflows/sync.yml': caller, '.github/model-hub-sync.yml': configFor(github) },
    {
      workflow: '.github/workflows/sync.yml',
      env: { MODELERS_ENDPOINT: modelers.endpoint },
      secrets: {
        HF_TOKEN: hub.hf.token,
        MODELSCOPE_TOKEN: hub.ms.token,
        MODELERS_TOKEN: modelers.token,
        GH_TOKEN: github.token,
      },
    },
    projectFolder,
  )
  return folder
}

const caller = `name: Sync models
on: workflow_dispatch
permissions: {}
jobs:
  sync:
    permissions: { contents: read }
    uses: ${project}/.github/workflows/sync.yml@${'0'.repeat(40)}
    with: { job-size: 90MB, max-parallel: 2 }
    secrets:
      huggingface-token: \${{ secrets.HF_TOKEN }}
      modelscope-token: \${{ secrets.MODELSCOPE_TOKEN }}
      modelers-token: \${{ secrets.MODELERS_TOKEN }}
      tokens: GH_TOKEN=\${{ secrets.GH_TOKEN }}
`

function configFor(github: StandIn): string {
  return `version: 1
hubs:
  github: { type: github, endpoint: "${github.endpoint}", token: "\${GH_TOKEN}" }
defaults: { types: [model, dataset] }
rules:
  - { name: daily, from: "huggingface:Qwen", to: "modelscope:my-org" }
  - { name: lab, from: "modelers:my-org", to: "modelscope:my-org" }
  - { name: backup, from: "huggingface:Large", to: "github:my-org" }
`
}

const card = '---\nlicense: apache-2.0\n---\n\n# A model\n'

/** LFS content of this many megabytes; of one seed and size it is the same. */
function weights(seed: string, megabytes: number): { readonly lfs: LfsContent } {
  return { lfs: { sparseSize: megabytes * 1e6, seed } }
}

function seed(hub: StandIn, owner: string, name: string, files: Readonly<Record<string, SeedContent>>) {
  return hub.seed({ type: 'model', owner, name, files: { 'README.md': card, ...files } })
}

/** What is the same on both sides when the run begins, and one file that will have moved to another name. */
async function seedBefore({ hf }: Harness): Promise<void> {
  for (const size of ['0.5B', '1.5B', '3B', '7B'])
    await seed(hf, 'Qwen', `Qwen2.5-${size}`, { 'model.safetensors': { lfs: bytes(200_000, size.length) } })
  await seed(hf, 'Qwen', 'Qwen3-32B', { 'model.safetensors': weights('first', 60) })
}

async function seedSince({ hf }: Harness, modelers: StandIn): Promise<void> {
  await seed(hf, 'Qwen', 'Qwen3-32B', {
    'model.safetensors': null,
    'model-00001-of-00004.safetensors': weights('first', 60),
    'model-00002-of-00004.safetensors': weights('second', 60),
    'model-00003-of-00004.safetensors': weights('third', 60),
    'model-00004-of-00004.safetensors': weights('fourth', 50),
  })
  await seed(hf, 'Qwen', 'Qwen3-0.6B', { 'config.json': '{}\n', 'model.safetensors': weights('small', 40) })
  await seed(hf, 'Qwen', 'Qwen3-Embedding-fault-corrupt', { 'model.safetensors': weights('broken', 20) })
  await hf.seed({
    type: 'model',
    owner: 'Qwen',
    name: 'Qwen-Audio',
    gated: true,
    files: { 'README.md': card },
  })
  const rows = Array.from({ length: 60 }, (_, index) => [
    `data/part-${index % 6}/row-${index}.json`,
    `[${index}]\n`,
  ])
  await hf.seed({ type: 'dataset', owner: 'Qwen', name: 'P-MMEval', files: Object.fromEntries(rows) })
  await seed(hf, 'Large', 'Qwen3-1.7B', { 'model.safetensors': weights('backup', 30) })
  // One file over the 5 GiB that GitHub takes.
  await seed(hf, 'Large', 'Qwen3-14B', { 'model.safetensors': weights('large', 5600) })
  await seed(modelers, 'my-org', 'tiny-classifier', { 'model.safetensors': weights('tiny', 15) })
}
