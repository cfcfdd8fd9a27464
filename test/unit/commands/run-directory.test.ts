import { lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openRunDirectory } from '../../../src/commands/run-directory.ts'
import { ownFolder } from './service-run.ts'

test('a run directory is ignored by git', async () => {
  const { path } = await openRunDirectory(join(ownFolder(), 'run'))
  expect(readFileSync(join(path, '.gitignore'), 'utf8')).toBe('*\n')
  expect(lstatSync(path).mode & 0o777).toBe(0o700)
})

test('a .gitignore that is there stays as it is, and no link is followed', async () => {
  const [folder, elsewhere] = [ownFolder(), ownFolder()]
  const own = join(folder, '.gitignore')
  writeFileSync(own, 'node_modules\n')
  await openRunDirectory(folder)
  expect(readFileSync(own, 'utf8')).toBe('node_modules\n')
  const linked = ownFolder()
  writeFileSync(join(elsewhere, 'profile'), 'mine\n')
  symlinkSync(join(elsewhere, 'profile'), join(linked, '.gitignore'))
  await openRunDirectory(linked)
  expect(readFileSync(join(elsewhere, 'profile'), 'utf8')).toBe('mine\n')
})
