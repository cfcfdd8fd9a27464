import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { readRepairInputs, readVerifyInputs } from '../../src/action/inputs.ts'
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

const manifests = { verify: readManifest('verify/action.yml'), repair: readManifest('repair/action.yml') }

let hub: Harness
beforeAll(async () => {
  hub = await startHarness({ hf: { organizations: ['Closed'] } })
  for (const [index, name] of ['well', 'worse'].entries())
    await hub.hf.seed({
      type: 'model',
      owner: 'Qwen',
      name,
      files: { 'README.md': '# As it is\n', 'w.safetensors': { lfs: bytes(20_000, index + 1) } },
    })
  await hub.run({ from: 'hf:Qwen', to: 'ms:my-org' })
  await damage()
})
afterAll(() => hub.close())
beforeEach(() => {
  hub.hf.requests.length = 0
  hub.ms.requests.length = 0
})

const damage = () =>
  hub.ms.seed({ type: 'model', owner: 'my-org', name: 'worse', files: { 'README.md': '# Changed there\n' } })

function step(name: keyof typeof manifests, request: Partial<StepRequest> = {}): Promise<Step> {
  const { defaults, main } = manifests[name]
  const tokens = { 'huggingface-token': hub.hf.token, 'modelscope-token': hub.ms.token }
  return runStep(hub.folder, main, {
    ...request,
    inputs: { ...defaults, ...tokens, from: 'hf', to: 'ms:my-org', ...request.inputs },
    env: { HF_ENDPOINT: hub.hf.endpoint, MODELSCOPE_ENDPOINT: hub.ms.endpoint, ...request.env },
  })
}

const nothing = { outcome: 'failure', findings: '0', repairable: '0', report: '' }

describe('the actions that look after copies', () => {
  it.each([
    ['verify', () => readVerifyInputs()],
    ['repair', () => readRepairInputs()],
  ] as const)('%s/action.yml names every input that is read, and no other', (name, read) => {
    asked.clear()
    read()
    expect([...asked].sort()).toEqual(manifests[name].inputs)
  })

  it.each(['verify', 'repair'] as const)(
    '%s refuses what a stranger may have started before a token is used, and sets every output',
    async (name) => {
      const inputs = { model: 'Qwen/worse' }
      const ended = await step(name, { inputs, event: { name: 'pull_request_target' } })
      expect([ended.status, ended.log]).toEqual([2, expect.stringContaining('stranger')])
      expect(ended.outputs).toEqual(nothing)
      expect([...hub.hf.requests, ...hub.ms.requests]).toEqual([])
    },
    60_000,
  )

  it.each(['verify', 'repair'] as const)(
    '%s: a name that is not there is 2, with every output',
    async (name) => {
      const ended = await step(name, { inputs: { model: 'Qwen/no-such', to: 'ms:my-org/x' } })
      expect([ended.status, ended.outputs]).toEqual([2, nothing])
      expect(ended.summary).toContain('did not finish')
      expect(deliveries(hub.ms)).toEqual([])
    },
    60_000,
  )
})

describe('verify', () => {
  it('a copy that is in order is 0, whatever the number of files', async () => {
    const ended = await step('verify', { inputs: { model: 'Qwen/well', set: 'verify=full' } })
    expect([ended.status, ended.outputs]).toEqual([
      0,
      { outcome: 'success', findings: '0', repairable: '0', report: '.model-hub-sync/verify.json' },
    ])
    expect(Object.keys(ended.outputs).sort()).toEqual(manifests.verify.outputs)
    expect(ended.summary).toContain('2 verified')
    expect(deliveries(hub.ms)).toEqual([])
  }, 60_000)

  it('findings are 1, in outputs, file, summary and annotations; with fail-on: never 0', async () => {
    const inputs = { model: 'Qwen/worse, Qwen/well', dir: 'looked' }
    const ended = await step('verify', { inputs })
    expect([ended.status, ended.outputs]).toEqual([
      1,
      { outcome: 'failure', findings: '1', repairable: '1', report: 'looked/verify.json' },
    ])
    const file = JSON.parse(await readFile(join(ended.workspace, 'looked/verify.json'), 'utf8'))
    expect(file).toMatchObject({ version: 1, outcome: 'failure' })
    expect(ended.summary).toContain('Qwen/worse')
    expect(ended.log).toMatch(/^::error title=model-hub-sync::.*Qwen\/worse.*README\.md/m)
    expect(ended.log).toMatch(/^::error::Not in order: 1 of 2 pairs/m)
    const told = await step('verify', { inputs: { ...inputs, 'fail-on': 'never' } })
    expect([told.status, told.outputs.outcome]).toEqual([0, 'failure'])
  }, 60_000)

  it('has an issue of its own beside that of the sync, and says which token it lacks', async () => {
    const github = await startGitHub()
    try {
      await github.seed({ type: 'model', owner: 'alice', name: 'sync', files: { 'README.md': '#' } })
      const env = {
        GITHUB_API_URL: `${github.endpoint}/api/v3`,
        GITHUB_REPOSITORY: 'alice/sync',
        GITHUB_WORKFLOW: 'Sync models',
        GITHUB_REF: 'refs/heads/main',
      }
      const told = { 'issue-on-failure': 'true', model: 'Qwen/worse' }
      const without = await step('verify', { inputs: told, env })
      expect(without.log).toContain('needs issue-token')
      const report = readManifest('report/action.yml')
      const sync = await runStep(hub.folder, report.main, {
        inputs: { ...report.defaults, 'issue-on-failure': 'true', 'github-token': github.token },
        env,
      })
      expect(sync.status).toBe(2)
      const inputs = { ...told, 'issue-token': github.token }
      const failed = await step('verify', { inputs, env })
      expect(failed.log).toContain(`::add-mask::${github.token}`)
      const states = () => github.issues('alice', 'sync').map(({ state }) => state)
      expect(states()).toEqual(['open', 'open'])
      const good = await step('verify', { inputs: { ...inputs, model: 'Qwen/well' }, env })
      expect([good.status, states()]).toEqual([0, ['open', 'open']])
    } finally {
      await github.close()
    }
  }, 60_000)
})

describe('repair', () => {
  it('as a dry run tells, and leaves everything as it is', async () => {
    const ended = await step('repair', { inputs: { model: 'Qwen/worse', 'dry-run': 'true' } })
    expect(ended.outputs).toMatchObject({ outcome: 'failure', findings: '1' })
    expect(ended.summary).toContain('Qwen/worse')
    expect(deliveries(hub.ms)).toEqual([])
  }, 60_000)

  it('makes right what is wrong, and says that nothing is left', async () => {
    const ended = await step('repair', { inputs: { model: 'Qwen/worse' } })
    expect([ended.status, ended.outputs]).toEqual([
      0,
      { outcome: 'success', findings: '0', repairable: '0', report: '.model-hub-sync/verify.json' },
    ])
    expect(Object.keys(ended.outputs).sort()).toEqual(manifests.repair.outputs)
    const files = await hub.ms.files({ type: 'model', owner: 'my-org', name: 'worse' })
    expect(files.get('README.md')?.content?.toString()).toBe('# As it is\n')
    expect(ended.summary).toContain('Qwen/worse')
  }, 60_000)
})

describe('in a workflow of a public repository', () => {
  it.each(['verify', 'repair'] as const)(
    '%s leaves no name of a private repo, or of a file of it, wherever people can look',
    async (name) => {
      const repo = { type: 'model', owner: 'Closed', name: `unseen-${name}` } as const
      const files = { 'README.md': '# As it is\n', 'quiet.safetensors': { lfs: bytes(20_000, 9) } }
      await hub.hf.seed({ ...repo, files, visibility: 'private' })
      await hub.run({ repos: [`Closed/${repo.name}`], from: 'hf', to: 'ms:my-org' })
      const changed = { 'README.md': '# Changed there\n', 'quiet.txt': 'only there\n' }
      await hub.ms.seed({ type: 'model', owner: 'my-org', name: repo.name, files: changed })
      const repository = { full_name: 'me/sync', default_branch: 'main', private: false }
      const ended = await step(name, {
        inputs: { from: 'hf:Closed' },
        event: { name: 'workflow_dispatch', payload: { repository } },
      })
      expect(ended.outputs.findings).toBe(name === 'verify' ? '1' : '0')
      const told = `${ended.log}${ended.summary}${JSON.stringify(ended.outputs)}${await textsOf(ended)}`
      expect(told).toContain('private-1')
      expect(told).not.toMatch(/unseen|quiet/)
    },
    60_000,
  )
})

/** All files of the run directory, which a workflow may upload. */
async function textsOf({ workspace }: Step): Promise<string> {
  const entries = await readdir(join(workspace, '.model-hub-sync'), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((file) => join(file.parentPath, file.name))
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).concat(files).join('\n')
}
