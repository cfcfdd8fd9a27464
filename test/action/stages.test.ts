import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { readPlanInputs, readReportInputs, readSyncInputs } from '../../src/action/inputs.ts'
import { bytes, deliveries, type Harness, startHarness } from '../e2e/harness.ts'
import { startGitHub } from '../stand-ins/github/index.ts'
import { readManifest } from './manifest.ts'
import { runStep, type Step, type StepRequest } from './step.ts'

const asked = vi.hoisted(() => new Set<string>())
vi.mock('@actions/core', async (original) => {
  const core = await original<typeof import('@actions/core')>()
  const noting =
    <Rest extends unknown[], T>(read: (name: string, ...rest: Rest) => T) =>
    (name: string, ...rest: Rest): T => {
      asked.add(name)
      return read(name, ...rest)
    }
  return { ...core, getInput: noting(core.getInput), getMultilineInput: noting(core.getMultilineInput) }
})

const manifests = {
  plan: readManifest('plan/action.yml'),
  sync: readManifest('sync/action.yml'),
  report: readManifest('report/action.yml'),
}
type StageName = keyof typeof manifests

const config = `version: 1
rules:
  - { name: small, from: "huggingface:Qwen/one", to: "modelscope:my-org" }
  - { name: cut, from: "huggingface:Qwen/cut", to: "modelscope:my-org" }
  - { name: broken, from: "huggingface:Qwen/fault-missing-object", to: "modelscope:my-org", trigger: manual }
  - { name: closed, from: "huggingface:Qwen/closed", to: "modelscope:open-org", trigger: manual }
`

let hub: Harness
beforeAll(async () => {
  hub = await startHarness({ hf: { organizations: ['Qwen'] } })
  const seed = (name: string, weights: number, more: object = {}) =>
    hub.hf.seed({
      type: 'model',
      owner: 'Qwen',
      name,
      files: {
        'README.md': '---\nlicense: mit\n---\n',
        ...Object.fromEntries(
          Array.from({ length: weights }, (_, index) => [
            `w${index}.safetensors`,
            { lfs: bytes(300_000, 100 * weights + index + name.length) },
          ]),
        ),
      },
      ...more,
    })
  await seed('one', 1)
  await seed('cut', 5)
  await seed('fault-missing-object', 1)
  await seed('closed', 1, { visibility: 'private' })
  const files = { 'README.md': '---\nlicense: mit\n---\n' }
  await hub.ms.seed({ type: 'model', owner: 'open-org', name: 'closed', files })
})
afterAll(() => hub.close())
beforeEach(() => {
  hub.hf.requests.length = 0
  hub.ms.requests.length = 0
})

function step(name: StageName, request: Partial<StepRequest> = {}): Promise<Step> {
  const tokens: Record<string, string> =
    name === 'report' ? {} : { 'huggingface-token': hub.hf.token, 'modelscope-token': hub.ms.token }
  return runStep(hub.folder, manifests[name].main, {
    files: { '.github/model-hub-sync.yml': config },
    ...request,
    inputs: { ...manifests[name].defaults, ...tokens, ...request.inputs },
    env: { HF_ENDPOINT: hub.hf.endpoint, MODELSCOPE_ENDPOINT: hub.ms.endpoint, ...request.env },
  })
}

const headOf = (name: string) => hub.ms.head({ type: 'model', owner: 'my-org', name })
const readJson = async ({ workspace }: Step, path: string) =>
  JSON.parse(await readFile(join(workspace, path), 'utf8'))
const outputNames = ({ outputs }: Step) => Object.keys(outputs).sort()

describe('the actions', () => {
  it.each([
    ['plan', () => readPlanInputs({ kind: 'manual' })],
    ['sync', () => readSyncInputs({ kind: 'manual' })],
    ['report', () => readReportInputs({ kind: 'manual' })],
  ] as const)('%s/action.yml names every input that is read, and no other', (name, read) => {
    asked.clear()
    read()
    expect([...asked].sort()).toEqual(manifests[name].inputs)
  })
})

describe('plan → sync → publish → report, each a step of its own', () => {
  let planned: Step
  let workspace: string
  let matrix: { job: string; label: string; bytes: number }[]

  it('plan cuts the work into the jobs of a matrix, and writes nothing to a hub', async () => {
    planned = await step('plan', { inputs: { 'job-size': '33MB' } })
    expect(planned.status).toBe(0)
    workspace = planned.workspace
    expect(outputNames(planned)).toEqual(manifests.plan.outputs)
    expect(planned.outputs).toMatchObject({ publish: 'true', changed: 'true' })
    matrix = JSON.parse(planned.outputs.matrix ?? '').include
    expect(matrix.length).toBeGreaterThan(2)
    expect(planned.outputs.count).toBe(String(matrix.length))
    expect(matrix.filter(({ job }) => /^one-\d+$/.test(job))).toHaveLength(1)
    for (const entry of matrix) {
      expect(Object.keys(entry)).toEqual(['job', 'label', 'bytes'])
      expect(entry.label).toMatch(/^Qwen\/(one|cut) → modelscope/)
    }
    const plan = await readJson(planned, planned.outputs.plan ?? '')
    expect(plan.jobs.map(({ id }: { id: string }) => id)).toEqual(matrix.map(({ job }) => job))
    expect(plan).not.toHaveProperty('salt')
    expect(planned.summary).toContain('2 repo(s) to sync')
    expect(planned.summary).toContain('<details>')
    expect(deliveries(hub.ms)).toEqual([])
  }, 60_000)

  it('each job leaves its result, three lines of summary, and publishes only what is whole', async () => {
    for (const { job, label } of matrix) {
      const synced = await step('sync', { inputs: { job }, workspace })
      expect(synced.status).toBe(0)
      expect(outputNames(synced)).toEqual(manifests.sync.outputs)
      expect(synced.outputs).toEqual({ outcome: 'success', result: `.model-hub-sync/results/${job}.json` })
      expect(await readJson(synced, synced.outputs.result ?? '')).toMatchObject({ job, attempt: 1 })
      expect(synced.summary.trim().split('\n')).toHaveLength(3)
      expect(synced.summary.replaceAll('\\', '')).toContain(label.split(' ')[0])
    }
    expect([await headOf('one'), await headOf('cut')].map((head) => head !== undefined)).toEqual([true, true])
    const files = await hub.ms.files({ type: 'model', owner: 'my-org', name: 'cut' })
    expect([...files.keys()].filter((path) => path.startsWith('w'))).toEqual([])
  }, 120_000)

  it('publish finds every object there', async () => {
    const published = await step('sync', { inputs: { job: 'publish' }, workspace })
    expect(published.outputs).toEqual({
      outcome: 'success',
      result: '.model-hub-sync/results/publish.json',
    })
    expect(deliveries(hub.ms).filter((line) => line.startsWith('PUT'))).toEqual([])
  }, 60_000)

  it('report reads results of artifacts in their folders, the highest attempt of each job, and none of another plan', async () => {
    const results = join(workspace, '.model-hub-sync/results')
    // As download-artifact leaves them.
    for (const file of await readdir(results)) {
      const folder = join(results, `model-hub-sync-result-${file.replace('.json', '')}-1`)
      await mkdir(folder)
      await rename(join(results, file), join(folder, file))
    }
    const [first] = matrix
    const failed = {
      ...{ version: 1, job: first?.job, attempt: 1 },
      items: [
        {
          id: 'small/models/my-org/one',
          outcome: 'failed',
          files: [],
          bytes: { moved: 0, reused: 0 },
          seconds: 1,
          error: { code: 'network', message: 'from another plan' },
        },
      ],
    }
    await mkdir(join(results, 'old'))
    await writeFile(
      join(results, 'old/one.json'),
      JSON.stringify({ ...failed, job: 'gone-1', attempt: 2, plan: 'another-run-1' }),
    )
    await writeFile(join(results, 'old/broken.json'), '{"version":1')
    const reported = await step('report', { workspace })
    expect(reported.status).toBe(0)
    expect(outputNames(reported)).toEqual(manifests.report.outputs)
    expect(reported.outputs).toMatchObject({
      outcome: 'success',
      synced: '2',
      unchanged: '0',
      skipped: '0',
      blocked: '0',
      failed: '0',
      report: '.model-hub-sync/report.json',
    })
    expect(Number(reported.outputs.bytes)).toBeGreaterThan(1_800_000)
    expect(reported.log).toContain('1 result(s) of another plan were left out')
    expect(reported.log).toContain('Its repos count as missing')
    expect(reported.summary).toContain('Qwen/cut')
    for (const name of ['report.json', 'report.md', 'report.html'])
      expect(await readdir(join(workspace, '.model-hub-sync'))).toContain(name)
  }, 60_000)

  it('a job that left no result fails the report, which says so', async () => {
    const copy = join(hub.folder, 'lost')
    await cp(workspace, copy, { recursive: true })
    const job = matrix.find((one) => /^one-/.test(one.job))?.job
    await rm(join(copy, `.model-hub-sync/results/model-hub-sync-result-${job}-1`), { recursive: true })
    const reported = await step('report', { workspace: copy })
    expect([reported.status, reported.outputs.outcome, reported.outputs.failed]).toEqual([
      1,
      'incomplete',
      '1',
    ])
    expect(reported.summary).toContain('no job left a result')
    const passed = await step('report', { workspace: copy, inputs: { 'fail-on': 'never' } })
    expect(passed.status).toBe(0)
  }, 60_000)

  it('a second run has nothing to do: an empty matrix, all outputs, a green report', async () => {
    const again = await step('plan')
    expect(again.status).toBe(0)
    expect(again.outputs).toEqual({
      matrix: '{"include":[]}',
      count: '0',
      publish: 'false',
      changed: 'false',
      plan: '.model-hub-sync/plan.json',
    })
    const all = await step('sync', { workspace: again.workspace })
    expect([all.status, all.outputs]).toEqual([0, { outcome: 'success', result: '' }])
    const reported = await step('report', { workspace: again.workspace })
    expect([reported.status, reported.outputs.unchanged]).toEqual([0, '2'])
    expect(deliveries(hub.ms)).toEqual([])
  }, 60_000)
})

describe('plan', () => {
  it('a dry run has no jobs, and report tells what a run would do', async () => {
    const inputs = { model: 'Qwen/one', from: 'hf', to: 'ms:my-org/dry', 'dry-run': 'true' }
    const planned = await step('plan', { inputs, event: { name: 'pull_request' } })
    expect(planned.status).toBe(0)
    expect(planned.outputs).toMatchObject({ count: '0', publish: 'false', changed: 'true' })
    const event = { name: 'pull_request' }
    const reported = await step('report', { workspace: planned.workspace, event })
    expect([reported.status, reported.outputs.outcome, reported.outputs.failed]).toEqual([0, 'success', '0'])
    expect(reported.summary).toContain('Qwen/one')
    expect(await headOf('dry')).toBeUndefined()
  }, 60_000)

  it('`max-jobs`, `dir`, `rule` and `set` say how, where and what', async () => {
    const inputs = { 'max-jobs': '1', 'job-size': '1MB', dir: 'run', rule: 'cut', set: 'visibility=private' }
    const to = { to: '', ...inputs }
    await hub.hf.seed({
      ...{ type: 'model', owner: 'Qwen', name: 'cut-2' },
      files: { 'a.safetensors': { lfs: bytes(300_000, 1) }, 'b.safetensors': { lfs: bytes(300_000, 2) } },
    })
    const planned = await step('plan', {
      inputs: to,
      files: { '.github/model-hub-sync.yml': config.replace('Qwen/cut', 'Qwen/cut-2') },
    })
    expect(planned.outputs).toMatchObject({ count: '1', plan: 'run/plan.json' })
    const plan = await readJson(planned, 'run/plan.json')
    expect(plan.items).toMatchObject([{ rule: 'cut', visibility: 'private' }])
  }, 60_000)

  it.each<[string, Record<string, string>, RegExp]>([
    ['a wrong number', { 'max-jobs': '300' }, /"max-jobs".*300/],
    ['a wrong size', { 'job-size': 'much' }, /"job-size".*much/],
    ['no configuration', { config: 'none.yml' }, /none\.yml/],
  ])(
    '%s is 2, with every output',
    async (_, inputs, says) => {
      const ended = await step('plan', { inputs })
      expect(ended.status).toBe(2)
      expect(ended.log).toMatch(says)
      expect(ended.summary).toContain('did not finish')
      expect(ended.outputs).toEqual({
        matrix: '{"include":[]}',
        count: '0',
        publish: 'false',
        changed: 'false',
        plan: '',
      })
    },
    60_000,
  )

  it('a repo that cannot be compared fails the step, unless report is to decide; the plan is there', async () => {
    const inputs = { from: 'hf', to: 'ms:my-org', model: 'Qwen/one, Qwen/no-such-repo' }
    const failed = await step('plan', { inputs })
    expect([failed.status, failed.outputs.plan]).toEqual([1, '.model-hub-sync/plan.json'])
    const left = await step('plan', { inputs: { ...inputs, 'fail-on': 'never' } })
    expect(left.status).toBe(0)
    await step('sync', { inputs, workspace: left.workspace })
    const reported = await step('report', { workspace: left.workspace })
    expect([reported.status, reported.outputs.failed]).toEqual([1, '1'])
  }, 60_000)
})

describe('sync', () => {
  it('a failure is 1, with its result and the cause in the summary; report fails for it, and for blocked if told', async () => {
    const planned = await step('plan', { inputs: { rule: 'broken, closed', 'fail-on': 'never' } })
    const synced = await step('sync', { workspace: planned.workspace, inputs: { rule: 'broken, closed' } })
    expect([synced.status, synced.outputs.outcome]).toEqual([1, 'failure'])
    expect(synced.summary).toContain('failed')
    const reported = await step('report', { workspace: planned.workspace })
    expect([reported.status, reported.outputs.failed, reported.outputs.blocked]).toEqual([1, '1', '1'])
    expect(reported.log).toMatch(/^::error title=model-hub-sync::.*fault-missing-object/m)

    const closed = await step('plan', { inputs: { rule: 'closed', 'fail-on': 'never' } })
    const { workspace } = closed
    expect((await step('report', { workspace })).status).toBe(0)
    expect((await step('report', { workspace, inputs: { 'fail-on': 'blocked' } })).status).toBe(1)
  }, 120_000)

  it('stops at the deadline with its result, and report calls it incomplete', async () => {
    const files = { 'w.safetensors': { lfs: bytes(8_000_000, 77) } }
    await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'slow', files })
    const inputs = { from: 'hf', to: 'ms:my-org/late', model: 'Qwen/slow' }
    const { workspace } = await step('plan', { inputs })
    const stopped = await step('sync', {
      workspace,
      inputs: { ...inputs, deadline: '2s', set: 'bandwidth=500kB/s' },
    })
    expect([stopped.status, stopped.outputs.outcome]).toEqual([3, 'incomplete'])
    expect(await readJson(stopped, stopped.outputs.result ?? '')).toMatchObject({ stopped: true })
    const reported = await step('report', { workspace })
    expect([reported.status, reported.outputs.outcome]).toEqual([3, 'incomplete'])
    const arrived = await hub.ms.files({ type: 'model', owner: 'my-org', name: 'late' })
    expect([...arrived.keys()]).not.toContain('w.safetensors')
  }, 60_000)

  it.each<[string, Record<string, string>, RegExp]>([
    ['without a plan', {}, /There is no plan/],
    ['as a dry run', { 'dry-run': 'true' }, /dry run|no plan/],
    ['of a job that is none', { job: 'nope' }, /no job nope|There is no plan/],
  ])(
    '%s is 2',
    async (_, inputs, says) => {
      const ended = await step('sync', { inputs })
      expect([ended.status, ended.outputs]).toEqual([2, { outcome: 'failure', result: '' }])
      expect(ended.log).toMatch(says)
    },
    60_000,
  )
})

describe('report with issue-on-failure', () => {
  it('opens an issue for a failed run, and closes it after a good one', async () => {
    const github = await startGitHub()
    try {
      await github.seed({ type: 'model', owner: 'alice', name: 'sync', files: { 'README.md': '#' } })
      const env = {
        GITHUB_API_URL: `${github.endpoint}/api/v3`,
        GITHUB_REPOSITORY: 'alice/sync',
        GITHUB_WORKFLOW: 'Sync models',
        GITHUB_REF: 'refs/heads/main',
      }
      const told = { inputs: { 'issue-on-failure': 'true', 'github-token': github.token }, env }
      const planned = await step('plan', { inputs: { rule: 'small' } })
      const missing = join(planned.workspace, '.model-hub-sync/plan.json')
      const plan = JSON.parse(await readFile(missing, 'utf8'))
      await rm(missing)
      const failed = await step('report', { ...told, workspace: planned.workspace })
      expect(failed.status).toBe(2)
      expect(failed.log).toContain(`::add-mask::${github.token}`)
      expect(github.issues('alice', 'sync')).toMatchObject([{ state: 'open' }])
      await writeFile(missing, JSON.stringify({ ...plan, narrowed: undefined }))
      await step('sync', { inputs: { rule: 'small' }, workspace: planned.workspace })
      const good = await step('report', { ...told, workspace: planned.workspace })
      expect(good.status).toBe(0)
      expect(github.issues('alice', 'sync')).toMatchObject([{ state: 'closed' }])

      const without = await step('report', {
        workspace: planned.workspace,
        inputs: { 'issue-on-failure': 'true' },
        env,
      })
      expect([without.status, without.log]).toEqual([0, expect.stringContaining('needs github-token')])
    } finally {
      await github.close()
    }
  }, 60_000)
})

describe('a run that a stranger may have started', () => {
  it.each(['plan', 'sync', 'report'] as const)(
    'reaches no token in %s',
    async (name) => {
      for (const event of ['pull_request', 'pull_request_target']) {
        const files = { '.model-hub-sync/plan.json': JSON.stringify(emptyPlan) }
        const ended = await step(name, { event: { name: event }, files })
        expect(ended.status).toBe(2)
        expect(ended.log).toContain('stranger')
      }
      expect([...hub.hf.requests, ...hub.ms.requests]).toEqual([])
    },
    60_000,
  )

  it('does not sync as a dry run either', async () => {
    const ended = await step('sync', { event: { name: 'pull_request' }, inputs: { 'dry-run': 'true' } })
    expect(ended.log).toContain('stranger')
  }, 60_000)
})

const emptyPlan = {
  ...{ version: 1, tool: 'model-hub-sync/0.1.0', createdAt: '2026-11-21T00:00:00.000Z' },
  ...{ runId: 'run-00000001', configDigest: 'c'.repeat(64), items: [], jobs: [] },
  ...{ unchanged: [], skipped: [], blocked: [], failed: [] },
}
