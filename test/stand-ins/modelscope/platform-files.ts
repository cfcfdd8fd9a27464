import type { Change } from '../core/git-repo.ts'

/** The README the platform gives a repo that has none begins and ends like this (seen by a running mirror). */
const defaultReadme = `### You are viewing the default Readme template as no detailed introduction has been provided by the model's contributor
#### You can download the model with the SDK or by git clone
<p style="color: lightgrey;">If you are the contributor of this model, complete the card as told in <a href="https://example.invalid/">the model contribution documentation</a>.</p>
`

/** Rules a new repo starts with; `*.bin` and the like are kept as LFS by git clients. */
const gitAttributes = [
  '*.7z',
  '*.bin',
  '*.ckpt',
  '*.gguf',
  '*.onnx',
  '*.parquet',
  '*.pt',
  '*.pth',
  '*.safetensors',
  '*.zip',
]
  .map((pattern) => `${pattern} filter=lfs diff=lfs merge=lfs -text\n`)
  .join('')

/** Files of the first commit that the platform makes. What it is for repos made by API has not been measured. */
export function platformFiles(): Change[] {
  return [
    { path: '.gitattributes', content: Buffer.from(gitAttributes) },
    { path: 'README.md', content: Buffer.from(defaultReadme) },
  ]
}

/** Files that do not count as content of a model. (contribute/pre-release of the hub's documentation) */
const modelSkeleton = new Set([
  '.gitattributes',
  '.gitignore',
  'README.md',
  'LICENSE',
  'config.json',
  'configuration.json',
])

/** True for a repo that lists leave out: it has nothing but the files every repo has. */
export function isThin(type: 'model' | 'dataset', name: string, paths: Iterable<string>): boolean {
  const skeleton =
    type === 'model'
      ? modelSkeleton
      : new Set([
          '.gitattributes',
          '.gitignore',
          'README.md',
          'LICENSE',
          'dataset_infos.json',
          `${name}.json`,
          `${name}.py`,
        ])
  for (const path of paths) if (!skeleton.has(path)) return false
  return true
}
