import { describe, expect, test } from 'vitest'
import { modelersProfile } from '../../../src/hubs/modelers/profile.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import { targetProblems } from '../../../src/planning/target-problems.ts'
import type { FileWork } from '../../../src/repos/work.ts'
import { readmeFor } from '../../../src/transform/readme.ts'
import { settingsOf } from '../hubs/settings.ts'
import { fakeRepo } from './fake-repo.ts'

const ref = { hub: 'modelscope', type: 'model', owner: 'o', name: 'n' } as const
const target = fakeRepo(ref, {})
const nothing = { existing: new Map(), deletes: [], files: [], readme: undefined }

function fileOf(path: string, size: number, object?: FileWork['object']): FileWork {
  const parsed = parseRepoPath(path)
  const source = { path: parsed, size, storage: 'git', digests: {} } as const
  const move = object === undefined ? 'inline' : 'relay'
  return { kind: 'add', path: parsed, source, size, move, transformed: false, ...(object && { object }) }
}

test('what a hub cannot be asked is not asked', async () => {
  expect(await targetProblems(target, { ...nothing, readme: Buffer.from('x') })).toEqual([])
})

describe('a README', () => {
  test('is refused in the hub’s own words, each a line', async () => {
    const asked: string[] = []
    const readmeProblems = async (readme: Buffer) => {
      asked.push(readme.toString())
      return ['"widget" must be an array', '"language" must be a string']
    }
    expect(
      await targetProblems({ ...target, readmeProblems }, { ...nothing, readme: Buffer.from('x') }),
    ).toEqual([
      'README.md: ModelScope refuses its front matter: "widget" must be an array',
      'README.md: ModelScope refuses its front matter: "language" must be a string',
    ])
    expect(asked).toEqual(['x'])
    await targetProblems({ ...target, readmeProblems }, nothing)
    expect(asked).toHaveLength(1)
  })

  const profile = modelersProfile(settingsOf('modelers', 'https://modelers.cn'))
  const onModelers = (text: string) =>
    targetProblems(
      { ...target, profile, ref: { ...ref, owner: 'my-org' } },
      { ...nothing, readme: Buffer.from(readmeFor(profile.licenses, text)) },
    )
  test.each([
    '# no front matter\n',
    '---\nlicense: mit\n---\n',
    '---\nlicense: llama3\n---\n',
    '---\ntags: [a]\n---\n',
  ])('passes where its license is right, or can be made so: %j', async (text) => {
    expect(await onModelers(text)).toEqual([])
  })
  test.each([
    ['---\nlicense: [mit\n---\n', 'no license can be read there'],
    ['---\n{license: llama3}\n---\n', '"llama3" is none that it takes'],
    ['---\n{tags: [a]}\n---\n', 'none can be added safely'],
  ])('is refused where it cannot: %j', async (text, why) => {
    expect(await onModelers(text)).toEqual([expect.stringContaining(why)])
  })
})

test('paths that this very target cannot hold, and space that it has not', async () => {
  const object = { oid: 'a'.repeat(64), size: 60 }
  const files = [fileOf('a', 30), fileOf('b', 60, object), fileOf('c', 60, object)]
  const has = (bytes: number) => ({
    ...target,
    pathProblems: async (paths: readonly string[]) => paths.slice(0, 1).map((path) => `${path}: not here`),
    freeBytes: async () => bytes,
  })
  expect(await targetProblems(has(90), { ...nothing, files })).toEqual(['a: not here'])
  expect(await targetProblems(has(89), { ...nothing, files })).toEqual([
    'a: not here',
    '90 bytes are to be written, and the disk of ModelScope has 89 free',
  ])
  const reused = files.map((file): FileWork => ({ ...file, move: 'reuse' }))
  expect(await targetProblems(has(0), { ...nothing, files: reused })).toEqual(['a: not here'])
})

test('a heap of problems is cut and counted', async () => {
  const files = Array.from({ length: 1200 }, (_, index) => fileOf(`${index}.txt`, 60e9))
  const problems = await targetProblems(target, { ...nothing, files })
  expect(problems).toHaveLength(1001)
  expect(problems.at(-1)).toBe('and 200 more')
})
