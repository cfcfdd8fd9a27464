import { describe, expect, it, test } from 'vitest'
import { filterDigest } from '../../../src/config/digest.ts'
import type { Rule } from '../../../src/config/rule.ts'
import { type CommitInfo, snapshotName } from '../../../src/model/repo.ts'
import { formatTrailers } from '../../../src/model/trailers.ts'
import { isWrong } from '../../../src/model/verification.ts'
import { createBandwidth } from '../../../src/net/bandwidth.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import { verifyPair } from '../../../src/verifying/verify-pair.ts'
import { ruleBetween } from '../../contract/bring.ts'
import { testContext } from '../net/loopback.ts'
import { fakeRepo } from '../planning/fake-repo.ts'

type Files = Readonly<Record<string, string>>

const target = { hub: 'modelscope', type: 'model', owner: 'p', name: 'n' } as const
const source = { ...target, owner: 'o' } as const
const [now, then] = ['1'.repeat(40), '2'.repeat(40)]
const base: Files = { 'a.txt': 'a', 'b.txt': 'b', 'README.md': '# A\n' }
const guards = { maxFiles: 9, maxRatio: 1 }

/** A repo that had the base once, and these files now. */
function changed(ref: typeof source | typeof target, files: Files, message: string): Repo {
  const [before, head] = [fakeRepo(ref, base, []), fakeRepo(ref, files, [now])]
  const at = (commit: string) => (commit === then ? before : head)
  const history: CommitInfo[] = [
    { id: now, message: 'By hand' },
    { id: then, message },
  ]
  return {
    ...head,
    manifest: (snapshot) => at(snapshot.commit).manifest(snapshot),
    readFile: (snapshot, file, most) => at(snapshot.commit).readFile(snapshot, file, most),
    history: async () => history,
  }
}

/** What is told of a two-way pair: what is wrong, and the notes, as `kind path: text`. */
async function found(here: Repo, there: Repo, more: Partial<Rule> = {}) {
  const rule: Rule = { ...ruleBetween(here, there), direction: 'two-way', ...more }
  const pair = { rule, source: here, target: there }
  const check = await verifyPair(testContext(), pair, createBandwidth(undefined))
  if (check.kind === 'skipped') return check
  const told = (areWrong: boolean) =>
    check.findings
      .filter((one) => isWrong(one) === areWrong)
      .map(({ kind, path, text }) => `${kind} ${path ?? '-'}: ${text}`)
  const repairable = check.findings.filter((one) => one.repairable).length
  return {
    wrong: told(true),
    notes: told(false),
    repairable,
    files: check.files,
    next: check.findings[0]?.next,
  }
}

/** Two repos that were equal, and have these files now. */
function both(here: Files, there: Files): [Repo, Repo] {
  const filter = filterDigest({ files: { include: ['**'], exclude: [] } })
  const from = { repo: snapshotName(source), commit: then }
  const synced = `Sync\n\n${formatTrailers({ from, run: 'r', by: '0', filter }).join('\n')}\n`
  return [changed(source, here, 'First'), changed(target, there, synced)]
}

async function infoOf(repo: Repo) {
  const info = await repo.info()
  if (info === undefined) throw new Error('no such repo')
  return info
}

const { 'a.txt': _, ...withoutA } = base

describe('what one side changed under a two-way rule waits for a run, and is told', () => {
  const since = 'since both were equal'
  const brings = ': a run brings it over'
  test.each<[string, Files, Files, Partial<Rule>, string]>([
    [
      'a file that only the source has',
      { ...base, new: 'n' },
      base,
      {},
      `new: only the source has it${brings}`,
    ],
    [
      'a file that only the target has',
      base,
      { ...base, new: 'n' },
      {},
      `new: only the target has it${brings}`,
    ],
    [
      'a change there',
      base,
      { ...base, 'a.txt': 'A' },
      {},
      `a.txt: only the target has changed it ${since}${brings}`,
    ],
    [
      'a change here',
      { ...base, 'a.txt': 'A' },
      base,
      {},
      `a.txt: only the source has changed it ${since}${brings}`,
    ],
    [
      'a README',
      base,
      { ...base, 'README.md': '---\ntags: [x]\n---\n# A\n' },
      {},
      `README.md: only the target has changed it ${since}${brings}`,
    ],
    [
      'a delete here',
      withoutA,
      base,
      { delete: guards },
      `a.txt: the source has deleted it ${since}: a run deletes it on the target, if the guards let it`,
    ],
    [
      'a delete there',
      base,
      withoutA,
      { delete: guards },
      `a.txt: the target has deleted it ${since}: a run deletes it on the source, if the guards let it`,
    ],
    ['a delete that comes back', withoutA, base, {}, `a.txt: only the target has it${brings}`],
  ])('%s', async (_name, here, there, more, note) => {
    expect(await found(...both(here, there), more)).toMatchObject({ wrong: [], notes: [`behind ${note}`] })
  })

  it('and the license of a page follows the README that waits', async () => {
    const withLicense = (repo: Repo, license: string): Repo => ({
      ...repo,
      info: async () => ({ ...(await infoOf(repo)), license }),
    })
    const [here, there] = both(base, { ...base, 'README.md': '---\nlicense: mit\n---\n# A\n' })
    const waiting = await found(withLicense(here, 'apache-2.0'), withLicense(there, 'mit'))
    expect(waiting).toMatchObject({ wrong: [], notes: [expect.stringMatching(/^behind README\.md/)] })
    const [as, was] = both(base, base)
    expect(await found(withLicense(as, 'apache-2.0'), withLicense(was, 'mit'))).toMatchObject({
      wrong: [expect.stringMatching(/^license -/)],
    })
  })

  it('and is in no count of proven files', async () => {
    const { files } = { files: undefined, ...(await found(...both(base, { ...base, 'a.txt': 'A' }))) }
    expect(files).toEqual({ verified: 2, sampled: 0, mismatch: 0, unverifiable: 0 })
  })
})

describe('a difference that no side alone has made is not in order', () => {
  test.each<[string, Files, Files, string]>([
    [
      'a file that both changed',
      { ...base, 'a.txt': 'of source' },
      { ...base, 'a.txt': 'of target' },
      'differs a.txt: the content differs (changed on both sides)',
    ],
    [
      'a file deleted here and changed there',
      withoutA,
      { ...base, 'a.txt': 'A' },
      'differs a.txt: deleted on the source, changed on the target',
    ],
    [
      'a file changed here and deleted there',
      { ...base, 'a.txt': 'A' },
      withoutA,
      'missing a.txt: the target has no such file (changed on the source, deleted on the target)',
    ],
  ])('%s', async (_name, here, there, finding) => {
    for (const conflict of ['fail', 'source', 'target'] as const)
      expect(await found(...both(here, there), { conflict })).toMatchObject({
        wrong: [finding],
        repairable: 0,
      })
  })

  it('nor is a README with keys of its own where no base tells who has written them', async () => {
    const [here] = both(base, base)
    const keys = { ...base, 'README.md': '---\ntags: [x]\n---\n# A\n' }
    const there = { ...fakeRepo(target, keys, [now]) }
    expect(await found(here, there)).toMatchObject({
      wrong: ['differs README.md: different, and there is no base'],
      next: expect.stringMatching(/^Make both sides equal by hand/),
    })
  })
})

describe('a side that is not there, or is empty', () => {
  it.each([
    ['source', fakeRepo(source, {}), fakeRepo(target, base, [now]), 'modelscope:o/n does not exist'],
    ['target', fakeRepo(source, base, [now]), fakeRepo(target, {}), 'modelscope:p/n does not exist'],
    ['empty source', fakeRepo(source, {}, []), fakeRepo(target, base, [now]), 'modelscope:o/n is empty'],
    ['empty target', fakeRepo(source, base, [now]), fakeRepo(target, {}, []), 'modelscope:p/n is empty'],
  ])('is absent (%s), which a run makes and a repair does not', async (_name, here, there, text) => {
    expect(await found(here, there)).toMatchObject({
      wrong: [`absent -: ${text}`],
      repairable: 0,
      next: '`run` settles what differs under a two-way rule.',
    })
  })

  it('is an error where neither is there, and of a one-way rule without its source', async () => {
    const gone = ['unreadable -: modelscope:o/n does not exist']
    expect(await found(fakeRepo(source, {}), fakeRepo(target, {}))).toMatchObject({ wrong: gone })
    const filled = fakeRepo(target, base, [now])
    const oneWay = await found(fakeRepo(source, {}), filled, { direction: 'one-way' })
    expect(oneWay).toMatchObject({ wrong: gone })
  })
})
