import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { bytes, type Harness, startHarness } from './harness.ts'

const script = fileURLToPath(new URL('./cli-process.ts', import.meta.url))

let hub: Harness
const started: ChildProcess[] = []
/** What is on the target already would not be moved. */
let seeds = 0
beforeAll(async () => {
  hub = await startHarness()
})
afterEach(async () => {
  for (const child of started.splice(0))
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
})
afterAll(() => hub.close())

interface Called {
  readonly child: ChildProcess
  /** What came on stderr so far. */
  err(): string
  out(): string
  readonly ended: Promise<number | null>
}

function call(...args: string[]): Called {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: hub.folder,
    env: { ...process.env, ...hub.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  const text = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    text.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    text.err += chunk
  })
  const ended = once(child, 'close').then(([code]): number | null => code)
  return { child, err: () => text.err, out: () => text.out, ended }
}

/** Waits for it; a service that has ended meanwhile will not bring it. */
async function until({ child, err }: Called, holds: () => boolean): Promise<void> {
  while (!holds()) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`ended early: ${err()}`)
    await delay(10)
  }
}

const cycleLines = ({ err }: Called) => err().match(/^(warning: )?Cycle .*$/gm) ?? []

interface Place {
  readonly dir: string
  readonly logDir: string
  readonly config: string
}

/** Three repos of an owner of their own: two small ones, and one that takes its time. */
async function place(owner: string, size: number, more = ''): Promise<Place> {
  const folder = await mkdtemp(join(hub.folder, 'service-'))
  for (const [name, length] of [
    ['a', 1000],
    ['b', 2000],
    ['z', size],
  ] as const)
    await hub.hf.seed({
      type: 'model',
      owner,
      name,
      files: { 'config.json': '{}', 'w.safetensors': { lfs: bytes(length, ++seeds) } },
    })
  const config = join(folder, 'rules.yml')
  await writeFile(
    config,
    `version: 1\nrules:\n  - { name: all, from: "hf:${owner}", to: "ms:my-org/${owner}-{name}"${more} }\n`,
  )
  return { dir: join(folder, 'run'), logDir: join(folder, 'log'), config }
}

const serviceArgs = ({ dir, logDir, config }: Place, every: string) => [
  ...['run', '--every', every, '--config', config, '--dir', dir, '--log-dir', logDir],
]

async function reportOf({ dir }: Place): Promise<{ status: number | null; report: Report }> {
  const called = call('report', '--dir', dir, '--json')
  const status = await called.ended
  return { status, report: JSON.parse(called.out()) }
}

const words = ({ items }: Report) =>
  Object.fromEntries(items.map((item) => [item.source.split('/')[1], item.state ?? item.outcome]))

describe('run --every', () => {
  it('goes on from cycle to cycle on its grid, keeps each, and ends with 0 at rest', async () => {
    const here = await place('steady', 3000)
    const service = call(...serviceArgs(here, '3s'))
    await until(service, () => cycleLines(service).length >= 2)
    service.child.kill('SIGTERM')
    expect(await service.ended).toBe(0)
    expect(service.out()).toBe('Stopped after 2 cycles.\n')

    const [first = '', second = ''] = cycleLines(service)
    expect(first).toMatch(
      /^Cycle \S+Z, run \d{14}-\w{10}: success, 3 synced, 6.01 kB moved, \d+s; next at \S+Z$/,
    )
    expect(second).toMatch(/^Cycle \S+Z, run \S+: success, 3 unchanged, 0 B moved, \d+s; next at \S+Z$/)
    const starts = [first, second].map((line) => Date.parse(/Cycle (\S+),/.exec(line)?.[1] ?? ''))
    expect(((starts[1] ?? 0) - (starts[0] ?? 0)) % 3000).toBe(0)

    const ids = [first, second].map((line) => /run (\S+):/.exec(line)?.[1])
    expect(await readdir(join(here.dir, 'runs'))).toEqual(ids)
    expect((await readdir(join(here.dir, 'runs', ids[0] ?? ''))).sort()).toEqual(
      ['plan.json', 'report.html', 'report.json', 'report.md', 'results'].sort(),
    )
    expect(existsSync(join(here.dir, 'lock'))).toBe(false)
    const [log = ''] = await readdir(here.logDir)
    expect(log).toMatch(/^\d{4}-\d\d-\d\d\.log$/)
    expect((await stat(join(here.logDir, log))).mode & 0o777).toBe(0o600)
    const logged = await readFile(join(here.logDir, log), 'utf8')
    for (const line of [first, second])
      expect(logged).toMatch(new RegExp(`^\\S+Z ${line}$`.replace(/[.]/g, '\\.'), 'm'))
    expect(words((await reportOf(here)).report)).toEqual({ a: 'unchanged', b: 'unchanged', z: 'unchanged' })
  }, 60_000)

  it.each([
    ['SIGTERM', 3],
    ['SIGKILL', null],
  ] as const)(
    '%s in a cycle: what is done is kept, a restart does the rest',
    async (signal, code) => {
      const owner = `ended-by-${signal.toLowerCase()}`
      const here = await place(owner, 16_000_000, ', bandwidth: 300kB/s')
      const service = call(...serviceArgs(here, '1h'))
      await until(service, () => (service.err().match(/: synced/g) ?? []).length === 2)
      await delay(300)

      const meanwhile = await reportOf(here)
      expect(words(meanwhile.report)).toEqual({ a: 'synced', b: 'synced', z: 'running' })
      expect([meanwhile.status, meanwhile.report.underWay]).toEqual([0, true])
      const others = ['run', 'plan', 'sync'].map((name) =>
        call(name, '--config', here.config, '--dir', here.dir),
      )
      for (const other of others) {
        expect(await other.ended).toBe(2)
        expect(other.err()).toMatch(/is in use: process \d+ works in it since/)
      }

      const asked = performance.now()
      service.child.kill(signal)
      expect(await service.ended).toBe(code)
      expect(performance.now() - asked).toBeLessThan(5000)
      const after = await reportOf(here)
      expect(after.report.underWay).toBeUndefined()
      expect(words(after.report)).toMatchObject({ a: 'synced', b: 'synced' })
      expect(['missing', 'failed']).toContain(words(after.report).z)
      const { runId } = JSON.parse(await readFile(join(here.dir, 'plan.json'), 'utf8'))

      const rules = await readFile(here.config, 'utf8')
      await writeFile(here.config, rules.replace(', bandwidth: 300kB/s', ''))
      const again = call(...serviceArgs(here, '1h'))
      await until(again, () => cycleLines(again).length === 1)
      again.child.kill('SIGTERM')
      expect(await again.ended).toBe(0)
      expect(again.err()).toContain('its plan is resumed')
      expect(cycleLines(again)[0]).toMatch(`run ${runId}: success, 3 synced`)
      const copy = await hub.ms.files({ type: 'model', owner: 'my-org', name: `${owner}-z` })
      expect(copy.get('w.safetensors')?.content?.length).toBe(16_000_000)
      expect(await readdir(join(here.dir, 'runs'))).toEqual([runId])
    },
    60_000,
  )

  it('that was paused and has lost its folder to another ends, and writes nothing more there', async () => {
    const here = await place('paused', 30_000_000, ', bandwidth: 300kB/s')
    await mkdir(here.dir)
    // What a killed one has left, and what is somebody's own.
    for (const name of ['plan.json.999999999.tmp', 'mine.999999999.tmp'])
      await writeFile(join(here.dir, name), '{')
    const service = call(...serviceArgs(here, '1h'))
    await until(service, () => (service.err().match(/: synced/g) ?? []).length === 2)
    expect((await readdir(here.dir)).filter((name) => name.endsWith('.999999999.tmp'))).toEqual([
      'mine.999999999.tmp',
    ])
    await writeFile(join(here.dir, 'lock'), 'of another')
    expect(await service.ended).toBe(3)
    expect(service.err()).toMatch(
      /^error: Another process has taken over the run directory \S+ \[stopped\]$/m,
    )
    expect(await readFile(join(here.dir, 'lock'), 'utf8')).toBe('of another')
    expect((await readdir(here.dir)).filter((name) => /^(?:report|runs)/.test(name))).toEqual([])
  }, 60_000)

  it('starts with wrong rules not at all, and lives with them later', async () => {
    const here = await place('edited', 3000)
    const right = await readFile(here.config, 'utf8')
    await writeFile(here.config, 'version: 1\nrules: [{ name: Nope }]\n')
    const refused = call(...serviceArgs(here, '2s'))
    expect(await refused.ended).toBe(2)
    expect(existsSync(here.dir)).toBe(false)

    await writeFile(here.config, right)
    const service = call(...serviceArgs(here, '2s'))
    await until(service, () => cycleLines(service).length === 1)
    await writeFile(here.config, 'version: 1\nrules: [{ name: Nope }]\n')
    await until(service, () => cycleLines(service).length === 2)
    await writeFile(here.config, right)
    await until(service, () => cycleLines(service).length === 3)
    service.child.kill('SIGTERM')
    expect(await service.ended).toBe(0)
    const [, wrong, well] = cycleLines(service)
    expect(wrong).toMatch(/^warning: Cycle \S+, no run: .*rules\[0\].*\[config\]/)
    expect(well).toContain('success')
  }, 60_000)
})
