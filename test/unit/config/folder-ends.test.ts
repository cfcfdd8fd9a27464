import { expect, test } from 'vitest'
import { knownHubs } from '../../../src/config/hubs.ts'
import { readEnds } from '../../../src/config/rule-ends.ts'
import type { RepoType } from '../../../src/model/repo.ts'

type Types = readonly RepoType[] | undefined

const hubs = knownHubs(new Map(), {})
const ends = (from: string, to: string, types?: Types, defaultTypes?: Types) =>
  readEnds({ from, to, types, defaultTypes, base: {} }, hubs)

test.each<[what: string, to: string, types: Types, defaultTypes: Types, type: RepoType]>([
  ['nothing', 'ms:o', undefined, undefined, 'model'],
  ['its rule', 'ms:o', ['dataset'], ['model'], 'dataset'],
  ['the defaults', 'ms:o', undefined, ['dataset'], 'dataset'],
  ['defaults for both', 'ms:o', undefined, ['dataset', 'model'], 'model'],
  ['its target', 'hf:datasets/o/n', undefined, ['model'], 'dataset'],
])('a folder is of one type, said by %s, and is never looked up', (_, to, types, defaultTypes, type) => {
  expect(ends('dir:./x', to, types, defaultTypes)).toMatchObject({ types: [type], lookup: false })
})

test.each([
  ['dir:./my x', 'ms:o', 'is none for a repo'],
  ['dir:./-x', 'ms:o/{name}', 'is none for a repo'],
  ['dir:./x', 'ms:', 'has no owner'],
  ['dir:./x', 'dir:./x/', 'is the source itself'],
  ['hf:o/*', 'dir:./x', 'write dir:./x/{name}'],
  ['hf:o', 'dir:./x', 'write dir:./x/{name}'],
])('%s to %s is refused', (from, to, why) => {
  expect(JSON.stringify(ends(from, to))).toContain(why)
})

test.each([
  ['dir:./my x', 'ms:o/exactly'],
  ['dir:./a-b', 'ms:o/q-{name}'],
  ['dir:./x', 'dir:./y/x'],
  ['hf:o/n', 'dir:./x'],
  ['hf:o', 'dir:./x/{name}'],
])('%s to %s is taken', (from, to) => {
  expect(ends(from, to).kind).toBe('ends')
})
