import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { bytes, type Harness, startHarness } from '../e2e/harness.ts'
import { runStep, type Step } from './step.ts'

/** In the name of every repo and file that is nobody's business. */
const secret = 'acquisition'
/** By this name the stand-in loses an object; it is private, too. */
const failing = 'fault-missing-object'

const publicly = { repository: { full_name: 'me/sync', private: false, visibility: 'public' } }
const config = `version: 1
rules:
  - { name: daily, from: "huggingface:Labs", to: "modelscope:my-org", gated: private }
  - { name: blocked, from: "huggingface:Other", to: "modelscope:open-org" }
`

let hub: Harness
let main: string
beforeAll(async () => {
  hub = await startHarness({ hf: { organizations: ['Labs', 'Other'] } })
  main = z.object({ runs: z.object({ main: z.string() }) }).parse(parse(await readFile('action.yml', 'utf8')))
    .runs.main
  const seed = (owner: string, name: string, more: object = {}) =>
    hub.hf.seed({
      type: 'model',
      owner,
      name,
      files: {
        'README.md': '---\nlicense: mit\n---\n',
        [`${name}-weights.bin`]: { lfs: bytes(40_000, name.length) },
      },
      ...more,
    })
  await seed('Labs', 'announced')
  await seed('Labs', `${secret}-large`, { visibility: 'private' })
  await seed('Labs', `${secret}-gated`, { gated: true })
  await seed('Labs', failing, { visibility: 'private' })
  await seed('Other', `${secret}-blocked`, { visibility: 'private' })
  const files = { 'README.md': '---\nlicense: mit\n---\n' }
  await hub.ms.seed({ type: 'model', owner: 'open-org', name: `${secret}-blocked`, files })
})
afterAll(() => hub.close())

interface Ran extends Step {
  /** Log, summary, outputs, and every file of the run directory. */
  readonly everything: string
}

async function run(inputs: Readonly<Record<string, string>>, payload: object): Promise<Ran> {
  const step = await runStep(hub.folder, main, {
    inputs: { 'huggingface-token': hub.hf.token, 'modelscope-token': hub.ms.token, ...inputs },
    env: { HF_ENDPOINT: hub.hf.endpoint, MODELSCOPE_ENDPOINT: hub.ms.endpoint },
    event: { name: 'workflow_dispatch', payload },
    files: { '.github/model-hub-sync.yml': config },
  })
  const folder = join(step.workspace, '.model-hub-sync')
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const files = [...paths, ...(await Promise.all(paths.map((path) => readFile(path, 'utf8'))))]
  const everything = [step.log, step.summary, JSON.stringify(step.outputs), ...files].join('\n')
  return { ...step, everything }
}

function assertNothingPrivate({ everything }: Ran): void {
  for (const word of [secret, failing]) expect(everything).not.toContain(word)
}

describe('names of private repos, in a workflow of a public repository', () => {
  // The first run moves everything, so that no later one is about less.
  it('are in nothing that it leaves, whatever became of them; public ones are', async () => {
    const ended = await run({}, publicly)
    assertNothingPrivate(ended)
    expect(ended.status).toBe(1)
    expect(ended.outputs).toMatchObject({ synced: '3', failed: '1', blocked: '1' })
    expect(ended.log).toMatch(/Labs\/announced → modelscope:my-org.*: synced/)
    expect(ended.log).toMatch(/^::error title=model-hub-sync::private-\d/m)
    for (const alias of [1, 2, 3, 4]) expect(ended.log).toContain(`private-${alias}`)
    expect(ended.everything).not.toContain('private-5')
    expect(ended.summary).toContain('Labs/announced')
    expect(ended.summary).toContain('/me/sync/actions/runs/7')
    const report = JSON.parse(await readFile(join(ended.workspace, ended.outputs.report ?? ''), 'utf8'))
    const rows = new Map<string, { outcome: string }>(
      report.items.map((item: { source: string }) => [item.source, item]),
    )
    expect(rows.get('huggingface:Labs/announced')?.outcome).toBe('synced')
    expect([...rows.keys()].sort().slice(1)).toEqual(
      [1, 2, 3, 4].map((number) => `huggingface:private-${number}`),
    )
    expect(report).toMatchObject({ hidden: 4, run: expect.stringContaining('/actions/runs/7') })
  }, 90_000)

  it('are not in a dry run, nor where nothing is left to do', async () => {
    const ended = await run({ 'dry-run': 'true' }, publicly)
    assertNothingPrivate(ended)
    expect(ended.outputs.unchanged).toBe('3')
  }, 90_000)

  it('count as private where the event does not say what the repository is', async () => {
    assertNothingPrivate(await run({ 'dry-run': 'true' }, { repository: undefined }))
  }, 90_000)

  it('are not offered as the nearest names of a wrong one', async () => {
    const ended = await run({ model: 'Labs/acquisitiom-large', from: 'hf', to: 'ms:my-org' }, publicly)
    expect(ended.status).toBe(2)
    assertNothingPrivate(ended)
    expect(ended.log).toContain('Check the names of repos')
  }, 90_000)

  it('a mistake in the configuration is told in full all the same', async () => {
    const ended = await run({ rule: 'dayly' }, publicly)
    expect(ended.status).toBe(2)
    expect(ended.log).toContain('daily')
  }, 90_000)
})

describe('names of private repos are told', () => {
  it.each([
    ['when they are asked for', { 'private-names': 'show' }, publicly],
    ['in a workflow of a private repository', {}, {}],
  ])(
    '%s',
    async (_, inputs, payload) => {
      const ended = await run(inputs, payload)
      for (const text of [ended.log, ended.summary]) {
        expect(text).toContain(failing)
        expect(text).toContain(`${secret}-blocked`)
        expect(text).not.toContain('private-1')
      }
      const html = await readFile(join(ended.workspace, '.model-hub-sync/report.html'), 'utf8')
      for (const name of [failing, `${secret}-large`, `${secret}-gated`]) expect(html).toContain(name)
    },
    90_000,
  )
})
