import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bytes, type Harness } from '../e2e/harness.ts'
import type { SeedRepo } from '../stand-ins/core/stand-in.ts'
import type { JobRun, RunRequest } from './run-state.ts'
import { runWorkflow, type WorkflowRun } from './runner.ts'

/** As users write it in `uses`. */
export const project = 'model-hub-sync/model-hub-sync'

/** Files of a repository that calls ours, by path. */
export type CallerFiles = Readonly<Record<string, string>>

/** Runs a workflow of the repository `me/sync` made of `files`, which calls the workflows and actions of this project, against the stand-ins. */
export function runCaller(
  hub: Harness,
  files: CallerFiles,
  request: Partial<RunRequest> & Pick<RunRequest, 'workflow'>,
  projectFolder = process.cwd(),
): Promise<WorkflowRun> {
  const folder = join(hub.folder, randomUUID())
  const caller = join(folder, 'caller')
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(caller, path)), { recursive: true })
    writeFileSync(join(caller, path), text)
  }
  return runWorkflow({
    folder: join(folder, 'run'),
    repositories: { 'me/sync': caller, [project]: projectFolder },
    repository: 'me/sync',
    event: { name: 'workflow_dispatch' },
    secrets: { HF_TOKEN: hub.hf.token, MODELSCOPE_TOKEN: hub.ms.token },
    ...request,
    // A bundle that was compiled once starts in two thirds of the time.
    env: {
      HF_ENDPOINT: hub.hf.endpoint,
      MODELSCOPE_ENDPOINT: hub.ms.endpoint,
      NODE_COMPILE_CACHE: join(hub.folder, 'compiled'),
      ...request.env,
    },
  })
}

/** A small model on the Hugging Face stand-in: a card, and as many LFS objects as wanted. */
export async function seedModel(
  hub: Harness,
  name: string,
  objects: number,
  owner: string,
  more: Partial<SeedRepo> = {},
): Promise<void> {
  const weights = Array.from({ length: objects }, (_, index) => [
    `w${index}.safetensors`,
    { lfs: bytes(20_000, seedOf(name) + index) },
  ])
  const files = { 'README.md': '---\nlicense: mit\n---\n', ...Object.fromEntries(weights) }
  await hub.hf.seed({ type: 'model', owner, name, files, ...more })
}

/** Repos of different names share no object. */
function seedOf(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE() >>> 1
}

/** The only job whose name fits. */
export function jobNamed({ jobs }: WorkflowRun, name: RegExp): JobRun {
  const found = jobs.filter((job) => name.test(job.name))
  const [job] = found
  if (job === undefined || found.length > 1)
    throw new Error(`one job ${name} was expected of ${jobs.map((one) => one.name).join(', ')}`)
  return job
}

export function logOf(job: JobRun): string {
  return job.steps.map((step) => step.log).join('')
}

export function summaryOf(job: JobRun): string {
  return job.steps.map((step) => step.summary).join('')
}

/** Of a run's jobs by name, for a test to compare. */
export function conclusionsOf({ jobs }: WorkflowRun): Record<string, string> {
  return Object.fromEntries(jobs.map((job) => [job.name, job.conclusion]))
}
