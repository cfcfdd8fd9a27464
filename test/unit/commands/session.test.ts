import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { RunOptions } from '../../../src/commands/options.ts'
import { readConfig } from '../../../src/commands/session.ts'
import { SyncError } from '../../../src/model/errors.ts'

const before = process.cwd()
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'session-'))
  process.chdir(folder)
})

afterEach(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true })
})

function refusal(options: Pick<RunOptions, 'configFile' | 'from' | 'to'> = {}): SyncError {
  try {
    readConfig(options, {})
  } catch (thrown) {
    if (thrown instanceof SyncError) return thrown
    throw thrown
  }
  throw new Error('it was read')
}

it('without a file and a target there is nothing to do, and the file that was looked for is named', () => {
  const { code, message, next } = refusal()
  expect([code, message]).toEqual([
    'usage',
    'There is nothing to sync: no model-hub-sync.yml here, and no --to.',
  ])
  expect(next).toContain('Name a repo and a target')
  expect(readConfig({ to: 'ms:my-org' }, {}).document.rules).toEqual([])
})

it.each(['.github/model-hub-sync.yml', '.github/model-hub-sync.yaml', 'model-hub-sync.yaml'])(
  'rules that are in %s are pointed to',
  (file) => {
    mkdirSync('.github')
    writeFileSync(file, 'version: 1\nrules: [{ name: a, from: "hf:o/n", to: "ms:p" }]\n')
    expect(refusal().next).toBe(`The rules may be in ${file}: add --config ${file}`)
    expect(readConfig({ configFile: file }, {}).document.rules).toHaveLength(1)
  },
)

it('a file that was named and is not there is no reason to go on without', () => {
  expect(refusal({ configFile: 'my.yml', to: 'ms:o' }).message).toBe('There is no configuration file my.yml.')
})
