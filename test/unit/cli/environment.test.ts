import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readEnvironment } from '../../../src/cli/environment.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'env-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

test('reads KEY=value lines, comments, quotes and export; what the environment has wins', () => {
  const file = join(folder, 'my.env')
  writeFileSync(file, '# tokens\nHF_TOKEN=from-file\nexport A="a b"\nB=\'$HOME\'\nEMPTY=\n')
  expect(readEnvironment(file, { HF_TOKEN: 'from-environment', HOME: '/x' })).toEqual({
    HF_TOKEN: 'from-environment',
    HOME: '/x',
    A: 'a b',
    B: '$HOME',
    EMPTY: '',
  })
})

test('a named file that is not there is an error that says what to do', () => {
  expect(() => readEnvironment(join(folder, 'none.env'), {})).toThrow(
    expect.objectContaining({ code: 'usage', next: expect.stringContaining('--env-file') }),
  )
})

test('the default file need not be there', () => {
  const before = process.cwd()
  process.chdir(folder)
  try {
    expect(readEnvironment('.env', { A: '1' })).toEqual({ A: '1' })
    writeFileSync('.env', 'B=2\n')
    expect(readEnvironment('.env', { A: '1' })).toEqual({ A: '1', B: '2' })
  } finally {
    process.chdir(before)
  }
})
