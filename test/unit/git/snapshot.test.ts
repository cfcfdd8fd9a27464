import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Context } from '../../../src/context.ts'
import type { GitAccess } from '../../../src/git/git-environment.ts'
import { readBlobs } from '../../../src/git/read-blobs.ts'
import { gitManifest, listTree } from '../../../src/git/read-tree.ts'
import { openSnapshot, resolveRemote } from '../../../src/git/snapshot.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import { formatPointer } from '../../../src/model/pointer.ts'
import { type GitServer, startGitServer, testContext } from './git-server.ts'

let server: GitServer
let context: Context
let access: GitAccess

beforeEach(async () => {
  server = await startGitServer()
  context = await testContext()
  access = { url: server.url, authorization: {}, insecureHttp: false }
})

afterEach(async () => {
  expect(await readdir(context.workDir), 'temporary repos are gone').toEqual([])
  await rm(context.workDir, { recursive: true, force: true })
  await server.close()
})

const oid = createHash('sha256').update('weights').digest('hex')
const pointer = formatPointer({ oid, size: 7 })
const large = 'x'.repeat(5000)

/** Commits blobs by mode and path, without fast-import, so that bad paths get in too. */
function commit(
  files: readonly (readonly [mode: string, path: string, content: string])[],
  parent?: string,
): string {
  const lines = files.map(([mode, path, content]) => {
    const id = mode === '160000' ? '1'.repeat(40) : server.git(['hash-object', '-w', '--stdin'], content)
    return `${mode} ${mode === '160000' ? 'commit' : 'blob'} ${id}\t${path}`
  })
  const tree = server.git(['mktree', '-z', '--missing'], `${lines.join('\0')}\0`)
  const id = server.git(['commit-tree', '-m', 'x', ...(parent === undefined ? [] : ['-p', parent]), tree])
  server.git(['update-ref', 'refs/heads/main', id])
  return id
}

const files = [
  ['100644', 'weights.bin', pointer],
  ['100644', 'small.txt', 'hello'],
  ['100644', 'large.txt', large],
  ['100755', 'run.sh', '#!'],
  ['120000', 'link', 'small.txt'],
  ['160000', 'sub', ''],
  ['100644', '中 文"\'#.txt', ''],
] as const

const gitBlob = (text: string) =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex')

describe.each([
  ['a server that filters', 'true'],
  ['a server that ignores the filter', 'false'],
])('%s', (_, allowFilter) => {
  test('gives a manifest with pointers read and large plain files known by their id', async () => {
    server.git(['config', 'uploadpack.allowFilter', allowFilter])
    const at = { branch: 'main', commit: commit(files) }
    const snapshot = await openSnapshot(context, access, at, { filter: 'blob:limit=1k' })
    const manifest = await gitManifest(snapshot)
    await snapshot.dispose()

    expect(Object.fromEntries(manifest)).toEqual({
      'weights.bin': { path: 'weights.bin', storage: 'lfs', size: 7, digests: { sha256: oid } },
      'small.txt': { path: 'small.txt', storage: 'git', size: 5, digests: { gitBlob: gitBlob('hello') } },
      'large.txt': {
        path: 'large.txt',
        storage: 'git',
        ...(allowFilter === 'true' ? {} : { size: 5000 }),
        digests: { gitBlob: gitBlob(large) },
      },
      'run.sh': {
        path: 'run.sh',
        storage: 'git',
        size: 2,
        mode: 'executable',
        digests: { gitBlob: gitBlob('#!') },
      },
      link: {
        path: 'link',
        storage: 'git',
        size: 9,
        mode: 'symlink',
        leadsTo: 'small.txt',
        digests: { gitBlob: gitBlob('small.txt') },
      },
      sub: { path: 'sub', storage: 'git', mode: 'submodule', digests: {} },
      '中 文"\'#.txt': { path: '中 文"\'#.txt', storage: 'git', size: 0, digests: { gitBlob: gitBlob('') } },
    })
  })
})

test('a missing blob is an error and is never fetched', async () => {
  const at = { branch: 'main', commit: commit(files) }
  const snapshot = await openSnapshot(context, access, at, { filter: 'blob:none' })
  const before = server.requests.length
  const read = async (id: string, cap = 100) => {
    for await (const blob of readBlobs(snapshot, [id], cap)) return blob.content.toString()
    return undefined
  }
  expect(snapshot.blobs.size).toBe(0)
  expect((await listTree(snapshot)).files).toHaveLength(files.length)
  await expect(read(gitBlob('hello'))).rejects.toMatchObject({ code: 'object-missing' })
  // Even if somebody says it were here: git itself has no way to the hub.
  const lying = { ...snapshot, blobs: new Map([[gitBlob('hello'), 5]]) }
  const attempt = async () => {
    for await (const _ of readBlobs(lying, [gitBlob('hello')], 100)) expect.unreachable()
  }
  await expect(attempt()).rejects.toMatchObject({ name: 'SyncError' })
  await expect(gitManifest(snapshot)).rejects.toMatchObject({ code: 'internal' })
  expect(server.requests.length).toBe(before)
  await snapshot.dispose()
})

test('blobs come in the order asked for, and one over the cap is `too-large`', async () => {
  server.git(['config', 'uploadpack.allowFilter', 'false'])
  const contents = Array.from({ length: 300 }, (_, at) => `${at}\n`.repeat(at))
  const at = { branch: 'main', commit: commit(contents.map((text, n) => ['100644', `f${n}`, text] as const)) }
  const snapshot = await openSnapshot(context, access, at, { filter: 'blob:limit=1k' })
  const found: string[] = []
  for await (const { content } of readBlobs(snapshot, contents.map(gitBlob), 2000))
    found.push(content.toString())
  expect(found).toEqual(contents)
  // Stopping early leaves no process that would hold the folder.
  for await (const _ of readBlobs(snapshot, contents.map(gitBlob), 2000)) break
  const over = async () => {
    for await (const _ of readBlobs(snapshot, contents.map(gitBlob), 500)) expect.unreachable()
  }
  await expect(over()).rejects.toMatchObject({ code: 'too-large' })
  await snapshot.dispose()
})

test('an older commit of the branch can be pinned, and nothing of the history comes', async () => {
  const first = commit([['100644', 'a', '1']])
  commit([['100644', 'a', '2']], first)
  const snapshot = await openSnapshot(
    context,
    access,
    { branch: 'main', commit: first },
    { filter: 'blob:limit=1k' },
  )
  expect((await gitManifest(snapshot)).get(parseRepoPath('a'))?.digests.gitBlob).toBe(gitBlob('1'))
  await snapshot.dispose()
})

test('a commit that is not there, a ref that is no commit id, and an absent repo', async () => {
  commit([['100644', 'a', '1']])
  const open = (id: string, url = server.url) =>
    openSnapshot(context, { ...access, url }, { branch: 'main', commit: id }, { filter: 'blob:none' })
  await expect(open('0123456789'.repeat(4))).rejects.toMatchObject({ code: 'not-found' })
  await expect(open('--upload-pack=touch x')).rejects.toMatchObject({ code: 'bad-answer' })
  await expect(open('0123456789'.repeat(4), server.url.replace('repo', 'none'))).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('bad paths are all named', async () => {
  const blob = server.git(['hash-object', '-w', '--stdin'], 'x')
  // mktree refuses slashes but takes these; a control character and a spelling of .git.
  const tree = server.git(
    ['mktree', '-z'],
    `100644 blob ${blob}\ta\u0007b\x00100644 blob ${blob}\tgood\x00100644 blob ${blob}\tback\\slash\0`,
  )
  const id = server.git(['commit-tree', '-m', 'x', tree])
  server.git(['update-ref', 'refs/heads/main', id])
  const snapshot = await openSnapshot(
    context,
    access,
    { branch: 'main', commit: id },
    { filter: 'blob:limit=1k' },
  )
  const { files: good } = await listTree(snapshot)
  expect(good.map(({ path }) => path)).toEqual(['good'])
  const lines = [expect.stringMatching(/control character/), expect.stringMatching(/backslash/)]
  await expect(gitManifest(snapshot)).rejects.toMatchObject({ code: 'bad-path', lines })
  await snapshot.dispose()
})

test('a repo that grows over the disk cap is stopped', async () => {
  server.git(['config', 'uploadpack.allowFilter', 'false'])
  const noise = () => Array.from({ length: 40_000 }, () => Math.random().toString(36)).join('')
  const id = commit(Array.from({ length: 8 }, (_, n) => ['100644', `f${n}`, noise()] as const))
  const open = openSnapshot(
    context,
    access,
    { branch: 'main', commit: id },
    { filter: 'blob:none', diskCap: 100_000 },
  )
  await expect(open).rejects.toMatchObject({ code: 'too-large' })
})

test('resolveRemote finds branches, tags (peeled) and full refs', async () => {
  const id = commit([['100644', 'a', '1']])
  server.git(['tag', '-a', '-m', 'x', 'v1', id])
  server.git(['update-ref', 'refs/pr/1', id])
  for (const ref of ['main', 'v1', 'refs/pr/1', 'refs/heads/main'])
    expect(await resolveRemote(context, access, ref)).toBe(id)
  expect(await resolveRemote(context, access, 'mai')).toBeUndefined()
  expect(await resolveRemote(context, access, '--upload-pack=x')).toBeUndefined()
})
