import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RunOptions } from '../../src/commands/options.ts'
import { planCommand } from '../../src/commands/plan.ts'
import { reportCommand } from '../../src/commands/report.ts'
import { syncCommand } from '../../src/commands/sync.ts'
import type { Plan } from '../../src/model/plan.ts'
import type { CommandResult } from '../../src/report/command-result.ts'
import { exitStatusOfError } from '../../src/report/exit-status.ts'
import { bytes, defaultOptions, deliveries, type Harness, refusal, startHarness } from './harness.ts'

let hub: Harness
let config: string
let dir: string

const rules = `version: 1
rules:
  - name: to-ms
    from: huggingface:Qwen
    to: modelscope:my-org
  - name: other
    from: huggingface:Other
    to: modelscope:my-org/other-{name}
    visibility: private
`

beforeAll(async () => {
  hub = await startHarness()
  config = join(hub.folder, 'rules.yml')
  await writeFile(config, rules)
  await seed('Qwen', 'one', 1)
  await seed('Qwen', 'two', 2)
  await seed('Other', 'three', 3)
})
afterAll(() => hub.close())
beforeEach(async () => {
  dir = await mkdtemp(join(hub.folder, 'run-'))
  forget()
})

async function seed(owner: string, name: string, version: number): Promise<void> {
  const files = { 'config.json': `{"v":${version}}`, 'w.safetensors': { lfs: bytes(20_000, version) } }
  await hub.hf.seed({ type: 'model', owner, name, files })
}

function forget(): void {
  hub.hf.requests.length = 0
  hub.ms.requests.length = 0
}

const options = (more: Partial<RunOptions> = {}): RunOptions => ({
  ...defaultOptions,
  configFile: config,
  dir,
  ...more,
})
const plan = async (more?: Partial<RunOptions>) => planCommand(await hub.context(), options(more), hub.env)
const sync = async (more?: Partial<RunOptions>) => syncCommand(await hub.context(), options(more), hub.env)
const report = async (more?: Partial<RunOptions>) =>
  reportCommand(await hub.context(), options(more), hub.env)
const planFile = () => join(dir, 'plan.json')
const readPlan = async (): Promise<Plan> => JSON.parse(await readFile(planFile(), 'utf8'))
const headOf = (name: string) => hub.ms.head({ type: 'model', owner: 'my-org', name })

/** Outcomes by target name. */
function outcomes(run: CommandResult): Record<string, string> {
  return Object.fromEntries(
    (run.report?.items ?? []).map((item) => [item.target.split('/').at(-1) ?? '', item.outcome]),
  )
}

/** Outcomes of what had anything to do. */
function worked(run: CommandResult): Record<string, string> {
  return Object.fromEntries(Object.entries(outcomes(run)).filter(([, outcome]) => outcome !== 'unchanged'))
}

/** A version that no earlier test has seeded. */
const nextVersion = (() => {
  let version = 100
  return () => ++version
})()

/** An item's changes, each with other values. */
function changed(item: Record<string, unknown>, values: Record<string, unknown>): object[] {
  return Array.isArray(item.changes) ? item.changes.map((change) => ({ ...change, ...values })) : []
}

type Edited = { items: Record<string, unknown>[]; [key: string]: unknown }

/** Rewrites the plan file as somebody with an editor would. */
async function edit(change: (plan: Edited) => void): Promise<void> {
  const edited = JSON.parse(await readFile(planFile(), 'utf8'))
  change(edited)
  await writeFile(planFile(), JSON.stringify(edited))
}

describe('plan → sync → report', () => {
  it('job by job, each with a result of its own, and what has none is missing', async () => {
    const planned = await plan({ maxJobs: 3, jobSize: 1e6 })
    expect(planned.exitStatus).toBe(0)
    const { items, jobs } = await readPlan()
    expect(items).toHaveLength(3)
    expect(jobs).toHaveLength(3)
    expect(deliveries(hub.ms)).toEqual([])

    const first = await sync({ jobIndex: 0 })
    expect(first.report?.items.map((item) => item.outcome)).toEqual(['synced'])
    const second = await sync({ job: jobs[1]?.id })
    expect(second.exitStatus).toBe(0)
    const early = await report()
    expect(early.exitStatus).toBe(1)
    expect(Object.values(outcomes(early)).sort()).toEqual(['missing', 'synced', 'synced'])

    expect((await sync({ jobIndex: 2 })).exitStatus).toBe(0)
    const late = await report()
    expect([late.exitStatus, late.report?.outcome]).toEqual([0, 'success'])
    expect(outcomes(late)).toEqual({ one: 'synced', two: 'synced', 'other-three': 'synced' })
    for (const name of ['report.json', 'report.md', 'report.html'])
      expect(await readFile(join(dir, name), 'utf8')).toContain('other-three')
  })

  it('a job that is repeated finds its work done', async () => {
    await seed('Qwen', 'one', 11)
    await plan()
    expect(outcomes(await sync())).toMatchObject({ one: 'synced' })
    forget()
    expect(outcomes(await sync())).toMatchObject({ one: 'unchanged' })
    expect(deliveries(hub.ms)).toEqual([])
    expect((await report()).exitStatus).toBe(0)
  })

  it('a job that the plan has not is bad usage', async () => {
    await seed('Qwen', 'one', 12)
    await plan()
    for (const wrong of [{ job: 'nope' }, { jobIndex: 7 }]) {
      const error = await refusal(sync(wrong))
      expect([error.code, exitStatusOfError(error)]).toEqual(['usage', 2])
    }
    expect(deliveries(hub.ms)).toEqual([])
  })

  it('without a plan: sync and report end with 2 and say what to do', async () => {
    for (const command of [sync, report]) {
      const error = await refusal(command())
      expect(exitStatusOfError(error)).toBe(2)
      expect(`${error.message} ${error.next}`).toMatch(/plan/)
    }
    expect([...hub.hf.requests, ...hub.ms.requests]).toEqual([])
  })
})

describe('a plan that was edited', () => {
  beforeEach(async () => {
    await seed('Qwen', 'two', nextVersion())
    await plan()
    forget()
  })

  const target = (change: Record<string, unknown>) => (edited: Edited) => {
    for (const item of edited.items) item.target = { ...Object(item.target), ...change }
  }

  it.each<[string, (plan: Edited) => void]>([
    ['another target', target({ name: 'elsewhere' })],
    ['another owner', target({ owner: 'evil-org' })],
    ['another hub', target({ hub: 'modelscope-ai' })],
    ['a hub of nobody', target({ hub: 'evil' })],
    [
      'another source',
      (edited) => {
        for (const item of edited.items) item.source = { ...Object(item.source), owner: 'Secret' }
      },
    ],
    [
      'another rule',
      (edited) => {
        for (const item of edited.items) item.rule = 'other'
      },
    ],
    [
      'a rule that is not there',
      (edited) => {
        for (const item of edited.items) item.rule = 'mine'
      },
    ],
    ['an endpoint of its own', (edited) => Object.assign(edited, { endpoint: 'http://127.0.0.1:9' })],
    ['an endpoint in a target', target({ endpoint: 'http://127.0.0.1:9' })],
    ['version 2', (edited) => Object.assign(edited, { version: 2 })],
    ['no version', (edited) => Object.assign(edited, { version: undefined })],
    [
      'a path of a job as its name',
      (edited) => Object.assign(edited, { jobs: [{ id: '../../x', label: '', items: [], bytes: 0 }] }),
    ],
  ])('%s: refused as a whole, with nothing asked of the target', async (_, change) => {
    await edit(change)
    const error = await refusal(sync())
    expect(['plan', 'usage']).toContain(error.code)
    expect(exitStatusOfError(error)).toBe(2)
    expect([...hub.hf.requests, ...hub.ms.requests]).toEqual([])
  })

  it.each<[string, (item: Record<string, unknown>) => void]>([
    [
      'public instead of private',
      (item) => Object.assign(item, { visibility: item.visibility === 'public' ? 'private' : 'public' }),
    ],
    [
      'another branch',
      (item) => Object.assign(item, { target: { ...Object(item.target), branch: 'release' } }),
    ],
    ['another sha256', (item) => Object.assign(item, { changes: changed(item, { sha256: 'a'.repeat(64) }) })],
    ['another size', (item) => Object.assign(item, { changes: changed(item, { size: 1 }) })],
    [
      'a path added',
      (item) =>
        Object.assign(item, {
          changes: [...changed(item, {}), { kind: 'add', path: 'evil.sh', size: 3, move: 'inline' }],
        }),
    ],
    ['a path taken away', (item) => Object.assign(item, { changes: changed(item, {}).slice(1) })],
    [
      'an update called delete',
      (item) => Object.assign(item, { changes: changed(item, { kind: 'delete' }) }),
    ],
  ])('%s: that repo fails, and nothing reaches the target', async (_, change) => {
    await edit(({ items }) => items.forEach(change))
    const head = await headOf('two')
    const run = await sync()
    expect(run.exitStatus).toBe(1)
    const codes = run.report?.items.flatMap((item) => item.error?.code ?? [])
    expect(worked(run)).toMatchObject({ two: 'failed' })
    expect([...new Set(Object.values(worked(run)))]).toEqual(['failed'])
    expect([...new Set(codes)]).toEqual(['plan'])
    expect(deliveries(hub.ms)).toEqual([])
    expect(await headOf('two')).toBe(head)
  })

  it('a source commit of somebody’s choice moves nothing but what that commit holds', async () => {
    await edit(({ items }) => {
      for (const item of items) item.source = { ...Object(item.source), commit: 'f'.repeat(40) }
    })
    expect([...new Set(Object.values(worked(await sync())))]).toEqual(['failed'])
    expect(deliveries(hub.ms)).toEqual([])
  })

  it.each(['', '{', 'null', '[]', '{"version":1}', '{"version":1,"items":"x"}'])(
    'damaged to %j: refused by sync and report, with 2',
    async (text) => {
      await writeFile(planFile(), text)
      for (const command of [sync, report]) {
        const error = await refusal(command())
        expect([error.code, exitStatusOfError(error)]).toEqual(['plan', 2])
        expect(error.next).toMatch(/again/)
      }
      expect([...hub.hf.requests, ...hub.ms.requests]).toEqual([])
    },
  )

  it('another configuration by the time of sync: refused, with nothing asked', async () => {
    const moved = join(hub.folder, 'moved.yml')
    await writeFile(moved, rules.replace('modelscope:my-org\n', 'modelscope:other-org\n'))
    const error = await refusal(sync({ configFile: moved }))
    expect([error.code, exitStatusOfError(error)]).toEqual(['plan', 2])
    expect(error.message).toContain('other-org')
    expect([...hub.hf.requests, ...hub.ms.requests]).toEqual([])
  })

  it('fewer items are fine: a person may strike repos out', async () => {
    await seed('Qwen', 'one', nextVersion())
    await plan()
    await edit((edited) => {
      edited.items = edited.items.filter((item) => String(item.id).endsWith('/two'))
    })
    const head = await headOf('one')
    expect(worked(await sync())).toEqual({ two: 'synced' })
    expect((await report()).exitStatus).toBe(0)
    expect(await headOf('one')).toBe(head)
  })

  it('a target that moved since is a conflict with both ids, and the others go on', async () => {
    await seed('Qwen', 'one', nextVersion())
    await plan()
    const before = await headOf('one')
    const after = await hub.ms.seed({
      type: 'model',
      owner: 'my-org',
      name: 'one',
      files: { 'theirs.txt': 'mine' },
    })
    const run = await sync()
    expect(run.exitStatus).toBe(1)
    expect(worked(run)).toEqual({ one: 'conflict', two: 'synced' })
    const message = run.report?.items.find((item) => item.outcome === 'conflict')?.error?.message
    expect(message).toContain(before)
    expect(message).toContain(after)
    expect(await headOf('one')).toBe(after)
  })
})

describe('the ledger', () => {
  const ledgerFile = () => join(dir, 'ledger.json')

  it.each<[string, (text: string) => string | undefined]>([
    ['gone', () => undefined],
    ['cut short', (text) => text.slice(0, text.length / 2)],
    ['of another version', (text) => text.replace('"version":1', '"version":9')],
    ['of wrong shapes', () => '{"version":1,"pairs":[1,2,3]}'],
    [
      'with wrong heads',
      (text) => text.replace(/"(source|target)Head":"[0-9a-f]{40}"/g, `"$1Head":"${'a'.repeat(40)}"`),
    ],
    ['with pairs of nobody', (text) => text.replaceAll('my-org', 'evil-org')],
    ['of another rule', (text) => text.replace(/"rule":"[^"]*"/g, '"rule":"forged"')],
    ['with a prototype', (text) => text.replace('"pairs":{', '"pairs":{"__proto__":{"rule":"x"},')],
  ])('%s: the same result', async (_, damage) => {
    await plan()
    await sync()
    const text = damage(await readFile(ledgerFile(), 'utf8'))
    if (text === undefined) await rm(ledgerFile())
    else await writeFile(ledgerFile(), text)
    expect(outcomes(await plan())).toEqual({ one: 'unchanged', two: 'unchanged', 'other-three': 'unchanged' })
    await seed('Qwen', 'one', nextVersion())
    await plan()
    expect(worked(await sync())).toEqual({ one: 'synced' })
  })
})

// The last one, since it leaves a repo that every later plan would find.
it('an option that was not there when it was planned is what the message speaks of', async () => {
  await seed('Qwen', 'public-once', nextVersion())
  await plan()
  const run = await sync({ set: ['visibility=private'] })
  const error = run.report?.items.find((item) => item.target.endsWith('my-org/public-once'))?.error
  expect(error?.code).toBe('plan')
  expect(error?.message).toContain('an option or the configuration was changed')
  expect(error?.message).not.toContain('the source')
  expect(await headOf('public-once')).toBeUndefined()
})
