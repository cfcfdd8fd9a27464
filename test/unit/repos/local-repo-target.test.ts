import { mkdirSync } from 'node:fs'
import {
  chmod,
  link,
  lstat,
  mkdir,
  readFile,
  readlink,
  rmdir,
  stat,
  statfs,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CommitChange } from '../../../src/model/commit.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import type { Repo } from '../../../src/repos/repo.ts'
import { contentOf, objectOf } from '../lfs/objects.ts'
import { contextOf, filesIn, folderOf, nowAt, options, ref, repoAt, sourceOf, write } from './local-folder.ts'

const visibility = 'private' as const
const plain = (path: string, text: string): CommitChange => ({
  kind: 'plain',
  path: parseRepoPath(path),
  size: Buffer.byteLength(text),
  isNew: true,
  read: async () => Buffer.from(text),
})
const lfs = (path: string, content: Uint8Array): CommitChange => ({
  kind: 'lfs',
  path: parseRepoPath(path),
  object: objectOf(content),
  isNew: true,
})
const remove = (path: string): CommitChange => ({ kind: 'delete', path: parseRepoPath(path) })

async function publish(repo: Repo, changes: readonly CommitChange[], parent?: string | null) {
  const head = parent === null ? undefined : (parent ?? (await repo.head('main')))
  return repo.publish({ branch: 'main', parent: head, title: 'Sync', trailers: [], changes })
}

const weights = contentOf(3_000_000)
const other = contentOf(2_000_000).reverse()

describe('publishing into a folder', () => {
  test('makes a missing folder, and equal content is found in the next run', async () => {
    await using home = await folderOf({})
    const folder = join(home.path, 'new', 'folder')
    const repo = repoAt(folder)
    expect(await repo.createIfAbsent({ visibility })).toMatchObject({ ref, local: true })
    const object = objectOf(weights)
    expect(await repo.lacking([object])).toEqual([object])
    const sample = await repo.put(object, sourceOf(weights), options)
    expect(sample?.head).toMatch(/^[0-9a-f]{64}$/)
    expect(await repo.lacking([object])).toEqual([])
    expect(await repo.head('main')).toBeUndefined()
    const changes = [lfs('a/b/model.safetensors', weights), plain('README.md', '# x\n'), plain('empty', '')]
    const { commit } = await publish(repo, changes)
    expect(await filesIn(folder)).toEqual(['README.md', 'a/b/model.safetensors', 'empty'])
    expect((await readFile(join(folder, 'a/b/model.safetensors'))).equals(weights)).toBe(true)
    const fresh = repoAt(folder)
    expect(await fresh.head('main')).toBe(commit)
    expect(await fresh.lacking([object])).toEqual([])
    expect(await fresh.manifest(await nowAt(fresh))).toEqual(
      await repo.manifest({ repo: ref, branch: 'main', commit }),
    )
  })

  test('touches nothing but what the commit names, and keeps permissions', async () => {
    await using folder = await folderOf({ 'run.sh': 'old', 'kept.bin': 'kept', 'x.incomplete': 'part' })
    await chmod(join(folder.path, 'run.sh'), 0o750)
    const old = new Date('2021-01-01')
    await utimes(join(folder.path, 'kept.bin'), old, old)
    const before = await stat(join(folder.path, 'kept.bin'))
    await publish(repoAt(folder.path), [plain('run.sh', 'new')])
    expect(await readFile(join(folder.path, 'run.sh'), 'utf8')).toBe('new')
    expect((await stat(join(folder.path, 'run.sh'))).mode & 0o777).toBe(0o750)
    const after = await stat(join(folder.path, 'kept.bin'))
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs])
    expect(await filesIn(folder.path)).toEqual(['kept.bin', 'run.sh', 'x.incomplete'])
  })

  test('one object for several paths, copies of what is there, and two files that change places', async () => {
    await using folder = await folderOf({ 'one.bin': weights, 'two.bin': other })
    const repo = repoAt(folder.path)
    expect(await repo.lacking([objectOf(weights), objectOf(other)])).toEqual([])
    const changes = [lfs('one.bin', other), lfs('two.bin', weights), lfs('c/three.bin', weights)]
    const { commit } = await publish(repo, changes)
    const read = async (name: string) => readFile(join(folder.path, name))
    expect((await read('one.bin')).equals(other)).toBe(true)
    expect((await read('two.bin')).equals(weights)).toBe(true)
    expect((await read('c/three.bin')).equals(weights)).toBe(true)
    expect(await repoAt(folder.path).head('main')).toBe(commit)
    const [a, b] = await Promise.all(['two.bin', 'c/three.bin'].map((name) => stat(join(folder.path, name))))
    expect(a?.ino).not.toBe(b?.ino)
  })

  test('deletes, with the folders that are empty then', async () => {
    await using folder = await folderOf({ 'a/b/c.txt': 'c', 'a/d.txt': 'd', 'e/f.txt': 'f' })
    await publish(repoAt(folder.path), [remove('a/b/c.txt'), remove('e/f.txt')])
    expect(await filesIn(folder.path)).toEqual(['a/d.txt'])
    await expect(stat(join(folder.path, 'e'))).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(stat(join(folder.path, 'a/b'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('a moved folder is a conflict, also when it moves while files are made ready, and nothing is replaced', async () => {
    await using folder = await folderOf({ 'a.txt': 'old' })
    const repo = repoAt(folder.path)
    await expect(publish(repo, [plain('a.txt', 'new')], null)).rejects.toMatchObject({ code: 'conflict' })
    const late: CommitChange = {
      kind: 'plain',
      path: parseRepoPath('late/a.txt'),
      size: 3,
      isNew: true,
      read: async () => {
        await write(folder.path, 'b.txt', 'somebody else')
        return Buffer.from('new')
      },
    }
    await expect(publish(repo, [late])).rejects.toMatchObject({ code: 'conflict' })
    expect(await readFile(join(folder.path, 'a.txt'), 'utf8')).toBe('old')
    const left = (await filesIn(folder.path)).filter((name) => !name.startsWith('.model-hub-sync-tmp/'))
    expect(left).toEqual(['a.txt', 'b.txt'])
    await expect(stat(join(folder.path, 'late'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('weights come first, what makes them visible last: a failure in between leaves whole files, and is mended', async () => {
    await using folder = await folderOf({ 'config.json': 'old' })
    await repoAt(folder.path).put(objectOf(weights), sourceOf(weights), options)
    const inTheWay = join(folder.path, 'new', 'z.txt')
    let reads = 0
    const counted = (change: CommitChange): CommitChange => {
      if (change.kind !== 'plain') return change
      const read = () => change.read().finally(() => (reads += 1))
      return { ...change, read }
    }
    const changes = [
      plain('config.json', 'new'),
      plain('new/z.txt', 'new'),
      lfs('model.safetensors', weights),
    ]
    // Everything is ready and checked when the signal is asked again: then a folder gets in the way.
    const throwIfAborted = () => {
      if (reads === 2) mkdirSync(inTheWay, { recursive: true })
    }
    const signal = { ...new AbortController().signal, throwIfAborted } as AbortSignal
    const broken = publish(repoAt(folder.path, contextOf(signal)), changes.map(counted))
    await expect(broken).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('Only 1 of 3 files'),
    })
    expect((await readFile(join(folder.path, 'model.safetensors'))).equals(weights)).toBe(true)
    expect(await readFile(join(folder.path, 'config.json'), 'utf8')).toBe('old')
    await rmdir(inTheWay)
    await publish(repoAt(folder.path), changes)
    expect(await filesIn(folder.path)).toEqual(['config.json', 'model.safetensors', 'new/z.txt'])
    expect(await readFile(join(folder.path, 'config.json'), 'utf8')).toBe('new')
  })
})

describe('ways out of a folder', () => {
  test.each([
    ['a folder', 'way', 'way/a.txt'],
    ['a file', 'way/a.txt', 'way/a.txt'],
  ])('a link in the place of %s that leaves is never written through nor replaced', async (_, at, path) => {
    await using outside = await folderOf({ 'a.txt': 'theirs' })
    await using folder = await folderOf({ 'own.txt': 'own' })
    const target = at === 'way' ? outside.path : join(outside.path, 'a.txt')
    if (at !== 'way') await mkdir(join(folder.path, 'way'))
    await symlink(target, join(folder.path, at))
    await expect(publish(repoAt(folder.path), [plain(path, 'ours')])).rejects.toMatchObject({
      code: 'bad-path',
    })
    expect(await readFile(join(outside.path, 'a.txt'), 'utf8')).toBe('theirs')
    expect(await readlink(join(folder.path, at))).toBe(target)
  })

  test('nor one into .git, nor a temporary folder that is a link', async () => {
    await using outside = await folderOf({})
    await using folder = await folderOf({ '.git/hooks/x': 'x', a: 'a' })
    await symlink('.git/hooks', join(folder.path, 'models'))
    const repo = repoAt(folder.path)
    await expect(publish(repo, [plain('models/pre-commit', 'evil')])).rejects.toMatchObject({
      code: 'bad-path',
    })
    await repoAt(folder.path).head('main')
    await using second = await folderOf({ a: 'a' })
    await symlink(outside.path, join(second.path, '.model-hub-sync-tmp'))
    const put = repoAt(second.path).put(objectOf(weights), sourceOf(weights), options)
    await expect(put).rejects.toMatchObject({ code: 'bad-path' })
    expect(await filesIn(outside.path)).toEqual([])
  })

  test('a link that stays inside is a way in, and a linked file is replaced, not written through', async () => {
    await using folder = await folderOf({ 'real/a.txt': 'old', 'real/b.txt': 'old' })
    await symlink('real', join(folder.path, 'link'))
    await symlink('real/b.txt', join(folder.path, 'b.txt'))
    await publish(repoAt(folder.path), [plain('link/a.txt', 'new'), plain('b.txt', 'new')])
    expect(await readFile(join(folder.path, 'real/a.txt'), 'utf8')).toBe('new')
    expect(await readFile(join(folder.path, 'real/b.txt'), 'utf8')).toBe('old')
    expect((await lstat(join(folder.path, 'b.txt'))).isSymbolicLink()).toBe(false)
  })

  test('a folder in the place of a file, and a file in the place of a folder', async () => {
    await using folder = await folderOf({ file: 'file' })
    await mkdir(join(folder.path, 'empty'))
    const repo = repoAt(folder.path)
    await expect(publish(repo, [plain('empty', 'x')])).rejects.toMatchObject({ code: 'bad-path' })
    await expect(publish(repo, [plain('file/x', 'x')])).rejects.toMatchObject({ code: 'bad-path' })
    expect(await readFile(join(folder.path, 'file'), 'utf8')).toBe('file')
  })
})

describe('objects on their way into a folder', () => {
  const object = objectOf(weights)
  const part = (folder: string) => join(folder, '.model-hub-sync-tmp', `${object.oid}.part`)

  test('one that a killed run left unfinished is gone on with', async () => {
    await using folder = await folderOf({})
    await write(folder.path, `.model-hub-sync-tmp/${object.oid}.part`, weights.subarray(0, 1_000_000))
    const starts: number[] = []
    const repo = repoAt(folder.path)
    expect(await repo.lacking([object])).toEqual([object])
    await repo.put(object, sourceOf(weights, starts), options)
    expect(starts).toEqual([999_999])
    expect(await repo.lacking([object])).toEqual([])
  })

  test('one whose beginning is damaged is fetched again from its start', async () => {
    await using folder = await folderOf({})
    await write(folder.path, `.model-hub-sync-tmp/${object.oid}.part`, Buffer.alloc(5_000_000))
    const starts: number[] = []
    const repo = repoAt(folder.path)
    await repo.put(object, sourceOf(weights, starts), options)
    expect(starts).toEqual([2_999_999, 0])
    await publish(repo, [lfs('model.bin', weights)])
    expect((await readFile(join(folder.path, 'model.bin'))).equals(weights)).toBe(true)
  })

  test('a finished one of an earlier run is there only if it is whole', async () => {
    await using folder = await folderOf({})
    await repoAt(folder.path).put(object, sourceOf(weights), options)
    expect(await repoAt(folder.path).lacking([object])).toEqual([])
    const damaged = Buffer.from(weights)
    damaged[1_500_000] = (damaged[1_500_000] ?? 0) ^ 1
    await writeFile(join(folder.path, '.model-hub-sync-tmp', object.oid), damaged)
    const repo = repoAt(folder.path)
    expect(await repo.lacking([object])).toEqual([object])
    await repo.put(object, sourceOf(weights), options)
    expect(await repo.lacking([object])).toEqual([])
  })

  test.each([
    ['wrong', other.subarray(0, 1_000_000)],
    ['too many', Buffer.concat([weights, Buffer.from('more')])],
    ['damaged', Buffer.from(weights).fill(0, 5, 9)],
  ])('%s bytes never become the object', async (_, content) => {
    await using folder = await folderOf({ 'model.bin': 'old' })
    const repo = repoAt(folder.path)
    await expect(repo.put(object, sourceOf(content), options)).rejects.toMatchObject({
      code: expect.stringMatching(/corrupt|truncated/),
    })
    expect(await repo.lacking([object])).toEqual([object])
    await expect(publish(repo, [lfs('model.bin', weights)])).rejects.toMatchObject({ code: 'object-missing' })
    expect(await readFile(join(folder.path, 'model.bin'), 'utf8')).toBe('old')
  })

  test('a stop keeps what came, out of sight', async () => {
    await using folder = await folderOf({ a: 'a' })
    const stop = new AbortController()
    const repo = repoAt(folder.path, contextOf(stop.signal))
    const head = await repo.head('main')
    let bytes = 0
    const onBytes = (count: number) => {
      bytes += count
      if (bytes > 1_000_000) stop.abort(new Error('stopped'))
    }
    await expect(repo.put(object, sourceOf(weights), { ...options, onBytes })).rejects.toThrow('stopped')
    expect((await stat(part(folder.path))).size).toBe(bytes)
    expect(await repoAt(folder.path).head('main')).toBe(head)
  })
})

describe('what a folder cannot hold is told before anything is written', () => {
  const problemsOf = (path: string, paths: readonly string[]) =>
    repoAt(path).pathProblems?.(paths.map(parseRepoPath))

  test('every path with what is in its way', async () => {
    await using outside = await folderOf({ 'a.txt': 'theirs' })
    await using folder = await folderOf({ file: 'file', 'ok.txt': 'ok' })
    await mkdir(join(folder.path, 'empty'))
    await symlink(outside.path, join(folder.path, 'way'))
    const problems = await problemsOf(folder.path, [
      'empty',
      'file/x',
      'way/a.txt',
      'way/b.txt',
      'ok.txt',
      'new/x',
    ])
    expect(problems).toEqual([
      expect.stringMatching(/ empty: it is a folder here$/),
      expect.stringMatching(/ file\/x: file is no folder$/),
      expect.stringMatching(/ way\/a\.txt: way is a link that leaves the folder$/),
      expect.stringMatching(/ way\/b\.txt: way is a link that leaves the folder$/),
    ])
    expect(await filesIn(folder.path)).not.toContain('.model-hub-sync-tmp')
  })

  test('paths that the disk takes for one, told by a file that is found in the other case, too', async () => {
    await using folder = await folderOf({ 'a.txt': 'a' })
    // As a disk shows it that ignores case; where it does, the file is there already.
    await link(join(folder.path, 'a.txt'), join(folder.path, 'A.TXT')).catch((thrown: unknown) => {
      expect(thrown).toMatchObject({ code: 'EEXIST' })
    })
    expect(await problemsOf(folder.path, ['b.txt', 'B.txt', 'c'])).toEqual([
      expect.stringMatching(/ B\.txt: this disk takes it for the same file as b\.txt$/),
    ])
  })

  test('nothing where there is no folder yet, and what its disk has left', async () => {
    await using folder = await folderOf({})
    const absent = join(folder.path, 'not/yet')
    expect(await problemsOf(absent, ['a', 'x/y'])).toEqual([])
    const { bavail, bsize } = await statfs(folder.path)
    const free = (await repoAt(absent).freeBytes?.()) ?? 0
    expect(free).toBeGreaterThan(0)
    expect(free).toBeLessThan(2 * bavail * bsize)
  })
})
