import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, type Harness, startHarness } from '../e2e/harness.ts'
import { readManifest } from './manifest.ts'
import { runStep, type Step } from './step.ts'

const manifests = {
  plan: readManifest('plan/action.yml'),
  sync: readManifest('sync/action.yml'),
  report: readManifest('report/action.yml'),
}
const rule = { from: 'hf:Qwen', to: 'ms:my-org' }
const ledgerFile = '.model-hub-sync/ledger.json'

let hub: Harness
/** What `report` leaves for the cache after a first run. */
let ledger: string
beforeAll(async () => {
  hub = await startHarness()
  for (const name of ['one', 'two'])
    await hub.hf.seed({
      ...{ type: 'model', owner: 'Qwen', name },
      files: { 'w.safetensors': { lfs: bytes(40_000, name.length) }, 'README.md': name },
    })
  const { workspace } = await step('plan')
  await step('sync', { workspace })
  // Of the jobs, only the results come back.
  await step('report', { workspace })
  ledger = await readFile(join(workspace, ledgerFile), 'utf8')
}, 90_000)
afterAll(() => hub.close())

interface Request {
  readonly workspace?: string
  readonly inputs?: Readonly<Record<string, string>>
  /** Text of the ledger that the cache brought. */
  readonly restored?: string
}

function step(name: keyof typeof manifests, { workspace, inputs, restored }: Request = {}): Promise<Step> {
  const tokens: Record<string, string> =
    name === 'report' ? {} : { ...rule, 'huggingface-token': hub.hf.token, 'modelscope-token': hub.ms.token }
  return runStep(hub.folder, manifests[name].main, {
    inputs: { ...manifests[name].defaults, ...tokens, ...inputs },
    env: { HF_ENDPOINT: hub.hf.endpoint, MODELSCOPE_ENDPOINT: hub.ms.endpoint },
    ...(workspace && { workspace }),
    ...(restored !== undefined && { files: { [ledgerFile]: restored } }),
  })
}

async function plannedWith(
  request: Request,
): Promise<{ requests: number; unchanged: number; count: string }> {
  const before = hub.hf.requests.length + hub.ms.requests.length
  const { status, outputs, workspace } = await step('plan', request)
  expect(status).toBe(0)
  const plan = JSON.parse(await readFile(join(workspace, outputs.plan ?? ''), 'utf8'))
  return {
    requests: hub.hf.requests.length + hub.ms.requests.length - before,
    unchanged: plan.unchanged.length,
    count: outputs.count ?? '',
  }
}

describe('the ledger over jobs', () => {
  it('holds what the jobs of the run brought in step, and saves the next plan requests', async () => {
    expect(Object.keys(JSON.parse(ledger).pairs).sort()).toEqual([
      'huggingface:Qwen/one -> modelscope:my-org/one',
      'huggingface:Qwen/two -> modelscope:my-org/two',
    ])
    const without = await plannedWith({})
    const saved = await plannedWith({ restored: ledger })
    expect(without).toMatchObject({ unchanged: 2, count: '0' })
    expect(saved).toMatchObject({ unchanged: 2, count: '0' })
    expect(saved.requests).toBeLessThan(without.requests)
  }, 60_000)

  it.each<[string, (text: string) => string]>([
    ['gone', () => '{}'],
    ['cut short', (text) => text.slice(0, -20)],
    ['no JSON', () => 'x'],
    ['of another version', (text) => text.replace('"version":2', '"version":1')],
    ['signed by somebody else', (text) => text.replace(/"mac":"[0-9a-f]{8}/g, '"mac":"00000000')],
  ])(
    '%s: the plan is the same, and only takes longer',
    async (_, change) => {
      const without = await plannedWith({})
      expect(await plannedWith({ restored: change(ledger) })).toEqual(without)
    },
    60_000,
  )

  it('of other tokens: it is ignored', async () => {
    const inputs = { tokens: 'GITCODE_TOKEN=another-token-1' }
    expect(await plannedWith({ restored: ledger, inputs })).toEqual(await plannedWith({ inputs }))
  }, 60_000)

  it('unreadable and unwritable: the run goes on', async () => {
    const workspace = join(hub.folder, 'unwritable')
    await mkdir(join(workspace, ledgerFile), { recursive: true })
    const planned = await step('plan', { workspace })
    expect([planned.status, planned.outputs.count]).toEqual([0, '0'])
    expect(planned.log).toContain('ledger could not be written')
    expect((await step('report', { workspace })).status).toBe(0)
  }, 60_000)

  // The last one: it changes the source.
  it('stale: what has changed since is seen', async () => {
    await hub.hf.seed({ type: 'model', owner: 'Qwen', name: 'one', files: { 'README.md': 'changed' } })
    expect(await plannedWith({ restored: ledger })).toMatchObject({ unchanged: 1, count: '1' })
  }, 60_000)
})
