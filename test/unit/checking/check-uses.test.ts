import { expect, it } from 'vitest'
import { usesOf } from '../../../src/checking/check-uses.ts'
import { configure } from '../../../src/config/configure.ts'
import { loadConfig } from '../../../src/config/load.ts'

function uses(...rules: readonly string[]) {
  const text = `version: 1\nrules:\n${rules.map((rule, index) => `  - { name: r${index}, ${rule} }\n`).join('')}`
  const request = {
    rules: [],
    repos: [],
    include: [],
    exclude: [],
    set: [],
    event: { kind: 'manual' },
  } as const
  const config = configure(loadConfig(text, 'x.yml', {}), request, {}, () => undefined)
  return usesOf(config.rules).map(({ hub, reads, writes }) => ({
    hub,
    reads: reads.map(({ owner, names }) => [owner, ...names].join(' ')),
    writes: writes.map(({ owner, types, repos }) =>
      [owner, types.join('+'), ...repos.map((ref) => `${ref.type}:${ref.name}`)].join(' '),
    ),
  }))
}

it('each hub is told what it is read for and what is written there', () => {
  expect(uses('from: "hf:Qwen", to: "ms:my-org", types: [model, dataset]')).toEqual([
    { hub: 'huggingface', reads: ['Qwen'], writes: [] },
    { hub: 'modelscope', reads: [], writes: ['my-org model+dataset'] },
  ])
})

it('targets are named where the rule names them, in whatever way', () => {
  const [, target] = uses(
    'from: "hf:Qwen/a", to: "ms:my-org/x-{name}", types: [model]',
    'from: "hf:Qwen/b", to: "ms:My-Org/c", types: [model]',
    'from: "hf:Qwen/q-*", to: "ms:my-org", types: [model]',
    'from: "hf:Other", to: "ms:", types: [model]',
  )
  expect(target).toEqual({
    hub: 'modelscope',
    reads: [],
    writes: ['my-org model model:x-a model:c', 'Other model'],
  })
})

it('names that a rule spells out are asked for, and rules that ask the same only once', () => {
  const [source] = uses(
    'from: "hf:Qwen", to: "ms:a", repos: { include: [one, two] }',
    'from: "hf:Qwen", to: "ms:b", repos: { include: [one, two] }',
    'from: "hf:Qwen", to: "ms:c", repos: { include: ["o*", two] }',
    'from: "hf:Qwen/three", to: "ms:d", types: [model]',
  )
  expect(source?.reads).toEqual(['Qwen one two', 'Qwen', 'Qwen three'])
})

it('a two-way rule reads and writes on both sides, and a folder is no hub', () => {
  expect(uses('from: "hf:me/a", to: "ms:my-org", types: [model], direction: two-way')).toEqual([
    { hub: 'huggingface', reads: ['me a'], writes: ['me model model:a'] },
    { hub: 'modelscope', reads: ['my-org a'], writes: ['my-org model model:a'] },
  ])
  expect(uses('from: "hf:me/a", to: "dir:./backup"').map(({ hub }) => hub)).toEqual(['huggingface'])
})

it.each([
  ['"hf:me", to: "ms:org/x-{name}", repos: { include: [one, two] }', 'org x-one x-two'],
  ['"hf:me", to: "ms:org/x-{name}", repos: { include: ["o*"] }', 'org'],
  ['"hf:me/q-*", to: "ms:org/x-{name}"', 'org'],
  ['"hf:me/a", to: "ms:org/b"', 'org b'],
  ['"hf:me", to: "ms:"', 'me'],
])('what a two-way rule reads on the target’s side has the target’s names: %s', (ends, read) => {
  const [, there] = uses(`from: ${ends}, types: [model], direction: two-way`)
  expect(there?.reads).toEqual([read])
})
