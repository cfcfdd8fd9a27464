import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StandIn } from '../stand-ins/core/stand-in.ts'
import { type GitCodeStandIn, startGitCode } from '../stand-ins/gitcode/index.ts'
import { startHuggingFace } from '../stand-ins/huggingface/index.ts'
import { startModelers } from '../stand-ins/modelers/index.ts'
import { bytes, type Harness, startHarness } from './harness.ts'

/** The very files that people copy from `examples/rules`, with the stand-ins where the hubs would be. */
let hub: Harness
let modelers: StandIn
let gitcode: GitCodeStandIn
let own: StandIn
beforeAll(async () => {
  hub = await startHarness()
  modelers = await startModelers()
  gitcode = await startGitCode({ organizations: ['my-org'] })
  own = await startHuggingFace({ compatible: true })
})
afterAll(async () => {
  await Promise.all([hub.close(), modelers.close(), gitcode.close(), own.close()])
})

const run = (file: string) =>
  hub.run(
    { configFile: `examples/rules/${file}`, event: { kind: 'manual' } },
    {
      MODELERS_ENDPOINT: modelers.endpoint,
      MODELERS_TOKEN: modelers.token,
      GITCODE_ENDPOINT: gitcode.endpoint,
      GITCODE_TOKEN: gitcode.token,
      OWN_HUB_ENDPOINT: own.endpoint,
      OWN_HUB_TOKEN: own.token,
    },
  )

/** `outcome` of each repo by `source → target`, for those that were not left alone. */
async function outcomes(file: string): Promise<Record<string, string>> {
  const { report } = await run(file)
  const rows = report.items.map((item) => [`${item.source} → ${item.target}`, item.outcome] as const)
  return Object.fromEntries(rows.filter(([, outcome]) => outcome !== 'unchanged' && outcome !== 'skipped'))
}

const readme =
  '---\nlicense: apache-2.0\n---\n# A model of a few bytes that is long enough to be listed by every hub\n'
let seeds = 7000
const model = () => {
  seeds += 10
  return {
    'README.md': `${readme}${'It says a lot about itself. '.repeat(20)}\n`,
    'config.json': '{"model_type":"tiny"}\n',
    'model.safetensors': { lfs: bytes(50_000, seeds) },
  }
}

describe('examples/rules', () => {
  it('modelscope-and-modelers.yml makes what is missing on either side, and lets ModelScope have the say', async () => {
    await hub.ms.seed({ type: 'model', owner: 'my-org', name: 'from-ms', files: model() })
    await modelers.seed({ type: 'model', owner: 'my-org', name: 'from-modelers', files: model() })
    await hub.ms.seed({ type: 'model', owner: 'my-org', name: 'no-weights', files: { 'README.md': readme } })
    expect(await outcomes('modelscope-and-modelers.yml')).toEqual({
      'modelscope:my-org/from-ms → modelers:my-org/from-ms': 'synced',
      'modelers:my-org/from-modelers → modelscope:my-org/from-modelers': 'synced',
    })
    expect(await outcomes('modelscope-and-modelers.yml')).toEqual({})
    await hub.ms.seed({
      type: 'model',
      owner: 'my-org',
      name: 'from-ms',
      files: { 'config.json': '{"v":2}\n' },
    })
    await modelers.seed({
      type: 'model',
      owner: 'my-org',
      name: 'from-modelers',
      files: { 'a.txt': 'only here\n' },
    })
    expect(await outcomes('modelscope-and-modelers.yml')).toEqual({
      'modelscope:my-org/from-ms → modelers:my-org/from-ms': 'synced',
    })
  })

  it('modelscope-to-gitcode-by-import.yml has GitCode copy each model', async () => {
    const { report } = await run('modelscope-to-gitcode-by-import.yml')
    const imported = report.items.find((item) => item.source === 'modelscope:my-org/from-ms')
    expect(imported).toMatchObject({ outcome: 'synced', published: { by: 'import' }, files: { mismatch: 0 } })
    expect(await outcomes('modelscope-to-gitcode-by-import.yml')).toEqual({})
  })

  it('huggingface-and-modelscope.yml keeps models and datasets in step', async () => {
    await hub.hf.seed({ type: 'model', owner: 'my-org', name: 'both', files: model() })
    await hub.hf.seed({
      type: 'dataset',
      owner: 'my-org',
      name: 'rows',
      files: { ...model(), 'a/b.csv': '1,2\n' },
    })
    const first = await outcomes('huggingface-and-modelscope.yml')
    expect(first).toMatchObject({
      'huggingface:my-org/both → modelscope:my-org/both': 'synced',
      'huggingface:datasets/my-org/rows → modelscope:datasets/my-org/rows': 'synced',
      'modelscope:my-org/from-ms → huggingface:my-org/from-ms': 'synced',
    })
    expect(await outcomes('huggingface-and-modelscope.yml')).toEqual({})
  })

  it('pull-into-own-hub.yml takes what the glob names, and no more', async () => {
    for (const name of ['Qwen3-A', 'Qwen3-B', 'Qwen3-B-GGUF', 'Other'])
      await hub.hf.seed({ type: 'model', owner: 'Qwen', name, files: { ...model(), 'original/x.bin': 'x' } })
    expect(await outcomes('pull-into-own-hub.yml')).toEqual({
      'huggingface:Qwen/Qwen3-A → own-hub:my-org/Qwen3-A': 'synced',
      'huggingface:Qwen/Qwen3-B → own-hub:my-org/Qwen3-B': 'synced',
    })
    const files = await own.files({ type: 'model', owner: 'my-org', name: 'Qwen3-A' })
    expect([...files.keys()].sort()).toEqual([
      '.gitattributes',
      'README.md',
      'config.json',
      'model.safetensors',
    ])
    expect(await outcomes('pull-into-own-hub.yml')).toEqual({})
  })
})
