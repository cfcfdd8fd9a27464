import { createHash } from 'node:crypto'
import { appendFile, chmod, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseRepoPath } from '../../../src/model/path.ts'
import { folderError } from '../../../src/repos/local-profile.ts'
import { contentOf, sha256 } from '../lfs/objects.ts'
import { contextOf, folderOf, nowAt, repoAt, write } from './local-folder.ts'

const file = (path: string) => parseRepoPath(path)

describe('what a folder lists', () => {
  test('every file with both digests, deep and awkward ones too, sorted', async () => {
    const big = contentOf(700_000)
    const names = [
      'a b/ü 你好 😀.txt',
      '-dash',
      'x/y/z/deep.bin',
      'empty',
      '#?%+.json',
      '.gitignore',
      '.hidden/file',
    ]
    await using folder = await folderOf({ 'x/y/z/deep.bin': big })
    for (const name of names.slice(0, 2)) await write(folder.path, name, name)
    for (const name of names.slice(3)) await write(folder.path, name, name === 'empty' ? '' : '*')
    const repo = repoAt(folder.path)
    const manifest = await repo.manifest(await nowAt(repo))
    expect([...manifest.keys()]).toEqual([...names].sort())
    expect(manifest.get(file('x/y/z/deep.bin'))).toEqual({
      path: 'x/y/z/deep.bin',
      size: big.length,
      storage: 'git',
      digests: {
        sha256: sha256(big),
        gitBlob: createHash('sha1').update(`blob ${big.length}\0`).update(big).digest('hex'),
      },
    })
    expect(manifest.get(file('empty'))?.digests.gitBlob).toBe('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391')
  })

  test('nothing of git, of the SDKs, or of our own', async () => {
    await using folder = await folderOf({
      'model.safetensors': 'm',
      '.git/config': 'secret',
      'sub/.GIT/config': 'secret',
      '.cache/huggingface/download/x.incomplete': 'part',
      '.msc': 'x',
      '._____temp/x': 'x',
      '.model-hub-sync-tmp/aa': 'x',
      '.model-hub-sync/plan.json': '{}',
      'sub/.cache/kept': 'k',
    })
    const repo = repoAt(folder.path)
    expect([...(await repo.manifest(await nowAt(repo))).keys()]).toEqual([
      'model.safetensors',
      'sub/.cache/kept',
    ])
  })

  test('links that stay inside are followed; those that leave, break, loop or lead into .git are told of', async () => {
    await using outside = await folderOf({ 'secret.txt': 'secret' })
    await using folder = await folderOf({ 'real/a.bin': 'aaaa', '.git/config': 'secret' })
    const link = (to: string, name: string) => symlink(to, join(folder.path, name))
    await link('real', 'folder')
    await link('real/a.bin', 'file')
    await link(join(outside.path, 'secret.txt'), 'leaves')
    await link(outside.path, 'leaves-too')
    await link('nowhere', 'broken')
    await link('../..', 'real/up')
    await link('..', 'real/loop')
    await link('.git/config', 'into-git')
    const repo = repoAt(folder.path)
    const manifest = await repo.manifest(await nowAt(repo))
    const followed = [...manifest.values()].filter(({ mode }) => mode !== 'symlink')
    expect(followed.map(({ path }) => path)).toEqual(['file', 'folder/a.bin', 'real/a.bin'])
    expect(new Set(followed.map(({ digests }) => digests.sha256)).size).toBe(1)
    const told = [...manifest.values()].filter(({ mode }) => mode === 'symlink').map(({ path }) => path)
    expect(told).toEqual([
      'broken',
      'folder/loop',
      'folder/up',
      'into-git',
      'leaves',
      'leaves-too',
      'real/loop',
      'real/up',
    ])
    const entry = manifest.get(file('leaves'))
    if (entry === undefined) throw new Error('not listed')
    await expect(repo.readFile(await nowAt(repo), entry, 100)).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('a name that no repo can hold is an error that names it', async () => {
    await using folder = await folderOf({ 'a\\b': 'x' })
    await expect(repoAt(folder.path).head('main')).rejects.toMatchObject({ code: 'bad-path' })
    await using other = await folderOf({})
    await writeFile(Buffer.concat([Buffer.from(`${other.path}/bad`), Buffer.from([0xff])]), 'x')
    await expect(repoAt(other.path).head('main')).rejects.toMatchObject({ code: 'bad-path' })
  })
})

describe('the commit of a folder', () => {
  test('is the same for the same content anywhere, and moves with a byte, a name or a mode', async () => {
    const files = { 'a/b.txt': 'one', 'c.txt': 'two' }
    await using folder = await folderOf(files)
    await using twin = await folderOf(files)
    const first = await repoAt(folder.path).head('main')
    expect(first).toMatch(/^[0-9a-f]{40}$/)
    expect(await repoAt(twin.path).head('main')).toBe(first)
    const seen = new Set([first])
    const repo = repoAt(folder.path)
    await repo.head('main')
    await write(folder.path, 'c.txt', 'twp')
    seen.add(await repo.head('main'))
    await write(folder.path, 'd.txt', '')
    seen.add(await repo.head('main'))
    await chmod(join(folder.path, 'c.txt'), 0o755)
    seen.add(await repo.head('main'))
    expect(seen.size).toBe(4)
  })

  test('is none for an empty folder and for another branch; a missing folder is no repo', async () => {
    await using folder = await folderOf({})
    const repo = repoAt(folder.path)
    expect(await repo.info()).toMatchObject({ visibility: 'private', local: true, defaultBranch: 'main' })
    expect(await repo.head('main')).toBeUndefined()
    await write(folder.path, 'a', 'a')
    expect(await repo.head('v1')).toBeUndefined()
    const missing = repoAt(join(folder.path, 'not', 'there'))
    expect(await missing.info()).toBeUndefined()
    expect(await missing.head('main')).toBeUndefined()
    await expect(repoAt(join(folder.path, 'a')).info()).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('a README tells the license', async () => {
    await using folder = await folderOf({ 'README.md': '---\nlicense: apache-2.0\n---\n# x\n' })
    expect((await repoAt(folder.path).info())?.license).toBe('apache-2.0')
  })

  test('a change that leaves size and time as they were is seen', async () => {
    await using folder = await folderOf({ 'a.bin': 'aaaa' })
    const old = new Date('2020-01-01')
    await utimes(join(folder.path, 'a.bin'), old, old)
    const repo = repoAt(folder.path)
    const first = await repo.head('main')
    await writeFile(join(folder.path, 'a.bin'), 'bbbb')
    await utimes(join(folder.path, 'a.bin'), old, old)
    expect(await repo.head('main')).not.toBe(first)
  })
})

describe('reading a folder', () => {
  const content = contentOf(900_000)

  test('whole files and ranges', async () => {
    await using folder = await folderOf({ 'a.bin': content })
    const repo = repoAt(folder.path)
    const at = await nowAt(repo)
    const entry = (await repo.manifest(at)).get(file('a.bin'))
    if (entry === undefined) throw new Error('not listed')
    expect((await repo.readFile(at, entry, 1_000_000)).equals(content)).toBe(true)
    await expect(repo.readFile(at, entry, 1000)).rejects.toMatchObject({ code: 'too-large' })
    expect((await repo.hashFile(at, entry)).digests).toEqual(entry.digests)
    const range = { start: 300_000, end: 300_009 }
    expect(await repo.hashFile(at, entry, range)).toMatchObject({
      size: 10,
      digests: { sha256: sha256(content.subarray(300_000, 300_010)) },
    })
    const opened = await repo.openFile(at, entry, { start: 899_990 })
    const chunks: Uint8Array[] = []
    for await (const chunk of opened.body) chunks.push(chunk)
    expect(Buffer.concat(chunks).equals(content.subarray(899_990))).toBe(true)
  })

  test.each([
    ['grows', (path: string) => appendFile(path, 'more')],
    ['is cut', (path: string) => truncate(path, 10)],
    ['is written again', (path: string) => writeFile(path, contentOf(900_001).subarray(1))],
  ])('a file that %s while it is read never reads to its end', async (_, change) => {
    await using folder = await folderOf({ 'a.bin': content })
    const repo = repoAt(folder.path)
    const at = await nowAt(repo)
    const entry = (await repo.manifest(at)).get(file('a.bin'))
    if (entry === undefined) throw new Error('not listed')
    const opened = await repo.openFile(at, entry)
    const read = async () => {
      let size = 0
      for await (const chunk of opened.body) {
        if (size === 0) await change(join(folder.path, 'a.bin'))
        size += chunk.length
      }
    }
    await expect(read()).rejects.toMatchObject({ code: 'corrupt', retryable: false })
    await expect(repo.openFile(at, entry)).rejects.toMatchObject({ code: 'corrupt' })
  })

  test('a commit that the folder left before anybody looked is not found', async () => {
    await using folder = await folderOf({ a: 'a' })
    const at = await nowAt(repoAt(folder.path))
    await write(folder.path, 'a', 'b')
    await expect(repoAt(folder.path).manifest(at)).rejects.toMatchObject({ code: 'not-found' })
  })

  test.each([
    ['EACCES', 'forbidden'],
    ['ENOSPC', 'refused'],
  ])('what the file system refuses (%s) is told as %s', (code, told) => {
    const error = folderError(Object.assign(new Error('refused'), { code }))
    expect(error).toMatchObject({ code: told, next: expect.stringMatching(/\w/) })
  })

  test('a stop ends the hashing', async () => {
    await using folder = await folderOf({ 'a.bin': content })
    const stop = new AbortController()
    stop.abort(new Error('stopped'))
    await expect(repoAt(folder.path, contextOf(stop.signal)).head('main')).rejects.toThrow('stopped')
  })
})
