import { readFileSync, utimesSync, writeFileSync } from 'node:fs'
import type * as files from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { lockDirectory } from '../../../src/commands/directory-lock.ts'
import { failureOf, testContext } from '../hubs/settings.ts'
import { ownFolder } from './service-run.ts'

/** What another process does in the very moment before our turn becomes the lock. */
const before = vi.hoisted(() => ({ rename: async (_from: string, _to: string): Promise<void> => undefined }))

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof files>()
  const rename = async (from: string, to: string): Promise<void> => {
    await before.rename(from, to)
    return real.rename(from, to)
  }
  return { ...real, rename }
})
afterEach(() => {
  before.rename = async () => undefined
})

function deadLock(): string {
  const file = join(ownFolder(), 'lock')
  writeFileSync(file, JSON.stringify({ pid: 1, place: 'far away', since: 'then' }))
  const then = new Date(Date.now() - 120_000)
  utimesSync(file, then, then)
  return file
}

const take = (file: string) => lockDirectory(testContext(), join(file, '..'), new AbortController())

test('who put the turn of another in the place of the lock gives way', async () => {
  const file = deadLock()
  const other = JSON.stringify({ pid: 2, place: 'far away, too', since: 'now' })
  before.rename = async (turn) => writeFileSync(turn, other)
  expect((await failureOf(take(file), 'usage')).message).toContain('process 2')
  expect(readFileSync(file, 'utf8')).toBe(other)
})

test('whose turn another has put in the place of the lock has it', async () => {
  const file = deadLock()
  const { rename } = await vi.importActual<typeof files>('node:fs/promises')
  before.rename = rename
  const lock = await take(file)
  expect(readFileSync(file, 'utf8')).toContain(`"pid":${process.pid},`)
  await lock.release()
  expect(() => readFileSync(file)).toThrow('ENOENT')
})
