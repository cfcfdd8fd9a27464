import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SyncError } from '../../../src/model/errors.ts'
import type { FileEntry, Manifest } from '../../../src/model/file.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import { createBandwidth } from '../../../src/net/bandwidth.ts'
import type { Side } from '../../../src/planning/compare-repos.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import { checkFiles } from '../../../src/verifying/verify-objects.ts'
import { testContext } from '../net/loopback.ts'
import { fakeRepo } from '../planning/fake-repo.ts'

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')
const content = randomBytes(2_300_000)
const ref = { hub: 'h', type: 'model', owner: 'o', name: 'n' } as const

/** A repo that serves these bytes, or throws; `reads` tells every range that was read. */
function serving(bytes: Buffer | SyncError, reads: string[] = []): Repo {
  const hashFile: Repo['hashFile'] = async (_at, file, range) => {
    reads.push(`${file.path} ${range === undefined ? 'whole' : `${range.start}-${range.end}`}`)
    if (bytes instanceof SyncError) throw bytes
    const part = bytes.subarray(range?.start ?? 0, range?.end === undefined ? undefined : range.end + 1)
    return { size: part.length, digests: { sha256: sha256(part) } }
  }
  return { ...fakeRepo(ref, {}, []), hashFile }
}

const entry = (path: string, oid = sha256(content), size = content.length): FileEntry => ({
  path: parseRepoPath(path),
  size,
  storage: 'lfs',
  digests: { sha256: oid },
})
const manifestOf = (files: readonly FileEntry[]): Manifest => new Map(files.map((file) => [file.path, file]))
const sideOf = (repo: Repo, files: readonly FileEntry[]): Side => ({
  repo,
  at: { repo: ref, branch: 'main', commit: '0'.repeat(40) },
  files: manifestOf(files),
})

async function check(
  source: Repo,
  target: Repo,
  {
    depth = 'sampled',
    here = [entry('w.bin')],
    there = [entry('w.bin')],
  }: Partial<{
    depth: 'sampled' | 'full'
    here: FileEntry[]
    there: FileEntry[]
  }> = {},
) {
  const bandwidth = createBandwidth(undefined)
  const reading = { source: sideOf(source, here), target: sideOf(target, there), depth, bandwidth }
  const checks = await checkFiles(testContext(), reading, there)
  return checks.map(({ path, verification, finding }) => [
    path,
    verification,
    finding?.kind,
    finding?.repairable,
  ])
}

const changedAt = (at: number) => {
  const other = Buffer.from(content)
  other[at] = (other[at] ?? 0) ^ 1
  return other
}
const missing = new SyncError('object-missing', 'It is not there.')
const offline = new SyncError('network', 'No answer.')

describe('checkFiles', () => {
  it('calls an object whose ends are the source’s sampled, and one that was read whole verified', async () => {
    expect(await check(serving(content), serving(content))).toEqual([
      ['w.bin', 'sampled', undefined, undefined],
    ])
    expect(await check(serving(content), serving(content), { depth: 'full' })).toEqual([
      ['w.bin', 'verified', undefined, undefined],
    ])
  })

  it('reads one object once, whatever the number of its paths', async () => {
    const reads: string[] = []
    const files = ['a.bin', 'b.bin', 'c.bin'].map((path) => entry(path))
    const found = await check(serving(content), serving(content, reads), { here: files, there: files })
    expect(found.map(([path, verification]) => `${path} ${verification}`)).toEqual([
      'a.bin sampled',
      'b.bin sampled',
      'c.bin sampled',
    ])
    expect(reads).toHaveLength(2)
  })

  it('finds a change at either end, and tells by all bytes which side is wrong', async () => {
    for (const at of [0, content.length - 1])
      expect(await check(serving(content), serving(changedAt(at)))).toEqual([
        ['w.bin', 'mismatch', 'wrong-bytes', true],
      ])
    expect(await check(serving(changedAt(0)), serving(content))).toEqual([
      ['w.bin', 'verified', undefined, undefined],
    ])
  })

  it('reads the target whole where the source cannot be read', async () => {
    expect(await check(serving(missing), serving(content))).toEqual([
      ['w.bin', 'verified', undefined, undefined],
    ])
  })

  it.each([
    ['object-missing', 'mismatch', 'not-served', true],
    ['truncated', 'mismatch', 'wrong-bytes', true],
    ['corrupt', 'mismatch', 'wrong-bytes', true],
    ['network', 'unverifiable', 'unreadable', false],
    ['forbidden', 'unverifiable', 'unreadable', false],
  ] as const)('takes %s for %s: %s', async (code, verification, kind, repairable) => {
    expect(await check(serving(content), serving(new SyncError(code, 'So it is.')))).toEqual([
      ['w.bin', verification, kind, repairable],
    ])
  })

  it('offers no repair for what only the target has, and proves nothing of it', async () => {
    expect(await check(serving(offline), serving(content), { here: [] })).toEqual([
      ['w.bin', 'unverifiable', undefined, undefined],
    ])
    expect(await check(serving(content), serving(missing), { here: [] })).toEqual([
      ['w.bin', 'mismatch', 'not-served', false],
    ])
  })

  it('reads a plain file only where all bytes are asked for', async () => {
    const plain: FileEntry = { ...entry('a.txt'), storage: 'git' }
    const files = { here: [plain], there: [plain] }
    const reads: string[] = []
    expect(await check(serving(content), serving(content, reads), files)).toEqual([
      ['a.txt', 'verified', undefined, undefined],
    ])
    expect(reads).toEqual([])
    expect(await check(serving(content), serving(changedAt(9)), { ...files, depth: 'full' })).toEqual([
      ['a.txt', 'mismatch', 'wrong-bytes', false],
    ])
  })
})
