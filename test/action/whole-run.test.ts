import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { readInputs } from '../../src/action/inputs.ts'
import { bytes, deliveries, type Harness, startHarness } from '../e2e/harness.ts'
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

const manifestSchema = z.object({
  inputs: z.record(z.string(), z.object({ description: z.string().min(10), default: z.string().optional() })),
  outputs: z.record(z.string(), z.object({ description: z.string().min(5) })),
  runs: z.object({ using: z.literal('node24'), main: z.string() }),
})

let hub: Harness
let manifest: z.infer<typeof manifestSchema>
beforeAll(async () => {
  hub = await startHarness()
  manifest = manifestSchema.parse(parse(await readFile('action.yml', 'utf8')))
  for (const name of ['one', 'two', 'fault-missing-object'])
    await hub.hf.seed({
      type: 'model',
      owner: 'Qwen',
      name,
      files: {
        'README.md': '---\nlicense: mit\n---\n',
        'w.safetensors': { lfs: bytes(40_000, name.length) },
      },
    })
})
afterAll(() => hub.close())
beforeEach(() => {
  hub.hf.requests.length = 0
  hub.ms.requests.length = 0
})

/** A step with the defaults of action.yml, both tokens as inputs, and the stand-ins as the hubs. */
function step(request: Partial<StepRequest>): Promise<Step> {
  const defaults = Object.entries(manifest.inputs).map(([name, input]) => [name, input.default ?? ''])
  const tokens = { 'huggingface-token': hub.hf.token, 'modelscope-token': hub.ms.token }
  return runStep(hub.folder, manifest.runs.main, {
    ...request,
    inputs: { ...Object.fromEntries(defaults), ...tokens, ...request.inputs },
    env: { HF_ENDPOINT: hub.hf.endpoint, MODELSCOPE_ENDPOINT: hub.ms.endpoint, ...request.env },
  })
}

/** The log without the lines by which the runner is told what to mask: it prints stars for them. */
function visible(log: string): string {
  return log.replace(/^::add-mask::.*$/gm, '')
}

const headOf = (name: string) => hub.ms.head({ type: 'model', owner: 'my-org', name })

describe('action.yml', () => {
  it('names every input that is read, and no other', () => {
    readInputs({ kind: 'manual' }, 'run')
    expect([...asked].sort()).toEqual(Object.keys(manifest.inputs).sort())
  })

  it('names a file that is there', () => {
    expect(existsSync(manifest.runs.main)).toBe(true)
  })
})

describe('the bundle as a step', () => {
  it('syncs, sets the outputs of action.yml, writes the summary, and masks the tokens', async () => {
    const ended = await step({ inputs: { model: 'Qwen/one', from: 'hf', to: 'ms:my-org' } })
    expect(ended.log).toContain('Comparing source and target')
    expect(ended.status).toBe(0)
    expect(Object.keys(ended.outputs).sort()).toEqual(Object.keys(manifest.outputs).sort())
    expect(ended.outputs).toMatchObject({ outcome: 'success', synced: '1', unchanged: '0', failed: '0' })
    expect(Number(ended.outputs.bytes)).toBeGreaterThan(40_000)
    const report = JSON.parse(await readFile(join(ended.workspace, ended.outputs.report ?? ''), 'utf8'))
    expect(report).toMatchObject({ version: 1, outcome: 'success' })
    expect(ended.summary).toContain('Qwen/one')
    expect(await headOf('one')).toBeDefined()

    for (const token of [hub.hf.token, hub.ms.token]) {
      const masked = ended.log.split('\n').filter((line) => line.startsWith('::add-mask::'))
      for (const form of [token, Buffer.from(token).toString('base64')])
        expect(masked).toContain(`::add-mask::${form}`)
      expect(visible(ended.log) + ended.summary + JSON.stringify(report)).not.toContain(token)
      // Masked before anything is said.
      expect(ended.log.indexOf(`::add-mask::${token}`)).toBeLessThan(ended.log.indexOf('Comparing'))
    }
  }, 60_000)

  it('a second run on a machine of its own finds nothing to do', async () => {
    const ended = await step({ inputs: { model: 'Qwen/one', from: 'hf', to: 'ms:my-org' } })
    expect(ended.outputs).toMatchObject({ outcome: 'success', synced: '0', unchanged: '1', bytes: '0' })
    expect(ended.status).toBe(0)
  }, 60_000)

  it('a failure is 1, with an annotation, and the rest is done', async () => {
    const ended = await step({
      inputs: { model: 'Qwen/fault-missing-object\nQwen/two', from: 'hf', to: 'ms:my-org' },
    })
    expect(ended.status).toBe(1)
    expect(ended.outputs).toMatchObject({ outcome: 'failure', synced: '1', failed: '1' })
    expect(ended.log).toMatch(/^::error title=model-hub-sync::.*fault-missing-object/m)
    expect(ended.summary).toContain('fault-missing-object')
  }, 90_000)

  it('`fail-on: never` reports the failure and passes', async () => {
    const inputs = { model: 'Qwen/fault-missing-object', from: 'hf', to: 'ms:my-org', 'fail-on': 'never' }
    const ended = await step({ inputs: inputs })
    expect([ended.status, ended.outputs.outcome]).toEqual([0, 'failure'])
  }, 90_000)

  it.each(['pull_request', 'pull_request_target'])(
    '%s is refused before any request',
    async (name) => {
      const event = { name, payload: { pull_request: { number: 1 } } }
      const ended = await step({ inputs: { model: 'Qwen/two', from: 'hf', to: 'ms:my-org' }, event })
      expect(ended.status).toBe(2)
      expect(ended.outputs).toMatchObject({ outcome: 'failure', synced: '0', report: '' })
      expect(ended.log).toContain('stranger')
      expect(ended.summary).toContain('did not finish')
      expect([...hub.hf.requests, ...hub.ms.requests]).toEqual([])
    },
    60_000,
  )

  it('a dry run of a pull request compares, and writes nothing', async () => {
    const inputs = { model: 'Qwen/two', from: 'hf', to: 'ms:my-org/dry', 'dry-run': 'true' }
    const ended = await step({ inputs, event: { name: 'pull_request' } })
    expect(ended.status).toBe(0)
    expect(deliveries(hub.ms)).toEqual([])
    expect(await headOf('dry')).toBeUndefined()
    expect(ended.summary).toContain('Qwen/two')
  }, 60_000)

  it('a schedule runs the rules it starts, and no others', async () => {
    const rule = (name: string, trigger: string) =>
      `  - { name: ${name}, from: "huggingface:Qwen/one", to: "modelscope:my-org/by-${name}", trigger: "${trigger}" }\n`
    const config = `version: 1\nrules:\n${rule('always', 'scheduled')}${rule('hand', 'manual')}${rule('noon', '0 12 * * *')}${rule('night', '0 3 * * *')}`
    const files = { '.github/model-hub-sync.yml': config }
    const event = { name: 'schedule', payload: { schedule: '0 12 * * *' } }
    const ended = await step({ event, files })
    expect([ended.status, ended.outputs.synced]).toEqual([0, '2'])
    const heads = await Promise.all(['always', 'noon', 'night', 'hand'].map((name) => headOf(`by-${name}`)))
    expect(heads.map((head) => head !== undefined)).toEqual([true, true, false, false])

    const named = await step({ inputs: { rule: 'hand' }, files })
    expect([named.status, named.outputs.synced]).toEqual([0, '1'])
    expect(await headOf('by-hand')).toBeDefined()
  }, 90_000)

  it.each<[string, Record<string, string>, RegExp]>([
    ['a wrong input', { 'fail-on': 'sometimes', to: 'ms:my-org' }, /fail-on.*sometimes/],
    ['no configuration', {}, /configuration file/],
    ['a wrong model name', { model: 'Qwen/onee', from: 'hf', to: 'ms:my-org' }, /Did you mean Qwen\/one\?/],
    [
      'a line of `tokens` that is none',
      { tokens: 'just-a-secret-value', to: 'ms:my-org' },
      /Line 1 of the input "tokens"/,
    ],
  ])(
    '%s is 2, and nothing is written',
    async (_, inputs, says) => {
      const ended = await step({ inputs })
      expect(ended.status).toBe(2)
      expect(ended.log).toMatch(says)
      expect(ended.outputs.outcome).toBe('failure')
      expect(visible(ended.log) + ended.summary).not.toContain('just-a-secret-value')
      expect(deliveries(hub.ms)).toEqual([])
    },
    60_000,
  )

  it('`tokens` serve the configuration, and its work folder is gone afterwards', async () => {
    const config = `version: 1
hubs:
  mirror: { type: modelscope, endpoint: "\${MIRROR}", token: "\${MIRROR_TOKEN}" }
rules:
  - { name: r, from: "huggingface:Qwen/one", to: "mirror:my-org/by-token" }
`
    const ended = await step({
      inputs: {
        tokens: `# a comment\nMIRROR_TOKEN=${hub.ms.token}`,
        'modelscope-token': '',
        config: 'sync.yml',
      },
      env: { MIRROR: hub.ms.endpoint },
      files: { 'sync.yml': config },
    })
    expect([ended.status, ended.outputs.synced]).toEqual([0, '1'])
    const runners = (await readdir(hub.folder)).filter((name) => name.startsWith('runner-'))
    for (const runner of runners)
      expect(
        (await readdir(join(hub.folder, runner))).filter((name) => name.startsWith('model-hub-sync-')),
      ).toEqual([])
  }, 60_000)
})
