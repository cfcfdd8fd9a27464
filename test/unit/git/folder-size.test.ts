import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { folderSize, watchFolderSize } from '../../../src/git/folder-size.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-size-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

test('counts files at every depth, and nothing for a folder that is gone', async () => {
  await mkdir(join(folder, 'a/b'), { recursive: true })
  await writeFile(join(folder, 'a/b/c'), 'x'.repeat(100))
  await writeFile(join(folder, 'd'), 'x'.repeat(11))
  expect(await folderSize(folder)).toBe(111)
  expect(await folderSize(join(folder, 'none'))).toBe(0)
})

test('fires while the folder grows', async () => {
  const watch = watchFolderSize(folder, 1000)
  await watch.check()
  await writeFile(join(folder, 'a'), 'x'.repeat(1001))
  await once(watch.signal, 'abort')
  watch.stop()
  expect(watch.signal.reason).toMatchObject({ code: 'too-large' })
  await expect(watch.check()).rejects.toMatchObject({ code: 'too-large' })
})
