import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { commands } from '../../src/cli/main-cli.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import { planCommand } from '../../src/commands/plan.ts'
import { runCommand } from '../../src/commands/run.ts'
import { syncCommand } from '../../src/commands/sync.ts'
import { fakeStream } from '../unit/cli/fake-stream.ts'
import { bytes, defaultOptions, deliveries, type Harness, onlyItem, startHarness } from './harness.ts'

let hub: Harness
beforeAll(async () => {
  hub = await startHarness()
})
afterAll(() => hub.close())
afterEach(() => vi.unstubAllEnvs())

/** Every form in which a token may stand somewhere; `Basic` sends it behind a user name, at three offsets in base64. */
function forms(token: string): string[] {
  const base64 = ['', 'a', 'ab'].map((before) => {
    const text = Buffer.from(before + token).toString('base64')
    // The ends depend on what stands around the token.
    return text.slice(before === '' ? 0 : 4, -4)
  })
  return [token, encodeURIComponent(token), ...base64, Buffer.from(token).toString('hex')]
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** What can be seen of a run from outside while it goes on: arguments of all processes, and the files it makes. */
function watch(folders: readonly string[]) {
  const seen = { gitCalls: 0, files: 0, text: new Set<string>() }
  let stopped = false
  const look = async () => {
    for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const line = await readGone(`/proc/${id}/cmdline`)
      if (/^(\S*\/)?git\0/.test(line) || line.includes('git-remote-http')) {
        seen.gitCalls += 1
        seen.text.add(line)
      }
    }
    for (const file of (await Promise.all(folders.map(filesBelow))).flat()) {
      seen.files += 1
      seen.text.add(await readGone(file))
    }
  }
  const watching = (async () => {
    while (!stopped) {
      // A folder may vanish while it is read.
      await look().catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
      })
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    return seen
  })()
  return () => {
    stopped = true
    return watching
  }
}

async function readGone(file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1')
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      ['ENOENT', 'ESRCH', 'EACCES'].includes(String(error.code))
    )
      return ''
    throw error
  }
}

async function call(argv: string[], env: Record<string, string> = {}) {
  const [stdout, stderr] = [fakeStream(), fakeStream()]
  const environment = { ...hub.env, ...env }
  const status = await runCli(argv, { commands, environment, stdout, stderr })
  return { status, text: stdout.text() + stderr.text() }
}

describe('a token', () => {
  it('would be found behind any user name, as `Basic` sends it', () => {
    for (const user of ['', 'x', 'hf', 'oauth2', 'hf_user']) {
      const header = Buffer.from(`${user}:${hub.ms.token}`).toString('base64')
      expect(forms(hub.ms.token).some((form) => header.includes(form))).toBe(true)
    }
  })

  it('is nowhere after a run in which much fails: not in files, output, arguments or errors', async () => {
    const temporary = await mkdtemp(join(hub.folder, 'tmp-'))
    vi.stubEnv('TMPDIR', temporary)
    const dir = join(hub.folder, 'leaky')
    const names = [
      'fault-truncated',
      'fault-expired-url',
      'fault-missing-object',
      'fault-redirect-elsewhere',
      'ok',
    ]
    const targets = [
      'fault-api-commit-refused',
      'fault-git-refused-fault-api-commit-refused',
      'fault-stale',
      'fault-lost-object',
    ]
    const files = (name: string) => ({
      'README.md': '---\nlicense: mit\n---\n',
      'w.safetensors': {
        lfs: bytes(
          300_000,
          Buffer.from(name).reduce((sum, byte) => (sum * 31 + byte) % 1e9, 7),
        ),
      },
    })
    for (const name of [...names, ...targets])
      await hub.hf.seed({ type: 'model', owner: 'Leak', name, files: files(name) })
    const config = join(hub.folder, 'leaks.yml')
    await writeFile(
      config,
      `version: 1
hubs:
  huggingface: { token: "\${HF_TOKEN}" }
defaults: { stall-timeout: 2s }
rules:
  - { name: auto, from: "huggingface:Leak", to: "modelscope:my-org/leak-{name}" }
  - { name: git, from: "huggingface:Leak/ok", to: "modelscope:my-org/leak-by-git", transport: git }
  - { name: stranger, from: "huggingface:Leak/ok", to: "modelscope:nobody/x" }
`,
    )
    await mkdir(dir)
    const stop = watch([dir, temporary])
    const run = await call(['run', '--config', config, '--dir', dir, '--verbose'])
    const shown = await call(['config', '--config', config])
    const json = await call(['report', '--dir', dir, '--json', '--verbose'])
    const wrong = await call([
      'run',
      '--config',
      config,
      '--dir',
      dir,
      '--set',
      `bandwidth=${hub.ms.token}x`,
      '--verbose',
    ])
    const seen = await stop()

    expect(run.status).toBe(1)
    expect(run.text).toMatch(/synced/)
    expect(run.text).toMatch(/failed/)
    expect(wrong.status).toBe(2)
    // It has been looked at: pushes were seen, and files were there.
    expect(seen.gitCalls).toBeGreaterThan(0)
    expect(seen.files).toBeGreaterThan(0)
    const left = await Promise.all(
      [...(await filesBelow(dir)), ...(await filesBelow(temporary))].map((file) => readFile(file, 'latin1')),
    )
    const places = [run.text, shown.text, json.text, ...left, ...seen.text]
    for (const token of [hub.hf.token, hub.ms.token])
      for (const form of forms(token)) expect(places.filter((text) => text.includes(form))).toEqual([])
    expect(places.filter((text) => /signature=|expires=\d/.test(text))).toEqual([])
    expect(await readdir(temporary)).toEqual([])
    // Who redirects gets no credentials to carry along.
    const elsewhere = [...hub.hf.requests, ...hub.ms.requests].filter(({ server }) => server === 'elsewhere')
    expect(elsewhere.filter(({ authorization, cookie }) => authorization || cookie)).toEqual([])
    const storage = [...hub.hf.requests, ...hub.ms.requests].filter(({ server }) => server === 'storage')
    expect(storage.length).toBeGreaterThan(0)
    expect(storage.filter(({ authorization, cookie }) => authorization || cookie)).toEqual([])
  }, 120_000)
})

const secret = (name: string, more: object) =>
  hub.hf.seed({
    type: 'model',
    owner: 'my-org',
    name,
    files: { 'w.txt': name, 'w.bin': { lfs: bytes(5000, 6) } },
    ...more,
  })

const toMs = async (name: string, set: string[] = []) =>
  onlyItem((await hub.run({ repos: [`my-org/${name}`], from: 'hf', to: 'ms:my-org', set })).report)

async function isPublic(name: string): Promise<boolean> {
  return (await fetch(`${hub.ms.endpoint}/api/v1/models/my-org/${name}`)).ok
}

const change = (name: string, settings: object) =>
  fetch(`${hub.hf.endpoint}/api/models/my-org/${name}/settings`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${hub.hf.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  })

describe('a source that is not public', () => {
  it('private goes to a private target, and only there', async () => {
    await secret('private-new', { private: true })
    expect(await toMs('private-new')).toMatchObject({ outcome: 'synced' })
    expect(await isPublic('private-new')).toBe(false)
    expect(await toMs('private-new')).toMatchObject({ outcome: 'unchanged' })
  })

  it.each(['visibility=public', 'visibility=keep', 'visibility=private'])(
    'private is never written into a public target (%s)',
    async (set) => {
      await secret('private-open', { private: true })
      await hub.ms.seed({ type: 'model', owner: 'my-org', name: 'private-open', files: { 'w.txt': 'old' } })
      hub.ms.requests.length = 0
      const item = await toMs('private-open', [set])
      expect(item).toMatchObject({ outcome: 'blocked' })
      expect(item.reason).toMatch(/critical: the source is private/)
      expect(deliveries(hub.ms)).toEqual([])
    },
  )

  it('`visibility: public` does not open a new target either', async () => {
    await secret('private-forced', { private: true })
    expect(await toMs('private-forced', ['visibility=public'])).toMatchObject({ outcome: 'blocked' })
    expect(await hub.ms.head({ type: 'model', owner: 'my-org', name: 'private-forced' })).toBeUndefined()
  })

  it.each([
    ['skip', 'skipped'],
    ['fail', 'failed'],
    ['private', 'synced'],
  ])('gated: %s', async (rule, outcome) => {
    await secret(`opened-${rule}`, { gated: true })
    expect((await toMs(`opened-${rule}`, [`gated=${rule}`])).outcome).toBe(outcome)
    expect(await isPublic(`opened-${rule}`)).toBe(false)
    expect(
      (await hub.ms.head({ type: 'model', owner: 'my-org', name: `opened-${rule}` })) !== undefined,
    ).toBe(rule === 'private')
  })

  it.each<[string, object, string]>([
    ['private', { private: true }, 'private-later'],
    ['gated', { gated: 'auto' }, 'gate-later'],
  ])('%s since the plan: nothing of it is published', async (_, settings, name) => {
    await secret(name, {})
    await hub.ms.seed({ type: 'model', owner: 'my-org', name, files: { 'w.txt': 'old' } })
    const dir = await mkdtemp(join(hub.folder, 'run-'))
    const options = {
      ...defaultOptions,
      repos: [`my-org/${name}`],
      from: 'hf',
      to: 'ms:my-org',
      dir,
      set: ['gated=private'],
    }
    await planCommand(await hub.context(), options, hub.env)
    expect((await change(name, settings)).ok).toBe(true)
    hub.ms.requests.length = 0
    const { report } = await syncCommand(await hub.context(), options, hub.env)
    expect(report?.items.map((item) => item.outcome)).toEqual(['blocked'])
    expect(deliveries(hub.ms)).toEqual([])
  })

  it.each<[string, object]>([
    ['private', { private: true }],
    ['gated', { gated: 'auto' }],
  ])('%s while its objects are moved: the commit is held back', async (word, settings) => {
    const name = `fault-storage-500-${word}`
    const files = { 'w.txt': name, 'w.bin': { lfs: bytes(5000, word.length + 20) } }
    await hub.hf.seed({ type: 'model', owner: 'my-org', name, files })
    const context = await hub.context()
    hub.ms.requests.length = 0
    let isClosed = false
    // The upload fails once; while the run waits to try again, somebody closes the source.
    const sleep = async () => {
      if (isClosed || deliveries(hub.ms).length === 0) return
      isClosed = true
      expect((await change(name, settings)).ok).toBe(true)
    }
    const dir = await mkdtemp(join(hub.folder, 'run-'))
    const options = { ...defaultOptions, repos: [`my-org/${name}`], from: 'hf', to: 'ms:my-org', dir }
    const { report } = await runCommand({ ...context, clock: { ...context.clock, sleep } }, options, hub.env)
    expect(isClosed).toBe(true)
    expect(report?.items.map((item) => [item.outcome, item.error?.code])).toEqual([['blocked', 'leak']])
    const there = await hub.ms.files({ type: 'model', owner: 'my-org', name })
    expect([...there.keys()].filter((path) => path.startsWith('w.'))).toEqual([])
  })
})
