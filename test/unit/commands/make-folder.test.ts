import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeFolder } from '../../../src/commands/make-folder.ts'

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'make-folder-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('makes those above it too, for us alone, and leaves one that is there', () => {
  const path = join(temporary(), 'a', 'b')
  makeFolder(path)
  makeFolder(path)
  expect(statSync(path).mode & 0o777).toBe(0o700)
})

test('a file in its place is an error', () => {
  const file = join(temporary(), 'f')
  writeFileSync(file, '')
  expect(() => makeFolder(file)).toThrow('EEXIST')
  expect(() => makeFolder(join(file, 'x'))).toThrow('ENOTDIR')
})

test('where nothing can be made, it ends', () => {
  expect(() => makeFolder('/proc/model-hub-sync/x')).toThrow()
})
