import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Context } from '../../../src/context.ts'
import type { GitAccess } from '../../../src/git/git-environment.ts'
import { pushCommit } from '../../../src/git/publish.ts'
import { gitManifest } from '../../../src/git/read-tree.ts'
import { openSnapshot, resolveRemote } from '../../../src/git/snapshot.ts'
import type { CommitChange, NewCommit } from '../../../src/model/commit.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import { type GitServer, startGitServer, testContext } from './git-server.ts'

const token = 'hub_0123456789abcdefTOKEN'
const basic = Buffer.from(`user:${token}`).toString('base64')

let server: GitServer
let context: Context
let access: GitAccess

beforeEach(async () => {
  server = await startGitServer()
  server.behaviour.authorization = `Basic ${basic}`
  context = await testContext()
  access = { url: server.url, authorization: { Authorization: `Basic ${basic}` }, insecureHttp: false }
})

afterEach(async () => {
  expect(await readdir(context.workDir), 'temporary repos are gone').toEqual([])
  await rm(context.workDir, { recursive: true, force: true })
  await server.close()
})

function lfs(path: string, content: string): CommitChange {
  const oid = createHash('sha256').update(content).digest('hex')
  return { kind: 'lfs', path: parseRepoPath(path), object: { oid, size: content.length }, isNew: true }
}

function plain(path: string, content: string): CommitChange {
  const bytes = Buffer.from(content)
  return {
    kind: 'plain',
    path: parseRepoPath(path),
    size: bytes.length,
    isNew: true,
    read: async () => bytes,
  }
}

function commitOf(parent: string | undefined, changes: readonly CommitChange[], branch = 'main'): NewCommit {
  return { branch, parent, title: 'Sync “x”', trailers: ['Synced-From: a@b', 'Synced-Run: 1'], changes }
}

const awkward = [
  'with space.txt',
  'quo"te\'s.txt',
  'hash#q?per%20cent+.txt',
  '中文/模型.txt',
  '🙂.txt',
  '-leading/-dash.txt',
  'deep/a/b/c/d/e/f.txt',
  ' lead and trail ',
  'glob[*]{a}!.txt',
]

describe('pushCommit', () => {
  test('makes the first commit of an unborn branch, with trailers, author and awkward names', async () => {
    const changes = [...awkward.map((path) => plain(path, `content of ${path}.`)), plain('empty', '')]
    const id = await pushCommit(context, access, commitOf(undefined, changes))

    expect(await resolveRemote(context, access, 'main')).toBe(id)
    const names = server.git(['ls-tree', '-r', '-z', '--name-only', 'main']).split('\0').filter(Boolean)
    expect(names.sort()).toEqual([...awkward, 'empty'].sort())
    for (const path of awkward)
      expect(server.git(['cat-file', 'blob', `main:${path}`])).toBe(`content of ${path}.`)
    expect(server.git(['log', '-1', '--format=%B%an <%ae> %at %ct'])).toBe(
      'Sync “x”\n\nSynced-From: a@b\nSynced-Run: 1\nmodel-hub-sync <model-hub-sync@users.noreply.github.com> 1700000000 1700000000',
    )
    expect(server.git(['fsck', '--strict'])).toBe('')
  })

  test('commits pointers, merges .gitattributes and keeps what is there', async () => {
    const own = '# mine\n*.txt  text \n*.safetensors filter=lfs diff=lfs merge=lfs -text\nlatin-\u00e9 text'
    const first = await pushCommit(
      context,
      access,
      commitOf(undefined, [plain('.gitattributes', own), plain('a.json', '{}'), plain('old.txt', 'x')]),
    )
    const changes = [
      lfs('model.safetensors', 'one'),
      lfs('w/odd name [1].json', 'two'),
      lfs('w/#tokenizer', 'three'),
      lfs('data.parquet', 'four'),
      lfs('more/data.parquet', 'five'),
      { kind: 'delete', path: parseRepoPath('old.txt') } as const,
    ]
    const second = await pushCommit(context, access, commitOf(first, changes))

    expect(server.git(['rev-parse', 'main', 'main~1'])).toBe(`${second}\n${first}`)
    const line = 'filter=lfs diff=lfs merge=lfs -text'
    expect(server.git(['cat-file', 'blob', 'main:.gitattributes'])).toBe(
      `${own}\n/w/odd[[:space:]]name[[:space:]]\\[1\\].json ${line}\n/w/#tokenizer ${line}\n*.parquet ${line}`,
    )
    server.git(['read-tree', 'main'])
    for (const { path, kind } of changes) {
      if (kind === 'lfs')
        expect(server.git(['check-attr', '--cached', 'filter', '--', path])).toMatch(/filter: lfs$/)
    }
    expect(server.git(['check-attr', '--cached', 'filter', '--', 'a.json'])).toMatch(/unspecified$/)

    const snapshot = await openSnapshot(
      context,
      access,
      { branch: 'main', commit: second },
      { filter: 'blob:limit=1k' },
    )
    const manifest = await gitManifest(snapshot)
    await snapshot.dispose()
    expect([...manifest.keys()].sort()).toEqual(
      [
        '.gitattributes',
        'a.json',
        ...changes.filter(({ kind }) => kind === 'lfs').map(({ path }) => path),
      ].sort(),
    )
    expect(manifest.get(parseRepoPath('data.parquet'))).toEqual({
      path: 'data.parquet',
      size: 4,
      storage: 'lfs',
      digests: { sha256: createHash('sha256').update('four').digest('hex') },
    })
  })

  test('adds to a .gitattributes that is larger than any filter keeps, and to one in the same commit', async () => {
    const large = Array.from(
      { length: 400 },
      (_, at) => `*.e${at} filter=lfs diff=lfs merge=lfs -text\n`,
    ).join('')
    const first = await pushCommit(
      context,
      access,
      commitOf(undefined, [
        plain('.gitattributes', large),
        plain('sub/.gitattributes', '*.xyz filter=lfs\n'),
      ]),
    )
    const second = await pushCommit(
      context,
      access,
      commitOf(first, [lfs('a.e399', '1'), lfs('sub/b.xyz', '2'), lfs('c.xyz', '3')]),
    )
    expect(server.git(['cat-file', 'blob', `${second}:.gitattributes`])).toBe(
      `${large}*.xyz filter=lfs diff=lfs merge=lfs -text`,
    )
    const third = await pushCommit(
      context,
      access,
      commitOf(second, [plain('.gitattributes', '*.xyz filter=lfs\n'), lfs('d.zip', '4')]),
    )
    expect(server.git(['cat-file', 'blob', `${third}:.gitattributes`])).toBe(
      '*.xyz filter=lfs\n*.zip filter=lfs diff=lfs merge=lfs -text',
    )
  })

  test('keeps executable bits, and lets a folder take the place of a file', async () => {
    const first = await pushCommit(
      context,
      access,
      commitOf(undefined, [plain('run.sh', 'a'), plain('thing', 'b')]),
    )
    const tree = server.git(['ls-tree', 'main']).replace('100644', '100755')
    const executable = server.git([
      'commit-tree',
      '-p',
      first,
      '-m',
      'x',
      server.git(['mktree'], `${tree}\n`),
    ])
    server.git(['update-ref', 'refs/heads/main', executable])
    const changes = [
      plain('run.sh', 'new'),
      plain('thing/inside', 'c'),
      { kind: 'delete', path: parseRepoPath('thing') } as const,
    ]
    await pushCommit(context, access, commitOf(executable, changes))
    expect(server.git(['ls-tree', '-r', '--format=%(objectmode) %(path)', 'main'])).toBe(
      '100755 run.sh\n100644 thing/inside',
    )
  })

  test('a moved head is a conflict: before the push, during it, and for an unborn branch', async () => {
    const first = await pushCommit(context, access, commitOf(undefined, [plain('a', '1')]))
    const second = await pushCommit(context, access, commitOf(first, [plain('a', '2')]))
    await expect(pushCommit(context, access, commitOf(first, [plain('a', '3')]))).rejects.toMatchObject({
      code: 'conflict',
    })
    await expect(pushCommit(context, access, commitOf(undefined, [plain('a', '3')]))).rejects.toMatchObject({
      code: 'conflict',
    })
    server.behaviour.beforePush = () => server.git(['update-ref', 'refs/heads/main', first])
    await expect(pushCommit(context, access, commitOf(second, [plain('a', '3')]))).rejects.toMatchObject({
      code: 'conflict',
    })
    server.behaviour.beforePush = () => server.git(['update-ref', 'refs/heads/main', second])
    await expect(pushCommit(context, access, commitOf(first, [plain('a', '3')]))).rejects.toMatchObject({
      code: 'conflict',
    })
    server.git(['update-ref', 'refs/heads/main', first])
    expect(server.git(['rev-parse', 'main'])).toBe(first)
    await expect(
      pushCommit(context, access, commitOf('0123456789'.repeat(4), [plain('a', '3')])),
    ).rejects.toMatchObject({ code: 'conflict' })
  })

  test('a hook that declines is `refused`, with its own words, made harmless', async () => {
    const hook = join(server.gitDir, 'hooks', 'pre-receive')
    await writeFile(hook, '#!/bin/sh\nprintf "License is missing \\033[31m::add-mask::x\\n" >&2\nexit 1\n')
    await chmod(hook, 0o755)
    const error = await pushCommit(context, access, commitOf(undefined, [plain('a', '1')])).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({
      code: 'refused',
      message: expect.stringContaining('License is missing \\x1b[31m::add-mask::x'),
    })
  })

  test('a read that fails, or gives another size, publishes nothing', async () => {
    const short: CommitChange = {
      kind: 'plain',
      path: parseRepoPath('a'),
      size: 5,
      isNew: true,
      read: async () => Buffer.from('1'),
    }
    await expect(pushCommit(context, access, commitOf(undefined, [short]))).rejects.toMatchObject({
      code: 'corrupt',
    })
    const broken: CommitChange = { ...short, read: () => Promise.reject(new Error('disk')) }
    await expect(pushCommit(context, access, commitOf(undefined, [broken]))).rejects.toThrow()
    expect(server.git(['for-each-ref'])).toBe('')
  })

  test('2,000 files go in one commit and come back', { timeout: 60_000 }, async () => {
    const changes = Array.from({ length: 2000 }, (_, at) =>
      at % 2 === 0 ? lfs(`shard/${at}.bin`, `object ${at}`) : plain(`text/${at}.txt`, `text ${at}`),
    )
    const id = await pushCommit(context, access, commitOf(undefined, changes))
    const snapshot = await openSnapshot(
      context,
      access,
      { branch: 'main', commit: id },
      { filter: 'blob:limit=1k' },
    )
    const manifest = await gitManifest(snapshot)
    await snapshot.dispose()
    expect(manifest.size).toBe(2001)
    expect([...manifest.values()].filter(({ storage }) => storage === 'lfs')).toHaveLength(1000)
  })
})

describe('the token', () => {
  test('is in no argument of any git process and in no file', async () => {
    const seen: string[] = []
    const folders: string[] = []
    server.behaviour.beforePush = () => {
      seen.push(execFileSync('ps', ['-eo', 'args']).toString())
      folders.push(
        execFileSync('grep', ['-r', '', context.workDir, '--include=config'], { encoding: 'utf8' }),
      )
    }
    await pushCommit(context, access, commitOf(undefined, [plain('a', '1')]))
    expect(seen.join()).toContain('push --porcelain')
    expect(folders.join()).toContain('repositoryformatversion')
    expect(seen.join() + folders.join()).not.toMatch(new RegExp(`${token}|${basic}`))
    expect(server.requests.every(({ authorization }) => authorization === `Basic ${basic}`)).toBe(true)
  })

  test('is not carried along a redirect', async () => {
    const other = await startGitServer()
    server.behaviour.redirectTo = new URL(other.url).origin
    await expect(resolveRemote(context, access, 'main')).rejects.toMatchObject({ code: 'bad-answer' })
    await expect(pushCommit(context, access, commitOf(undefined, [plain('a', '1')]))).rejects.toMatchObject({
      code: 'bad-answer',
    })
    expect(other.requests).toEqual([])
    await other.close()
  })

  test('is in no error', async () => {
    server.behaviour.authorization = 'Basic other'
    const error = await resolveRemote(context, access, 'main').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'unauthorized' })
    const { inspect } = await import('node:util')
    expect(inspect(error, { depth: 10 })).not.toMatch(new RegExp(`${token}|${basic}`))
  })
})

test.each([
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [429, 'rate-limited'],
  [503, 'unavailable'],
])('status %i is %s', async (status, code) => {
  server.behaviour.status = status
  await expect(resolveRemote(context, access, 'main')).rejects.toMatchObject({ code })
})

test('no connection is `network`, plain http elsewhere is refused, a token in the URL is a defect', async () => {
  await expect(
    resolveRemote(context, { ...access, url: 'http://127.0.0.1:1/x.git' }, 'main'),
  ).rejects.toMatchObject({ code: 'network' })
  await expect(
    resolveRemote(context, { ...access, url: 'http://hub.example/x.git' }, 'main'),
  ).rejects.toMatchObject({ code: 'config' })
  await expect(resolveRemote(context, { ...access, url: 'file:///etc' }, 'main')).rejects.toMatchObject({
    code: 'config',
  })
  await expect(
    resolveRemote(context, { ...access, url: 'https://u:p@hub.example/x.git' }, 'main'),
  ).rejects.toMatchObject({ code: 'internal' })
})

test('the run’s signal ends git, before it starts and while it runs', async () => {
  const controller = new AbortController()
  const stopping = { ...context, signal: controller.signal }
  server.behaviour.hang = true
  const running = resolveRemote(stopping, access, 'main')
  const processes = () =>
    execFileSync('ps', ['-o', 'args', '--ppid', String(process.pid)])
      .toString()
      .split('\n')
      .filter((line) => line.includes('ls-remote'))
  await vi.waitFor(() => expect(processes()).not.toEqual([]), 5000)
  controller.abort(new Error('deadline'))
  await expect(running).rejects.toMatchObject({ code: 'stopped' })
  await vi.waitFor(() => expect(processes()).toEqual([]), 5000)
  await expect(resolveRemote(stopping, access, 'main')).rejects.toMatchObject({ code: 'stopped' })
})
