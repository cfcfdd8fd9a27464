import type { SeedRepo } from '../test/stand-ins/core/stand-in.ts'

export interface DemoRepo extends SeedRepo {
  readonly type: 'model' | 'dataset'
}

const OWNER = 'tiny-lab'

const MODEL_CARD = `---
license: apache-2.0
language:
- en
library_name: transformers
---
# Tiny chat

A made-up model: its weights are mostly zeros, its manners are good.
`

const DATASET_CARD = `---
license: cc-by-4.0
task_categories:
- text-generation
---
# Tiny dialogues

A few made-up lines, and a file with a name that needs care.
`

/** What the demo moves: about 150 MB, of which next to nothing is on disk. */
export function demoRepos(): readonly DemoRepo[] {
  return [
    { type: 'model', owner: OWNER, name: 'tiny-chat', files: modelFiles() },
    { type: 'dataset', owner: OWNER, name: 'tiny-dialogues', files: datasetFiles() },
  ]
}

function modelFiles(): SeedRepo['files'] {
  return {
    'README.md': MODEL_CARD,
    'config.json': '{"model_type": "tiny", "hidden_size": 64}\n',
    'tokenizer/vocab.txt': 'hello\nworld\n',
    'model-00001-of-00002.safetensors': { lfs: { sparseSize: 60_000_000, seed: 'first' } },
    'model-00002-of-00002.safetensors': { lfs: { sparseSize: 40_000_000, seed: 'second' } },
  }
}

function datasetFiles(): SeedRepo['files'] {
  return {
    'README.md': DATASET_CARD,
    'data/train.parquet': { lfs: { sparseSize: 50_000_000, seed: 'train' } },
    'data/说明 (100%) #1.txt': 'A name that needs care.\n',
    'data/empty.txt': '',
  }
}
