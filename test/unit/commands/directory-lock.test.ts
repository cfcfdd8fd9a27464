import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { assertNotInUse, lockDirectory, lockHolder } from '../../../src/commands/directory-lock.ts'
import { openRunDirectory } from '../../../src/commands/run-directory.ts'
import { failureOf, testContext } from '../hubs/settings.ts'
import { ownFolder } from './service-run.ts'

const lock = (dir: string, lost = new AbortController()) => lockDirectory(testContext(), dir, lost)
const holder = (dir: string) => lockHolder(testContext(), dir)
const fileOf = (dir: string) => join(dir, 'lock')
const written = (dir: string): Record<string, unknown> => JSON.parse(readFileSync(fileOf(dir), 'utf8'))

test('one at a time: the other is told who it is, and comes in afterwards', async () => {
  const dir = ownFolder()
  const first = await lock(dir)
  const { message, next } = await failureOf(lock(dir), 'usage')
  expect(message).toMatch(new RegExp(`in use: process ${process.pid} works in it since \\d{4}-`))
  expect(next).toContain('--dir')
  await first.release()
  expect(existsSync(fileOf(dir))).toBe(false)
  await (await lock(dir)).release()
  expect(readdirSync(dir)).toEqual([])
})

test('of many that want a dead lock one gets it', async () => {
  const dir = ownFolder()
  await (await lock(dir)).release()
  writeFileSync(fileOf(dir), JSON.stringify({ pid: await deadPid(), place: await ownPlace(), since: 'then' }))
  const wanted = await Promise.allSettled(Array.from({ length: 8 }, () => lock(dir)))
  const held = wanted.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  expect(held).toHaveLength(1)
  expect(written(dir).pid).toBe(process.pid)
  await held[0]?.release()
  expect(readdirSync(dir)).toEqual([])
})

test('a process id that was given again is not the one that took the lock', async () => {
  const dir = ownFolder()
  const before = { pid: process.pid, started: '1', place: await ownPlace(), since: 'then' }
  writeFileSync(fileOf(dir), JSON.stringify(before))
  // Only Linux tells when a process started.
  const isTold = existsSync('/proc/self/stat')
  expect(await holder(dir)).toEqual(isTold ? undefined : before)
})

test('another machine or container lives as long as it is heard of', async () => {
  const dir = ownFolder()
  const far = { pid: 1, place: 'far away', since: 'then' }
  writeFileSync(fileOf(dir), JSON.stringify(far))
  expect(await holder(dir)).toEqual(far)
  await failureOf(assertNotInUse(dir), 'usage')
  const before = new Date(Date.now() - 120_000)
  utimesSync(fileOf(dir), before, before)
  expect(await holder(dir)).toBeUndefined()
  await (await lock(dir)).release()
})

test('a lock that cannot be read counts as one that is being written, for a while', async () => {
  const dir = ownFolder()
  writeFileSync(fileOf(dir), '{"pid":')
  await failureOf(lock(dir), 'usage')
  const before = new Date(Date.now() - 120_000)
  utimesSync(fileOf(dir), before, before)
  await (await lock(dir)).release()
})

test('a process does not stand in its own way, nor takes away what is not its own', async () => {
  const dir = ownFolder()
  const own = await lock(dir)
  await expect(assertNotInUse(dir)).resolves.toBeUndefined()
  writeFileSync(fileOf(dir), 'of another')
  await own.release()
  expect(readFileSync(fileOf(dir), 'utf8')).toBe('of another')
})

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid ?? 0
}

async function ownPlace(): Promise<unknown> {
  const dir = ownFolder()
  const own = await lock(dir)
  const { place } = written(dir)
  await own.release()
  return place
}

test('whoever holds it says now and then that it is alive, and stops when it lets go', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    const dir = ownFolder()
    const own = await lock(dir)
    const text = readFileSync(fileOf(dir), 'utf8')
    const before = new Date(Date.now() - 120_000)
    utimesSync(fileOf(dir), before, before)
    vi.advanceTimersByTime(10_000)
    while (statSync(fileOf(dir)).mtimeMs <= before.getTime()) await new Promise((done) => setImmediate(done))
    expect(readFileSync(fileOf(dir), 'utf8')).toBe(text)
    await own.release()
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('of many that want a dead lock, over which another died, one gets it and is the one it names', async () => {
  const dead = JSON.stringify({ pid: await deadPid(), place: await ownPlace(), since: 'then' })
  for (let round = 0; round < 5; round++) {
    const dir = ownFolder()
    for (const file of [fileOf(dir), `${fileOf(dir)}.next`]) {
      writeFileSync(file, dead)
      const before = new Date(Date.now() - 120_000)
      utimesSync(file, before, before)
    }
    const wanted = await Promise.allSettled(Array.from({ length: 8 }, () => lock(dir)))
    const codes = wanted.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
    expect(codes).toEqual(Array.from({ length: 7 }, () => 'usage'))
    for (const one of wanted) if (one.status === 'fulfilled') await one.value.release()
    // Only the one that it names takes it away.
    expect(existsSync(fileOf(dir))).toBe(false)
  }
})

test.each([
  ['another process has taken it over', (file: string) => writeFileSync(file, 'of another')],
  ['it is not there any more', (file: string) => rmSync(file)],
])('whoever holds it ends when %s', async (_, happens) => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    const [dir, lost] = [ownFolder(), new AbortController()]
    const own = await lock(dir, lost)
    const ends = once(lost.signal, 'abort')
    happens(fileOf(dir))
    const left = existsSync(fileOf(dir))
    vi.advanceTimersByTime(10_000)
    await ends
    expect(lost.signal.reason).toMatchObject({ code: 'stopped', message: expect.stringContaining(dir) })
    const directory = await openRunDirectory(dir, lost)
    await expect(directory.writeFile('report.json', '{}')).rejects.toBe(lost.signal.reason)
    await expect(directory.clearResults()).rejects.toBe(lost.signal.reason)
    await own.release()
    expect(existsSync(fileOf(dir))).toBe(left)
  } finally {
    vi.useRealTimers()
  }
})

test('to read who holds it writes nothing', async () => {
  const dir = ownFolder()
  writeFileSync(fileOf(dir), JSON.stringify({ pid: 1, place: 'far away', since: 'then' }))
  const before = new Date(Date.now() - 30_000)
  utimesSync(dir, before, before)
  expect(await holder(dir)).toMatchObject({ place: 'far away' })
  expect(statSync(dir).mtimeMs).toBe(before.getTime())
})
