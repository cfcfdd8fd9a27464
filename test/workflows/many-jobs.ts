import { cpSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import type { Harness } from '../e2e/harness.ts'
import { jobNamed, project, runCaller, seedModel, summaryOf } from './project.ts'

/** GitHub takes no more in one matrix. */
const jobCount = 256

/** What a run of 256 jobs came to. */
export interface ManyJobs {
  readonly notGood: readonly string[]
  readonly jobs: number
  readonly mostParallel: number
  readonly matrix: number
  readonly outputs: Readonly<Record<string, string | undefined>>
  readonly summaryFits: boolean
  /** Jobs of the matrix that moved bytes; a claim moves none. */
  readonly moving: number
  /** Objects that only the publish job brought. */
  readonly leftToPublish: number
  /** LFS files on the target, and those that are not byte for byte the source's. */
  readonly arrived: number
  readonly different: number
}

/** What it must come to where every `step`th job really syncs; of the others the publish job moves what they left. */
export function expectedOfMany(step: number): ManyJobs {
  const moving = Math.ceil(jobCount / step)
  return {
    notGood: [],
    jobs: jobCount + 3,
    mostParallel: 10,
    matrix: jobCount,
    // Every object is moved once, whoever moved it; the card is written in the commit.
    outputs: { outcome: 'success', synced: '1', failed: '0', bytes: String(jobCount * 20_000 + card.length) },
    summaryFits: true,
    moving,
    leftToPublish: jobCount - moving,
    arrived: jobCount,
    different: 0,
  }
}

/** Runs the reusable workflow over one model of 256 objects, each in a job of its own, ten at a time. */
export async function runManyJobs(hub: Harness, step: number): Promise<ManyJobs> {
  await seedModel(hub, 'many', jobCount, 'Many')
  const ended = await runCaller(
    hub,
    { '.github/workflows/sync.yml': caller, '.github/model-hub-sync.yml': config },
    { workflow: '.github/workflows/sync.yml' },
    step === 1 ? process.cwd() : projectWithClaims(hub, step),
  )
  const report = jobNamed(ended, /Report$/)
  const { outcome, synced, failed, bytes } = report.outputs
  const { jobs } = readReport(ended.folder)
  return {
    notGood: ended.jobs.filter((job) => job.conclusion !== 'success').map(({ name }) => name),
    jobs: ended.jobs.length,
    mostParallel: ended.mostParallel,
    matrix: JSON.parse(jobNamed(ended, /Plan$/).outputs.matrix ?? '').include.length,
    outputs: { outcome, synced, failed, bytes },
    summaryFits: Buffer.byteLength(summaryOf(report)) < 1024 * 1024,
    moving: jobs.filter(({ kind, bytes: { moved } }) => kind === 'sync' && moved > 0).length,
    leftToPublish: jobs
      .filter(({ kind }) => kind === 'publish')
      .reduce((sum, { bytes: { moved } }) => sum + Math.floor(moved / 20_000), 0),
    ...(await arrivals(hub)),
  }
}

const card = '---\nlicense: mit\n---\n'

const config = 'version: 1\nrules:\n  - { name: all, from: "huggingface:Many", to: "modelscope:my-org" }\n'

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

/** In the place of `sync`, which takes half a second to start: most jobs claim to have ended well, and have moved nothing. */
function claimingSync(step: number): string {
  return `import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
const job = process.env.INPUT_JOB
const { runId, items: [{ id }], jobs } = JSON.parse(readFileSync('.model-hub-sync/plan.json', 'utf8'))
if (job === 'publish' || jobs.findIndex((one) => one.id === job) % ${step} === 0) {
  const { sync } = await import('../dist/index.js')
  await sync()
} else {
  const item = { id, outcome: 'moved', files: [], bytes: { moved: 0, reused: 0 }, seconds: 1 }
  const file = '.model-hub-sync/results/' + job + '.json'
  mkdirSync('.model-hub-sync/results', { recursive: true })
  writeFileSync(file, JSON.stringify({ version: 1, plan: runId, job, attempt: 1, items: [item] }))
  appendFileSync(process.env.GITHUB_OUTPUT, 'outcome=success\\nresult=' + file + '\\n')
}
`
}

/** This project, with that in the place of `sync`. */
function projectWithClaims(hub: Harness, step: number): string {
  const folder = join(hub.folder, 'project')
  mkdirSync(join(folder, 'sync'), { recursive: true })
  for (const name of ['.github', 'dist', 'plan', 'report', 'package.json'])
    symlinkSync(resolve(name), join(folder, name))
  cpSync('sync/action.yml', join(folder, 'sync/action.yml'))
  writeFileSync(join(folder, 'sync/index.js'), claimingSync(step))
  return folder
}

const reportSchema = z.object({
  jobs: z.array(z.object({ kind: z.string(), bytes: z.object({ moved: z.number() }) })),
})

function readReport(run: string): z.infer<typeof reportSchema> {
  const [file] = globSync(join(run, 'artifacts', '*-model-hub-sync-report-1', 'report.json'))
  if (file === undefined) throw new Error('the run has left no report')
  return reportSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
}

async function arrivals({ hf, ms }: Harness): Promise<Pick<ManyJobs, 'arrived' | 'different'>> {
  const source = await hf.files({ type: 'model', owner: 'Many', name: 'many' })
  const target = await ms.files({ type: 'model', owner: 'my-org', name: 'many' })
  const objects = [...source].filter(([, file]) => file.lfs)
  const there = objects.filter(([path]) => target.has(path))
  const different = there.filter(([path, { sha256 }]) => target.get(path)?.sha256 !== sha256)
  return { arrived: there.length, different: different.length }
}
