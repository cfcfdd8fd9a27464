import { expect, it } from 'vitest'
import { SyncError } from '../../../src/model/errors.ts'
import { snapshotName } from '../../../src/model/repo.ts'
import { formatTrailers } from '../../../src/model/trailers.ts'
import { compareRepos } from '../../../src/planning/compare-repos.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import { behind } from '../../../src/verifying/behind.ts'
import { fakeRepo } from '../planning/fake-repo.ts'

const target = { hub: 'modelscope', type: 'model', owner: 'p', name: 'n' } as const
const source = { ...target, owner: 'o' } as const
const [now, before, strangers] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [string, string, string]

/** Paths on which the target is only behind, when its last commit names `since` as what it was synced from. */
async function lagging(
  since: string,
  there: Readonly<Record<string, string>>,
  broken: { readonly here?: Partial<Repo>; readonly there?: Partial<Repo> } = {},
): Promise<string[] | undefined> {
  const from = { repo: snapshotName(source), commit: since }
  const message = `Sync\n\n${formatTrailers({ from, run: 'r', by: '0' }).join('\n')}`
  const head = fakeRepo(source, { 'w.bin': 'new', 'new.txt': 'n' }, [now, before])
  // A hub gives any commit by its id.
  const older = new Map([
    [before, fakeRepo(source, { 'w.bin': 'old' }, [])],
    [strangers, fakeRepo(source, { 'w.bin': 'evil' }, [])],
  ])
  const here: Repo = {
    ...head,
    manifest: (at) => (older.get(at.commit) ?? head).manifest(at),
    ...broken.here,
  }
  const mirror: Repo = {
    ...fakeRepo(target, there, ['4']),
    history: async () => [{ id: '4', message }],
    ...broken.there,
  }
  const sideOf = async (repo: Repo, commit: string) => {
    const at = { repo: repo.ref, branch: 'master', commit }
    return { repo, at, files: await repo.manifest(at) }
  }
  const sides = [await sideOf(here, now), await sideOf(mirror, '4')] as const
  const lag = await behind(...sides, await compareRepos(...sides))
  return lag && [...lag.paths].sort()
}

it('is what the source has changed since the last sync, and nothing else', async () => {
  expect(await lagging(before, { 'w.bin': 'old' })).toEqual(['new.txt', 'w.bin'])
  expect(await lagging(before, { 'w.bin': 'damaged' })).toEqual(['new.txt'])
})

it('is nothing where the commit was never on the branch, such as one of a pull request: what was tampered with is found', async () => {
  expect(await lagging(strangers, { 'w.bin': 'evil' })).toBeUndefined()
})

it.each(['forbidden', 'unauthorized', 'unsupported', 'not-found', 'git'] as const)(
  'is not known where a history is refused (%s), which is no reason not to look at the pair',
  async (code) => {
    const refused = { history: () => Promise.reject(new SyncError(code, 'No history for you.')) }
    expect(await lagging(before, { 'w.bin': 'old' }, { there: refused })).toBeUndefined()
    expect(await lagging(before, { 'w.bin': 'old' }, { here: refused })).toBeUndefined()
  },
)

it('is told as an error where another try may show it', async () => {
  const down = { history: () => Promise.reject(new SyncError('network', 'connection refused')) }
  await expect(lagging(before, { 'w.bin': 'old' }, { there: down })).rejects.toMatchObject({
    code: 'network',
  })
})
