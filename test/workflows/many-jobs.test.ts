import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Harness, startHarness } from '../e2e/harness.ts'
import { jobNamed, project, runCaller, seedModel, summaryOf } from './project.ts'

let hub: Harness
beforeAll(async () => {
  hub = await startHarness()
})
afterAll(() => hub.close())

const caller = `name: Sync models
on: workflow_dispatch
permissions: {}
jobs:
  sync:
    permissions: { contents: read }
    uses: ${project}/.github/workflows/sync.yml@${'0'.repeat(40)}
    with: { job-size: 1kB, max-parallel: 10 }
    secrets:
      huggingface-token: \${{ secrets.HF_TOKEN }}
      modelscope-token: \${{ secrets.MODELSCOPE_TOKEN }}
`

/** In the place of `sync`, which takes half a second to start: claims that it did its job. */
const claim = `import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
const job = process.env.INPUT_JOB
const { items: [{ id }], jobs } = JSON.parse(readFileSync('.model-hub-sync/plan.json', 'utf8'))
const moved = jobs.find((one) => one.id === job)?.bytes ?? 0
const published = { commit: 'a'.repeat(40), url: 'https://hub.example.org/commit' }
const done = job === 'publish' ? { outcome: 'synced', published } : { outcome: 'moved' }
const item = { id, ...done, files: [], bytes: { moved, reused: 0 }, seconds: 1 }
const file = '.model-hub-sync/results/' + job + '.json'
mkdirSync('.model-hub-sync/results', { recursive: true })
writeFileSync(file, JSON.stringify({ version: 1, job, attempt: 1, items: [item] }))
appendFileSync(process.env.GITHUB_OUTPUT, 'outcome=success\\nresult=' + file + '\\n')
`

/** This project, with that in the place of `sync`. */
function projectWithClaims(): string {
  const folder = join(hub.folder, 'project')
  mkdirSync(join(folder, 'sync'), { recursive: true })
  for (const name of ['.github', 'dist', 'plan', 'report', 'package.json'])
    symlinkSync(resolve(name), join(folder, name))
  cpSync('sync/action.yml', join(folder, 'sync/action.yml'))
  writeFileSync(join(folder, 'sync/index.js'), claim)
  return folder
}

describe('256 jobs', () => {
  it('make one matrix, ten at a time, and one page of all their results', async () => {
    await seedModel(hub, 'many', 256, 'Many')
    const config =
      'version: 1\nrules:\n  - { name: all, from: "huggingface:Many", to: "modelscope:my-org" }\n'
    const ended = await runCaller(
      hub,
      { '.github/workflows/sync.yml': caller, '.github/model-hub-sync.yml': config },
      { workflow: '.github/workflows/sync.yml' },
      projectWithClaims(),
    )
    expect(ended.jobs.filter((job) => job.conclusion !== 'success').map(({ name }) => name)).toEqual([])
    expect(ended.jobs).toHaveLength(256 + 3)
    expect(ended.mostParallel).toBe(10)
    const plan = jobNamed(ended, /Plan$/)
    expect(JSON.parse(plan.outputs.matrix ?? '').include).toHaveLength(256)
    const report = jobNamed(ended, /Report$/)
    // What every job moved is counted once.
    const planned = planSchema.parse(JSON.parse(readFileSync(planFile(ended.folder), 'utf8')))
    const bytes = planned.jobs.reduce((sum, job) => sum + job.bytes, 0)
    expect(report.outputs).toMatchObject({
      outcome: 'success',
      synced: '1',
      failed: '0',
      bytes: String(bytes),
    })
    expect(Buffer.byteLength(summaryOf(report))).toBeLessThan(1024 * 1024)
  }, 300_000)
})

const planSchema = z.object({ jobs: z.array(z.object({ bytes: z.number() })) })

function planFile(folder: string): string {
  return join(folder, 'artifacts', '0-1-model-hub-sync-plan-1', 'plan.json')
}
