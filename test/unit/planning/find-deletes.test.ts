import { describe, expect, it, test } from 'vitest'
import { filterDigest } from '../../../src/config/digest.ts'
import { expandRules } from '../../../src/config/expand.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Rule } from '../../../src/config/rule.ts'
import { type ErrorCode, SyncError } from '../../../src/model/errors.ts'
import { type RepoRef, snapshotName } from '../../../src/model/repo.ts'
import { formatTrailers } from '../../../src/model/trailers.ts'
import { deriveWork } from '../../../src/planning/derive-work.ts'
import type { Derived } from '../../../src/planning/derived.ts'
import { baseDepth } from '../../../src/planning/histories.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import { fakeRepo } from './fake-repo.ts'

const [rule] = expandRules(
  loadConfig(
    'version: 1\nrules: [{ name: a, from: "ms:o/n", to: "ms:p", delete: { max-files: 2, max-ratio: 0.5 } }]',
    'test.yml',
    {},
  ),
).rules
if (rule === undefined) throw new Error('no rule')
const sourceRef = { hub: 'modelscope', type: 'model', owner: 'o', name: 'n' } as const
const targetRef = { ...sourceRef, owner: 'p' }
const [s1, s2, t1, t2] = ['1', '2', '3', '4'].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
  string,
]
const before = { 'a.json': 'a', 'b.json': 'b', 'c.json': 'c', 'd.json': 'd' }
const after = { 'a.json': 'a', 'b.json': 'b', 'c.json': 'c' }

type Files = Readonly<Record<string, string>>

/** A repo whose commits, newest first, hold these files; what is not in them is not found. */
function repoOf(ref: RepoRef, commits: readonly { id: string; files: Files; message?: string }[]): Repo {
  const states = new Map(commits.map(({ id, files }) => [id, fakeRepo(ref, files, [id])]))
  const head = states.get(commits[0]?.id ?? '') ?? fakeRepo(ref, {})
  return {
    ...head,
    manifest: (at) => (states.get(at.commit) ?? head).manifest(at),
    history: async () => commits.map(({ id, message = '' }) => ({ id, message })),
    hashFile: async (at, file) => {
      const found = (await states.get(at.commit)?.manifest(at))?.get(file.path)
      if (found === undefined) throw new SyncError('not-found', 'no such file')
      return { size: 1, digests: { sha256: found.digests.sha256 ?? '' } }
    },
  }
}

function synced(ref: RepoRef, commit: string, by: Rule = rule as Rule): string {
  const from = { repo: snapshotName(ref), commit }
  return `Sync\n\n${formatTrailers({ from, run: 'r', by: '0', filter: filterDigest(by) }).join('\n')}`
}

const source = repoOf(sourceRef, [
  { id: s2, files: after },
  { id: s1, files: before },
])
const target = repoOf(targetRef, [{ id: t1, files: before, message: synced(sourceRef, s1) }])

async function derived(
  here: Partial<Repo>,
  there: Partial<Repo> = {},
  by: Partial<Rule> = {},
): Promise<Derived> {
  const changed = { ...(rule as Rule), ...by }
  return deriveWork({ rule: changed, source: { ...source, ...here }, target: { ...target, ...there } })
}

/** The paths that would be deleted, or what came instead. */
async function deletes(...given: Parameters<typeof derived>): Promise<string> {
  const found = await derived(...given)
  if (found.kind !== 'work') return 'reason' in found ? `${found.kind}: ${found.reason}` : found.kind
  return found.work.deletes.map(({ path }) => path).join(' ')
}

it('what left the source leaves the target', async () => {
  expect(await deletes({})).toBe('d.json')
})

it('a file is deleted in work of its own kind, which moves nothing', async () => {
  expect(await derived({})).toMatchObject({
    kind: 'work',
    work: { files: [], deletes: [{ path: 'd.json', size: 1 }], orphans: [] },
  })
})

describe('however a listing lies, nothing is deleted that is there', () => {
  const listing = (files: Files) => repoOf(sourceRef, [{ id: s2, files }]).manifest
  const at = (commit: string, files: Files): Pick<Repo, 'manifest'> => ({
    manifest: (asked) => (asked.commit === commit ? listing(files)(asked) : source.manifest(asked)),
  })
  const serves: Pick<Repo, 'hashFile'> = { hashFile: async () => ({ size: 1, digests: { sha256: '' } }) }

  test.each<[string, Partial<Repo>, RegExp]>([
    ['empty', at(s2, {}), /^blocked: 4 files would be deleted, because the other side holds no file/],
    ['cut, over a guard', at(s2, { 'a.json': 'a' }), /^blocked: 3 files would be deleted, over max-files: 2/],
    ['empty in the base', at(s1, {}), /^unchanged$/],
    ['cut in the base', at(s1, after), /^unchanged$/],
    ['with another case', at(s2, { ...after, 'D.json': 'd' }), /^$/],
  ])('%s', async (_, lie, expected) => {
    expect(await deletes(lie)).toMatch(expected)
  })

  it('cut, under the guards: the file is asked for', async () => {
    await expect(deletes(serves)).rejects.toMatchObject({
      code: 'bad-answer',
      message: expect.stringContaining('serves d.json, which its listing leaves out'),
    })
    const empty = { hashFile: () => Promise.reject(new SyncError('truncated', 'no first byte')) }
    await expect(deletes(empty)).rejects.toMatchObject({ code: 'bad-answer' })
  })

  it('with an error in mid-page, or when the file is asked for', async () => {
    const failing = () => Promise.reject(new SyncError('unavailable', 'page 2 failed'))
    await expect(deletes({ manifest: failing })).rejects.toThrow('page 2 failed')
    await expect(deletes({ hashFile: failing })).rejects.toThrow('page 2 failed')
    await expect(deletes({ history: failing })).rejects.toThrow('page 2 failed')
  })
})

describe('without a base nothing is deleted, and a note says why', () => {
  const noteOf = async (...given: Parameters<typeof derived>) => {
    const found = await derived(...given)
    expect(found.kind).toBe('unchanged')
    return found.kind === 'unchanged' ? found.notes.join('\n') : ''
  }
  const past = (...ids: string[]) => ({ history: async () => ids.map((id) => ({ id, message: '' })) })
  const refusing = (code: ErrorCode) => ({ history: () => Promise.reject(new SyncError(code, 'not told')) })

  test.each<[string, Partial<Repo>, Partial<Repo>, Partial<Rule>, string]>([
    ['no sync', {}, past(t1), {}, 'no shows a sync'],
    ['a history that is rewritten', past(s2), {}, {}, 'no shows a sync'],
    ['a renamed repo', { ref: { ...sourceRef, name: 'new' } }, {}, {}, 'no shows a sync'],
    ['a head that the history lacks', past(s1), {}, {}, `does not show ${s2} in its history`],
    ['a history that is refused', refusing('forbidden'), {}, {}, 'the history cannot be read: not told'],
    ['a history that is not there', {}, refusing('unsupported'), {}, 'the history cannot be read: not told'],
    ['other filters', {}, {}, { files: { include: ['*.json'], exclude: [] } }, "the rule's files changed"],
    ['a folder', { ref: { ...sourceRef, hub: 'dir' } }, {}, {}, 'a folder has no history'],
  ])('%s', async (_, here, there, by, why) => {
    const note = await noteOf(here, there, by)
    expect(note).toContain('1 file is on the target only, and nothing is deleted, since ')
    expect(note).toContain(why.replace('no shows', 'the history of neither side shows'))
    expect(note).toContain('(adopt: true')
  })

  it('a sync deeper than the histories are searched', async () => {
    let asked = 0
    const commits = [t2, t1].map((id) => ({ id, message: '' }))
    const deep = {
      history: async (_: string, limit: number) => {
        asked = limit
        return commits
      },
      head: async () => t2,
    }
    expect(await noteOf({}, deep)).toContain('the history of neither side')
    expect(asked).toBe(baseDepth)
  })

  it('none where the rule deletes nothing, and no history is asked for', async () => {
    const never = { history: () => Promise.reject(new Error('asked')) }
    expect(await deletes(never, never, { delete: undefined })).toBe('unchanged')
  })

  it('none where the target has nothing of its own', async () => {
    const never = { history: () => Promise.reject(new Error('asked')) }
    const equal = repoOf(sourceRef, [{ id: s2, files: before }])
    expect(await deletes({ ...equal, ...never }, never)).toBe('unchanged')
  })
})

it('commits that came after the one that is compared do not count', async () => {
  const [newest, newer] = ['8', '9'].map((digit) => digit.repeat(40)) as [string, string]
  const raced = {
    history: async () => [
      { id: newest, message: synced(sourceRef, newer) },
      ...(await target.history('master', 9)),
    ],
  }
  expect(await deletes({}, raced)).toBe('d.json')
})

describe('adopt', () => {
  const equal = repoOf(targetRef, [{ id: t1, files: after }])

  it('is work without a change where equal repos have no base', async () => {
    expect(await derived({}, equal, { adopt: true })).toMatchObject({
      kind: 'work',
      work: { adopts: true, files: [], deletes: [] },
    })
    expect(await deletes({}, equal)).toBe('unchanged')
  })

  it('is nothing where there is a base, or a folder', async () => {
    const known = repoOf(targetRef, [{ id: t1, files: after, message: synced(sourceRef, s2) }])
    expect(await deletes({}, known, { adopt: true })).toBe('unchanged')
    const folder = { ref: { ...sourceRef, hub: 'dir' } }
    expect(await deletes(folder, equal, { adopt: true })).toBe('unchanged')
  })

  it('is nothing where a commit would be none that is known again: not one more in every run', async () => {
    const adopts = (here: Partial<Repo>, there: Partial<Repo>) => deletes(here, there, { adopt: true })
    const refused = { history: () => Promise.reject(new SyncError('forbidden', 'not told')) }
    const other = { history: async () => [{ id: t2, message: '' }] }
    expect(await adopts(refused, equal)).toBe('unchanged')
    expect(await adopts({}, { ...equal, ...other })).toBe('unchanged')
    const mangled = synced(sourceRef, s2).replace('Sync\n', '')
    expect(await adopts({}, repoOf(targetRef, [{ id: t1, files: after, message: mangled }]))).toBe(
      'unchanged',
    )
    const older = synced(sourceRef, s2).replace(/\nSynced-Filter.*/, '')
    const known = repoOf(targetRef, [{ id: t1, files: after, message: older }])
    expect(await derived({}, known, { adopt: true })).toMatchObject({ work: { adopts: true } })
  })
})

it('both histories are read once, also where the rule deletes and adopts', async () => {
  const asked: string[] = []
  const once = (id: string) => ({
    history: async () => {
      asked.push(id)
      return [{ id, message: '' }]
    },
  })
  const found = await derived(once(s2), once(t1), { adopt: true })
  expect(found).toMatchObject({ kind: 'work', work: { adopts: true, deletes: [] } })
  expect(asked.sort()).toEqual([s2, t1].sort())
})

describe('a file that became a folder', () => {
  const split = repoOf(sourceRef, [
    { id: s2, files: { ...after, 'd.json/part': 'd' } },
    { id: s1, files: before },
  ])

  it('takes its place where a push brings both in one commit', async () => {
    expect(await derived(split, { swapsFolders: true })).toMatchObject({
      kind: 'work',
      work: { files: [{ path: 'd.json/part' }], deletes: [{ path: 'd.json' }] },
    })
  })

  it('blocks the repo where no such commit is known', async () => {
    expect(await derived(split)).toMatchObject({
      kind: 'blocked',
      reason: expect.stringContaining('is not known to take both in one commit'),
    })
  })
})
