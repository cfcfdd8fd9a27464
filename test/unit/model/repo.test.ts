import { expect, test } from 'vitest'
import { knownHubs } from '../../../src/config/hubs.ts'
import { parseSource } from '../../../src/config/names.ts'
import { formatRepo, type RepoRef } from '../../../src/model/repo.ts'

const forge = {
  written: { type: 'git' as const },
  endpoint: 'https://git.example.org',
  token: undefined,
  username: undefined,
}
const hubs = knownHubs(new Map([['forge', forge]]), {})

const refs: readonly (readonly [string, RepoRef])[] = [
  ['forge:a/n', { hub: 'forge', type: 'model', owner: 'a', name: 'n' }],
  ['forge:a/b/n', { hub: 'forge', type: 'model', owner: 'a/b', name: 'n' }],
  ['forge:datasets/a/n', { hub: 'forge', type: 'dataset', owner: 'a', name: 'n' }],
  ['forge:models/datasets/a/n', { hub: 'forge', type: 'model', owner: 'datasets/a', name: 'n' }],
  ['forge:datasets/datasets/n', { hub: 'forge', type: 'dataset', owner: 'datasets', name: 'n' }],
  ['forge:models/spaces/n', { hub: 'forge', type: 'model', owner: 'spaces', name: 'n' }],
]

test.each(refs)('%s is written so that it means that repo and no other', (text, ref) => {
  expect(formatRepo(ref)).toBe(text)
  const { hub, owner, name } = ref
  const type = /:(models|datasets)\//.test(text) ? ref.type : undefined
  expect(parseSource(text, hubs)).toEqual({ kind: 'repos', pattern: { hub, owner, name, type } })
})
