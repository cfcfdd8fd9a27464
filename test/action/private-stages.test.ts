import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, deliveries, type Harness, startHarness } from '../e2e/harness.ts'
import { readManifest } from './manifest.ts'
import { runStep, type Step } from './step.ts'

/** In the name of every repo and file that is nobody's business. */
const secret = 'acquisition'
/** By this name the stand-in loses an object; it is private, too. */
const failing = 'fault-missing-object'

const publicly = { repository: { full_name: 'me/sync', private: false, visibility: 'public' } }
const config = `version: 1
rules:
  - { name: daily, from: "huggingface:Labs", to: "modelscope:my-org", gated: private }
  - { name: again, from: "huggingface:Labs", to: "modelscope:my-org/second-{name}", gated: skip, files: { exclude: ["*.bin"] } }
  - { name: blocked, from: "huggingface:Other", to: "modelscope:open-org" }
`
const manifests = {
  plan: readManifest('plan/action.yml'),
  sync: readManifest('sync/action.yml'),
  report: readManifest('report/action.yml'),
}

let hub: Harness
beforeAll(async () => {
  hub = await startHarness({ hf: { organizations: ['Labs', 'Other'] } })
  const seed = (owner: string, name: string, weights: number, more: object = {}) =>
    hub.hf.seed({
      type: 'model',
      owner,
      name,
      files: {
        'README.md': '---\nlicense: mit\n---\n',
        ...Object.fromEntries(
          Array.from({ length: weights }, (_, index) => [
            `${name}-weights-${index}.bin`,
            { lfs: bytes(40_000, 100 * name.length + index) },
          ]),
        ),
      },
      ...more,
    })
  await seed('Labs', 'announced', 1)
  await seed('Labs', `${secret}-large`, 5, { visibility: 'private' })
  await seed('Labs', `${secret}-gated`, 1, { gated: true })
  await seed('Labs', failing, 1, { visibility: 'private' })
  await seed('Other', `${secret}-blocked`, 1, { visibility: 'private' })
  const files = { 'README.md': '---\nlicense: mit\n---\n' }
  await hub.ms.seed({ type: 'model', owner: 'open-org', name: `${secret}-blocked`, files })
})
afterAll(() => hub.close())

function step(
  name: keyof typeof manifests,
  inputs: Readonly<Record<string, string>>,
  workspace?: string,
  payload: object = publicly,
): Promise<Step> {
  const tokens: Record<string, string> =
    name === 'report' ? {} : { 'huggingface-token': hub.hf.token, 'modelscope-token': hub.ms.token }
  return runStep(hub.folder, manifests[name].main, {
    inputs: { ...manifests[name].defaults, ...tokens, ...inputs },
    env: { HF_ENDPOINT: hub.hf.endpoint, MODELSCOPE_ENDPOINT: hub.ms.endpoint },
    event: { name: 'workflow_dispatch', payload },
    files: { '.github/model-hub-sync.yml': config },
    ...(workspace && { workspace }),
  })
}

/** Every file of the run directory by its path. */
async function filesOf(workspace: string): Promise<ReadonlyMap<string, string>> {
  const folder = join(workspace, '.model-hub-sync')
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(
      paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'utf8')] as const),
    ),
  )
}

/** Names and content digests of what nobody may know. */
async function assertNothingPrivate(workspace: string, steps: readonly Step[]): Promise<void> {
  const files = await filesOf(workspace)
  const everything = [
    ...[...files].flat(),
    ...steps.flatMap(({ log, summary, outputs }) => [log, summary, JSON.stringify(outputs)]),
  ].join('\n')
  for (const word of [secret, failing]) expect(everything).not.toContain(word)
  const repo = { type: 'model', owner: 'Labs', name: `${secret}-large` } as const
  for (const commit of [await hub.hf.head(repo)]) expect(everything).not.toContain(commit)
}

interface StoredItem {
  readonly id: string
  readonly sealed?: string
  readonly rule: string
}

describe('the three stages, in a workflow of a public repository', () => {
  let planned: Step
  let workspace: string
  let jobs: string[]
  const steps: Step[] = []

  it('plan seals what is not known to be public, and hands it on without names', async () => {
    planned = await step('plan', { 'job-size': '31MB', 'fail-on': 'never' })
    steps.push(planned)
    expect(planned.status).toBe(0)
    workspace = planned.workspace
    await assertNothingPrivate(workspace, steps)
    const plan = JSON.parse((await filesOf(workspace)).get('plan.json') ?? '')
    const open = plan.items.filter((item: StoredItem) => item.sealed === undefined)
    expect(open.map((item: StoredItem) => item.id).sort()).toEqual([
      'again/models/my-org/second-announced',
      'daily/models/my-org/announced',
    ])
    const sealed: StoredItem[] = plan.items.filter((item: StoredItem) => item.sealed !== undefined)
    expect(sealed.map(({ id }) => id).sort()).toEqual([
      'private-1',
      'private-1-2',
      'private-2',
      'private-3',
      'private-3-2',
    ])
    for (const item of sealed)
      expect(Object.keys(item).sort()).toEqual(
        ['bytes', 'changes', 'id', 'rule', 'sealed', 'source', 'target', 'type'].sort(),
      )
    expect(plan.blocked).toHaveLength(1)
    expect(plan.blocked[0]).toMatchObject({ repo: 'huggingface:private-4', details: [] })
    jobs = JSON.parse(planned.outputs.matrix ?? '').include.map(({ job }: { job: string }) => job)
    expect(jobs.some((job) => /^private-\d-\d+$/.test(job))).toBe(true)
    expect(planned.outputs.publish).toBe('true')
  }, 90_000)

  it.each<[string, Record<string, string>, (text: string) => string]>([
    ['another token', { 'modelscope-token': 'another-token-1' }, (text) => text],
    ['one token more', { tokens: 'GITCODE_TOKEN=another-token-1' }, (text) => text],
    ['a sealed item under another id', {}, (text) => swapped(text, 'private-2', 'private-3')],
    ['counts that were changed', {}, miscounted],
  ])(
    '%s: sync refuses the plan, names nothing, and asks no hub',
    async (_, inputs, change) => {
      const file = join(workspace, '.model-hub-sync/plan.json')
      const text = await readFile(file, 'utf8')
      const before = hub.ms.requests.length
      try {
        await writeFile(file, change(text))
        const refused = await step('sync', inputs, workspace)
        expect([refused.status, refused.outputs]).toEqual([2, { outcome: 'failure', result: '' }])
        expect(refused.log).toContain('same tokens')
        await assertNothingPrivate(workspace, [refused])
        expect(hub.ms.requests.slice(before)).toEqual([])
      } finally {
        await writeFile(file, text)
      }
    },
    90_000,
  )

  it('sync opens it with the same tokens, does it all, and leaves results without names', async () => {
    for (const job of [...jobs, 'publish']) steps.push(await step('sync', { job }, workspace))
    await assertNothingPrivate(workspace, steps)
    expect(steps.some(({ status }) => status === 1)).toBe(true)
    for (const name of ['announced', `${secret}-large`, `${secret}-gated`, `second-${secret}-large`]) {
      const files = await hub.ms.files({ type: 'model', owner: 'my-org', name })
      const weights = [...files.keys()].filter((path) => path.endsWith('.bin'))
      expect(weights).toHaveLength(name.startsWith('second') ? 0 : name.endsWith('large') ? 5 : 1)
    }
    const results = [...(await filesOf(workspace))].filter(([path]) => path.startsWith('results/'))
    const items = results.flatMap(([, text]) => JSON.parse(text).items)
    const large = items.find((item) => item.outcome === 'synced' && item.id.startsWith('private-'))
    expect(large.files.map(({ path }: { path: string }) => path)).toContain('file-1')
    expect(Object.keys(large)).not.toContain('published')
    const failed = items.filter((item) => item.outcome === 'failed')
    expect(failed.length).toBeGreaterThan(0)
    for (const { error } of failed) expect(error.message).not.toMatch(/Labs|my-org/)
  }, 180_000)

  it('report needs no token, and counts what was done', async () => {
    const reported = await step('report', {}, workspace)
    steps.push(reported)
    await assertNothingPrivate(workspace, steps)
    expect(reported.status).toBe(1)
    expect(reported.outputs).toMatchObject({ outcome: 'failure', blocked: '1' })
    const report = JSON.parse((await filesOf(workspace)).get('report.json') ?? '')
    const rows: { source: string; outcome: string; files: { mismatch: number }; bytes: { moved: number } }[] =
      report.items
    expect(rows.filter(({ outcome }) => outcome === 'missing')).toEqual([])
    const large = rows.find(({ bytes }) => bytes.moved > 150_000)
    expect(large).toMatchObject({ outcome: 'synced', files: { mismatch: 0, unverifiable: 0 } })
    expect(large?.source).toMatch(/^huggingface:private-\d$/)
    expect(reported.summary).toContain('Labs/announced')
    const ledger = JSON.parse((await filesOf(workspace)).get('ledger.json') ?? '')
    expect(Object.keys(ledger.pairs)).toEqual(
      expect.arrayContaining(['huggingface:Labs/announced -> modelscope:my-org/announced']),
    )
    for (const pair of Object.keys(ledger.pairs)) expect(pair).toContain('Labs/announced')
  }, 60_000)

  it('a plan that names private repos is not synced where everybody reads the results', async () => {
    const named = await step('plan', { 'private-names': 'show', 'fail-on': 'never' })
    expect(JSON.stringify([...(await filesOf(named.workspace))])).toContain(failing)
    const before = deliveries(hub.ms).length
    const refused = await step('sync', {}, named.workspace)
    expect(refused.status).toBe(2)
    expect(refused.log).toContain('same private-names')
    expect(deliveries(hub.ms)).toHaveLength(before)
    await rm(named.workspace, { recursive: true })
  }, 60_000)

  it('in a private repository nothing is sealed', async () => {
    const privately = { repository: { full_name: 'me/sync', private: true } }
    const named = await step('plan', { 'fail-on': 'never' }, undefined, privately)
    const plan = JSON.parse((await filesOf(named.workspace)).get('plan.json') ?? '')
    expect(plan).not.toHaveProperty('salt')
    expect(JSON.stringify(plan)).toContain(failing)
  }, 60_000)
})

/** The plan with what two items hold sealed exchanged. */
function swapped(text: string, one: string, other: string): string {
  const plan: { items: { id: string; sealed?: string }[] } = JSON.parse(text)
  const sealedOf = (id: string) => plan.items.find((item) => item.id === id)?.sealed
  const [first, second] = [sealedOf(one), sealedOf(other)]
  const items = plan.items.map((item) => {
    if (item.id === one) return { ...item, sealed: second }
    return item.id === other ? { ...item, sealed: first } : item
  })
  return JSON.stringify({ ...plan, items })
}

function miscounted(text: string): string {
  const plan: { items: { sealed?: string; changes: object }[] } = JSON.parse(text)
  const items = plan.items.map((item) =>
    item.sealed === undefined ? item : { ...item, changes: { add: 1, update: 0, delete: 7 } },
  )
  return JSON.stringify({ ...plan, items })
}
