import { expect, test } from 'vitest'
import { filterDigest } from '../../../src/config/digest.ts'
import { expandRules } from '../../../src/config/expand.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { type ErrorCode, SyncError } from '../../../src/model/errors.ts'
import type { FileEntry } from '../../../src/model/file.ts'
import { type RepoRef, snapshotName } from '../../../src/model/repo.ts'
import { formatTrailers } from '../../../src/model/trailers.ts'
import { findBase } from '../../../src/planning/find-base.ts'
import { historiesOf } from '../../../src/planning/histories.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import { digestsOf } from '../../../src/sync/commit-for.ts'
import { fakeRepo } from './fake-repo.ts'

const config = 'version: 1\nrules: [{ name: a, from: "hf:o/n", to: "ms:p", delete: true }]'
const [rule] = expandRules(loadConfig(config, 'test.yml', {})).rules
if (rule === undefined) throw new Error('no rule')
const target = { hub: 'modelscope', type: 'model', owner: 'p', name: 'n' } as const
const source = { ...target, hub: 'huggingface', owner: 'o' } as const
const [s2, s1, t1] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [string, string, string]

/** A repo that lists one kind of digest of its files, as Hugging Face and ModelScope do of plain ones. */
function repoOf(
  ref: RepoRef,
  commits: readonly string[],
  files: Readonly<Record<string, string>>,
  lists: 'gitBlob' | 'sha256',
  message = '',
): Repo {
  const plain = fakeRepo(ref, files, commits)
  const digest = (path: string) => digestsOf(Buffer.from(files[path] ?? ''))
  const told = (file: FileEntry): FileEntry => ({
    ...file,
    digests: { [lists]: digest(file.path)[lists] },
  })
  return {
    ...plain,
    manifest: async (at) =>
      new Map([...(await plain.manifest(at))].map(([path, file]) => [path, told(file)])),
    hashFile: async (_, file) => ({ size: file.size ?? 0, digests: digest(file.path) }),
    history: async () => commits.map((id, at) => ({ id, message: at === 0 ? message : '' })),
  }
}

/** Whoever may commit at the source can write this: an old commit of it, and any commit of the target. */
const from = { repo: snapshotName(target), commit: t1 }
const forged = `Sync\n\n${formatTrailers({ from, run: 'r', by: '0', filter: filterDigest(rule) }).join('\n')}`
const here = { 'README.md': '# A', 'config.json': 'of-source', 'same.json': 'same' }
const there = { 'README.md': '# B', 'config.json': 'of-target', 'same.json': 'same' }

async function baseOf(more: Partial<Repo> = {}): Promise<unknown> {
  const sides = [
    { repo: repoOf(source, [s2, s1], here, 'gitBlob', forged), commit: s2 },
    { repo: { ...repoOf(target, [t1], there, 'sha256'), ...more }, commit: t1 },
  ] as const
  const [a, b] = sides.map(({ repo, commit }) => ({
    repo,
    at: { repo: repo.ref, branch: 'master', commit },
  }))
  if (a === undefined || b === undefined) throw new Error('two sides')
  const base = await findBase(rule as never, historiesOf(a, b))
  return base.kind === 'base' ? [[...base.source.keys()], [...base.target.keys()]] : base.why
}

test('a commit that says both sides were equal is not believed of files that were not: README, and what has no digest in common', async () => {
  expect(await baseOf()).toEqual([['same.json'], ['same.json']])
})

const readingThrows = (code: ErrorCode) => {
  const thrown = () => Promise.reject(new SyncError(code, 'gone'))
  return baseOf({ ...repoOf(target, [t1], there, 'sha256'), hashFile: thrown, readFile: thrown })
}

test.each(['not-found', 'object-missing', 'corrupt', 'truncated'] as const)(
  'what cannot be read to prove it is no base: %s',
  async (code) => {
    expect(await readingThrows(code)).toBe('what both sides had then cannot be read: gone')
  },
)

test('a hub that is down is no answer', async () => {
  await expect(readingThrows('unavailable')).rejects.toThrow('gone')
})

test('a listing that is gone, or that its hub cuts, is no base', async () => {
  for (const code of ['not-found', 'git', 'listing-cut'] as const) {
    const manifest = () => Promise.reject(new SyncError(code, 'no such tree'))
    expect(await baseOf({ manifest })).toContain('cannot be read: no such tree')
  }
})
