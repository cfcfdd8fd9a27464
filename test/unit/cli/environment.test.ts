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
  expect(readEnvironment(file, { HF_TOKEN: 'from-environment', HOME: '/x' }).env).toEqual({
    HF_TOKEN: 'from-environment',
    HOME: '/x',
    A: 'a b',
    B: '$HOME',
    EMPTY: '',
  })
})

test.each([
  ['A=1\n\n  # note\nexport B = "x y" # z\n\tC=\nD.e-f=1\r\n', []],
  ['A="first\nsecond\nthird" # end\nB=1\n', []],
  ['A="never closed\nB=1\nhf_secret\n', [3]],
  ["A='it''s'\nHF_TOKEN: hf_secret\nB=1\nhf_secret\n=hf_secret\nHF TOKEN=hf_secret", [2, 4, 5, 6]],
  ['A=1\r\nhf_secret\r\n', [2]],
])('%j: tells the lines that say nothing, never what stands there', (text, lines) => {
  const file = join(folder, 'my.env')
  writeFileSync(file, text)
  const { problems } = readEnvironment(file, {})
  expect(problems.map((problem) => Number(/line (\d+)/.exec(problem)?.[1]))).toEqual(lines)
  for (const problem of problems) expect(problem).toMatch(new RegExp(`^${file}, line \\d+, is left out`))
  expect(problems.join()).not.toContain('hf_secret')
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
    expect(readEnvironment('.env', { A: '1' }).env).toEqual({ A: '1' })
    writeFileSync('.env', 'B=2\n')
    expect(readEnvironment('.env', { A: '1' }).env).toEqual({ A: '1', B: '2' })
  } finally {
    process.chdir(before)
  }
})
